# Shell functions for tests that run in the lab (or, as root, on a host whose kernel has L2TP). Source it:
#
#   . "$(dirname "$0")/../lab/lib.sh"
#
# All that is started through it is kept in $LAB_DIR (configurations, logs) and ended by lab_cleanup, which runs at exit.
# Functions fail with a status, so `set -e` works. Network namespaces are called hosts.
# shellcheck shell=bash

# A folder that the caller names is the caller's to remove.
if [[ -n ${LAB_DIR:-} ]]; then
  mkdir -p "$LAB_DIR"
  LAB_KEEP=1
else
  LAB_DIR=$(mktemp -d "${TMPDIR:-/tmp}/lab.XXXXXX")
fi
lab_hosts=() lab_pids=()
# A descriptor nothing is ever written to: `read -t` on it sleeps without a process.
exec {lab_never}<> <(:)

# L2TP_PPPD=FILE: another pppd than Debian's, which everybody in this lab runs then, whoever starts it. It is a pppd as
# its `make install` leaves it, PREFIX/sbin/pppd with the plugins in PREFIX/lib/pppd/VERSION, configured with
# --sysconfdir=/etc.
lab_pppd_prefix=/usr
if [[ -n ${L2TP_LAB:-} && -n ${L2TP_PPPD:-} ]]; then
  lab_pppd_prefix=${L2TP_PPPD%/sbin/pppd}
  cp -- "$L2TP_PPPD" /usr/sbin/pppd
fi

lab_say() { printf '# %s\n' "$*"; }

# lab_sleep SECONDS
lab_sleep() { read -r -t "$1" -u "$lab_never" || true; }

# lab_wait_for SECONDS COMMAND [ARG...]: until the command succeeds; fails when the time is over.
lab_wait_for() {
  local seconds=$1 deadline
  shift
  deadline=$(( ${EPOCHREALTIME/[.,]/} + $(lab_microseconds "$seconds") ))
  until "$@" >/dev/null 2>&1; do
    if (( ${EPOCHREALTIME/[.,]/} >= deadline )); then
      lab_say "not within $seconds s: $*"
      return 1
    fi
    lab_sleep 0.02
  done
}

lab_microseconds() {
  local whole=${1%%.*} part=000000
  [[ $1 != *.* ]] || part=${1#*.}000000
  echo $(( 10#${whole:-0} * 1000000 + 10#${part:0:6} ))
}

# lab_two_hosts A B ADDR_A ADDR_B: two hosts joined by a cable; addresses may carry a prefix length (default /24 and /64).
# In A the interface is called to-B, in B it is called to-A.
lab_two_hosts() {
  lab_host "$1"
  lab_host "$2"
  lab_cable "$@"
}

# lab_host NAME: a network namespace with loopback up, unless it is there.
lab_host() {
  [[ ! -e /run/netns/$1 ]] || return 0
  ip netns add "$1"
  lab_hosts+=("$1")
  ip -n "$1" link set lo up
}

# lab_cable A B ADDR_A ADDR_B: joins two hosts.
lab_cable() {
  local a=$1 b=$2 addr_a=$3 addr_b=$4
  addr_a=$(lab_address "$addr_a")
  addr_b=$(lab_address "$addr_b")
  ip link add "to-$b" netns "$a" type veth peer name "to-$a" netns "$b"
  printf '%s\n' "address add $addr_a dev to-$b" "link set to-$b up" | ip -n "$a" -batch -
  printf '%s\n' "address add $addr_b dev to-$a" "link set to-$a up" | ip -n "$b" -batch -
}

# An address as `ip address add` wants it: with a prefix length, and for IPv6 usable at once.
lab_address() {
  case $1 in
    *:*/*) echo "$1 nodad" ;;
    *:*) echo "$1/64 nodad" ;;
    */*) echo "$1" ;;
    *) echo "$1/24" ;;
  esac
}

# lab_impair HOST PEER NETEM...: what HOST sends to PEER suffers, e.g. `lab_impair a b loss 10% delay 20ms`; with
# nothing named it is healed.
lab_impair() {
  local host=$1 peer=$2
  shift 2
  tc -n "$host" qdisc delete dev "to-$peer" root 2>/dev/null || true
  (( $# == 0 )) || tc -n "$host" qdisc add dev "to-$peer" root netem "$@"
}

# lab_in HOST COMMAND [ARG...]
lab_in() {
  local host=$1
  shift
  ip netns exec "$host" "$@"
}

# lab_start HOST NAME COMMAND [ARG...]: in the background; output in $LAB_DIR/NAME.log, process id in $LAB_PID. The
# command finds HOST as the name of the machine. Of that, the time and its process id pppd makes its magic number: two
# that are started on one machine while the guest's clock stands would now and then agree on one, and think that their
# link is looped back.
lab_start() {
  local host=$1 name=$2
  shift 2
  # shellcheck disable=SC2016
  ip netns exec "$host" unshare --uts bash -c 'echo "$0" >/proc/sys/kernel/hostname && exec -- "$@"' "$host" "$@" \
    </dev/null >"$LAB_DIR/$name.log" 2>&1 &
  LAB_PID=$!
  lab_pids+=("$LAB_PID")
}

# lab_stop PID: asks it to end, and kills it when it has not done so within five seconds.
lab_stop() {
  kill "$1" 2>/dev/null || return 0
  lab_wait_for 5 lab_gone "$1" || kill -KILL "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}
lab_gone() {
  local state
  [[ -r /proc/$1/stat ]] || return 0
  state=$(<"/proc/$1/stat") 2>/dev/null || return 0
  [[ ${state##*) } == Z* ]]
}

# lab_use_plugin PATH: pppd, whoever starts it, loads this file as pppol2tp.so from now on. Only in the lab, where it
# reaches nothing but this boot's file system.
lab_use_plugin() {
  [[ -n ${L2TP_LAB:-} ]] || { lab_say 'lab_use_plugin works in the lab only'; return 1; }
  cp -- "$1" "$(lab_plugin_directory)/pppol2tp.so"
}
lab_plugin_directory() {
  local version
  version=$(lab_pppd_version) || return
  echo "$lab_pppd_prefix/lib/pppd/$version"
}
lab_pppd_version() {
  local version
  version=$(/usr/sbin/pppd --version 2>&1) || return
  echo "${version##* }"
}

# lab_built_for BUILD/FOLDER: where the build has what is for the pppd of this lab: plugins for another one than the
# first of PPPD_INCLUDE_DIR are in a folder of its version.
lab_built_for() {
  local version
  version=$(lab_pppd_version) || return
  if [[ -d $1/$version ]]; then echo "$1/$version"; else echo "$1"; fi
}

# lab_secret CLIENT SERVER SECRET [ADDRESS]: adds a line for CHAP and PAP. Only in the lab.
lab_secret() {
  [[ -n ${L2TP_LAB:-} ]] || { lab_say 'lab_secret works in the lab only'; return 1; }
  local file
  for file in /etc/ppp/chap-secrets /etc/ppp/pap-secrets; do
    printf '"%s" "%s" "%s" %s\n' "$1" "$2" "$3" "${4:-*}" >>"$file"
    chmod 600 "$file"
  done
}

# lab_xl2tpd_lns HOST [KEY=VALUE...]: Debian's xl2tpd as LNS, in the foreground of its own process ($LAB_PID).
#   address   where to listen (default: everywhere)           range, local   addresses given out, own address
#   port      1701                                            user, password one caller's name and secret (lab_secret for more)
#   secret    tunnel secret: both sides are challenged        auth           chap (default), pap or none
#   name      our host name and PPP name (default: HOST)      ppp            further pppd options, one a line
#   lns       further lines of the section [lns default]      global         further lines of [global]
# Logs: $LAB_DIR/HOST.log (xl2tpd) and $LAB_DIR/HOST.ppp.log (pppd).
lab_xl2tpd_lns() {
  local host=$1
  shift
  local address='' port=1701 range=10.99.0.10-10.99.0.250 local=10.99.0.1 user='' password='' secret='' auth=chap \
    name=$host ppp='' lns='' global=''
  local "$@"
  local dir=$LAB_DIR/$host
  mkdir -p "$dir"
  [[ -z $user ]] || lab_secret "$user" "$name" "$password"
  {
    lab_xl2tpd_global
    echo '[lns default]'
    echo "ip range = $range"
    echo "local ip = $local"
    echo "name = $name"
    echo "hostname = $name"
    case $auth in
      chap) printf '%s\n' 'require authentication = yes' 'require chap = yes' 'refuse pap = yes' ;;
      pap) printf '%s\n' 'require authentication = yes' 'require pap = yes' 'refuse chap = yes' ;;
      none) printf '%s\n' 'require authentication = no' ;;
    esac
    [[ -z $secret ]] || echo 'challenge = yes'
    echo "pppoptfile = $dir/options"
    printf '%s\n' 'length bit = yes' "$lns"
  } >"$dir/xl2tpd.conf"
  { lab_ppp_options; printf '%s\n' "$ppp"; } >"$dir/options"
  lab_xl2tpd_start
}

# lab_xl2tpd_lac HOST lns=ADDRESS [KEY=VALUE...]: Debian's xl2tpd as LAC that dials at once and dials again.
#   lns       the LNS's address                               user, password the caller's name and secret
#   address   where to listen (default: everywhere)           server         the LNS's PPP name for the secret (default *)
#   port      1701 (ours; the LNS's is 1701)                  secret         tunnel secret: both sides are challenged
#   name      our host name (default: HOST)                   ppp            further pppd options, one a line
#   dial      yes (default) or no: connect later with lab_xl2tpd_control HOST 'c lns'
#   lac       further lines of the section [lac lns]          global         further lines of [global]
lab_xl2tpd_lac() {
  local host=$1
  shift
  local address='' port=1701 lns='' user='' password='' server='*' secret='' name=$host ppp='' dial=yes lac='' global=''
  local "$@"
  local dir=$LAB_DIR/$host
  mkdir -p "$dir"
  [[ -z $user || -z $password ]] || lab_secret "$user" "$server" "$password"
  {
    lab_xl2tpd_global
    echo '[lac lns]'
    echo "lns = $lns"
    [[ -z $user ]] || echo "name = $user"
    echo "hostname = $name"
    printf '%s\n' 'require authentication = no' "autodial = $dial" 'redial = yes' 'redial timeout = 1'
    [[ -z $secret ]] || echo 'challenge = yes'
    echo "pppoptfile = $dir/options"
    printf '%s\n' 'length bit = yes' "$lac"
  } >"$dir/xl2tpd.conf"
  { lab_ppp_options; printf '%s\n' noauth nodefaultroute "$ppp"; } >"$dir/options"
  lab_xl2tpd_start
}

# lab_xl2tpd_control HOST COMMAND: one line to the control pipe, as `c lns` (connect) or `d lns` (disconnect).
lab_xl2tpd_control() {
  printf '%s\n' "$2" >"$LAB_DIR/$1/control"
}

# The three below share the local variables of their callers.
# shellcheck disable=SC2154
lab_xl2tpd_global() {
  echo '[global]'
  echo "port = $port"
  [[ -z $address ]] || echo "listen-addr = $address"
  if [[ -n $secret ]]; then
    (umask 077; printf '* * %s\n' "$secret" >"$dir/l2tp-secrets")
    echo "auth file = $dir/l2tp-secrets"
  fi
  printf '%s\n' 'access control = no' 'debug tunnel = yes' 'debug state = yes' 'debug avp = yes' "$global"
}
# shellcheck disable=SC2154
lab_ppp_options() {
  printf '%s\n' debug "logfile $LAB_DIR/$host.ppp.log" nodetach noccp 'mtu 1400' 'mru 1400' 'lcp-echo-interval 0'
}
lab_xl2tpd_start() {
  lab_start "$host" "$host" xl2tpd -D -c "$dir/xl2tpd.conf" -C "$dir/control" -p "$dir/pid" \
    -s "$dir/l2tp-secrets"
}

# lab_has_ppp HOST [COUNT]: at least so many PPP interfaces are up and have an address.
lab_has_ppp() {
  local count
  count=$(ip -n "$1" -o -4 address show up 2>/dev/null | grep -c ' ppp[0-9]') || true
  (( count >= ${2:-1} ))
}

# lab_ppp_address HOST [INTERFACE]: the address of ours on it (default ppp0).
lab_ppp_address() {
  ip -n "$1" -o -4 address show dev "${2:-ppp0}" | sed -n 's/.* inet \([0-9.]*\).*/\1/p'
}

# lab_ping HOST ADDRESS [ARG...]: three packets, none of which may be lost.
lab_ping() {
  local host=$1 address=$2
  shift 2
  ip netns exec "$host" ping -n -q -c 3 -i 0.05 -W 2 "$@" "$address" | grep -q ' 0% packet loss'
}

# lab_ping_both A B [INTERFACE_A] [INTERFACE_B]: through the PPP link, from each end to the other end's address.
lab_ping_both() {
  local a b
  a=$(lab_ppp_address "$1" "${3:-ppp0}")
  b=$(lab_ppp_address "$2" "${4:-ppp0}")
  [[ -n $a && -n $b ]] || { lab_say "no address on the PPP interface of $1 or $2"; return 1; }
  lab_ping "$1" "$b" && lab_ping "$2" "$a"
}

# lab_logs: all logs there are, for a test that failed.
lab_logs() {
  local file
  for file in "$LAB_DIR"/*.log; do
    [[ -e $file ]] || continue
    lab_say "--- ${file##*/}"
    sed 's/^/#   /' "$file"
  done
}

lab_cleanup() {
  local status=$? pid host
  set +e  # what cannot be cleaned up says nothing about the test
  (( status == 0 )) || lab_logs
  for pid in ${lab_pids[@]+"${lab_pids[@]}"}; do kill "$pid" 2>/dev/null || true; done
  for pid in ${lab_pids[@]+"${lab_pids[@]}"}; do lab_stop "$pid"; done
  for host in ${lab_hosts[@]+"${lab_hosts[@]}"}; do ip netns delete "$host" 2>/dev/null || true; done
  [[ -n ${LAB_KEEP:-} ]] || rm -rf -- "$LAB_DIR"
  return "$status"
}
trap lab_cleanup EXIT
