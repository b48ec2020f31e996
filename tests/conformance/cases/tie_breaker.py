"""Two SCCRQs that cross: RFC 2661 sections 4.4.3 and 7.2.1."""

from __future__ import annotations

from peer.catalogue import ASSIGNED_TUNNEL_ID, SCCCN, SCCRP, SCCRQ, STOPCCN, TIE_BREAKER
from peer.peer import Peer
from peer.wire import Message
from suite import T


def crossing(t: T, flavour: str = "plain") -> tuple[Peer, Peer, int | None]:
    """The target waits for our SCCRP. Gives that tunnel, a second one from the same port of ours
    that has sent nothing yet, and the target's Tie Breaker."""
    theirs, _ = t.asked(flavour)
    sccrq = theirs.expect(SCCRQ, within=6)
    ours = t.peer(flavour, address=theirs.local.host)
    ours.share_socket_of(theirs)
    return theirs, ours, sccrq.number(TIE_BREAKER)


def answers(peer: Peer, seconds: float) -> list[Message]:
    return [a.message for a in peer.collect(seconds) if a.message and not a.message.is_zlb]


def loses(t: T, tie_breaker: int, flavour: str) -> None:
    """The target's SCCRQ goes away without a word, and ours is answered."""
    theirs, ours, own = crossing(t, flavour)
    value = tie_breaker if own is None else own + tie_breaker
    ours.send(SCCRQ(tie_breaker=value))
    sccrp = ours.expect(SCCRP)
    t.check(sccrp.tunnel_id == ours.tunnel_id, "the SCCRP is not for our SCCRQ")
    ours.connect()
    said = answers(theirs, 2.5)
    again = [m for m in said if m.kind == SCCRQ.type]
    t.check(not again, "the target's own SCCRQ is repeated although it lost")
    t.check(all(m.kind != STOPCCN.type for m in said), "the loser sent a StopCCN")
    t.takes_calls(ours)


# Holds: R-2661-4.4.3-30 R-2661-4.4.3-26 R-2661-6.1-05
def case_without_tie_breakers_both_tunnels_come_up(t: T) -> None:
    theirs, ours, own = crossing(t)
    t.equal(own, None, "the target's Tie Breaker")
    ours.send(SCCRQ()).expect(SCCRP)
    ours.connect()
    theirs.send(SCCRP())
    theirs.expect(SCCCN)
    theirs.ack()
    t.takes_calls(ours)


# Holds: R-2661-4.4.3-29 R-2661-4.4.3-26 R-2661-4.4.3-31 R-2661-7.2.1-13
def case_the_only_tie_breaker_wins(t: T) -> None:
    theirs, ours, own = crossing(t)
    t.equal(own, None, "the target's Tie Breaker")
    ours.send(SCCRQ(tie_breaker=0xFFFFFFFFFFFFFFFF)).expect(SCCRP)
    ours.connect()
    said = answers(theirs, 2.5)
    t.check(all(m.kind != SCCRQ.type for m in said), "the target's SCCRQ is repeated")
    t.check(all(m.kind != STOPCCN.type for m in said), "the loser sent a StopCCN")
    t.takes_calls(ours)


# Holds: R-2661-4.4.3-04
def case_a_target_that_wants_one_tunnel_sends_a_tie_breaker(t: T) -> None:
    peer, _ = t.asked("tie")
    sccrq = peer.expect(SCCRQ, within=6)
    avp = sccrq.get(TIE_BREAKER)
    t.check(avp, "no Tie Breaker")
    assert avp
    t.equal((avp.m, avp.h, len(avp.value or b"")), (False, False, 8), "M, H and octets")


# Holds: R-2661-4.4.3-27 R-2661-4.4.3-31 R-2661-7.2.1-13
def case_the_lower_tie_breaker_wins(t: T) -> None:
    t.needs("flavour:tie")
    loses(t, -1, "tie")


# Holds: R-2661-4.4.3-27
def case_the_higher_tie_breaker_loses(t: T) -> None:
    t.needs("flavour:tie")
    theirs, ours, own = crossing(t, "tie")
    t.check(own is not None, "no Tie Breaker")
    ours.send(SCCRQ(tie_breaker=(own or 0) + 1))
    said = answers(ours, 0.5)
    t.check(all(m.kind != SCCRP.type for m in said), "the loser's SCCRQ was answered")
    theirs.send(SCCRP())
    theirs.expect(SCCCN)
    theirs.ack()


# Holds: R-2661-4.4.3-29
def case_a_peer_without_tie_breaker_loses_to_a_target_that_has_one(t: T) -> None:
    t.needs("flavour:tie")
    theirs, ours, _ = crossing(t, "tie")
    ours.send(SCCRQ())
    said = answers(ours, 0.5)
    t.check(all(m.kind != SCCRP.type for m in said), "the loser's SCCRQ was answered")
    theirs.send(SCCRP())
    theirs.expect(SCCCN)
    theirs.ack()


# Holds: R-2661-4.4.3-28
def case_equal_tie_breakers_lose_both(t: T) -> None:
    t.needs("flavour:tie")
    theirs, ours, own = crossing(t, "tie")
    ours.send(SCCRQ(tie_breaker=own or 0))
    said = answers(ours, 0.5)
    t.check(all(m.kind != SCCRP.type for m in said), f"our tunnel lives: {said}")
    again = [m for m in answers(theirs, 2) if m.kind == SCCRQ.type]
    t.check(not again, f"the target's tunnel lives: {again}")


# Holds: R-2661-4.4.3-27
def case_tie_breakers_are_compared_as_unsigned_numbers_of_64_bits(t: T) -> None:
    """0 beats everything; a comparison of signed numbers or of fewer bits gets one of two wrong."""
    t.needs("flavour:tie")
    theirs, ours, own = crossing(t, "tie")
    ours.send(SCCRQ(tie_breaker=0)).expect(SCCRP)
    del theirs
    _, second, own = crossing(t, "tie")
    assert own is not None
    high = (own | 0x8000000000000000) & ~0xFFFFFFFF if own < 1 << 63 else 0xFFFFFFFF00000000
    if high > own:
        second.send(SCCRQ(tie_breaker=high))
        said = answers(second, 0.5)
        t.check(all(m.kind != SCCRP.type for m in said), "a higher value won")


# Holds: R-2661-4.4.3-26
def case_an_sccrq_of_another_peer_does_not_lose_against_a_pending_one(t: T) -> None:
    theirs, _ = t.asked()
    theirs.expect(SCCRQ, within=6)
    t.opened(tie_breaker=0)
    theirs.send(SCCRP())
    theirs.expect(SCCCN)
    t.check(theirs.target_tunnel_id, f"no {ASSIGNED_TUNNEL_ID.name}")
    theirs.ack()
