"""The message header: RFC 2661 section 3.1."""

from __future__ import annotations

import itertools

from peer.catalogue import CDN, HELLO, ICCN, ICRP, ICRQ, SCCRP, SCCRQ, STOPCCN, ZLB
from peer.peer import Peer
from peer.ppp import LCP, Ppp, frame
from peer.wire import CONTROL_FLAGS, FLAG_L, FLAG_O, FLAG_P, FLAG_S, RESERVED_FLAGS, Data
from suite import T


def discarded(t: T, peer: Peer, octets: bytes) -> None:
    """The tunnel is as if these octets had never come: Nr has not moved, nothing is said."""
    peer.send_raw(octets)
    expected = (peer.ns + 1) & 0xFFFF
    peer.expect_silence()
    t.equal(peer.seen_nr, expected, "Nr afterwards")


# Holds: R-2661-3.1-01 R-2661-3.1-02 R-2661-3.1-03 R-2661-3.1-04 R-2661-3.1-05 R-2661-3.1-06
# Holds: R-2661-3.1-07 R-2661-3.1-08 R-2661-3.1-10 R-2661-3.1-12
def case_every_header_of_the_target_is_well_formed(t: T) -> None:
    peer = t.opened()
    call = t.incoming(peer)
    Ppp(call).up()
    peer.fence()
    call.send(CDN())
    peer.expect_ack()
    peer.send(STOPCCN()).expect_ack()
    t.conforms("header")


# Holds: R-2661-3.1-02 R-2661-3.1-15 R-2661-4.4.3-18
def case_the_tunnel_id_of_a_header_is_the_one_its_receiver_assigned(t: T) -> None:
    peer = t.peer(tunnel_id=0x4C41)
    peer.open()
    t.takes_calls(peer)
    peer.fence()
    wrong = [m for m in t.received() if m.tunnel_id != 0x4C41]
    t.check(not wrong, f"messages with another Tunnel ID: {wrong}")


# Holds: R-2661-3.1-02 R-2661-3.1-16 R-2661-4.4.4-16
def case_the_session_id_of_a_header_is_the_one_its_receiver_assigned(t: T) -> None:
    peer = t.opened()
    call = peer.call(0x0A01)
    call.send(ICRQ())
    icrp = call.expect(ICRP)
    t.equal(icrp.session_id, 0x0A01, "the Session ID of the ICRP")
    call.send(ICCN())
    peer.expect_ack()
    t.check(call.next_data(within=6) is not None, "no data with the session's id came")


# Holds: R-2661-3.1-04 R-2661-7.1-04
def case_a_control_message_without_length_is_discarded(t: T) -> None:
    peer = t.opened()
    hello = peer.filled(HELLO())
    discarded(t, peer, hello.with_(flags=CONTROL_FLAGS & ~FLAG_L).encode())
    octets = bytearray(hello.encode())
    octets[0] &= ~(FLAG_L >> 8)
    discarded(t, peer, bytes(octets))


# Holds: R-2661-3.1-05 R-2661-7.1-04
def case_a_control_message_without_sequence_numbers_is_discarded(t: T) -> None:
    peer = t.opened()
    discarded(t, peer, peer.filled(HELLO()).with_(flags=CONTROL_FLAGS & ~FLAG_S).encode())


# Holds: R-2661-3.1-06 R-2661-7.1-04
def case_a_control_message_with_an_offset_is_discarded(t: T) -> None:
    peer = t.opened()
    discarded(t, peer, peer.filled(HELLO()).with_(flags=CONTROL_FLAGS | FLAG_O).encode())


# Holds: R-2661-3.1-07
def case_a_control_message_with_priority_does_no_harm(t: T) -> None:
    peer = t.opened()
    peer.send(HELLO().with_(flags=CONTROL_FLAGS | FLAG_P))
    peer.collect(0.3)
    if peer.seen_nr != peer.ns:  # it was discarded, which is as well
        peer.ns = (peer.ns - 1) & 0xFFFF
    peer.expect_silence()


# Holds: R-2661-3.1-09
def case_reserved_bits_of_a_control_header_are_ignored(t: T) -> None:
    peer = t.opened()
    peer.send(HELLO().with_(flags=CONTROL_FLAGS | RESERVED_FLAGS))
    peer.expect_ack()


# Holds: R-2661-3.1-09
def case_reserved_bits_of_a_data_header_are_ignored(t: T) -> None:
    ppp = Ppp(t.incoming(t.opened())).up()
    t.check(ppp.echo(fields={"flags": RESERVED_FLAGS | 2}), "not delivered")


# Holds: R-2661-3.1-11 R-2661-7.1-04
def case_packets_of_an_unknown_version_are_discarded(t: T) -> None:
    peer = t.opened()
    for version in (0, 1, 3, 15):
        flags = CONTROL_FLAGS & ~15 | version
        discarded(t, peer, peer.filled(HELLO()).with_(flags=flags).encode())


# Holds: R-2661-3.1-11
def case_data_of_an_unknown_version_is_discarded(t: T) -> None:
    ppp = Ppp(t.incoming(t.opened())).up()
    bad = ppp.send_echo(fields={"flags": 3})
    good = ppp.send_echo()
    t.equal(ppp.replies([bad, good]), [good], "the requests that were answered")


# Holds: R-2661-3.1-13 R-2661-7.1-04
def case_a_length_beyond_the_datagram_is_discarded(t: T) -> None:
    peer = t.opened()
    discarded(t, peer, peer.filled(HELLO()).with_(length=400).encode())
    discarded(t, peer, peer.filled(HELLO()).with_(length=0xFFFF).encode())


# Holds: R-2661-3.1-13 R-2661-7.1-04
def case_a_length_below_the_header_is_discarded(t: T) -> None:
    peer = t.opened()
    for length in (0, 1, 11):
        discarded(t, peer, peer.filled(HELLO()).with_(length=length).encode())


# Holds: R-2661-3.1-13 R-2661-7.1-04 R-2661-7.1-10
def case_a_datagram_that_ends_within_the_header_is_discarded(t: T) -> None:
    peer = t.opened()
    octets = peer.filled(HELLO()).encode()
    for size in range(12):
        discarded(t, peer, octets[:size])


# Holds: R-2661-3.1-14
def case_octets_behind_the_length_are_no_part_of_a_control_message(t: T) -> None:
    peer = t.opened()
    peer.send(HELLO().with_(extra=bytes(4)))
    peer.expect_ack()
    peer.expect_silence()


# Holds: R-2661-3.1-14
def case_octets_behind_the_length_are_no_part_of_a_data_message(t: T) -> None:
    ppp = Ppp(t.incoming(t.opened())).up()
    sent = ppp.send_echo(fields={"with_length": True, "extra": b"\0\0"})
    while (got := ppp.next()) is not None:
        protocol, octets = got
        if protocol == LCP and octets[0] == 10 and octets[1] == sent:
            t.equal(len(octets), 16, "octets of the Echo-Reply")
            return
    t.check(False, "not delivered")


# Holds: R-2661-3.1-17 R-2661-4.4.4-20 R-2661-7.1-11
def case_two_tunnels_with_the_same_session_id_are_kept_apart(t: T) -> None:
    calls = [t.opened().call(7), t.opened().call(7)]
    for call in calls:
        call.send(ICRQ()).expect(ICRP)
        call.send(ICCN())
        call.peer.expect_ack()
    links = [Ppp(call).up() for call in calls]
    calls[0].send(CDN())
    calls[0].peer.expect_ack()
    t.check(links[1].echo(), "the other tunnel's session is gone, too")


# Holds: R-2661-3.1-18 R-2661-3.1-19 R-2661-6.2-03
def case_ns_begins_at_0_and_goes_up_by_one_a_message(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ()).expect(SCCRP, ns=0, nr=1)
    peer.connect()
    for ns in (1, 2, 3):
        peer.call().send(ICRQ()).expect(ICRP, ns=ns, nr=ns + 2)


# Holds: R-2661-3.1-19 R-2661-5.8-13
def case_nr_stays_at_the_missing_message_while_there_is_a_gap(t: T) -> None:
    peer = t.opened()
    peer.send(HELLO(), ns=3)  # 2 is missing
    peer.send(HELLO(), ns=4)
    numbers = {a.message.nr for a in peer.collect(0.4) if a.message}
    t.check(numbers <= {2}, f"Nr during the gap: {numbers}")


# Holds: R-2661-3.1-20
def case_nr_of_a_data_message_is_ignored(t: T) -> None:
    peer = t.opened()
    call = t.incoming(peer)
    ppp = Ppp(call).up()
    t.check(ppp.echo(fields={"ns": 0, "nr": 0xABCD}), "not delivered")
    peer.expect_silence()


# Holds: R-2661-3.1-21 R-2661-3.1-22 R-2661-3.1-24
def case_all_combinations_of_header_bits_of_data_are_understood(t: T) -> None:
    ppp = Ppp(t.incoming(t.opened())).up()
    ns = itertools.count()
    failed = []
    for length, numbered, offset, priority in itertools.product((False, True), repeat=4):
        fields: dict[str, object] = {"with_length": length, "priority": priority}
        if numbered:
            fields["ns"] = next(ns)
        if offset:
            fields["offset"] = 5
            fields["pad"] = b"\xde\xad\xbe\xef\x99"
        if not ppp.echo(fields=fields, within=1):
            bits = zip("LSOP", (length, numbered, offset, priority), strict=True)
            failed.append("".join(letter for letter, on in bits if on) or "none")
    t.check(not failed, f"not delivered: {' '.join(failed)}")


# Holds: R-2661-3.1-22
def case_an_offset_size_of_0_means_no_padding(t: T) -> None:
    ppp = Ppp(t.incoming(t.opened())).up()
    t.check(ppp.echo(fields={"offset": 0}), "not delivered")


# Holds: R-2661-3.1-13
def case_data_with_an_impossible_length_is_dropped(t: T) -> None:
    call = t.incoming(t.opened())
    ppp = Ppp(call).up()
    beyond = ppp.send_echo(fields={"with_length": True, "length": 500})
    within = ppp.send_echo(fields={"with_length": True, "length": 4})
    good = ppp.send_echo()
    t.equal(ppp.replies([beyond, within, good]), [good], "the requests that were answered")


# Holds: R-2661-3.1-23 R-2661-7.1-10
def case_data_whose_header_points_past_the_end_is_dropped(t: T) -> None:
    call = t.incoming(t.opened())
    ppp = Ppp(call).up()
    payload = frame(LCP, b"\x09\x63\0\x08" + ppp.magic)
    tunnel, session = call.peer.target_tunnel_id, call.target_session_id
    ids = tunnel.to_bytes(2, "big") + session.to_bytes(2, "big")
    for octets in (
        Data(tunnel, session, payload, offset=2000).encode(),
        b"\x08\x02" + ids + b"\0\0",  # S, but half of Ns and Nr
        b"\x02\x02" + ids,  # O, but no Offset Size
        b"\x00\x02" + ids[:3],
        b"\x00\x02" + ids,  # no payload at all
    ):
        call.peer.send_raw(octets)
    good = ppp.send_echo()
    t.equal(ppp.replies([0x63, good]), [good], "the requests that were answered")


# Holds: R-2661-3.1-25
def case_data_for_a_session_that_is_not_there_is_dropped_without_a_word(t: T) -> None:
    peer = t.opened()
    ppp = Ppp(t.incoming(peer)).up()
    peer.send_raw(Data(peer.target_tunnel_id, 0x7FFF, frame(LCP, b"\x09\1\0\x08\0\0\0\0")).encode())
    peer.send_raw(Data(peer.target_tunnel_id, 0, frame(LCP, b"\x09\1\0\x08\0\0\0\0")).encode())
    peer.expect_silence()
    t.check(ppp.echo(), "the session that is there does not work any more")


# Holds: R-2661-3.1-03
def case_data_is_never_taken_for_a_control_message(t: T) -> None:
    """An ICRQ with T=0, as the payload of Session ID 0."""
    peer = t.opened()
    icrq = peer.filled(peer.call().filled(ICRQ()))
    discarded(t, peer, icrq.with_(flags=CONTROL_FLAGS & ~0x8000).encode())


# Holds: R-2661-3.1-16
def case_a_zlb_may_carry_any_session_id(t: T) -> None:
    peer = t.opened()
    call = peer.call()
    call.send(ICRQ()).expect(ICRP)
    peer.send(ZLB, session_id=call.target_session_id)
    peer.send(ZLB, session_id=0x7FFF)
    peer.expect_silence()
