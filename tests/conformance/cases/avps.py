"""AVPs: RFC 2661 sections 4.1, 4.2 and 4.4."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from peer.catalogue import (
    ACCM,
    ASSIGNED_SESSION_ID,
    ASSIGNED_TUNNEL_ID,
    BEARER_CAPABILITIES,
    BEARER_TYPE,
    CALL_ERRORS,
    CALL_SERIAL_NUMBER,
    CDN,
    FIRMWARE_REVISION,
    FRAMING_CAPABILITIES,
    FRAMING_TYPE,
    HELLO,
    HOST_NAME,
    ICCN,
    ICRP,
    ICRQ,
    MESSAGE_TYPE,
    PROTOCOL_VERSION,
    PROXY_AUTHEN_ID,
    PROXY_AUTHEN_TYPE,
    RECEIVE_WINDOW_SIZE,
    RESULT_CODE,
    RX_CONNECT_SPEED,
    SCCCN,
    SCCRP,
    SCCRQ,
    SLI,
    STOPCCN,
    TIE_BREAKER,
    TX_CONNECT_SPEED,
    VENDOR_NAME,
    WEN,
)
from peer.errors import Failure
from peer.ppp import Ppp
from peer.wire import Avp, AvpKind, Message
from suite import T

UNKNOWN = 4095


def short(avp: Avp) -> Avp:
    """An octet less of value."""
    return avp.with_(value=(avp.value or b"")[:-1])


def each(what: Iterable[AvpKind], test: Callable[[AvpKind], None]) -> None:
    """Tries all, and fails with all that failed."""
    failures = []
    for kind in what:
        try:
            test(kind)
        except Failure as failure:
            failures.append(f"{kind.name}: {failure}")
    if failures:
        raise Failure("\n".join(failures))


# Reserved bits, M and H (4.1).


# Holds: R-2661-4.1-01 R-2661-4.1-02 R-2661-4.1-06 R-2661-7.1-08
def case_every_avp_of_the_target_is_well_formed(t: T) -> None:
    peer = t.opened()
    t.takes_calls(peer)
    peer.send(STOPCCN()).expect_ack()
    t.conforms("AVP")


# Holds: R-2661-4.1-03 R-2661-7.1-07
def case_an_avp_with_a_reserved_bit_and_m_0_is_ignored(t: T) -> None:
    peer = t.peer()
    strange = VENDOR_NAME("strange").with_(reserved=1)
    peer.send(SCCRQ().plus(strange)).expect(SCCRP)
    peer.connect()
    peer.send(HELLO().plus(strange))
    peer.expect_ack()
    peer.expect_silence()


# Holds: R-2661-4.1-03 R-2661-4.1-10
def case_an_avp_with_a_reserved_bit_and_m_1_counts_as_unrecognised(t: T) -> None:
    peer = t.opened()
    peer.send(HELLO().plus(HOST_NAME("x").with_(reserved=1)))
    peer.expect_stopccn(2, 8)


# Holds: R-2661-4.1-04 R-2661-4.4.3-07
def case_an_avp_of_1023_octets_is_accepted(t: T) -> None:
    t.opened(vendor_name="v" * 1017)


# Holds: R-2661-4.1-05 R-2661-7.1-02 R-2661-7.1-10
def case_an_avp_of_impossible_length_ends_the_tunnel_or_is_dropped(t: T) -> None:
    bad = {
        "Length 5": HOST_NAME("x").with_(length=5),
        "Length 0": HOST_NAME("x").with_(length=0),
        "Length beyond the message": HOST_NAME("x").with_(length=64),
    }
    for what, avp in bad.items():
        peer = t.opened()
        peer.send(HELLO().plus(avp))
        said = peer.collect(0.4)
        kinds = {a.message.kind for a in said if a.message and not a.message.is_zlb}
        t.check(kinds <= {STOPCCN.type}, f"{what}: answered by messages of type {kinds}")
        t.takes_tunnels(peer)


# Holds: R-2661-4.1-05 R-2661-7.1-10
def case_half_an_avp_header_at_the_end_is_survived(t: T) -> None:
    for size in range(1, 6):
        peer = t.opened()
        peer.send(HELLO().with_(tail=bytes.fromhex("800800000007")[:size]))
        said = [a.message for a in peer.collect(0.2) if a.message and not a.message.is_zlb]
        t.check(all(m.kind == STOPCCN.type for m in said), f"{size} octets: answered by {said}")
        t.takes_tunnels(peer)


# Holds: R-2661-4.1-06 R-2661-4.1-08 R-2661-4.1-10
def case_a_vendors_avp_is_never_taken_for_one_of_ietf(t: T) -> None:
    peer = t.opened()
    peer.send(HELLO().plus(Avp(RESULT_CODE.type, b"zz", vendor=9)))
    peer.expect_stopccn(2, 8)


# Holds: R-2661-4.1-06 R-2661-4.1-09
def case_a_vendors_avp_with_m_0_is_ignored_whatever_its_number(t: T) -> None:
    peer = t.peer()
    vendors = [Avp(kind, b"\xff" * 3, vendor=9, m=False) for kind in range(0, 40)]
    peer.send(SCCRQ().plus(*vendors)).expect(SCCRP, ns=0, nr=1)
    peer.connect()
    call = peer.call()
    call.send(ICRQ().plus(*vendors)).expect(ICRP)
    call.send(ICCN().plus(*vendors))
    peer.expect_ack()
    peer.expect_silence()


# Holds: R-2661-4.1-07 R-2661-4.1-10
def case_an_unknown_mandatory_avp_in_a_call_ends_that_call_only(t: T) -> None:
    peer = t.opened()
    ppp = Ppp(t.incoming(peer)).up()
    other = peer.call()
    other.send(ICRQ().plus(Avp(UNKNOWN, b"")))
    other.expect_cdn(2, 8)
    peer.ack()
    t.check(ppp.echo(), "the other call does not work any more")


# Holds: R-2661-4.1-07
def case_an_unknown_mandatory_avp_in_iccn_ends_the_call(t: T) -> None:
    peer = t.opened()
    call = peer.call()
    call.send(ICRQ()).expect(ICRP)
    call.send(ICCN().plus(Avp(UNKNOWN, b"zz")))
    call.expect_cdn(2, 8)
    peer.ack()
    t.takes_calls(peer)


# Holds: R-2661-4.1-07
def case_an_unknown_mandatory_avp_in_icrp_ends_the_call(t: T) -> None:
    peer, handle = t.accepted()
    call, _ = t.placed(peer, handle)
    call.send(ICRP().plus(Avp(UNKNOWN, b"zz")))
    call.expect_cdn(2, 8)
    peer.ack()
    peer.expect_silence()


# Holds: R-2661-4.1-08 R-2661-4.4.2-19 R-2661-4.4.2-08
def case_an_unknown_mandatory_avp_in_hello_ends_the_tunnel(t: T) -> None:
    peer = t.opened()
    call = t.incoming(peer)
    Ppp(call).up()
    peer.send(HELLO().plus(Avp(UNKNOWN, b"zz")))
    peer.expect_stopccn(2, 8)
    peer.ack()
    t.dead(call)


# Holds: R-2661-4.1-08 R-2661-7.2.1-08
def case_an_unknown_mandatory_avp_in_sccrq_refuses_the_tunnel(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ().plus(Avp(UNKNOWN, b"zz")))
    peer.expect_stopccn(2, 8)


# Holds: R-2661-4.1-08 R-2661-7.2.1-16
def case_an_unknown_mandatory_avp_in_scccn_ends_the_tunnel(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ()).expect(SCCRP)
    peer.send(SCCCN().plus(Avp(UNKNOWN, b"zz")))
    peer.expect_stopccn(2, 8)


# Holds: R-2661-4.1-08 R-2661-7.2.1-12
def case_an_unknown_mandatory_avp_in_sccrp_ends_the_tunnel(t: T) -> None:
    peer, _ = t.asked()
    peer.expect(SCCRQ, within=6)
    peer.send(SCCRP().plus(Avp(UNKNOWN, b"zz")))
    peer.expect_stopccn(2, 8)


# Holds: R-2661-4.4.2-03
def case_error_8_comes_with_the_attribute_in_its_text(t: T) -> None:
    peer = t.opened()
    peer.send(HELLO().plus(Avp(UNKNOWN, b"zz")))
    message = peer.expect_stopccn(2, 8)
    text = (message.get(RESULT_CODE) or Avp(0)).value or b""
    t.check(b"4095" in text, f"the text does not name it: {text!r}")


# Holds: R-2661-4.1-09
def case_an_unknown_avp_with_m_0_between_known_ones_is_ignored(t: T) -> None:
    peer = t.peer()
    sccrq = SCCRQ()
    unknown = Avp(UNKNOWN, bytes(300), m=False)
    sccrq = sccrq.with_(avps=(*sccrq.avps[:2], unknown, *sccrq.avps[2:]))
    peer.send(sccrq.plus(Avp(1, b"zz", vendor=9, m=False))).expect(SCCRP)
    peer.connect()
    t.takes_calls(peer)


# Holds: R-2661-4.1-11
def case_the_m_bit_of_a_known_avp_does_not_matter(t: T) -> None:
    peer = t.peer()
    peer.send(
        SCCRQ(host_name=HOST_NAME(peer.host_name, m=False), vendor_name=VENDOR_NAME("v", m=True))
        .changed(FRAMING_CAPABILITIES, lambda a: a.with_(m=False))
        .changed(PROTOCOL_VERSION, lambda a: a.with_(m=False))
        .changed(ASSIGNED_TUNNEL_ID, lambda a: a.with_(m=False))
    ).expect(SCCRP)
    peer.connect()
    call = peer.call()
    call.send(ICRQ().changed(CALL_SERIAL_NUMBER, lambda a: a.with_(m=False))).expect(ICRP)
    call.send(ICCN(rx_connect_speed=RX_CONNECT_SPEED(64000, m=True)))
    peer.expect_ack()
    peer.expect_silence()


# Holds: R-2661-4.1-12
def case_avps_may_come_in_any_order(t: T) -> None:
    peer = t.peer()
    sccrq = SCCRQ(receive_window_size=4, bearer_capabilities=0, vendor_name="v")
    peer.send(sccrq.with_(avps=(sccrq.avps[0], *reversed(sccrq.avps[1:])))).expect(SCCRP)
    peer.connect()


# Holds: R-2661-4.1-13
def case_an_assigned_tunnel_id_given_twice_is_used_consistently_or_refused(t: T) -> None:
    peer = t.peer(tunnel_id=0x1111)
    peer.send(SCCRQ().plus(ASSIGNED_TUNNEL_ID(0x2222)))
    arrival = peer.arrival()
    t.check(arrival and arrival.message, "no answer at all")
    assert arrival and arrival.message
    t.check(arrival.message.kind in (SCCRP.type, STOPCCN.type), "neither SCCRP nor StopCCN")
    t.check(arrival.message.tunnel_id in (0x1111, 0x2222), "sent to neither of the ids")
    if arrival.message.kind == SCCRP.type:
        peer.tunnel_id = arrival.message.tunnel_id
        peer.target_tunnel_id = arrival.message.number(ASSIGNED_TUNNEL_ID) or 0
        peer.connect()
        t.takes_calls(peer)


# Holds: R-2661-4.1-14
def case_a_known_avp_where_it_does_not_belong_does_no_harm(t: T) -> None:
    peer, handle = t.accepted()
    call, _ = t.placed(peer, handle)
    call.send(ICRP(rx_connect_speed=64000)).expect(ICCN)
    peer.ack()


# Extending the AVP set (4.2).


# Holds: R-2661-4.2-01 R-2661-4.2-02
def case_vendor_avps_of_the_target_are_not_mandatory(t: T) -> None:
    t.opened()
    foreign = [a for m in t.received() for a in m.avps if a.vendor and a.m]
    t.check(not foreign, f"with M=1: {foreign}")


# Holds: R-2661-4.2-03 R-2661-7.2.1-21
def case_an_initiator_that_is_refused_does_not_try_again_at_once(t: T) -> None:
    peer, _ = t.asked()
    peer.expect(SCCRQ, within=6)
    peer.send(STOPCCN(result_code=(2, 8, "unknown AVP")))
    peer.expect_ack()
    said = [a.message for a in peer.collect(1.5) if a.message and a.message.kind == SCCRQ.type]
    t.check(not said, f"{len(said)} SCCRQs within 1.5 s of the refusal")


# Formats of 4.4: what is accepted.


# Holds: R-2661-4.4.3-03 R-2661-4.4.3-04 R-2661-4.4.3-05 R-2661-4.4.3-07 R-2661-4.4.3-09
# Holds: R-2661-6.1-02
def case_sccrq_with_each_optional_avp_is_accepted(t: T) -> None:
    choices: tuple[dict[str, Any], ...] = (
        {},
        {"bearer_capabilities": 3},
        {"bearer_capabilities": 0},
        {"receive_window_size": 4},
        {"firmware_revision": 0xFF00},
        {"vendor_name": "vendor"},
        {"vendor_name": ""},
        {"tie_breaker": 0x1122334455667788},
    )
    for avps in choices:
        t.opened(**avps)


# Holds: R-2661-4.4.3-16 R-2661-4.4.3-02
def case_any_framing_capabilities_are_accepted(t: T) -> None:
    for mask in (0, 1, 2, 3):
        t.opened(framing_capabilities=mask)


# Holds: R-2661-4.4.3-17 R-2661-4.4.3-06
def case_a_host_name_of_one_octet_is_accepted(t: T) -> None:
    peer = t.peer(host_name="a", tunnel_id=1)
    peer.open()


# Holds: R-2661-4.4.3-17 R-2661-7.1-06
def case_an_empty_host_name_is_refused(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ(host_name=b""))
    peer.expect_stopccn(2, {2, 3})


# Holds: R-2661-4.4.3-21 R-2661-5.3-03 R-2661-4.4.2-19
def case_an_assigned_tunnel_id_of_0_is_refused(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ(assigned_tunnel_id=0))
    arrival = peer.arrival(within=0.5)
    if arrival is not None and arrival.message is not None:
        peer.checked_result(arrival.message, 2, {2, 3})
    t.takes_tunnels(peer)


# Holds: R-2661-4.4.3-24 R-2661-4.4.2-19
def case_a_receive_window_size_of_0_is_refused_or_read_as_1(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ(receive_window_size=0))
    message = peer.expect(SCCRP, STOPCCN)
    if message.kind == STOPCCN.type:
        peer.checked_result(message, 2, 3)
        return
    peer.connect()
    for _ in range(4):
        peer.call().send(ICRQ())
    numbers = {a.message.ns for a in peer.collect(0.5) if a.message and not a.message.is_zlb}
    t.check(len(numbers) <= 1, f"{len(numbers)} messages are outstanding")


# Holds: R-2661-4.4.3-25 R-2661-4.4.3-10
def case_an_empty_challenge_is_refused(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ(challenge=b""))
    peer.expect_stopccn({2, 4}, {0, 2, 3})


# Holds: R-2661-4.4.3-01 R-2661-4.4.3-02 R-2661-4.4.3-03 R-2661-4.4.3-08 R-2661-4.4.3-09
# Holds: R-2661-7.1-06 R-2661-4.4.2-19
def case_mandatory_avps_of_sccrq_that_are_too_short_refuse_the_tunnel(t: T) -> None:
    def refused(kind: AvpKind) -> None:
        peer = t.peer()
        sccrq = SCCRQ(receive_window_size=4, bearer_capabilities=0)
        peer.send(peer.filled(sccrq).changed(kind, short), ns=0)
        peer.expect_stopccn(2, {2, 3})

    each(
        (PROTOCOL_VERSION, FRAMING_CAPABILITIES, BEARER_CAPABILITIES, RECEIVE_WINDOW_SIZE), refused
    )

    peer = t.peer()
    peer.send(peer.filled(SCCRQ()).changed(ASSIGNED_TUNNEL_ID, short), ns=0)
    t.check(
        all(a.message and a.message.kind != SCCRP.type for a in peer.collect(0.3)),
        "Assigned Tunnel ID of one octet: accepted",
    )


# Holds: R-2661-4.4.3-04 R-2661-4.4.3-05 R-2661-7.1-07 R-2661-7.1-05
def case_optional_avps_of_sccrq_that_are_too_short_are_ignored(t: T) -> None:
    def ignored(kind: AvpKind) -> None:
        peer = t.peer()
        sccrq = SCCRQ(tie_breaker=1, firmware_revision=1)
        peer.send(sccrq.changed(kind, short)).expect(SCCRP)
        peer.connect()

    each((TIE_BREAKER, FIRMWARE_REVISION), ignored)


# Holds: R-2661-4.4.4-02 R-2661-4.4.4-03 R-2661-4.4.4-06 R-2661-7.1-06
def case_mandatory_avps_of_icrq_that_are_too_short_refuse_the_call(t: T) -> None:
    peer = t.opened()

    def refused(kind: AvpKind) -> None:
        call = peer.call()
        icrq = call.filled(ICRQ(bearer_type=1))
        call.send(icrq.changed(kind, short)).expect_cdn(2, {2, 3})
        peer.ack()

    each((CALL_SERIAL_NUMBER, BEARER_TYPE), refused)
    call = peer.call()
    call.send(call.filled(ICRQ()).changed(ASSIGNED_SESSION_ID, short))
    said = [m for m in peer.fence() if m.kind != CDN.type]
    t.check(not said, "Assigned Session ID of one octet: accepted")


# Holds: R-2661-4.4.4-12 R-2661-7.1-07
def case_an_optional_avp_of_icrq_that_is_too_short_is_ignored(t: T) -> None:
    peer = t.opened()
    call = peer.call()
    call.send(ICRQ(physical_channel_id=b"\0\0\7")).expect(ICRP)


# Holds: R-2661-4.4.4-08 R-2661-4.4.4-09 R-2661-4.4.4-10 R-2661-4.4.4-12 R-2661-6.6-01
def case_icrq_with_each_optional_avp_is_answered(t: T) -> None:
    peer = t.opened()
    for avps in (
        {},
        {"called_number": "5552000"},
        {"calling_number": "5551000"},
        {"sub_address": "42"},
        {"physical_channel_id": 7},
        {"called_number": "", "calling_number": "", "sub_address": ""},
        {"called_number": "1" * 200, "calling_number": "2", "sub_address": "3",
         "bearer_type": 1, "physical_channel_id": 1},
    ):  # fmt: skip
        call = peer.call()
        call.send(ICRQ(**avps)).expect(ICRP)  # type: ignore[arg-type]
        call.send(CDN())
        peer.expect_ack()


# Holds: R-2661-4.4.4-24
def case_a_call_without_bearer_type_or_with_neither_bit_is_answered(t: T) -> None:
    peer = t.opened()
    peer.call().send(ICRQ(bearer_type=0)).expect(ICRP)
    peer.call().send(ICRQ()).expect(ICRP)


# Holds: R-2661-4.4.4-11 R-2661-4.4.4-07 R-2661-4.4.4-15 R-2661-7.1-06
def case_mandatory_avps_of_iccn_that_are_too_short_end_the_call(t: T) -> None:
    peer = t.opened()

    def refused(kind: AvpKind) -> None:
        call = peer.call()
        call.send(ICRQ()).expect(ICRP)
        call.send(ICCN().changed(kind, short)).expect_cdn(2, {2, 3})
        peer.ack()

    each((TX_CONNECT_SPEED, FRAMING_TYPE), refused)


# Holds: R-2661-4.4.4-14 R-2661-4.4.5-04 R-2661-4.4.5-07 R-2661-7.1-07
def case_optional_avps_of_iccn_that_are_too_short_are_ignored(t: T) -> None:
    def ignored(kind: AvpKind) -> None:
        peer = t.opened()
        call = peer.call()
        call.send(ICRQ()).expect(ICRP)
        iccn = ICCN(rx_connect_speed=64000, proxy_authen_type=4, proxy_authen_id=1)
        call.send(iccn.changed(kind, short))
        peer.expect_ack()
        peer.expect_silence()

    each((RX_CONNECT_SPEED, PROXY_AUTHEN_TYPE, PROXY_AUTHEN_ID), ignored)


# Holds: R-2661-6.8-02 R-2661-4.4.4-13 R-2661-4.4.4-14 R-2661-4.4.4-15 R-2661-4.4.4-28
def case_iccn_with_each_optional_avp_is_accepted(t: T) -> None:
    peer = t.opened()
    for avps in (
        {},
        {"rx_connect_speed": 64000},
        {"private_group_id": b"vrf-blue"},
        {"sequencing_required": None},
        {"rx_connect_speed": 64000, "private_group_id": b"\0\xff", "sequencing_required": None},
    ):
        call = t.incoming(peer, **avps)  # type: ignore[arg-type]
        peer.expect_silence()
        call.send(CDN())
        peer.expect_ack()


# Holds: R-2661-4.4.4-19 R-2661-5.3-03
def case_an_assigned_session_id_of_0_is_refused(t: T) -> None:
    peer = t.opened()
    peer.call().send(ICRQ(assigned_session_id=0))
    said = peer.fence()
    t.check(all(m.kind == CDN.type for m in said), "it was not refused")
    t.takes_calls(peer)


# Holds: R-2661-4.4.6-02 R-2661-6.0-01
def case_reserved_octets_that_are_not_0_do_no_harm(t: T) -> None:
    peer = t.opened()
    call = t.incoming(peer)
    call.send(WEN(call_errors=b"\xff\xff" + bytes(24)))
    peer.expect_ack()
    peer.expect_silence()


# Holds: R-2661-4.4.6-02 R-2661-6.14-01
def case_an_sli_with_reserved_octets_that_are_not_0_is_taken(t: T) -> None:
    call, _ = t.connected()
    call.send(SLI(accm=b"\xff\xff" + bytes(8)))
    call.peer.expect_ack()
    call.peer.expect_silence()


# Holds: R-2661-4.4.6-01 R-2661-4.4.6-02 R-2661-7.1-06
def case_wen_and_sli_of_the_wrong_length_end_the_call_or_are_ignored(t: T) -> None:
    peer = t.opened()
    call = t.incoming(peer)
    call.send(WEN().changed(CALL_ERRORS, short))
    said = [m for m in peer.fence() if m.kind != CDN.type]
    t.check(not said, f"WEN is answered by {said}")
    call, _ = t.connected()
    call.send(SLI().changed(ACCM, short))
    said = [m for m in call.peer.fence() if m.kind != CDN.type]
    t.check(not said, f"SLI is answered by {said}")


# Holds: R-2661-4.4.4-01 R-2661-4.4.2-17
def case_a_cdn_with_a_q931_cause_code_ends_the_call(t: T) -> None:
    peer = t.opened()
    call = t.incoming(peer)
    Ppp(call).up()
    call.send(CDN(result_code=(1,), q931_cause_code=b"\x00\x10\x45bye"))
    peer.expect_ack()
    peer.expect_silence()
    t.dead(call)


# Holds: R-2661-4.4.4-01
def case_a_q931_cause_code_without_text_is_accepted(t: T) -> None:
    peer = t.opened()
    call = t.incoming(peer)
    call.send(CDN(result_code=(1,), q931_cause_code=b"\x00\x10\x45"))
    peer.expect_ack()
    peer.expect_silence()


# Message Type (4.4.1).


# Holds: R-2661-4.4.1-03 R-2661-4.4.1-01
def case_a_message_whose_first_avp_is_no_message_type_is_not_acted_on(t: T) -> None:
    peer = t.opened()
    call = peer.call()
    icrq = call.filled(ICRQ())
    peer.send(icrq.with_(avps=(icrq.avps[1], icrq.avps[0], *icrq.avps[2:])))
    said = [a.message for a in peer.collect(0.4) if a.message and not a.message.is_zlb]
    t.check(all(m.kind in (STOPCCN.type, CDN.type) for m in said), f"answered by {said}")


# Holds: R-2661-4.4.1-04 R-2661-4.3-15
def case_a_hidden_message_type_is_not_honoured(t: T) -> None:
    peer = t.opened()
    call = peer.call()
    peer.send(call.filled(ICRQ()).changed(MESSAGE_TYPE, lambda a: a.with_(h=True)))
    said = [a.message for a in peer.collect(0.4) if a.message and not a.message.is_zlb]
    t.check(all(m.kind in (STOPCCN.type, CDN.type) for m in said), f"answered by {said}")


# Holds: R-2661-4.4.1-05 R-2661-7.1-03
def case_an_unknown_mandatory_message_type_ends_the_tunnel(t: T) -> None:
    peer = t.opened()
    peer.send(Message((MESSAGE_TYPE(99),)))
    peer.expect_stopccn(2, 8)


# Holds: R-2661-4.4.1-06
def case_an_unknown_message_type_with_m_0_is_acknowledged_and_ignored(t: T) -> None:
    peer = t.opened()
    for kind in (17, 99, 0xFFFF):
        peer.send(Message((MESSAGE_TYPE(kind, m=False),)))
        peer.expect_ack()
    t.takes_calls(peer)


# Holds: R-2661-4.4.1-07
def case_reserved_message_types_count_as_unknown(t: T) -> None:
    for kind in (0, 5, 13):
        peer = t.opened()
        peer.send(Message((MESSAGE_TYPE(kind),)))
        peer.expect_stopccn(2)


# Holds: R-2661-4.4.1-01 R-2661-4.1-10
def case_a_message_type_of_another_vendor_is_no_message_type(t: T) -> None:
    peer = t.opened()
    peer.send(Message((Avp(0, b"\0\6", vendor=193, m=False),)))
    said = [a.message for a in peer.collect(0.3) if a.message and not a.message.is_zlb]
    t.check(all(m.kind == STOPCCN.type for m in said), f"answered by {said}")
    t.takes_tunnels(peer)


# IANA (section 10).


# Holds: R-2661-10-01
def case_avp_20_is_unknown(t: T) -> None:
    peer = t.opened()
    call = peer.call()
    call.send(ICRQ().plus(Avp(20, b"\0\0\0\1", m=False))).expect(ICRP)
    other = peer.call()
    other.send(ICRQ().plus(Avp(20, b"\0\0\0\1")))
    other.expect_cdn(2, 8)


# Holds: R-2661-4.4.2-02
def case_error_texts_are_utf_8(t: T) -> None:
    peer = t.opened()
    peer.send(HELLO().plus(Avp(UNKNOWN, b"\xff\xfe")))
    message = peer.expect_stopccn(2, 8)
    avp = message.get(RESULT_CODE)
    (avp.value or b"" if avp else b"")[4:].decode()

