# The two hosts of the suite. Source it after tests/lab/lib.sh.
# shellcheck shell=bash

conformance=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)

# conformance_hosts: `tester` and `target`, joined by a cable; the tester has 126 addresses, the target a few.
conformance_hosts() {
  lab_two_hosts tester target 192.0.2.1 192.0.2.2
  local last
  for last in 3 4 5; do ip -n target address add "192.0.2.$last/24" dev to-tester; done
  ip -n tester route add local 192.0.2.128/25 dev lo
}

# conformance_run ARG...: the cases, between the two hosts.
conformance_run() {
  lab_in tester "$conformance/run" --target-address 192.0.2.2 --target-namespace target \
    --testers 192.0.2.128/25 --stranger 192.0.2.1 --interface to-target "$@"
}
