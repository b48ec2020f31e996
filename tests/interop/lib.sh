# Our daemon in the lab. Source it after tests/lab/lib.sh; uses the release build.
# shellcheck shell=bash

interop_top=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
interop_build=${L2TP_BUILD:-$interop_top/build/release}
interop_failed=0

# check NAME COMMAND...: prints ok or not ok; goes on either way.
check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    echo "ok $name"
  else
    echo "not ok $name"
    [[ -z $output ]] || sed 's/^/#   /' <<<"$output"
    interop_failed=1
  fi
}

# check_all_done: the test's last line; its status is the test's.
check_all_done() {
  (( interop_failed == 0 )) || lab_logs
  LAB_QUIET=1
  exit "$interop_failed"
}

# daemon HOST [EXTRA-YAML]: starts our daemon there and waits until it answers. Process id in
# $DAEMON_PID.
daemon() {
  local host=$1
  local dir=$LAB_DIR/$host.d
  mkdir -p -m 0700 "$dir"
  cat >"$dir/config.yaml" <<YAML
daemon:
  host_name: $host.example
  api_listen: ["unix:$dir/api.sock"]
  pppd_plugin_dir: $(lab_built_for "$interop_build/lib/pppd")
  run_dir: $dir
${2:-}
YAML
  chmod 0600 "$dir/config.yaml"
  lab_start "$host" "$host.daemon" "$interop_build/bin/l2tp-controller" --config "$dir/config.yaml"
  DAEMON_PID=$LAB_PID
  lab_wait_for 20 ctl "$host" system
}

# ctl HOST ARG...: l2tpctl of the daemon on that host.
ctl() {
  local host=$1
  shift
  "$interop_build/bin/l2tpctl" --server "unix:$LAB_DIR/$host.d/api.sock" "$@"
}

# watch HOST: a subscriber; events go to $LAB_DIR/HOST.events as JSON.
watch() {
  # Not through ctl(): the process to be ended later is l2tpctl itself, not a subshell.
  "$interop_build/bin/l2tpctl" --server "unix:$LAB_DIR/$1.d/api.sock" --json watch --initial \
    >"$LAB_DIR/$1.events" 2>"$LAB_DIR/$1.watch.log" </dev/null &
  lab_pids+=($!)
  lab_wait_for 10 grep -q synced "$LAB_DIR/$1.events"
}

# events HOST [--within SECONDS] SPEC...: see expect_events.
events() {
  local host=$1
  shift
  "$interop_top/tests/interop/expect_events" "$LAB_DIR/$host.events" "$@"
}

# secret_file NAME TEXT: a file with a secret; prints its path.
secret_file() {
  (umask 077; printf '%s' "$2" >"$LAB_DIR/$1.secret")
  echo "$LAB_DIR/$1.secret"
}

# The configuration of an LNS that gives 10.64.0.2 and up to alice, who logs in by CHAP, and lets
# anybody who knows the tunnel's secret open a tunnel.
lns_yaml() {
  cat <<'YAML'
pools:
  - name: pools/customers
    ip_ranges: [10.64.0.2-10.64.0.100]
profiles:
  - name: profiles/lns
    ppp:
      local_ip_address: 10.64.0.1
      pool: pools/customers
      require_auth: [AUTH_METHOD_CHAP_MD5]
users:
  - name: users/alice
    password: open sesame
peers:
  - name: peers/anybody
    secret: tunnel-secret
    profile: profiles/lns
YAML
}

# freeradius_server HOST SECRET: Debian's FreeRADIUS for clients on the same host (127.0.0.1). The caller has written its users,
# $LAB_DIR/HOST.radius/users; accounting goes to the file detail beside it.
freeradius_server() {
  local host=$1 secret=$2 radius=$LAB_DIR/$1.radius
  (umask 077; cat >"$radius/radiusd.conf") <<CONF
prefix = /usr
libdir = /usr/lib/freeradius
logdir = $radius
run_dir = $radius
security {
  max_attributes = 200
  reject_delay = 0
  status_server = no
  allow_vulnerable_openssl = yes
}
log {
  destination = stdout
  auth = yes
}
client lns {
  ipaddr = 127.0.0.1
  secret = $secret
}
modules {
  pap {
  }
  chap {
  }
  mschap {
  }
  files {
    usersfile = $radius/users
  }
  detail {
    filename = $radius/detail
  }
}
server default {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = 1812
  }
  listen {
    type = acct
    ipaddr = 127.0.0.1
    port = 1813
  }
  authorize {
    chap
    mschap
    files
    pap
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
    Auth-Type CHAP {
      chap
    }
    Auth-Type MS-CHAP {
      mschap
    }
  }
  accounting {
    detail
  }
}
CONF
  lab_start "$host" "$host.freeradius" freeradius -f -d "$radius" -n radiusd -l stdout
  lab_wait_for 30 grep -q 'Ready to process requests' "$LAB_DIR/$host.freeradius.log"
}

# authenticator_server HOST [ARG...]: the example of clients/python, at the socket $LAB_DIR/HOST.auth.sock, with the users of
# $LAB_DIR/HOST.users; records go to $LAB_DIR/HOST.records. Process id in $LAB_PID.
authenticator_server() {
  local host=$1
  shift
  PYTHONPATH=$interop_build/python PYTHONDONTWRITEBYTECODE=1 lab_start "$host" "$host.authenticator" /usr/bin/python3 \
    "$interop_top/clients/python/examples/authenticator.py" --listen "unix:$LAB_DIR/$host.auth.sock" \
    --users "$LAB_DIR/$host.users" --records "$LAB_DIR/$host.records" "$@"
  lab_wait_for 60 grep -q ready "$LAB_DIR/$host.authenticator.log"
}

# nothing_left HOST: no kernel tunnel or session, no PPP interface.
nothing_left() {
  local left
  left=$(ip -n "$1" l2tp show tunnel; ip -n "$1" l2tp show session; ip -n "$1" -o link show type ppp)
  [[ -z $left ]] || { echo "$left"; return 1; }
}

# nobody_left HOST...: the same there and in debugfs, and no pppd anywhere.
nobody_left() {
  local host
  for host; do
    nothing_left "$host" || return 1
    ! nsenter --net="/run/netns/$host" grep TUNNEL /sys/kernel/debug/l2tp/tunnels | grep -v 'TUNNEL ID' ||
      return 1
  done
  ! pgrep -ax pppd
}

# capture HOST INTERFACE NAME: L2TP control messages on it, both ways, into $LAB_DIR/NAME.pcap.
capture() {
  # The filter: T bit and version 2.
  lab_start "$1" "$3.tcpdump" tcpdump -i "$2" -Z root --immediate-mode -U -w "$LAB_DIR/$3.pcap" \
    'udp and udp[8:2] & 0x800f == 0x8002'
  lab_wait_for 20 grep -q 'listening on' "$LAB_DIR/$3.tcpdump.log"
}

# captured WHAT NAME ARG...: what a capture shows; see captured.
captured() {
  "$interop_top/tests/interop/captured" "$1" "$LAB_DIR/$2.pcap" "${@:3}"
}

# deaf HOST PEER [FILTER...]: what comes from PEER is lost on HOST's doorstep, where a capture still
# sees it: all of it, or what a filter of tc matches. The neighbour stays known: an ARP request that
# nobody answers would hold up what HOST has to say.
deaf() {
  local host=$1 peer=$2
  shift 2
  ip -n "$host" neighbour show dev "to-$peer" | sed "s/^\([^ ]*\) .*lladdr \([^ ]*\).*/neighbour replace \1 lladdr \2 dev to-$peer nud permanent/" |
    ip -n "$host" -batch -
  tc -n "$host" qdisc add dev "to-$peer" ingress
  (( $# )) || set -- matchall
  tc -n "$host" filter add dev "to-$peer" ingress protocol ip "$@" action drop
}

# hears HOST PEER: deaf no more.
hears() { tc -n "$1" qdisc delete dev "to-$2" ingress; }

# count_events HOST TYPE: how many there have been.
count_events() { grep -c "\"type\":\"TYPE_$2\"" "$LAB_DIR/$1.events" || true; }

# memory PID, descriptors PID: resident kB; open descriptors.
memory() { [[ $(<"/proc/$1/status") =~ VmRSS:[^0-9]*([0-9]+)\ kB ]] && echo "${BASH_REMATCH[1]}"; }
descriptors() { local open=("/proc/$1/fd/"*); echo "${#open[@]}"; }

# system HOST FIELD: a number of GetSystem.
system() { [[ $(ctl "$1" --json system) =~ \"$2\":\"?([0-9]+) ]] && echo "${BASH_REMATCH[1]}"; }

# at_most LIMIT NUMBER, equal WANT NUMBER: for check.
at_most() { (( $2 <= $1 )) || { echo "$2, allowed are $1"; return 1; }; }
equal() { [[ $1 == "$2" ]] || { echo "'$2', wanted '$1'"; return 1; }; }

# doze PID...: in time travel, hours cost what is done in them; gRPC's threads wake up several times
# a second to look around, and each pppd every ten seconds. From now on they may do so a minute late,
# with whatever else wakes somebody. The daemon's own threads are left alone. Until awake, calls take
# up to a minute.
doze() { interop_slack 60000000000 "$@"; }
# awake PID...: they are on time again. Takes a minute.
awake() {
  interop_slack 50000 "$@"
  lab_sleep 61
}
interop_slack() {
  local slack=$1 pid task
  shift
  for pid; do
    for task in "/proc/$pid/task/"*; do
      [[ $(<"$task/comm") == l2tp-* ]] || echo "$slack" >"/proc/${task##*/}/timerslack_ns"
    done
  done
}
