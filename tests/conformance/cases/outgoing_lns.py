"""Outgoing calls, the target as LNS: RFC 2661 section 7.5.2."""

from __future__ import annotations

from peer.catalogue import (
    ASSIGNED_SESSION_ID,
    BEARER_TYPE,
    CALLED_NUMBER,
    CDN,
    FRAMING_TYPE,
    MAXIMUM_BPS,
    MINIMUM_BPS,
    OCCN,
    OCRP,
    OCRQ,
    SCCCN,
    SCCRP,
    SCCRQ,
    TX_CONNECT_SPEED,
)
from peer.peer import Call
from peer.ppp import Ppp
from suite import T
from targets.base import wait_until
from targets.base import Handle


def asked_to_dial(t: T, **avps: int) -> tuple[Call, Handle]:
    """A call whose OCRQ has been read; `avps` are those of our SCCRP."""
    t.needs("place_outgoing_call")
    peer, handle = t.accepted(**({"bearer_capabilities": 3} | avps))  # type: ignore[arg-type]
    return t.dialling(peer, handle)


# Holds: R-2661-7.5.2-03 R-2661-6.9-02 R-2661-7.5.2-04 R-2661-7.5.2-07 R-2661-4.4.4-17
# Holds: R-2661-4.4.4-04 R-2661-4.4.4-05 R-2661-4.4.4-06 R-2661-4.4.4-07 R-2661-4.4.4-08
def case_an_outgoing_call_goes_by_ocrq_ocrp_occn(t: T) -> None:
    call, _ = asked_to_dial(t)
    (ocrq,) = t.received(OCRQ)
    t.equal(ocrq.session_id, 0, "Session ID of the OCRQ")
    t.equal(ocrq.value(CALLED_NUMBER), b"5553000", "the Called Number")
    minimum, maximum = ocrq.number(MINIMUM_BPS), ocrq.number(MAXIMUM_BPS)
    t.check(minimum is not None and maximum is not None and minimum <= maximum, "the speeds")
    call.send(OCRP()).send(OCCN())
    call.peer.expect_ack()
    t.conforms()


# Holds: R-2661-7.5.2-07 R-2661-5.3-02
def case_ppp_runs_over_a_call_that_the_peer_dialled(t: T) -> None:
    t.needs("place_outgoing_call")
    call, _ = t.dialled_for()
    Ppp(call).up()


# Holds: R-2661-5.0-01
def case_no_data_comes_before_the_occn(t: T) -> None:
    call, _ = asked_to_dial(t)
    call.send(OCRP())
    t.check(call.next_data(within=0.4) is None, "data came before the OCCN was sent")


# Holds: R-2661-7.5.2-01 R-2661-7.5.2-03 R-2661-5.1-02
def case_an_outgoing_call_waits_for_its_tunnel(t: T) -> None:
    t.needs("place_outgoing_call")
    peer, handle = t.asked()
    t.target.place_outgoing_call(handle)
    peer.expect(SCCRQ, within=6)
    t.check(not [a for a in peer.collect(0.3) if a.message and a.message.kind == OCRQ.type], "OCRQ")
    peer.send(SCCRP(bearer_capabilities=3))
    peer.expect(SCCCN)
    peer.ack()
    peer.expect(OCRQ, ns=2, within=6)


# Holds: R-2661-6.9-01 R-2661-4.4.3-14
def case_a_lac_without_bearer_capabilities_is_never_sent_an_ocrq(t: T) -> None:
    t.needs("place_outgoing_call")
    peer, handle = t.accepted()
    try:
        t.target.place_outgoing_call(handle)
    except RuntimeError:
        pass  # it says so at once
    peer.collect(0.5)
    t.check(not t.received(OCRQ), "an OCRQ came")


# Holds: R-2661-4.4.3-13 R-2661-4.4.4-22
def case_an_ocrq_asks_only_for_bearers_that_were_offered(t: T) -> None:
    asked_to_dial(t, bearer_capabilities=1)
    (ocrq,) = t.received(OCRQ)
    t.equal(ocrq.number(BEARER_TYPE), 1, "Bearer Type")


# Holds: R-2661-4.4.3-12 R-2661-4.4.4-23
def case_an_ocrq_asks_only_for_framing_that_was_offered(t: T) -> None:
    asked_to_dial(t, framing_capabilities=1)
    (ocrq,) = t.received(OCRQ)
    t.equal(ocrq.number(FRAMING_TYPE), 1, "Framing Type")


# Holds: R-2661-7.5.2-05 R-2661-7.1-09
def case_an_ocrp_without_a_session_id_is_answered_by_cdn(t: T) -> None:
    call, _ = asked_to_dial(t)
    call.send(OCRP().without(ASSIGNED_SESSION_ID)).expect_cdn(2, {2, 3, 5, 6})
    call.peer.ack()


# Holds: R-2661-7.5.2-06
def case_an_occn_before_ocrp_ends_the_call(t: T) -> None:
    call, _ = asked_to_dial(t)
    call.send(OCCN())
    call.expect(CDN)
    call.peer.ack()


# Holds: R-2661-7.5.2-08
def case_a_second_ocrp_ends_the_call(t: T) -> None:
    call, _ = asked_to_dial(t)
    call.send(OCRP()).send(OCRP())
    call.expect(CDN)
    call.peer.ack()


# Holds: R-2661-7.5.2-10
def case_an_ocrq_ocrp_or_occn_in_an_established_outgoing_call_ends_it(t: T) -> None:
    t.needs("place_outgoing_call")
    for kind in (OCRQ, OCRP, OCCN):
        call, _ = t.dialled_for()
        call.send(kind(), session_id=call.target_session_id)
        call.expect(CDN)
        call.peer.ack()


# Holds: R-2661-6.11-01 R-2661-7.1-09
def case_an_occn_that_lacks_a_required_avp_ends_the_call_or_is_forgiven(t: T) -> None:
    for kind in (TX_CONNECT_SPEED, FRAMING_TYPE):
        call, _ = asked_to_dial(t)
        call.send(OCRP()).send(OCCN().without(kind))
        said = [m for m in call.peer.fence() if m.kind == CDN.type]
        if said:
            call.peer.checked_result(said[0], 2, {2, 3, 6})
        else:
            Ppp(call).up()


# Holds: R-2661-7.5.2-09
def case_a_cdn_ends_an_outgoing_call_in_every_state(t: T) -> None:
    t.needs("place_outgoing_call")
    waiting, _ = asked_to_dial(t)
    waiting.send(CDN(result_code=(8,)))
    waiting.peer.expect_silence()
    connecting, _ = asked_to_dial(t)
    connecting.send(OCRP()).send(CDN(result_code=(10,)))
    connecting.peer.expect_silence()
    established, _ = t.dialled_for()
    Ppp(established).up()
    established.send(CDN(result_code=(1,)))
    established.peer.expect_silence()
    t.dead(established)


# Holds: R-2661-7.5.2-11 R-2661-4.4.2-15
def case_an_outgoing_call_that_is_taken_back_is_ended_by_cdn_3(t: T) -> None:
    t.needs("close_call")
    call, placed = asked_to_dial(t)
    t.target.close_call(placed)
    call.expect_cdn({1, 3}, within=6)
    call.peer.ack()


# Holds: R-2661-7.5.2-12
def case_an_outgoing_call_that_is_taken_back_before_the_tunnel_is_up_is_never_asked_for(
    t: T,
) -> None:
    t.needs("place_outgoing_call", "close_call", "sessions")
    peer, handle = t.asked()
    placed = t.target.place_outgoing_call(handle)
    peer.expect(SCCRQ, within=6)
    t.target.close_call(placed)
    wait_until("the call is gone", lambda: not t.target.sessions(peer.local.host))
    peer.send(SCCRP(bearer_capabilities=3))
    peer.expect(SCCCN)
    peer.ack()
    t.check(OCRQ.type not in [m.kind for m in peer.fence()], "an OCRQ came")


# Holds: R-2661-6.9-03
def case_the_sub_address_of_an_outgoing_call_is_sent(t: T) -> None:
    t.needs("place_outgoing_call", "tunnels")
    peer, handle = t.accepted(bearer_capabilities=3)
    t.dialling(peer, handle, sub_address="42")
    (ocrq,) = t.received(OCRQ)
    t.conforms("AVP")
    t.check(any(a.value == b"42" for a in ocrq.avps), "no Sub-Address")
