"""Incoming calls, the target as LAC: RFC 2661 section 7.4.1."""

from __future__ import annotations

from peer.catalogue import (
    ASSIGNED_SESSION_ID,
    CALL_SERIAL_NUMBER,
    CALLED_NUMBER,
    CALLING_NUMBER,
    CDN,
    FRAMING_TYPE,
    HELLO,
    ICCN,
    ICRP,
    ICRQ,
    SCCCN,
    SCCRP,
    SCCRQ,
    SEQUENCING_REQUIRED,
    SUB_ADDRESS,
    TX_CONNECT_SPEED,
)
from peer.ppp import Ppp
from peer.wire import Avp
from suite import T
from targets.base import wait_until


# Holds: R-2661-7.4.1-04 R-2661-6.6-01 R-2661-6.6-03 R-2661-4.4.4-17 R-2661-7.4.1-05 R-2661-6.8-01
# Holds: R-2661-6.6-02
def case_a_call_goes_by_icrq_icrp_iccn(t: T) -> None:
    peer, handle = t.accepted()
    t.needs("place_call")
    t.target.place_call(handle)
    call = peer.call()
    icrq = call.expect(ICRQ, ns=2, within=6)
    t.equal(icrq.session_id, 0, "Session ID of the ICRQ")
    call.send(ICRP())
    iccn = call.expect(ICCN, ns=3, nr=2)
    t.check(iccn.get(TX_CONNECT_SPEED) and iccn.get(FRAMING_TYPE), "an AVP is missing")
    peer.ack()
    t.conforms()


# Holds: R-2661-5.3-02 R-2661-5.3-01
def case_ppp_runs_over_a_placed_call(t: T) -> None:
    call, _ = t.connected()
    Ppp(call).up()


# Holds: R-2661-5.0-01
def case_no_data_comes_before_the_iccn(t: T) -> None:
    peer, handle = t.accepted()
    call, _ = t.placed(peer, handle)
    t.check(call.next_data(within=0.4) is None, "data came before the ICRP was sent")
    call.send(ICRP()).expect(ICCN)
    peer.ack()


# Holds: R-2661-7.4.1-02
def case_an_icrp_for_an_unknown_session_is_acknowledged_only(t: T) -> None:
    peer, handle = t.accepted()
    call, _ = t.placed(peer, handle)
    peer.send(peer.call().filled(ICRP()), session_id=call.target_session_id ^ 1)
    said = [m for m in peer.fence() if m.kind != CDN.type]
    t.check(not said, f"answered by {said}")
    call.send(ICRP()).expect(ICCN)
    peer.ack()


# Holds: R-2661-7.4.1-03
def case_a_call_that_is_taken_back_before_the_tunnel_is_up_is_never_placed(t: T) -> None:
    t.needs("place_call", "close_call", "sessions")
    peer, handle = t.asked()
    placed = t.target.place_call(handle)
    peer.expect(SCCRQ, within=6)
    t.target.close_call(placed)
    wait_until("the call is gone", lambda: not t.target.sessions(peer.local.host))
    peer.send(SCCRP())
    peer.expect(SCCCN)
    peer.ack()
    said = [m.kind for m in peer.fence()]
    t.check(ICRQ.type not in said, "an ICRQ came")


# Holds: R-2661-7.4.1-06 R-2661-6.7-01 R-2661-7.1-09 R-2661-4.4.4-19
def case_an_icrp_without_a_session_id_is_answered_by_cdn(t: T) -> None:
    for icrp in (ICRP().without(ASSIGNED_SESSION_ID), ICRP(assigned_session_id=0)):
        peer, handle = t.accepted()
        call, _ = t.placed(peer, handle)
        call.send(icrp).expect_cdn(2, {2, 3, 5, 6})
        peer.ack()


# Holds: R-2661-4.4.4-16 R-2661-3.1-16
def case_the_cdn_that_refuses_an_icrp_carries_the_session_id_that_came_in_it(t: T) -> None:
    peer, handle = t.accepted()
    call, _ = t.placed(peer, handle)
    call.send(ICRP().plus(Avp(4095, b"")))
    cdn = call.expect(CDN)
    t.equal(cdn.session_id, call.session_id, "Session ID of the CDN")


# Holds: R-2661-7.4.1-07
def case_an_icrq_for_a_session_that_waits_for_icrp_ends_it(t: T) -> None:
    peer, handle = t.accepted()
    call, _ = t.placed(peer, handle)
    call.send(ICRQ(), session_id=call.target_session_id)
    call.expect(CDN)
    peer.ack()


# Holds: R-2661-7.4.1-08 R-2661-7.4-02
def case_a_cdn_instead_of_icrp_ends_the_call(t: T) -> None:
    peer, handle = t.accepted()
    call, _ = t.placed(peer, handle)
    call.send(CDN(result_code=(4,)))
    peer.expect_silence()


# Holds: R-2661-7.4.1-08
def case_an_iccn_to_a_lac_ends_the_call(t: T) -> None:
    peer, handle = t.accepted()
    call, _ = t.placed(peer, handle)
    call.send(ICCN())
    said = peer.fence()
    t.check(all(m.kind == CDN.type for m in said), f"answered by {said}")


# Holds: R-2661-7.4.1-09 R-2661-4.4.4-17 R-2661-4.4.4-18 R-2661-5.3-04 R-2661-7.4-02
def case_a_call_that_is_taken_back_before_icrp_is_ended_by_cdn_with_session_id_0(t: T) -> None:
    t.needs("place_call", "close_call")
    peer, handle = t.accepted()
    call, placed = t.placed(peer, handle)
    t.target.close_call(placed)
    cdn = call.expect(CDN, within=6)
    t.equal(cdn.session_id, 0, "Session ID of the header")
    t.equal(cdn.number(ASSIGNED_SESSION_ID), call.target_session_id, "Assigned Session ID")
    peer.ack()


# Holds: R-2661-7.4.1-10 R-2661-6.12-03
def case_a_cdn_ends_an_established_call(t: T) -> None:
    call, _ = t.connected()
    Ppp(call).up()
    call.send(CDN(result_code=(1,)))
    call.peer.expect_silence()
    t.dead(call)


# Holds: R-2661-7.4.1-11
def case_a_second_icrp_or_an_iccn_in_an_established_call_ends_it(t: T) -> None:
    for kind in (ICRP, ICCN):
        call, _ = t.connected()
        call.send(kind())
        call.expect(CDN)
        call.peer.ack()


# Holds: R-2661-7.4.1-12 R-2661-4.4.2-15 R-2661-6.12-01 R-2661-4.4.4-16
def case_a_call_that_the_operator_ends_is_ended_by_cdn(t: T) -> None:
    t.needs("close_call")
    call, placed = t.connected()
    t.target.close_call(placed)
    cdn = call.expect_cdn({1, 3}, within=6)
    t.equal(cdn.session_id, call.session_id, "Session ID of the CDN")
    call.peer.ack()
    t.conforms()


# Holds: R-2661-4.4.4-21 R-2661-4.4.4-03
def case_call_serial_numbers_increase(t: T) -> None:
    t.needs("several_calls")
    peer, handle = t.accepted()
    numbers = []
    for _ in range(4):
        t.placed(peer, handle)
        numbers.append(t.received(ICRQ)[-1].number(CALL_SERIAL_NUMBER) or 0)
    peer2, handle2 = t.accepted()
    t.placed(peer2, handle2)
    numbers.append(t.received(ICRQ)[-1].number(CALL_SERIAL_NUMBER) or 0)
    t.equal(numbers, sorted(set(numbers)), "the Call Serial Numbers")


# Holds: R-2661-4.4.4-08 R-2661-4.4.4-09 R-2661-4.4.4-10
def case_the_numbers_of_a_call_are_sent_as_they_were_given(t: T) -> None:
    t.needs("place_call", "tunnels")
    peer, handle = t.accepted()
    t.placed(peer, handle, called_number="5552000", calling_number="5551000", sub_address="42")
    (icrq,) = t.received(ICRQ)
    got = [icrq.value(kind) for kind in (CALLED_NUMBER, CALLING_NUMBER, SUB_ADDRESS)]
    t.equal(got, [b"5552000", b"5551000", b"42"], "the numbers")
    t.conforms("AVP")


# Holds: R-2661-4.4.4-15 R-2661-4.4.4-29
def case_a_lac_that_requires_sequence_numbers_says_so(t: T) -> None:
    t.needs("flavour:sequenced")
    t.connected("sequenced")
    (iccn,) = t.received(ICCN)
    t.check(iccn.get(SEQUENCING_REQUIRED), "no Sequencing Required in the ICCN")
    t.conforms("AVP")


# Holds: R-2661-7.4-04
def case_a_call_that_waits_for_icrp_too_long_is_ended(t: T) -> None:
    peer, handle = t.accepted("hasty")
    call, _ = t.placed(peer, handle)
    peer.ack()
    call.expect(CDN, within=4)
    peer.ack()


# Holds: R-2661-5.1-04
def case_the_target_calls_in_a_tunnel_that_the_peer_opened(t: T) -> None:
    t.needs("place_call", "tunnels")
    peer = t.opened()
    (tunnel,) = t.target.tunnels(peer.local.host)
    call, _ = t.placed(peer, tunnel)
    call.send(ICRP()).expect(ICCN)
    peer.ack()


# Holds: R-2661-7.4.1-02 R-2661-7.4.1-05
def case_two_calls_are_placed_side_by_side(t: T) -> None:
    t.needs("several_calls")
    peer, handle = t.accepted()
    first, _ = t.placed(peer, handle)
    second, _ = t.placed(peer, handle)
    second.send(ICRP()).expect(ICCN)
    first.send(ICRP()).expect(ICCN)
    peer.ack()
    peer.send(HELLO())
    peer.expect_ack()
