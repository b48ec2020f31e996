"""Closing a control connection: RFC 2661 sections 5.7, 6.4 and 7.2.1."""

from __future__ import annotations

from peer.catalogue import (
    ASSIGNED_TUNNEL_ID,
    CDN,
    HELLO,
    ICRP,
    ICRQ,
    SCCRP,
    SCCRQ,
    STOPCCN,
)
from peer.ppp import Ppp
from peer.wire import Avp
from suite import T


# Holds: R-2661-5.7-01 R-2661-6.4-03 R-2661-7.2.1-21
def case_a_stopccn_is_acknowledged_by_a_zlb_and_nothing_else(t: T) -> None:
    peer = t.opened()
    peer.send(STOPCCN())
    peer.expect_zlb(nr=3)
    peer.expect_nothing(0.3)


# Holds: R-2661-6.4-02 R-2661-5.7-04 R-2661-7.2.1-05
def case_a_stopccn_ends_all_sessions_without_a_cdn(t: T) -> None:
    peer = t.opened()
    calls = [t.incoming(peer) for _ in range(3)]
    for call in calls:
        Ppp(call).up()
    peer.fence()
    peer.send(STOPCCN()).expect_ack()
    said = [a.message for a in peer.collect(0.3) if a.message and not a.message.is_zlb]
    t.check(not said, f"something came after the StopCCN: {said}")
    for call in calls:
        t.dead(call)


# Holds: R-2661-7.2.1-05 R-2661-6.4-02
def case_after_a_stopccn_no_session_or_tunnel_is_left(t: T) -> None:
    t.needs("tunnels", "sessions")
    peer = t.opened()
    t.incoming(peer)
    t.check(t.target.tunnels(peer.local.host), "the tunnel is not shown while it lives")
    peer.send(STOPCCN()).expect_ack()
    for _ in range(20):
        if not t.target.tunnels(peer.local.host):
            return
        peer.collect(0.1)
    t.check(False, "the tunnel is still shown")


# Holds: R-2661-5.7-02 R-2661-5.7-05
def case_a_repeated_stopccn_is_acknowledged_again(t: T) -> None:
    peer = t.opened()
    peer.send(STOPCCN())
    peer.expect_zlb(nr=3)
    for _ in range(3):
        peer.collect(0.2)  # as a repetition would; while a target tidies up, a datagram may be lost
        peer.send(STOPCCN(), ns=2)
        peer.expect_zlb(nr=3)


# Holds: R-2661-5.7-05
def case_a_call_after_a_stopccn_of_the_peer_is_not_answered(t: T) -> None:
    peer = t.opened()
    peer.send(STOPCCN()).expect_ack()
    peer.call().send(ICRQ())
    said = [a.message for a in peer.collect(0.4) if a.message]
    t.check(all(m.is_zlb for m in said), f"it was answered: {said}")


# Holds: R-2661-5.7-05 R-2661-5.8-32
def case_a_message_after_a_stopccn_of_the_target_is_acknowledged_and_not_acted_on(t: T) -> None:
    peer = t.opened()
    peer.send(HELLO().plus(Avp(4095, b"")))
    peer.expect_stopccn()
    peer.collect(0.2)
    peer.call().send(ICRQ(), nr=1)
    peer.expect_ack()
    said = [a.message for a in peer.collect(0.3) if a.message and not a.message.is_zlb]
    t.check(all(m.kind == STOPCCN.type for m in said), f"it was answered: {said}")
    peer.ack()


# Holds: R-2661-5.7-05 R-2661-5.8-32
def case_a_message_after_an_acknowledged_stopccn_of_the_target_is_acknowledged(t: T) -> None:
    peer = t.opened()
    peer.send(HELLO().plus(Avp(4095, b"")))
    peer.expect_stopccn()
    peer.collect(0.2)
    peer.ack()
    peer.send(HELLO())
    peer.expect_ack()


# Holds: R-2661-7.1-01 R-2661-5.8-32
def case_a_stopccn_that_is_lost_is_repeated(t: T) -> None:
    peer = t.opened("quick")
    peer.send(HELLO().plus(Avp(4095, b"")))
    first = peer.expect_stopccn()
    peer.collect(0.4)
    again = [a.message for a in peer.repeats if a.message and a.message.kind == STOPCCN.type]
    t.check(again, "the StopCCN is not repeated")
    t.equal(again[0].ns, first.ns, "Ns of the copy")
    peer.ack()
    peer.collect(0.05)
    peer.repeats.clear()
    peer.collect(0.5)
    t.check(not peer.repeats, "it is repeated although it was acknowledged")


# Holds: R-2661-7.1-01
def case_a_stopccn_that_refuses_an_sccrq_is_repeated_when_it_is_lost(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ().plus(Avp(4095, b"")))
    peer.expect_stopccn()
    peer.collect(1.4)
    again = [a.message for a in peer.repeats if a.message and a.message.kind == STOPCCN.type]
    t.check(again, "the StopCCN is not repeated")


# Holds: R-2661-7.1-01 R-2661-6.1-04
def case_a_repeated_sccrq_that_was_refused_is_refused_again(t: T) -> None:
    peer = t.peer()
    for _ in range(2):
        peer.send(SCCRQ().plus(Avp(4095, b"")), ns=0)
        arrivals = peer.collect(0.2)
        said = [a.message for a in arrivals if a.message and a.message.kind == STOPCCN.type]
        t.check(said, "no StopCCN came")


# Holds: R-2661-7.1-01
def case_a_cdn_that_is_lost_is_repeated_although_the_session_is_gone(t: T) -> None:
    peer = t.opened("quick")
    call = peer.call()
    call.send(ICRQ().plus(Avp(4095, b"")))
    call.expect_cdn()
    peer.collect(0.4)
    again = [a.message for a in peer.repeats if a.message and a.message.kind == CDN.type]
    t.check(again, "the CDN is not repeated")
    peer.ack()
    peer.expect_silence()


# Holds: R-2661-7.6-01 R-2661-5.8-22
def case_a_stopccn_that_nobody_acknowledges_is_given_up(t: T) -> None:
    t.needs("flavour:quick")
    peer = t.opened("quick")
    peer.send(HELLO().plus(Avp(4095, b"")))
    peer.expect_stopccn()
    peer.collect(2.0)
    peer.repeats.clear()
    said = peer.collect(2.0)
    t.check(not said, f"still {len(said)} messages, two seconds later")


# Holds: R-2661-7.2.1-04 R-2661-7.2.1-19 R-2661-4.4.2-07 R-2661-5.7-04 R-2661-6.4-01
# Holds: R-2661-4.4.2-06
def case_a_tunnel_that_the_operator_closes_ends_in_one_stopccn(t: T) -> None:
    t.needs("close_tunnel")
    peer, handle = t.accepted()
    t.placed(peer, handle)
    t.target.close_tunnel(handle)
    stopccn = peer.expect_stopccn({1, 6}, within=6)
    t.equal(
        stopccn.number(ASSIGNED_TUNNEL_ID), peer.target_tunnel_id, "Assigned Tunnel ID"
    )
    peer.ack()
    t.conforms()


# Holds: R-2661-4.4.2-14 R-2661-4.4.2-05 R-2661-4.4.2-01
def case_a_stopccn_with_any_result_ends_the_tunnel(t: T) -> None:
    for octets in (b"\0\1", b"\0\6\0\0", b"\0\2\0\6why", b"\3\xe7", b"\3\xe7\3\xe7", b"\0\0",
                   b"\0\2\0\6\xff\xfe", b"\0\1\0\0" + b"x" * 1000):  # fmt: skip
        peer = t.opened()
        peer.send(STOPCCN(result_code=octets)).expect_ack()
        peer.call().send(ICRQ())
        said = [a.message for a in peer.collect(0.1) if a.message]
        t.check(all(m.kind != ICRP.type for m in said), f"Result Code {octets.hex()}: not ended")


# Holds: R-2661-4.4.2-05
def case_a_stopccn_with_half_an_error_code_ends_the_tunnel(t: T) -> None:
    peer = t.opened()
    peer.send(STOPCCN(result_code=b"\0\1\0")).expect_ack()
    peer.call().send(ICRQ())
    said = [a.message for a in peer.collect(0.2) if a.message]
    t.check(all(m.kind != ICRP.type for m in said), "not ended")


# Holds: R-2661-6.4-01 R-2661-4.1-08 R-2661-6.4-03
def case_a_stopccn_with_an_unknown_mandatory_avp_or_without_its_own_ends_the_tunnel(t: T) -> None:
    for message in (
        STOPCCN().plus(Avp(4095, b"")),
        STOPCCN().with_(avps=STOPCCN().avps[:1]),
    ):
        peer = t.opened()
        peer.send(message).expect_ack()
        peer.call().send(ICRQ())
        said = [a.message for a in peer.collect(0.1) if a.message]
        t.check(all(m.kind != ICRP.type for m in said), "not ended")


# Holds: R-2661-5.7-03
def case_the_id_of_a_closed_tunnel_is_not_given_out_again_at_once(t: T) -> None:
    peer = t.opened()
    old = peer.target_tunnel_id
    peer.send(STOPCCN()).expect_ack()
    for _ in range(20):
        other = t.peer()
        other.send(SCCRQ()).expect(SCCRP)
        t.check(other.target_tunnel_id != old, f"{old:#x} is given out again")


# Holds: R-2661-5.6-01
def case_a_tunnel_may_stay_after_its_last_session(t: T) -> None:
    peer = t.opened()
    t.takes_calls(peer)
    peer.send(HELLO())
    peer.expect_ack()


# Holds: R-2661-4.4.2-12 R-2661-4.4.2-07
def case_a_daemon_that_is_shut_down_says_result_6(t: T) -> None:
    t.needs("restart")
    peer = t.opened()
    t.clean_up.append(t.restart_target)
    t.stop_target()
    peer.expect_stopccn(6, within=6)
    peer.ack()


# Holds: R-2661-5.7-02 R-2661-7.2.1-21
# @long
def case_a_stopccn_is_acknowledged_for_31_seconds_and_not_for_ever(t: T) -> None:
    peer = t.opened()
    peer.send(STOPCCN())
    peer.expect_zlb(nr=3)
    for pause in (1, 2, 4, 8, 15):
        peer.collect(pause)
        peer.send(STOPCCN(), ns=2)
        peer.expect_zlb(nr=3)
    peer.collect(120)
    peer.send(STOPCCN(), ns=2)
    peer.expect_nothing(2)


# Holds: R-2661-5.8-32 R-2661-7.6-01
# @long
def case_a_stopccn_of_the_target_is_repeated_for_a_full_cycle(t: T) -> None:
    peer = t.opened()
    peer.send(HELLO().plus(Avp(4095, b"")))
    peer.expect_stopccn()
    count = len([a for a in peer.collect(70) if a.message and a.message.kind == STOPCCN.type])
    t.equal(count, 5, "the number of repetitions")
    t.check(not peer.collect(30), "it is repeated for ever")


# Holds: R-2661-5.7-03
# @long
def case_the_ids_of_closed_tunnels_are_not_given_out_within_the_retention_time(t: T) -> None:
    old = set()
    for _ in range(20):
        peer = t.opened()
        old.add(peer.target_tunnel_id)
        peer.send(STOPCCN()).expect_ack()
    for _ in range(100):
        peer = t.peer()
        peer.send(SCCRQ()).expect(SCCRP)
        t.check(peer.target_tunnel_id not in old, "an id is given out again")
        peer.send(STOPCCN())
