"""Tunnel authentication: RFC 2661 section 5.1.1."""

from __future__ import annotations

from peer.catalogue import (
    CHALLENGE,
    CHALLENGE_RESPONSE,
    ICRP,
    ICRQ,
    SCCCN,
    SCCRP,
    SCCRQ,
    STOPCCN,
)
from peer.peer import Peer
from peer.wire import challenge_response
from suite import T

OURS = bytes(range(0xA0, 0xB0))


def opening(t: T) -> Peer:
    """SCCRQ and SCCRP have been exchanged with a target that has a secret."""
    peer = t.peer("secret")
    peer.send(SCCRQ()).expect(SCCRP)
    t.check(peer.challenge, "the target has a secret and sent no Challenge")
    return peer


# Holds: R-2661-5.1.1-01 R-2661-9.1-01
def case_without_a_secret_nobody_is_challenged(t: T) -> None:
    peer = t.peer()
    sccrp = peer.send(SCCRQ()).expect(SCCRP)
    t.equal(sccrp.get(CHALLENGE), None, "the Challenge")
    t.equal(sccrp.get(CHALLENGE_RESPONSE), None, "the Challenge Response")


# Holds: R-2661-5.1.1-01 R-2661-5.1.1-02 R-2661-5.1.1-06 R-2661-4.4.3-11 R-2661-5.1.1-05
def case_a_challenge_in_sccrq_is_answered_in_sccrp(t: T) -> None:
    peer = t.peer("secret")
    sccrp = peer.send(SCCRQ(challenge=OURS)).expect(SCCRP)
    wanted = challenge_response(SCCRP.type, peer.secret, OURS)
    t.equal(sccrp.value(CHALLENGE_RESPONSE), wanted, "the Challenge Response")
    peer.connect()
    t.takes_calls(peer)


# Holds: R-2661-5.1.1-03 R-2661-6.3-01 R-2661-5.1.1-06
def case_a_challenge_in_sccrp_is_answered_in_scccn(t: T) -> None:
    peer, _ = t.asked("secret")
    peer.expect(SCCRQ, within=6)
    peer.send(SCCRP(**peer.answer(SCCRP), challenge=OURS))
    scccn = peer.expect(SCCCN)
    wanted = challenge_response(SCCCN.type, peer.secret, OURS)
    t.equal(scccn.value(CHALLENGE_RESPONSE), wanted, "the Challenge Response")
    peer.ack()


# Holds: R-2661-4.4.3-10 R-2661-5.1.1-02
def case_challenges_of_any_length_are_answered(t: T) -> None:
    for size in (1, 15, 17, 100, 1017):
        peer = t.peer("secret")
        challenge = bytes(n & 0xFF for n in range(size))
        sccrp = peer.send(SCCRQ(challenge=challenge)).expect(SCCRP)
        wanted = challenge_response(SCCRP.type, peer.secret, challenge)
        t.equal(sccrp.value(CHALLENGE_RESPONSE), wanted, f"the response to {size} octets")


# Holds: R-2661-5.1.1-01 R-2661-5.1.1-03
def case_the_target_challenges_us_and_takes_the_right_response(t: T) -> None:
    peer = opening(t)
    peer.connect()
    t.takes_calls(peer)


# Holds: R-2661-5.1.1-04 R-2661-7.2.1-16 R-2661-4.4.2-10 R-2661-4.4.2-21
def case_a_wrong_response_in_scccn_ends_the_tunnel_with_result_4(t: T) -> None:
    peer = opening(t)
    peer.send(SCCCN(challenge_response=bytes(16)))
    peer.expect_stopccn(4)


# Holds: R-2661-5.1.1-04 R-2661-5.1.1-06
def case_a_response_made_with_the_wrong_id_octet_is_wrong(t: T) -> None:
    peer = opening(t)
    assert peer.challenge is not None
    wrong = challenge_response(SCCRP.type, peer.secret, peer.challenge)
    peer.send(SCCCN(challenge_response=wrong))
    peer.expect_stopccn(4)


# Holds: R-2661-5.1.1-04 R-2661-7.2.1-16
def case_an_scccn_without_the_response_ends_the_tunnel(t: T) -> None:
    peer = opening(t)
    peer.send(SCCCN())
    peer.expect_stopccn({2, 4})


# Holds: R-2661-5.1.1-04 R-2661-4.4.3-11 R-2661-7.1-06
def case_a_response_of_15_or_17_octets_ends_the_tunnel(t: T) -> None:
    for size in (15, 17):
        peer = opening(t)
        assert peer.challenge is not None
        right = challenge_response(SCCCN.type, peer.secret, peer.challenge)
        peer.send(SCCCN(challenge_response=(right + b"\0")[:size]))
        peer.expect_stopccn({2, 4})


# Holds: R-2661-5.1.1-04 R-2661-6.3-02
def case_no_call_is_answered_after_a_wrong_response(t: T) -> None:
    peer = opening(t)
    peer.send(SCCCN(challenge_response=bytes(16)))
    peer.call().send(ICRQ())
    said = [a.message.kind for a in peer.collect(0.5) if a.message]
    t.check(ICRP.type not in said, "a call was answered")
    t.check(STOPCCN.type in said, "no StopCCN came")


# Holds: R-2661-5.1.1-04 R-2661-7.2.1-12 R-2661-4.4.2-10
def case_a_wrong_response_in_sccrp_ends_the_tunnel_with_result_4(t: T) -> None:
    peer, _ = t.asked("secret")
    sccrq = peer.expect(SCCRQ, within=6)
    t.check(sccrq.get(CHALLENGE), "the target has a secret and sent no Challenge")
    peer.send(SCCRP(challenge_response=bytes(16)))
    peer.expect_stopccn(4)


# Holds: R-2661-5.1.1-04 R-2661-7.2.1-12
def case_an_sccrp_without_the_response_ends_the_tunnel(t: T) -> None:
    peer, _ = t.asked("secret")
    peer.expect(SCCRQ, within=6)
    peer.send(SCCRP())
    peer.expect_stopccn({2, 4})


# Holds: R-2661-5.1.1-07
def case_a_response_that_nobody_asked_for_is_ignored(t: T) -> None:
    peer, _ = t.asked()
    sccrq = peer.expect(SCCRQ, within=6)
    t.equal(sccrq.get(CHALLENGE), None, "the Challenge")
    peer.send(SCCRP(challenge_response=bytes(16)))
    peer.expect(SCCCN)
    peer.ack()


# Holds: R-2661-5.1.1-08 R-2661-4.4.2-10
def case_a_challenge_without_a_secret_ends_in_result_4_or_in_no_response(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ(challenge=OURS))
    message = peer.expect(SCCRP, STOPCCN)
    if message.kind == STOPCCN.type:
        peer.checked_result(message, 4, None)
    else:
        t.equal(message.get(CHALLENGE_RESPONSE), None, "the Challenge Response")


# Holds: R-2661-5.1.1-09
def case_challenges_are_fresh_and_of_16_octets_or_more(t: T) -> None:
    challenges = []
    for _ in range(10):
        peer = opening(t)
        challenges.append(peer.challenge or b"")
        peer.send(STOPCCN())
    t.equal(len(set(challenges)), 10, "the number of different challenges of 10")
    t.check(min(map(len, challenges)) >= 16, "a challenge is shorter than 16 octets")


# Holds: R-2661-5.1.1-05 R-2661-9.1-02
def case_both_ends_prove_the_same_secret(t: T) -> None:
    peer = t.peer("secret")
    sccrp = peer.send(SCCRQ(challenge=OURS)).expect(SCCRP)
    t.check(sccrp.get(CHALLENGE), "no Challenge")
    t.check(sccrp.get(CHALLENGE_RESPONSE), "no Challenge Response")
    peer.connect()
    t.takes_calls(peer)


# Holds: R-2661-5.1.1-04
def case_the_secret_of_one_peer_is_no_use_to_another(t: T) -> None:
    peer = t.peer("named")
    stolen = t.target.recipient("secret").secret
    peer.send(SCCRQ()).expect(SCCRP)
    peer.secret = stolen
    peer.send(SCCCN(**peer.answer(SCCCN)))
    peer.expect_stopccn(4)
