"""Incoming calls, the target as LNS: RFC 2661 sections 7.4 and 7.4.2."""

from __future__ import annotations

from peer.catalogue import (
    ASSIGNED_SESSION_ID,
    CALL_SERIAL_NUMBER,
    CDN,
    FRAMING_TYPE,
    ICCN,
    ICRP,
    ICRQ,
    TX_CONNECT_SPEED,
)
from peer.ppp import LCP, Ppp, frame
from suite import T


# Holds: R-2661-7.4.2-01 R-2661-6.7-01 R-2661-4.4.4-16
def case_an_icrq_is_answered_by_an_icrp_with_the_callers_session_id(t: T) -> None:
    call = t.opened().call(0x0A01)
    call.send(ICRQ())
    icrp = call.expect(ICRP, ns=1, nr=3)
    t.equal(icrp.session_id, 0x0A01, "Session ID of the header")
    t.check(icrp.number(ASSIGNED_SESSION_ID), "the Assigned Session ID is 0")
    t.conforms()


# Holds: R-2661-7.4.2-05 R-2661-6.8-01 R-2661-5.3-02
def case_after_iccn_ppp_begins(t: T) -> None:
    call = t.incoming(t.opened())
    Ppp(call).up()


# Holds: R-2661-6.6-01 R-2661-7.1-09 R-2661-7.4.2-02
def case_an_icrq_that_lacks_a_required_avp_is_refused(t: T) -> None:
    peer = t.opened()
    call = peer.call()
    call.send(ICRQ().without(CALL_SERIAL_NUMBER)).expect_cdn(2, {2, 3, 6})
    peer.ack()
    peer.call().send(ICRQ().without(ASSIGNED_SESSION_ID))
    said = [m for m in peer.fence() if m.kind != CDN.type]
    t.check(not said, f"without Assigned Session ID it was answered by {said}")
    t.takes_calls(peer)


# Holds: R-2661-6.8-01 R-2661-7.4.2-06 R-2661-7.1-09
def case_an_iccn_that_lacks_a_required_avp_ends_the_call_or_is_forgiven(t: T) -> None:
    """Some LACs leave them out, and an LNS may be lenient; what it must not do is hang."""
    for kind in (TX_CONNECT_SPEED, FRAMING_TYPE):
        peer = t.opened()
        call = peer.call()
        call.send(ICRQ()).expect(ICRP)
        call.send(ICCN().without(kind))
        said = [m for m in peer.fence() if m.kind == CDN.type]
        if said:
            peer.checked_result(said[0], 2, {2, 3, 6})
        else:
            Ppp(call).up()


# Holds: R-2661-7.4.2-02 R-2661-7.4-01 R-2661-4.4.2-15
def case_a_peer_that_may_not_call_is_refused_by_cdn(t: T) -> None:
    t.needs("flavour:closed")
    call = t.opened("closed").call()
    call.send(ICRQ()).expect_cdn({3, 4, 5, 6})
    t.conforms()


# Holds: R-2661-7.4.2-02 R-2661-7.4-01 R-2661-4.4.2-15
def case_a_call_beyond_the_limit_of_sessions_is_refused_by_result_4_or_5(t: T) -> None:
    peer = t.opened("limited", receive_window_size=8)
    for _ in range(2):
        peer.call().send(ICRQ()).expect(ICRP)
    third = peer.call()
    third.send(ICRQ()).expect_cdn({2, 4, 5})
    peer.ack()
    first = peer.calls[0]
    first.send(CDN())
    peer.expect_ack()
    peer.call().send(ICRQ()).expect(ICRP)


# Holds: R-2661-7.4.2-03 R-2661-7.1-14
def case_an_icrp_out_of_the_blue_is_acknowledged_and_makes_no_call(t: T) -> None:
    peer = t.opened()
    peer.send(peer.call().filled(ICRP()), session_id=0x7FFF)
    said = peer.fence()
    t.check(all(m.kind == CDN.type for m in said), f"it was answered by {said}")


# Holds: R-2661-7.4.2-04 R-2661-7.1-14
def case_an_iccn_for_an_unknown_session_is_acknowledged_and_makes_no_call(t: T) -> None:
    peer = t.opened()
    peer.send(ICCN(), session_id=0x7FFF)
    said = peer.fence()
    t.check(all(m.kind == CDN.type for m in said), f"it was answered by {said}")
    t.takes_calls(peer)


# Holds: R-2661-7.4.2-07
def case_an_icrp_or_icrq_for_a_session_that_waits_for_iccn_ends_it(t: T) -> None:
    for kind in (ICRP, ICRQ):
        peer = t.opened()
        call = peer.call()
        call.send(ICRQ()).expect(ICRP)
        call.send(kind(), session_id=call.target_session_id)
        call.expect(CDN)
        peer.ack()


# Holds: R-2661-7.4.2-10
def case_a_second_iccn_or_an_icrp_in_an_established_session_ends_it(t: T) -> None:
    for kind in (ICCN, ICRP):
        peer = t.opened()
        call = t.incoming(peer)
        call.send(kind())
        call.expect(CDN)
        peer.ack()


# Holds: R-2661-7.4.2-08 R-2661-6.12-03
def case_a_cdn_is_acknowledged_and_nothing_else(t: T) -> None:
    peer = t.opened()
    waiting, established = peer.call(), t.incoming(peer)
    waiting.send(ICRQ()).expect(ICRP)
    for call in (waiting, established):
        call.send(CDN())
        peer.expect_silence()


# Holds: R-2661-7.4.2-08 R-2661-7.1-14 R-2661-7.1-12
def case_a_cdn_for_an_unknown_session_is_acknowledged(t: T) -> None:
    peer = t.opened()
    peer.send(peer.call().filled(CDN()), session_id=0x7FFE)
    peer.expect_silence()


# Holds: R-2661-4.4.4-18 R-2661-7.4.2-08 R-2661-5.3-04 R-2661-4.4.4-17
def case_a_cdn_with_session_id_0_ends_the_call_that_its_avp_names(t: T) -> None:
    peer = t.opened()
    kept = t.incoming(peer)
    ppp = Ppp(kept).up()
    call = peer.call()
    call.send(ICRQ()).expect(ICRP)
    call.send(CDN(result_code=(1,)), session_id=0)
    peer.expect_silence()
    call.send(ICCN())
    said = peer.fence()
    t.check(all(m.kind in (CDN.type, 16) for m in said), f"the session went on: {said}")
    t.check(call.next_data(within=0.5) is None, "the call that was ended runs PPP")
    t.check(ppp.echo(), "the other call was ended, too")


# Holds: R-2661-6.12-02 R-2661-6.12-04
def case_a_cdn_ends_one_call_only(t: T) -> None:
    peer = t.opened()
    first, second = t.incoming(peer), t.incoming(peer)
    links = [Ppp(first).up(), Ppp(second).up()]
    first.send(CDN())
    peer.expect_ack()
    t.dead(first)
    t.check(links[1].echo(), "the other call is gone, too")


# Holds: R-2661-6.12-02
def case_the_peers_session_id_may_be_used_again_after_cdn(t: T) -> None:
    peer = t.opened()
    for _ in range(3):
        call = peer.call(77)
        call.send(ICRQ()).expect(ICRP)
        call.send(ICCN())
        peer.expect_ack()
        Ppp(call).up()
        call.send(CDN())
        peer.expect_ack()
        peer.arrived_data.clear()


# Holds: R-2661-6.12-01
def case_a_cdn_without_assigned_session_id_ends_the_call_of_its_header(t: T) -> None:
    peer = t.opened()
    call = t.incoming(peer)
    Ppp(call).up()
    call.send(CDN().without(ASSIGNED_SESSION_ID))
    peer.expect_ack()
    said = [m for m in peer.fence() if m.kind not in (CDN.type, 16)]
    t.check(not said, f"answered by {said}")
    t.dead(call)


# Holds: R-2661-7.4.2-09 R-2661-4.4.2-15 R-2661-6.12-01
def case_a_call_that_the_operator_ends_is_ended_by_cdn_3(t: T) -> None:
    t.needs("close_call", "sessions")
    peer = t.opened()
    call = t.incoming(peer)
    Ppp(call).up()
    (session,) = t.target.sessions(peer.local.host)
    peer.collect(0.2)  # an SLI
    peer.ack()
    t.target.close_call(session)
    call.expect_cdn(3, within=6)
    t.conforms()
    peer.ack()
    t.dead(call)


# Holds: R-2661-7.4-03 R-2661-5.0-01
def case_data_before_iccn_does_not_break_the_call(t: T) -> None:
    peer = t.opened()
    call = peer.call()
    call.send(ICRQ()).expect(ICRP)
    call.send_data(frame(LCP, b"\x0b\x01\x00\x08\0\0\0\0"))
    call.send(ICCN())
    peer.expect_ack()
    Ppp(call).up()


# Holds: R-2661-5.0-01 R-2661-7.4-03
def case_no_data_comes_before_the_iccn(t: T) -> None:
    call = t.opened().call()
    call.send(ICRQ()).expect(ICRP)
    call.peer.ack()
    data = call.next_data(within=3)
    t.check(data is None, "data came although no ICCN was sent")


# Holds: R-2661-5.0-01 R-2661-7.4-03
def case_data_before_iccn_is_not_answered(t: T) -> None:
    call = t.opened().call()
    call.send(ICRQ()).expect(ICRP)
    call.peer.ack()
    call.send_data(frame(LCP, b"\x01\x01\x00\x04"))
    t.check(call.next_data(within=0.5) is None, "it was answered before the ICCN")


# Holds: R-2661-7.4-04
def case_a_call_that_waits_for_iccn_too_long_is_ended(t: T) -> None:
    peer = t.opened("hasty")
    call = peer.call()
    call.send(ICRQ()).expect(ICRP)
    peer.ack()
    call.expect(CDN, within=4)
    peer.ack()


# Holds: R-2661-7.3-01 R-2661-5.1-03
def case_calls_do_not_wait_for_one_another(t: T) -> None:
    peer = t.opened(receive_window_size=8)
    calls = [peer.call() for _ in range(4)]
    for call in calls:
        call.send(ICRQ())
    for call in calls:
        call.expect(ICRP)
        peer.ack()
    for call in reversed(calls):
        call.send(ICCN())
    peer.expect_ack()
    peer.expect_silence()


# Holds: R-2661-4.4.4-20
def case_the_callers_session_id_may_be_the_one_the_target_uses(t: T) -> None:
    peer = t.opened()
    first = peer.call()
    first.send(ICRQ()).expect(ICRP)
    peer.call(first.target_session_id).send(ICRQ()).expect(ICRP)


# Holds: R-2661-4.4.4-20 R-2661-7.4.2-02
def case_a_session_id_that_is_in_use_by_the_caller_is_refused_or_kept_apart(t: T) -> None:
    peer = t.opened()
    first = peer.call(99)
    first.send(ICRQ()).expect(ICRP)
    peer.call(99).send(ICRQ())
    peer.expect(CDN, ICRP)
    t.takes_calls(peer)


# Holds: R-2661-6.8-01 R-2661-4.4.4-11 R-2661-4.4.4-27
def case_the_speeds_of_a_call_are_shown(t: T) -> None:
    t.needs("sessions", "counters")
    peer = t.opened()
    t.incoming(peer, tx_connect_speed=1_000_000, rx_connect_speed=64_000)
    peer.fence()
    (session,) = t.target.sessions(peer.local.host)
    shown = str(session.facts)
    t.check("1000000" in shown and "64000" in shown, f"they are not in {shown}")
