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

# nothing_left HOST: no kernel tunnel or session, no PPP interface.
nothing_left() {
  local left
  left=$(ip -n "$1" l2tp show tunnel; ip -n "$1" l2tp show session; ip -n "$1" -o link show type ppp)
  [[ -z $left ]] || { echo "$left"; return 1; }
}
