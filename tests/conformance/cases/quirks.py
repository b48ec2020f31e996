"""What implementations in the field do, right or not, and what a peer has to live with."""

from __future__ import annotations

from peer.catalogue import (
    ASSIGNED_SESSION_ID,
    ASSIGNED_TUNNEL_ID,
    CDN,
    FRAMING_TYPE,
    HELLO,
    ICCN,
    ICRP,
    ICRQ,
    MESSAGE_TYPE,
    PROTOCOL_VERSION,
    RECEIVE_WINDOW_SIZE,
    SCCRP,
    SCCRQ,
    SLI,
    STOPCCN,
    TX_CONNECT_SPEED,
    ZLB,
)
from peer.ppp import Ppp
from peer.wire import Avp, Message
from suite import T


# Holds: R-2661-4.1-06 R-2661-4.1-09 R-5515-5-01
def case_access_line_avps_of_the_broadband_forum_are_not_taken_for_others(t: T) -> None:
    """Vendor 3561 has types 1 and 2, as IETF has for Result Code and Protocol Version."""
    peer = t.opened()
    call = peer.call()
    call.send(
        ICRQ(agent_circuit_id="adsl1 eth 1/2:100", agent_remote_id="line 7",
             actual_rate_upstream=1_000_000, actual_rate_downstream=50_000_000)
    ).expect(ICRP)  # fmt: skip
    call.send(ICCN())
    peer.expect_silence()


# Holds: R-2661-4.1-06 R-2661-4.1-09
def case_vendor_avps_of_microsoft_and_cisco_are_ignored(t: T) -> None:
    t.peer().send(
        SCCRQ().plus(Avp(1, b"MSL2TP", vendor=311, m=False), Avp(2, b"x" * 40, vendor=9, m=False))
    ).expect(SCCRP)


# Holds: R-2661-4.4.1-06
def case_an_unknown_message_type_of_a_vendor_is_ignored_if_m_is_0(t: T) -> None:
    peer = t.opened()
    peer.send(Message((MESSAGE_TYPE(1000, m=False), Avp(1, b"v", vendor=193, m=False))))
    peer.expect_silence()


# Holds: R-2661-4.4.2-05
def case_a_result_code_of_two_octets_as_mikrotik_and_android_send_it_is_accepted(t: T) -> None:
    peer = t.opened()
    call = t.incoming(peer)
    call.send(CDN(result_code=b"\0\1"))
    peer.expect_silence()
    peer.send(STOPCCN(result_code=b"\0\1")).expect_ack()


# Holds: R-2661-4.4.2-14 R-2661-4.4.2-16
def case_result_codes_in_little_endian_as_apple_sends_them_end_things_all_the_same(t: T) -> None:
    peer = t.opened()
    call = t.incoming(peer)
    call.send(CDN(result_code=b"\1\0\0\0"))
    peer.expect_silence()
    peer.send(STOPCCN(result_code=b"\1\0\0\0")).expect_ack()


# Holds: R-2661-6.8-01 R-2661-7.1-10
def case_a_connect_speed_in_ascii_as_old_ciscos_send_it_is_survived(t: T) -> None:
    peer = t.opened()
    call = peer.call()
    call.send(ICRQ()).expect(ICRP)
    call.send(ICCN(tx_connect_speed=b"1000000"))
    said = [m for m in peer.fence() if m.kind != CDN.type]
    t.check(not said, f"answered by {said}")
    t.takes_calls(peer)


# Holds: R-2661-6.8-01 R-2661-7.1-10
def case_an_iccn_without_speed_or_framing_is_survived(t: T) -> None:
    for kind in (TX_CONNECT_SPEED, FRAMING_TYPE):
        peer = t.opened()
        call = peer.call()
        call.send(ICRQ()).expect(ICRP)
        call.send(ICCN().without(kind))
        peer.fence()
        t.takes_calls(peer)


# Holds: R-2661-7.2.1-01 R-2661-4.4.3-01
def case_an_sccrq_of_revision_1_is_answered(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ(protocol_version=b"\x01\x01"))
    message = peer.expect(SCCRP, STOPCCN)
    t.check(message.kind == SCCRP.type, "version 1, revision 1 was refused")


# Holds: R-2661-7.2.1-03
def case_an_sccrq_of_version_0_0_as_some_peers_send_it_is_answered_one_way_or_the_other(
    t: T,
) -> None:
    peer = t.peer()
    peer.send(SCCRQ(protocol_version=b"\0\0"))
    message = peer.expect(SCCRP, STOPCCN)
    if message.kind == SCCRP.type:
        t.check(message.value(PROTOCOL_VERSION) in (b"\1\0", b"\0\0"), "its version")


# Holds: R-2661-4.4.3-22 R-2661-5.8-28
def case_windows_8_64_and_32768_are_accepted(t: T) -> None:
    for size in (8, 64, 128, 1024, 32768, 65535):
        t.opened(receive_window_size=size)


# Holds: R-2661-4.4.3-09 R-2661-4.4.3-24
def case_the_window_that_the_target_offers_is_4_or_more_unless_it_was_set(t: T) -> None:
    peer = t.peer()
    sccrp = peer.send(SCCRQ()).expect(SCCRP)
    window = sccrp.number(RECEIVE_WINDOW_SIZE)
    t.check(window is None or window >= 4, f"Receive Window Size {window}")


# Holds: R-2661-4.4.3-07 R-2661-8.1-02
def case_a_windows_client_with_small_ids_on_port_1701_is_served(t: T) -> None:
    first = t.peer(port=1701, tunnel_id=1)
    first.open(vendor_name="Microsoft", firmware_revision=0x0500, receive_window_size=8,
               bearer_capabilities=0, framing_capabilities=1)  # fmt: skip
    call = first.call(1)
    call.send(ICRQ(bearer_type=2)).expect(ICRP)
    call.send(ICCN(framing_type=1))
    first.expect_silence()


# Holds: R-2661-8.1-02 R-2661-6.1-05 R-2661-3.1-17
def case_two_clients_behind_nat_with_the_same_tunnel_id_are_kept_apart(t: T) -> None:
    first = t.peer(tunnel_id=1)
    second = t.peer(address=first.local.host, tunnel_id=1)
    first.open()
    second.open()
    t.takes_calls(first)
    t.takes_calls(second)


# Holds: R-2661-6.4-01 R-2661-7.2.1-05
def case_a_stopccn_with_the_targets_own_id_in_its_avp_ends_the_tunnel(t: T) -> None:
    peer = t.opened()
    peer.send(STOPCCN(assigned_tunnel_id=peer.target_tunnel_id)).expect_ack()
    peer.call().send(ICRQ())
    said = [a.message for a in peer.collect(0.3) if a.message]
    t.check(all(m.kind != ICRP.type for m in said), "not ended")


# Holds: R-2661-6.12-01 R-2661-6.12-02
def case_a_cdn_with_the_targets_own_id_in_its_avp_ends_the_call(t: T) -> None:
    peer = t.opened()
    call = t.incoming(peer)
    Ppp(call).up()
    call.send(CDN(assigned_session_id=call.target_session_id))
    peer.expect_silence()
    t.dead(call)


# Holds: R-2661-6.14-03 R-2661-6.13-06
def case_an_sli_right_behind_icrp_as_meraki_sends_it_is_taken(t: T) -> None:
    peer, handle = t.accepted()
    call, _ = t.placed(peer, handle)
    call.send(ICRP())
    call.send(SLI(), session_id=call.target_session_id)
    call.expect(ICCN)
    peer.expect_silence()


# Holds: R-2661-7.4-03 R-2661-3.1-21
def case_lcp_before_the_ack_of_iccn_and_without_length_is_taken(t: T) -> None:
    call = t.opened().call()
    call.send(ICRQ()).expect(ICRP)
    call.send(ICCN())
    Ppp(call).up()


# Holds: R-2661-5.8-15 R-2661-5.8-06
def case_a_peer_that_acknowledges_only_by_piggyback_is_served(t: T) -> None:
    peer = t.opened()
    for _ in range(3):
        call = peer.call()
        call.send(ICRQ()).expect(ICRP)
        call.send(ICCN())
    peer.expect_ack()
    peer.expect_silence()


# Holds: R-2661-5.8-08 R-2661-5.8-09
def case_a_zlb_with_tunnel_id_0_or_a_stale_session_id_does_no_harm(t: T) -> None:
    peer = t.opened()
    peer.send(ZLB, tunnel_id=0)
    peer.send(ZLB, session_id=0x1234)
    peer.expect_silence()


# Holds: R-2661-6.1-05 R-2661-6.1-04
def case_a_peer_that_restarts_on_the_same_port_gets_a_new_tunnel(t: T) -> None:
    old = t.opened()
    new = t.peer(address=old.local.host)
    new.share_socket_of(old)
    new.send(SCCRQ()).expect(SCCRP, ns=0, nr=1)
    new.connect()
    t.takes_calls(new)


# Holds: R-2661-6.1-04 R-2661-6.1-05
def case_a_peer_that_restarts_with_the_same_tunnel_id_is_let_in_again(t: T) -> None:
    """Its SCCRQ looks like a repetition of an old one; refusing it for ever would lock it out."""
    old = t.opened("quick")
    old.send(STOPCCN()).expect_ack()
    new = t.peer("quick", address=old.local.host, tunnel_id=old.tunnel_id)
    new.send(SCCRQ()).expect(SCCRP)
    new.connect()


# Holds: R-2661-7.4.2-08 R-2661-5.7-03
def case_a_cdn_before_iccn_and_its_session_id_used_again_at_once(t: T) -> None:
    peer = t.opened()
    for _ in range(3):
        call = peer.call(5)
        call.send(ICRQ()).expect(ICRP)
        call.send(CDN(result_code=(1,)))
    peer.expect_silence()


# Holds: R-2661-5.8-04 R-2661-7.4.2-01
def case_a_repeated_icrq_is_the_same_call(t: T) -> None:
    peer = t.opened()
    call = peer.call()
    call.send(ICRQ())
    call.send(ICRQ(), ns=2)
    call.expect(ICRP)
    peer.expect_silence()


# Holds: R-2661-5.8-11 R-2661-5.8-12
def case_control_messages_out_of_order_as_mikrotik_sends_them_make_a_call(t: T) -> None:
    peer = t.opened()
    first, second = peer.call(), peer.call()
    second.send(ICRQ(), ns=3)
    first.send(ICRQ(), ns=2)
    first.expect(ICRP)
    second.send(ICRQ(), ns=3)
    second.expect(ICRP)
    peer.ns = 4
    peer.expect_silence()


# Holds: R-2661-8.1-04 R-2661-8.1-02
def case_the_answer_comes_from_the_address_that_was_asked(t: T) -> None:
    peer = t.peer()
    host = peer.target.host
    peer.send(SCCRQ()).expect(SCCRP)
    t.equal(peer.target.host, host, "the address that the SCCRP comes from")


# Holds: R-2661-5.5-01 R-2661-6.5-02
def case_a_hello_with_unknown_avps_is_acknowledged(t: T) -> None:
    peer = t.opened()
    peer.send(HELLO().plus(Avp(4095, b"x", m=False)))
    peer.expect_silence()


# Holds: R-2661-4.4.4-14
def case_rx_connect_speed_is_not_sent_unless_it_differs(t: T) -> None:
    """Some peers refuse calls that have one."""
    t.connected()
    (iccn,) = t.received(ICCN)
    t.check(all(a.type != 38 for a in iccn.avps), "Rx Connect Speed is in the ICCN")


# Holds: R-2661-4.1-12 R-2661-6.1-01
def case_message_type_protocol_version_and_the_rest_come_in_a_usual_order(t: T) -> None:
    peer, _ = t.asked()
    sccrq = peer.expect(SCCRQ, within=6)
    order = [a.type for a in sccrq.avps]
    t.equal(order[:2], [MESSAGE_TYPE.type, PROTOCOL_VERSION.type], "the first two AVPs")
    t.check(ASSIGNED_TUNNEL_ID.type in order, "no Assigned Tunnel ID")


# Holds: R-2661-4.4.4-02 R-2661-6.6-01
def case_an_icrq_with_all_that_accel_ppp_and_juniper_send_is_answered(t: T) -> None:
    peer = t.opened()
    call = peer.call()
    icrq = ICRQ(bearer_type=1, calling_number="", called_number="", physical_channel_id=0)
    reordered = (icrq.avps[0], *sorted(icrq.avps[1:], key=lambda a: a.type == 14))
    call.send(icrq.with_(avps=reordered)).expect(ICRP)
    t.check(call.target_session_id, f"no {ASSIGNED_SESSION_ID.name}")
