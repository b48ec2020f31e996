"""Opening a control connection: RFC 2661 sections 5.1, 6.1 to 6.3 and 7.2.1."""

from __future__ import annotations

from peer.catalogue import (
    ASSIGNED_TUNNEL_ID,
    BEARER_CAPABILITIES,
    FRAMING_CAPABILITIES,
    HELLO,
    HOST_NAME,
    ICRP,
    ICRQ,
    PROTOCOL_VERSION,
    SCCCN,
    SCCRP,
    SCCRQ,
    STOPCCN,
    ZLB,
)
from suite import T


# Holds: R-2661-5.1-01 R-2661-6.2-03 R-2661-7.2.1-07 R-2661-7.2.1-15 R-2661-6.2-01 R-2661-9.1-01
def case_a_tunnel_opens_with_three_messages_and_an_acknowledgement(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ())
    peer.expect(SCCRP, ns=0, nr=1)
    peer.send(SCCCN())
    peer.expect_zlb(nr=2)
    t.conforms()


# Holds: R-2661-5.1-01 R-2661-6.1-01 R-2661-6.1-03 R-2661-6.3-01 R-2661-7.2.1-06 R-2661-7.2.1-11
# Holds: R-2661-4.4.3-19
def case_the_target_opens_a_tunnel_with_three_messages(t: T) -> None:
    peer, _ = t.asked()
    sccrq = peer.expect(SCCRQ, ns=0, nr=0, within=6)
    t.equal((sccrq.tunnel_id, sccrq.session_id), (0, 0), "Tunnel ID and Session ID of the SCCRQ")
    peer.send(SCCRP())
    peer.expect(SCCCN, ns=1, nr=1)
    peer.ack()
    t.conforms()


# Holds: R-2661-6.1-02 R-2661-4.4.3-17
def case_the_smallest_sccrq_is_enough(t: T) -> None:
    peer = t.peer(host_name="a", tunnel_id=1)
    peer.send(SCCRQ()).expect(SCCRP)


# Holds: R-2661-6.1-02 R-2661-4.4.3-05 R-2661-4.4.3-09
def case_an_sccrq_with_all_optional_avps_is_accepted(t: T) -> None:
    peer = t.peer("secret")
    peer.send(
        SCCRQ(bearer_capabilities=1, receive_window_size=4, challenge=bytes(range(16)),
              tie_breaker=0x1122334455667788, firmware_revision=0x0100, vendor_name="Lab LAC")
    ).expect(SCCRP)  # fmt: skip
    peer.connect()


# Holds: R-2661-6.1-01 R-2661-7.1-09 R-2661-7.2.1-08 R-2661-6.2-02
def case_an_sccrq_that_lacks_a_required_avp_is_refused(t: T) -> None:
    for kind in (PROTOCOL_VERSION, HOST_NAME, FRAMING_CAPABILITIES):
        peer = t.peer()
        peer.send(SCCRQ().without(kind))
        arrival = peer.arrival()
        t.check(arrival and arrival.message, f"without {kind.name}: no answer")
        assert arrival and arrival.message
        t.check(arrival.message.kind == STOPCCN.type, f"without {kind.name}: accepted")
        t.equal(arrival.message.tunnel_id, peer.tunnel_id, "Tunnel ID of the StopCCN")
        peer.checked_result(arrival.message, 2, {2, 3, 6})


# Holds: R-2661-6.1-01 R-2661-7.1-09
def case_an_sccrq_without_assigned_tunnel_id_makes_no_tunnel(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ().without(ASSIGNED_TUNNEL_ID))
    said = [a.message for a in peer.collect(0.3) if a.message]
    t.check(all(m.kind != SCCRP.type for m in said), "it was accepted")
    t.takes_tunnels(peer)


# Holds: R-2661-6.1-03
def case_an_sccrq_whose_ns_is_not_0_is_no_beginning(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ(), ns=5)
    said = [a.message for a in peer.collect(0.3) if a.message]
    t.check(all(m.kind != SCCRP.type for m in said), "it was accepted")


# Holds: R-2661-6.1-04 R-2661-5.8-04
def case_a_repeated_sccrq_is_a_duplicate_and_no_second_tunnel(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ()).expect(SCCRP, ns=0, nr=1)
    for _ in range(3):
        peer.send(SCCRQ(), ns=0, tunnel_id=0)
    said = [a.message for a in peer.collect(0.5) if a.message]
    ids = {m.number(ASSIGNED_TUNNEL_ID) for m in said if m.kind == SCCRP.type}
    t.check(ids <= {peer.target_tunnel_id}, "a second tunnel was begun")
    t.check(all(m.nr == 1 for m in said), "an acknowledgement has another Nr than 1")
    t.check(said, "the duplicate is not acknowledged")
    peer.connect()


# Holds: R-2661-6.1-05 R-2661-5.1-03
def case_two_sccrqs_from_one_address_and_port_make_two_tunnels(t: T) -> None:
    first = t.opened()
    second = t.peer(address=first.local.host)
    second.share_socket_of(first)
    second.open()
    t.check(first.target_tunnel_id != second.target_tunnel_id, "the ids are the same")
    t.takes_calls(second)
    first.fence()
    t.takes_calls(first)


# Holds: R-2661-6.2-02 R-2661-7.2.1-08 R-2661-4.4.2-10
def case_an_unknown_peer_is_refused_with_result_4(t: T) -> None:
    peer = t.stranger()
    peer.send(SCCRQ())
    stopccn = peer.expect_stopccn(4)
    t.equal(stopccn.tunnel_id, peer.tunnel_id, "Tunnel ID of the StopCCN")
    t.conforms()


# Holds: R-2661-6.2-01 R-2661-7.1-09 R-2661-7.2.1-12
def case_an_sccrp_that_lacks_a_required_avp_ends_the_tunnel(t: T) -> None:
    for kind in (PROTOCOL_VERSION, FRAMING_CAPABILITIES, HOST_NAME):
        peer, _ = t.asked()
        peer.expect(SCCRQ, within=6)
        peer.send(SCCRP().without(kind))
        peer.expect_stopccn(2, {2, 3, 6})


# Holds: R-2661-6.2-01 R-2661-7.1-09 R-2661-7.2.1-12
def case_an_sccrp_without_assigned_tunnel_id_is_not_answered_by_scccn(t: T) -> None:
    peer, _ = t.asked()
    peer.expect(SCCRQ, within=6)
    peer.send(SCCRP().without(ASSIGNED_TUNNEL_ID))
    said = [a.message.kind for a in peer.collect(0.5) if a.message and not a.message.is_zlb]
    t.check(SCCCN.type not in said, "it was accepted")


# Holds: R-2661-4.4.3-18 R-2661-3.1-15
def case_the_stopccn_that_refuses_an_sccrp_carries_the_id_that_came_in_it(t: T) -> None:
    peer, _ = t.asked()
    peer.expect(SCCRQ, within=6)
    peer.send(SCCRP().without(HOST_NAME))
    stopccn = peer.expect_stopccn()
    t.equal(stopccn.tunnel_id, peer.tunnel_id, "Tunnel ID of the StopCCN")


# Holds: R-2661-6.3-02 R-2661-5.1-02
def case_no_call_is_answered_before_scccn(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ()).expect(SCCRP)
    peer.call().send(ICRQ())
    said = [a.message.kind for a in peer.collect(0.5) if a.message]
    t.check(ICRP.type not in said, "a call was answered")


# Holds: R-2661-5.1-02 R-2661-7.4.1-04 R-2661-7.4.1-01
def case_a_call_waits_for_its_tunnel(t: T) -> None:
    t.needs("place_call")
    peer, handle = t.asked()
    t.target.place_call(handle)
    peer.expect(SCCRQ, within=6)
    said = [a.message for a in peer.collect(0.3) if a.message]
    t.check(all(m.kind == SCCRQ.type for m in said), "a call before the tunnel was open")
    peer.send(SCCRP())
    peer.expect(SCCCN, ns=1)
    peer.ack()
    icrq = peer.expect(ICRQ, ns=2, within=6)
    t.equal(icrq.session_id, 0, "Session ID of the ICRQ")


# Holds: R-2661-5.1-04
def case_either_end_may_call_whoever_opened_the_tunnel(t: T) -> None:
    peer, _ = t.accepted()
    t.takes_calls(peer)


# Holds: R-2661-5.1-03 R-2661-7.2.1-18
def case_a_second_call_uses_the_same_tunnel(t: T) -> None:
    t.needs("tunnels")
    peer, handle = t.accepted()
    t.placed(peer, handle)
    t.placed(peer, handle)


# Holds: R-2661-5.1-03
def case_twenty_calls_live_in_one_tunnel(t: T) -> None:
    peer = t.opened(receive_window_size=8)
    calls = [peer.call() for _ in range(20)]
    for call in calls:
        call.send(ICRQ()).expect(ICRP)
    t.equal(len({c.target_session_id for c in calls}), 20, "the number of different session ids")


# Holds: R-2661-7.2.1-01
def case_an_sccrp_of_version_1_0_is_accepted(t: T) -> None:
    t.accepted(protocol_version=b"\x01\x00")


# Holds: R-2661-7.2.1-02 R-2661-4.4.2-11
def case_an_sccrp_of_a_version_that_is_not_supported_ends_the_tunnel_with_result_5(t: T) -> None:
    peer, _ = t.asked()
    peer.expect(SCCRQ, within=6)
    peer.send(SCCRP(protocol_version=b"\x00\x05"))
    peer.expect_stopccn(5)


# Holds: R-2661-7.2.1-03 R-2661-4.4.2-11 R-2661-4.4.3-01
def case_an_sccrq_of_a_version_that_is_not_supported_is_told_the_one_that_is(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ(protocol_version=b"\x02\x00"))
    message = peer.expect(SCCRP, STOPCCN)
    if message.kind == STOPCCN.type:
        peer.checked_result(message, 5, {0x0100, 0x0001, 1})
    else:
        t.equal(message.value(PROTOCOL_VERSION), b"\x01\x00", "Protocol Version of the SCCRP")


# Holds: R-2661-7.2.1-09
def case_an_sccrp_out_of_the_blue_makes_no_tunnel(t: T) -> None:
    peer = t.peer()
    for tunnel_id in (0, 0x7FFD):
        peer.send(SCCRP(), ns=0, nr=1, tunnel_id=tunnel_id)
    said = [a.message for a in peer.collect(0.3) if a.message]
    t.check(all(m.kind == STOPCCN.type or m.is_zlb for m in said), f"it was answered: {said}")
    t.takes_tunnels(peer)


# Holds: R-2661-7.2.1-10
def case_an_scccn_out_of_the_blue_makes_no_tunnel(t: T) -> None:
    peer = t.peer()
    for tunnel_id in (0, 0x7FFD):
        peer.send(SCCCN(), ns=1, nr=1, tunnel_id=tunnel_id)
    said = [a.message for a in peer.collect(0.3) if a.message]
    t.check(all(m.kind == STOPCCN.type or m.is_zlb for m in said), f"it was answered: {said}")
    t.takes_tunnels(peer)


# Holds: R-2661-7.2.1-14 R-2661-7.1-03
def case_an_scccn_as_answer_to_sccrq_ends_the_tunnel(t: T) -> None:
    peer, _ = t.asked()
    peer.expect(SCCRQ, within=6)
    peer.send(SCCCN())
    peer.expect_stopccn({2, 7})


# Holds: R-2661-7.2.1-17 R-2661-4.4.2-13
def case_an_sccrp_or_a_new_sccrq_before_scccn_ends_the_tunnel(t: T) -> None:
    for kind in (SCCRP, SCCRQ):
        peer = t.peer()
        peer.send(SCCRQ()).expect(SCCRP)
        peer.send(kind())
        peer.expect_stopccn({2, 7})


# Holds: R-2661-7.2.1-20 R-2661-4.4.2-13
def case_a_message_of_establishment_in_an_established_tunnel_ends_it(t: T) -> None:
    for kind in (SCCRQ, SCCRP, SCCCN):
        peer = t.opened()
        peer.send(kind())
        peer.expect_stopccn({2, 7})


# Holds: R-2661-7.2.1-21 R-2661-6.4-04 R-2661-5.3-04
def case_a_stopccn_with_tunnel_id_0_ends_the_tunnel_that_its_avp_names(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ()).expect(SCCRP)
    peer.send(STOPCCN(), tunnel_id=0)
    peer.expect_ack(2)
    peer.send(SCCCN())
    said = [a.message for a in peer.collect(0.3) if a.message]
    t.check(all(m.is_zlb or m.kind == STOPCCN.type for m in said), f"answered by {said}")
    peer.finished = False
    peer.call().send(ICRQ())
    said = [a.message for a in peer.collect(0.3) if a.message]
    t.check(all(m.kind != ICRP.type for m in said), "the tunnel takes calls")


# Holds: R-2661-7.2.1-21
def case_a_stopccn_before_scccn_is_acknowledged(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ()).expect(SCCRP)
    peer.send(STOPCCN())
    peer.expect_zlb(nr=2)


# Holds: R-2661-7.2.1-21 R-2661-4.2-03
def case_a_stopccn_instead_of_sccrp_is_acknowledged(t: T) -> None:
    peer, _ = t.asked()
    peer.expect(SCCRQ, within=6)
    peer.send(STOPCCN(result_code=(4,)))
    peer.expect_ack()


# Holds: R-2661-4.4.3-19 R-2661-4.4.3-20 R-2661-6.4-01 R-2661-5.3-04
def case_a_stopccn_before_the_peers_id_is_known_has_tunnel_id_0_and_our_own_in_its_avp(
    t: T,
) -> None:
    t.needs("close_tunnel")
    peer, handle = t.asked()
    sccrq = peer.expect(SCCRQ, within=6)
    peer.send(ZLB)
    t.target.close_tunnel(handle)
    stopccn = peer.expect(STOPCCN, within=6)
    t.equal(stopccn.tunnel_id, 0, "Tunnel ID of the header")
    t.equal(
        stopccn.number(ASSIGNED_TUNNEL_ID), sccrq.number(ASSIGNED_TUNNEL_ID), "Assigned Tunnel ID"
    )


# Holds: R-2661-4.4.3-21 R-2661-9.1-03
def case_assigned_tunnel_ids_are_unique_never_0_and_in_no_sequence(t: T) -> None:
    ids = []
    for _ in range(30):
        peer = t.peer()
        sccrp = peer.send(SCCRQ()).expect(SCCRP)
        ids.append(sccrp.number(ASSIGNED_TUNNEL_ID) or 0)
    t.check(all(ids), "an id of 0")
    t.equal(len(set(ids)), 30, "the number of different ids")
    t.check(unordered(ids), f"the ids follow one another: {ids}")


# Holds: R-2661-9.1-03
def case_assigned_session_ids_are_in_no_sequence(t: T) -> None:
    peer = t.opened(receive_window_size=8)
    ids = []
    for _ in range(20):
        call = peer.call()
        call.send(ICRQ()).expect(ICRP)
        ids.append(call.target_session_id)
    t.check(unordered(ids), f"the ids follow one another: {ids}")


def unordered(ids: list[int]) -> bool:
    steps = [b - a for a, b in zip(ids, ids[1:], strict=False)]
    return len(set(steps)) > len(steps) // 2 and len({step > 0 for step in steps}) == 2


# Holds: R-2661-4.4.3-14 R-2661-4.4.3-15 R-2661-4.4.3-03
def case_bearer_capabilities_say_whether_the_target_dials(t: T) -> None:
    peer = t.peer()
    sccrp = peer.send(SCCRQ()).expect(SCCRP)
    value = sccrp.number(BEARER_CAPABILITIES)
    t.check(value is None or value & ~7 == 0, f"Bearer Capabilities {value}")


# Holds: R-2661-4.4.3-14
def case_a_target_that_dials_says_so_in_its_bearer_capabilities(t: T) -> None:
    t.needs("flavour:lac")
    peer = t.peer("lac")
    sccrp = peer.send(SCCRQ()).expect(SCCRP)
    t.check(sccrp.number(BEARER_CAPABILITIES), "no bit is set")


# Holds: R-2661-4.4.3-32
def case_a_tie_breaker_does_not_touch_an_established_tunnel(t: T) -> None:
    first = t.opened()
    second = t.peer(address=first.local.host)
    second.send(SCCRQ(tie_breaker=0))
    second.expect(SCCRP, STOPCCN)
    first.send(HELLO())
    first.expect_ack()
    t.takes_calls(first)
