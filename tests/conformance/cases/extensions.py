"""Companions of RFC 2661: PPP disconnect causes (RFC 3145) and access lines (RFC 5515)."""

from __future__ import annotations

from peer.catalogue import (
    ADSL_FORUM,
    AGENT_CIRCUIT_ID,
    AGENT_REMOTE_ID,
    CDN,
    CSUN,
    CSURQ,
    ICCN,
    ICRP,
    ICRQ,
    PPP_DISCONNECT_CAUSE,
)
from peer.ppp import LCP, Ppp, packet
from peer.wire import Avp, AvpKind
from suite import T
from targets.base import USER

CAUSE = bytes.fromhex("0010c22301") + b"bad password"


# Holds: R-3145-2-01 R-3145-4-01
def case_a_cdn_with_two_ppp_disconnect_causes_ends_the_call(t: T) -> None:
    peer = t.opened()
    call = t.incoming(peer)
    Ppp(call).up()
    cdn = CDN(ppp_disconnect_cause=CAUSE).plus(PPP_DISCONNECT_CAUSE(b"\0\x0d\x80\x21\2"))
    call.send(cdn)
    peer.expect_silence()
    t.dead(call)


# Holds: R-3145-2-01
def case_a_ppp_disconnect_cause_that_is_too_short_is_ignored(t: T) -> None:
    peer = t.opened()
    call = t.incoming(peer)
    call.send(CDN(ppp_disconnect_cause=b"\0\x10"))
    peer.expect_silence()


# Holds: R-3145-3-01 R-3145-2-01 R-3145-4-02
def case_a_login_that_fails_is_told_by_a_ppp_disconnect_cause(t: T) -> None:
    t.needs("flavour:chap", "disconnect_cause")
    call = t.incoming(t.opened("chap"))
    ppp = Ppp(call, user=USER, password="wrong").up()
    ppp.log_in()
    call.peer.collect(0.3)  # SLI
    call.peer.ack()
    cdn = call.expect(CDN, within=8)
    value = cdn.value(PPP_DISCONNECT_CAUSE)
    t.check(isinstance(value, bytes), "no PPP Disconnect Cause Code in the CDN")
    assert isinstance(value, bytes)
    t.equal(value[2:4], b"\xc2\x23", "the control protocol")
    t.check(value[1] in (13, 14, 15, 16), f"code {value[1]}")
    t.conforms("AVP")


# Holds: R-3145-4-02
def case_the_draft_form_of_the_disconnect_cause_is_ignored_and_never_sent(t: T) -> None:
    peer = t.opened()
    call = t.incoming(peer)
    call.send(CDN().plus(Avp(46, CAUSE, vendor=43, m=False)))
    peer.expect_silence()
    sent = [a for m in t.seen.messages(CDN) for a in m.avps if a.vendor == 43]
    t.check(not sent, "vendor 43")


# Holds: R-3145-3-01
def case_a_call_that_ppp_ends_in_order_has_code_and_protocol_that_belong_together(t: T) -> None:
    t.needs("disconnect_cause")
    call = t.incoming(t.opened())
    ppp = Ppp(call).up()
    call.peer.collect(0.3)  # SLI
    call.peer.ack()
    ppp.send(LCP, packet(5, 99, b""))
    cdn = call.expect(CDN, within=8)
    value = cdn.value(PPP_DISCONNECT_CAUSE)
    t.check(isinstance(value, bytes), "no PPP Disconnect Cause Code in the CDN")
    assert isinstance(value, bytes)
    code, protocol = int.from_bytes(value[:2], "big"), int.from_bytes(value[2:4], "big")
    ncp = protocol if 0x8000 <= protocol < 0xC000 else None
    wanted = 0 if code <= 4 else LCP if code <= 12 else ncp if code >= 17 else None
    t.equal(protocol, wanted, f"the control protocol of code {code}")


# Holds: R-5515-5-01 R-5515-5-02 R-5515-5-03
def case_access_line_avps_of_any_length_leave_the_call_alone(t: T) -> None:
    peer = t.opened()
    for size in (1, 2, 63, 64, 300):
        call = peer.call()
        call.send(ICRQ(agent_circuit_id="c" * size, agent_remote_id="r" * size)).expect(ICRP)
        call.send(ICCN())
        peer.expect_silence()
    wrong = [Avp(kind, b"\1\2\3", vendor=ADSL_FORUM, m=False) for kind in (*range(129, 146), 254)]
    peer.call().send(ICRQ().plus(*wrong)).expect(ICRP)
    peer.expect_silence()


# Holds: R-5515-5-01 R-5515-5-02
def case_the_access_line_of_a_call_is_shown(t: T) -> None:
    t.needs("sessions", "access_line")
    peer = t.opened()
    call = peer.call()
    call.send(ICRQ(agent_circuit_id="adsl1 eth 1/2:100")).expect(ICRP)
    call.send(ICCN())
    peer.fence()
    (session,) = t.target.sessions(peer.local.host)
    t.check("adsl1 eth 1/2:100" in str(session.facts), "the Agent-Circuit-Id is not shown")


# Holds: R-5515-3-01 R-5515-3-02 R-5515-6.2-01
def case_without_access_line_information_none_is_sent(t: T) -> None:
    peer, handle = t.accepted()
    t.placed(peer, handle)
    (icrq,) = t.received(ICRQ)
    t.check(all(a.vendor != ADSL_FORUM for a in icrq.avps), "an AVP of vendor 3561 is in the ICRQ")
    t.check(all(a.type != 98 for a in icrq.avps), "Connect Speed Update Enable is in the ICRQ")


# Holds: R-5515-4-01 R-5515-4-02 R-5515-4.1-01 R-5515-6.1-01
def case_a_csurq_for_sessions_that_are_not_enabled_is_not_answered_for_them(t: T) -> None:
    call, _ = t.connected()
    for session in (call.target_session_id, 0x7FFF):
        update = b"\0\0" + session.to_bytes(2, "big") + bytes(8)
        call.peer.send(CSURQ(connect_speed_update=update))
        said = call.peer.fence()
        t.check(all(m.kind != CSUN.type for m in said), "a CSUN came")


# Holds: R-5515-4-01 R-5515-4.1-02 R-5515-6.1-01 R-5515-6.2-01
def case_a_csun_is_acknowledged_and_leaves_the_call_alone(t: T) -> None:
    peer = t.opened()
    call = peer.call()
    call.send(ICRQ(connect_speed_update_enable=None)).expect(ICRP)
    call.send(ICCN())
    peer.expect_ack()
    ids = b"\0\0" + call.target_session_id.to_bytes(2, "big")
    peer.send(CSUN(connect_speed_update=ids + (50_000_000).to_bytes(4, "big") + bytes(4)))
    peer.expect_silence()
    t.check(Ppp(call).up().echo(), "the session does not work any more")


# Holds: R-5515-4-01 R-5515-4.2-01
def case_the_target_sends_no_csurq_and_csun_unasked(t: T) -> None:
    kinds: tuple[AvpKind, ...] = (AGENT_CIRCUIT_ID, AGENT_REMOTE_ID)
    t.equal(t.seen.messages(CSURQ, CSUN), [], "CSURQ and CSUN")
    sent = [m for m in t.seen.messages() for kind in kinds if m.get(kind)]
    t.equal(sent, [], "messages with access line AVPs")
