"""WAN-Error-Notify and Set-Link-Info: RFC 2661 sections 4.4.6, 6.13 and 6.14."""

from __future__ import annotations

from peer.catalogue import ACCM, CDN, ICCN, ICRP, ICRQ, SLI, WEN
from peer.ppp import Ppp
from suite import T

ERRORS = bytes(2) + b"".join(n.to_bytes(4, "big") for n in (3, 1, 0, 0, 2, 0))


# Holds: R-2661-6.13-05 R-2661-4.4.6-01
def case_a_wen_is_acknowledged_and_changes_nothing(t: T) -> None:
    peer = t.opened()
    call = t.incoming(peer)
    ppp = Ppp(call).up()
    call.send(WEN(call_errors=ERRORS))
    peer.expect_silence()
    t.check(ppp.echo(), "the session does not work any more")


# Holds: R-2661-6.13-06 R-2661-6.13-05
def case_a_wen_before_iccn_is_acknowledged_and_ignored(t: T) -> None:
    peer = t.opened()
    call = peer.call()
    call.send(ICRQ()).expect(ICRP)
    call.send(WEN(call_errors=ERRORS))
    peer.expect_silence()
    call.send(ICCN())
    peer.expect_silence()


# Holds: R-2661-6.13-06
def case_a_wen_or_sli_for_an_unknown_session_is_acknowledged_and_ignored(t: T) -> None:
    peer = t.opened()
    for message in (WEN(), SLI()):
        peer.send(message, session_id=0x7FFF)
        said = [m for m in peer.fence() if m.kind != CDN.type]
        t.check(not said, f"answered by {said}")
    t.takes_calls(peer)


# Holds: R-2661-6.13-02
def case_a_lac_acknowledges_a_wen_and_ignores_it(t: T) -> None:
    call, _ = t.connected()
    call.send(WEN(call_errors=ERRORS))
    call.peer.expect_silence()


# Holds: R-2661-6.13-02 R-2661-6.13-01 R-2661-6.13-03
def case_an_lns_sends_no_wen(t: T) -> None:
    peer = t.opened()
    ppp = Ppp(t.incoming(peer)).up()
    ppp.echo()
    peer.fence()
    t.equal(t.received(WEN), [], "the WENs")


# Holds: R-2661-6.13-01 R-2661-6.13-03
def case_a_lac_without_errors_sends_no_wen(t: T) -> None:
    call, _ = t.connected()
    Ppp(call).up().echo()
    call.peer.fence()
    t.equal(t.received(WEN), [], "the WENs")


# Holds: R-2661-6.13-05 R-2661-4.4.6-01
def case_the_errors_of_a_wen_are_shown(t: T) -> None:
    t.needs("sessions", "link_errors")
    peer = t.opened()
    call = t.incoming(peer)
    call.send(WEN(call_errors=ERRORS))
    peer.fence()
    (session,) = t.target.sessions(peer.local.host)
    t.check("rror" in str(session.facts), f"nothing about errors in {session.facts}")


# Holds: R-2661-6.14-02 R-2661-4.4.6-02
def case_an_lns_tells_the_accms_that_lcp_agreed_on(t: T) -> None:
    t.needs("flavour:accm")
    peer = t.opened("accm")
    call = t.incoming(peer)
    ppp = Ppp(call).up(options=[(2, b"\x00\x0b\x00\x00"), (5, b"abcd")])
    sli = call.expect(SLI, within=6)
    value = sli.value(ACCM)
    assert isinstance(value, bytes)
    asked = dict(ppp.request_of_target).get(2, b"")
    t.equal(asked, b"\x00\x0a\x00\x00", "the ACCM that the target asked for")
    t.equal(value[:2], b"\0\0", "the reserved octets")
    accms = {value[2:6], value[6:10]}
    t.equal(accms, {b"\x00\x0b\x00\x00", asked}, "the ACCMs of the SLI")
    peer.ack()


# Holds: R-2661-6.14-01 R-2661-6.14-03 R-2661-6.14-04 R-2661-4.4.6-02
def case_a_lac_takes_slis_at_any_time(t: T) -> None:
    call, _ = t.connected()
    call.send(SLI(accm=bytes(2) + b"\xff" * 8))
    call.peer.expect_silence()
    ppp = Ppp(call).up()
    for mask in (b"\0\0\0\0", b"\0\x0a\0\0", b"\xff\xff\xff\xff"):
        call.send(SLI(accm=b"\0\0" + mask + mask))
        call.peer.expect_silence()
        t.check(ppp.echo(), "the session does not work any more")


# Holds: R-2661-4.4.6-04 R-2661-6.14-03 R-2661-4.4.6-03
def case_the_accms_that_a_lac_is_told_are_shown(t: T) -> None:
    t.needs("sessions")
    call, _ = t.connected()
    call.send(SLI(accm=bytes.fromhex("0000000a000000000001")))
    call.peer.fence()
    (session,) = t.target.sessions(call.peer.local.host)
    shown = str(session.facts)
    t.check(str(0x000A0000) in shown, f"the Send ACCM is not in {shown}")


# Holds: R-2661-6.14-05
def case_an_sli_without_accm_does_no_harm(t: T) -> None:
    call, _ = t.connected()
    message = SLI(lns_last_sent_lcp_confreq=b"\x05\x06abcd",
                  lns_last_received_lcp_confreq=b"\x05\x06efgh").without(ACCM)  # fmt: skip
    call.send(message)
    call.peer.expect_silence()


# Holds: R-2661-6.13-06 R-2661-6.14-03
def case_an_sli_before_icrp_is_acknowledged_and_ignored(t: T) -> None:
    peer, handle = t.accepted()
    call, _ = t.placed(peer, handle)
    call.send(SLI())
    peer.expect_silence()
    call.send(ICRP()).expect(ICCN)
    peer.ack()


# Holds: R-2661-6.13-06 R-2661-6.14-04
def case_an_sli_to_an_lns_does_no_harm(t: T) -> None:
    peer = t.opened()
    call = t.incoming(peer)
    call.send(SLI())
    peer.expect_silence()
