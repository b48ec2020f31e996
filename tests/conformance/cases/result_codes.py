"""Result and Error Codes: RFC 2661 section 4.4.2."""

from __future__ import annotations

from peer.catalogue import (
    CDN,
    HELLO,
    ICRP,
    ICRQ,
    RECEIVE_WINDOW_SIZE,
    RESULT_CODE,
    SCCCN,
    SCCRQ,
    STOPCCN,
)
from peer.ppp import Ppp
from peer.wire import Avp, Result
from suite import T


# Holds: R-2661-4.4.2-16 R-2661-4.4.2-05 R-2661-4.4.2-01 R-2661-4.4.2-18
def case_a_cdn_with_any_result_ends_the_call(t: T) -> None:
    peer = t.opened()
    for octets in (b"\0\1", b"\0\2\0\6why", b"\0\x10", b"\3\xe7\3\xe7", b"\0\0", b"\0\3\0\0",
                   b"\0\2\0\6\xff\xfe"):  # fmt: skip
        call = t.incoming(peer)
        call.send(CDN(result_code=octets))
        peer.expect_silence()
        call.send(ICRP(), session_id=call.target_session_id)
        said = [m for m in peer.fence() if m.kind not in (CDN.type, 16)]
        t.check(not said, f"Result Code {octets.hex()}: the session lives: {said}")


# Holds: R-2661-4.4.2-05 R-2661-4.4.2-01
def case_a_cdn_with_a_result_code_of_two_octets_ends_the_call(t: T) -> None:
    peer = t.opened()
    call = t.incoming(peer)
    Ppp(call).up()
    call.send(CDN(result_code=b"\0\1"))
    peer.expect_silence()
    t.dead(call)


# Holds: R-2661-4.4.2-05 R-2661-6.12-02
def case_a_cdn_with_half_an_error_code_ends_the_call(t: T) -> None:
    peer = t.opened()
    call = t.incoming(peer)
    Ppp(call).up()
    call.send(CDN(result_code=b"\0\1\0"))
    peer.expect_ack()
    t.dead(call)


# Holds: R-2661-4.4.2-19 R-2661-4.4.2-08 R-2661-7.1-06
def case_a_mandatory_avp_of_the_wrong_length_is_error_2(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ().plus(RECEIVE_WINDOW_SIZE(b"\0\0\4")))
    peer.expect_stopccn(2, 2)


# Holds: R-2661-4.4.2-13 R-2661-4.4.2-21
def case_a_message_in_the_wrong_state_is_result_7_and_never_error_8(t: T) -> None:
    peer = t.opened()
    peer.send(SCCCN())
    stopccn = peer.expect_stopccn({2, 7})
    avp = stopccn.get(RESULT_CODE)
    assert avp
    t.check(Result.decode(avp.value or b"").error != 8, "Error 8 is for unknown AVPs")


# Holds: R-2661-4.4.2-04 R-2661-4.4.2-06
def case_error_6_has_a_text_and_result_0_is_never_sent(t: T) -> None:
    results = []
    for message in t.seen.messages(STOPCCN, CDN):
        avp = message.get(RESULT_CODE)
        if avp and not avp.h:
            results.append(Result.decode(avp.value or b""))
    t.check(all(r.result for r in results), "Result 0")
    t.check(all(r.text for r in results if (r.result, r.error) == (2, 6)), "Error 6 without text")


# Holds: R-2661-4.4.2-09
def case_a_second_tunnel_is_accepted_or_refused_with_result_3(t: T) -> None:
    first = t.opened()
    second = t.peer(address=first.local.host)
    second.send(SCCRQ())
    arrival = second.arrival()
    t.check(arrival and arrival.message, "no answer")
    assert arrival and arrival.message
    if arrival.message.kind == STOPCCN.type:
        second.checked_result(arrival.message, 3, None)
    first.send(HELLO())
    first.expect_ack()


# Holds: R-2661-4.4.2-18
def case_the_cause_that_a_peer_gives_is_in_the_log(t: T) -> None:
    t.needs("log")
    peer = t.opened()
    call = t.incoming(peer)
    call.send(CDN(result_code=(9, 0, "no dial tone at the tester")))
    peer.fence()
    peer.collect(0.3)
    t.check("no dial tone at the tester" in t.target.log(), "its text is not in the log")


# Holds: R-2661-4.4.2-20
def case_error_7_does_no_harm_to_a_lac(t: T) -> None:
    peer, handle = t.accepted()
    call, _ = t.placed(peer, handle)
    call.send(CDN(result_code=(2, 7, "192.0.2.9")))
    peer.expect_silence()


# Holds: R-2661-4.4.2-02 R-2661-4.4.2-03
def case_a_refused_call_says_why_in_utf_8(t: T) -> None:
    peer = t.opened()
    call = peer.call()
    call.send(ICRQ().plus(Avp(4095, b"")))
    cdn = call.expect_cdn(2, 8)
    avp = cdn.get(RESULT_CODE)
    assert avp
    t.check("4095" in Result.decode(avp.value or b"").text.decode(), "no attribute in the text")
