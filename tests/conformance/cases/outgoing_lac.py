"""Outgoing calls, the target as LAC: RFC 2661 sections 7.5 and 7.5.1."""

from __future__ import annotations

from peer.catalogue import (
    ASSIGNED_SESSION_ID,
    BEARER_TYPE,
    CALL_SERIAL_NUMBER,
    CALLED_NUMBER,
    CDN,
    FRAMING_TYPE,
    MAXIMUM_BPS,
    MINIMUM_BPS,
    OCCN,
    OCRP,
    OCRQ,
    TX_CONNECT_SPEED,
)
from peer.errors import Failure
from peer.peer import Peer
from peer.ppp import Ppp
from peer.wire import AvpKind
from suite import T


def lac(t: T, **avps: object) -> Peer:
    """A tunnel with a target that dials when it is asked to."""
    t.needs("flavour:lac")
    peer = t.peer("lac")
    return peer.open(**avps)


# Holds: R-2661-7.5.1-01 R-2661-7.5.1-05 R-2661-6.10-01 R-2661-6.11-01 R-2661-7.5-01
# Holds: R-2661-4.4.4-04 R-2661-4.4.4-05 R-2661-4.4.4-08
def case_an_ocrq_is_answered_by_ocrp_and_then_occn(t: T) -> None:
    peer = lac(t)
    call = peer.call()
    call.send(OCRQ())
    ocrp = call.expect(OCRP, ns=1, nr=3)
    t.check(ocrp.number(ASSIGNED_SESSION_ID), "the Assigned Session ID is 0")
    occn = call.expect(OCCN, ns=2, nr=3)
    t.check(occn.get(TX_CONNECT_SPEED) and occn.get(FRAMING_TYPE), "an AVP is missing")
    peer.ack()
    t.conforms()


# Holds: R-2661-7.5.1-05 R-2661-5.3-02
def case_ppp_runs_over_an_outgoing_call(t: T) -> None:
    Ppp(t.dialled(lac(t))).up()


# Holds: R-2661-7.5.1-02 R-2661-7.4-01
def case_an_ocrq_is_refused_by_a_target_that_does_not_dial(t: T) -> None:
    peer = t.opened()
    call = peer.call()
    call.send(OCRQ())
    call.expect(CDN)
    peer.ack()
    t.takes_calls(peer)


# Holds: R-2661-7.5.1-02 R-2661-6.9-02 R-2661-7.1-09
def case_an_ocrq_that_lacks_a_required_avp_is_refused(t: T) -> None:
    peer = lac(t)
    failed: list[str] = []
    kinds: tuple[AvpKind, ...] = (
        CALL_SERIAL_NUMBER, MINIMUM_BPS, MAXIMUM_BPS, BEARER_TYPE, FRAMING_TYPE, CALLED_NUMBER,
    )  # fmt: skip
    for kind in kinds:
        call = peer.call()
        try:
            call.send(OCRQ().without(kind)).expect_cdn(2, {2, 3, 6})
        except Failure as failure:
            failed.append(f"{kind.name}: {failure}")
        peer.ack()
    t.check(not failed, "\n".join(failed))


# Holds: R-2661-4.4.3-12 R-2661-4.4.3-13
def case_an_ocrq_for_framing_or_bearer_that_was_not_offered_is_refused(t: T) -> None:
    """Bits beyond A and D are never offered."""
    peer = lac(t)
    for avps in ({"framing_type": 4}, {"bearer_type": 8}):
        call = peer.call()
        call.send(OCRQ(**avps)).expect(CDN)
        peer.ack()


# Holds: R-2661-7.5.1-03 R-2661-7.5.1-04 R-2661-7.5.2-02
def case_messages_of_an_outgoing_call_for_an_unknown_session_are_acknowledged(t: T) -> None:
    peer = t.opened()
    for message in (OCRP(), OCCN(), CDN()):
        peer.send(peer.call().filled(message), session_id=0x7FFF)
        said = [m for m in peer.fence() if m.kind != CDN.type]
        t.check(not said, f"answered by {said}")


# Holds: R-2661-7.5.1-07 R-2661-7.5.1-08
def case_an_ocrq_ocrp_or_occn_in_an_outgoing_call_ends_it(t: T) -> None:
    for kind in (OCRQ, OCRP, OCCN):
        peer = lac(t)
        call = t.dialled(peer)
        call.send(kind(), session_id=call.target_session_id)
        call.expect(CDN)
        peer.ack()


# Holds: R-2661-7.5.1-09 R-2661-7.5.1-11 R-2661-6.12-02
def case_a_cdn_ends_an_outgoing_call(t: T) -> None:
    peer = lac(t)
    call = t.dialled(peer)
    Ppp(call).up()
    call.send(CDN())
    peer.expect_silence()
    t.dead(call)


# Holds: R-2661-7.5.1-10 R-2661-7.5.1-12 R-2661-4.4.2-15
def case_an_outgoing_call_that_the_operator_ends_is_ended_by_cdn(t: T) -> None:
    t.needs("close_call", "sessions")
    peer = lac(t)
    call = t.dialled(peer)
    (session,) = t.target.sessions(peer.local.host)
    t.target.close_call(session)
    call.expect_cdn({1, 3}, within=6)
    peer.ack()


# Holds: R-2661-6.9-03 R-2661-4.4.4-10
def case_an_ocrq_with_a_sub_address_is_accepted(t: T) -> None:
    t.dialled(lac(t), sub_address="42")


# Holds: R-2661-4.4.4-04 R-2661-4.4.4-05 R-2661-4.4.4-07 R-2661-7.1-06
def case_mandatory_avps_of_ocrq_that_are_too_short_refuse_the_call(t: T) -> None:
    peer = lac(t)
    for kind in (MINIMUM_BPS, MAXIMUM_BPS, BEARER_TYPE, FRAMING_TYPE):
        call = peer.call()
        call.send(OCRQ().changed(kind, lambda a: a.with_(value=b"\0\0\1"))).expect_cdn(2, {2, 3})
        peer.ack()
