"""Security: RFC 2661 section 9."""

from __future__ import annotations

from peer.catalogue import ASSIGNED_TUNNEL_ID, HELLO, SCCCN, SCCRP, SCCRQ, STOPCCN
from peer.wire import Avp
from suite import T
from targets.base import NAMED_SECRET, PASSWORD, SECRET


# Holds: R-2661-9.4-03 R-2661-7.1-11
def case_a_flood_of_sccrqs_leaves_established_tunnels_alone(t: T) -> None:
    witness = t.opened()
    flood = t.peer()
    flood.journal = type(flood.journal)()
    for number in range(3000):
        flood.send(SCCRQ(assigned_tunnel_id=number % 65535 + 1), ns=0)
        if number % 100 == 0:
            flood.collect(0)
    witness.expect_silence()
    t.takes_calls(witness)
    other = t.peer()  # on another address, whose share is not used up
    other.send(SCCRQ()).expect(SCCRP, STOPCCN)


# Holds: R-2661-9.4-03
def case_half_open_tunnels_of_one_address_are_bounded(t: T) -> None:
    flood = t.peer()
    for number in range(400):
        flood.send(SCCRQ(assigned_tunnel_id=number + 1), ns=0)
        if number % 20 == 19:
            flood.nr = 0
            flood.collect(0.01)
    flood.nr = 0
    flood.collect(0.3)
    opened = {m.tunnel_id for m in t.received(SCCRP)}
    t.check(len(opened) < 400, f"{len(opened)} half-open tunnels of 400 SCCRQs")


# Holds: R-2661-9.4-02
def case_no_secret_is_in_the_log(t: T) -> None:
    t.needs("log", "flavour:secret")
    t.opened("secret")
    t.opened("secret", challenge=bytes(16))
    log = t.target.log().encode(errors="surrogateescape")
    for secret in (SECRET, NAMED_SECRET, PASSWORD.encode()):
        t.check(secret not in log, f"{secret!r} is in the log")


# Holds: R-2661-9.4-02
def case_no_secret_is_in_what_the_target_shows(t: T) -> None:
    t.needs("tunnels", "flavour:secret")
    peer = t.opened("secret")
    shown = str([handle.facts for handle in t.target.tunnels(peer.local.host)])
    t.check(SECRET.decode() not in shown, "the tunnel's secret is shown")


# Holds: R-2661-9.1-04 R-2661-7.1-15
def case_a_forged_stopccn_from_elsewhere_does_not_end_a_tunnel(t: T) -> None:
    peer = t.opened()
    forger = t.peer(tunnel_id=peer.tunnel_id)
    for ns in range(8):
        forger.send(STOPCCN(), ns=ns, nr=1, tunnel_id=peer.target_tunnel_id)
    forger.finished = True
    peer.expect_silence()


# Holds: R-2661-7.1-13 R-2661-9.4-03
def case_a_refusal_is_not_much_larger_than_what_it_refuses(t: T) -> None:
    """A forged source address must not make the target an amplifier."""
    peer = t.peer()
    octets = peer.filled(SCCRQ().plus(Avp(4095, b""))).encode()
    peer.send_raw(octets)
    arrivals = peer.collect(4)
    total = sum(len(a.octets) for a in arrivals)
    t.check(total <= 6 * len(octets), f"{total} octets in 4 s for {len(octets)}")


# Holds: R-2661-9.4-03 R-2661-5.8-23
# @long
def case_half_open_tunnels_are_given_up(t: T) -> None:
    t.needs("tunnels")
    peer = t.peer()
    host = peer.local.host
    others = {tunnel.name for tunnel in t.target.tunnels(host)}  # of earlier cases
    for number in range(20):
        peer.send(SCCRQ(assigned_tunnel_id=number + 1), ns=0)
    peer.collect(1)
    half_open = {sccrp.number(ASSIGNED_TUNNEL_ID) for sccrp in t.received(SCCRP)}
    t.check(half_open, "no SCCRQ was accepted")
    peer.collect(80)
    listed = {tunnel.name for tunnel in t.target.tunnels(host)}
    t.equal(listed - others, set(), "the tunnels after 80 s")
    for tunnel_id in half_open:
        peer.send(SCCCN(), ns=1, nr=1, tunnel_id=tunnel_id)
    t.check(not peer.collect(20), "a tunnel that was given up is answered for, or speaks")


# Holds: R-2661-9.1-03
def case_initial_numbers_do_not_depend_on_the_peer(t: T) -> None:
    ids = set()
    for _ in range(3):
        peer = t.peer(tunnel_id=7)
        peer.send(SCCRQ()).expect(SCCRP)
        ids.add(peer.target_tunnel_id)
        peer.connect()
        peer.send(HELLO())
        peer.expect_ack()
    t.equal(len(ids), 3, "the number of different ids for one and the same SCCRQ")
