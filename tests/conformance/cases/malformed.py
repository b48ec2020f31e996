"""Malformed and unexpected input: RFC 2661 section 7.1."""

from __future__ import annotations

import random
import time

from peer.catalogue import (
    CDN,
    HELLO,
    ICCN,
    ICRP,
    ICRQ,
    RX_CONNECT_SPEED,
    SCCCN,
    SCCRP,
    SCCRQ,
    STOPCCN,
)
from peer.ppp import Ppp
from peer.wire import Avp, Message
from suite import T


# Holds: R-2661-7.1-15
def case_a_message_from_another_port_is_dropped(t: T) -> None:
    peer = t.opened()
    other = t.peer(address=peer.local.host, tunnel_id=peer.tunnel_id)
    other.target_tunnel_id = peer.target_tunnel_id
    other.send(HELLO(), ns=2, nr=1)
    other.send(STOPCCN(), ns=2, nr=1)
    other.expect_nothing(0.3)
    peer.expect_silence()
    t.equal(peer.seen_nr, 3, "Nr after one HELLO of the true peer")


# Holds: R-2661-7.1-15
def case_a_message_from_another_address_is_dropped(t: T) -> None:
    peer = t.opened()
    other = t.peer(port=peer.local.port, tunnel_id=peer.tunnel_id)
    other.target_tunnel_id = peer.target_tunnel_id
    other.send(STOPCCN(), ns=2, nr=1)
    other.expect_nothing(0.3)
    peer.expect_silence()


# Holds: R-2661-7.1-13
def case_messages_for_an_unknown_tunnel_are_not_answered_one_by_one(t: T) -> None:
    peer = t.peer()
    for number in range(100):
        peer.send(HELLO(), ns=number, tunnel_id=0x6666)
    said = len(peer.collect(0.5))
    t.check(said <= 10, f"{said} answers to 100 messages")


# Holds: R-2661-7.1-14 R-2661-7.1-12
def case_a_message_for_an_unknown_session_is_acknowledged_and_makes_nothing(t: T) -> None:
    peer = t.opened()
    for message in (ICCN(), CDN(assigned_session_id=0x7FFE)):
        peer.send(message, session_id=0x7FFF)
        said = [m for m in peer.fence() if m.kind != CDN.type]
        t.check(not said, f"answered by {said}")


# Holds: R-2661-7.1-05 R-2661-7.1-07
def case_a_malformed_avp_with_m_0_is_ignored_and_its_message_taken(t: T) -> None:
    peer = t.opened()
    call = peer.call()
    call.send(ICRQ()).expect(ICRP)
    call.send(ICCN(rx_connect_speed=RX_CONNECT_SPEED(b"\x25\x80")))
    peer.expect_silence()
    Ppp(call).up()


# Holds: R-2661-7.1-02 R-2661-7.1-06
def case_a_message_that_cannot_be_read_is_logged_and_ends_the_tunnel(t: T) -> None:
    t.needs("log")
    peer = t.opened()
    before = len(t.target.log())
    peer.send(HELLO().plus(Avp(7, b"", length=5)))
    peer.expect_stopccn(2)
    peer.ack()
    peer.collect(0.2)
    t.check(len(t.target.log()) > before, "nothing is in the log")


# Holds: R-2661-7.1-10
def case_datagrams_of_any_size_are_survived(t: T) -> None:
    peer = t.opened()
    for size in (0, 1, 2, 5, 6, 11, 12, 13, 19, 1500, 9000, 65507):
        peer.send_raw(b"\xff" * size)
        peer.send_raw(bytes(size))
        peer.send_raw((b"\xc8\x02" + bytes(65507))[:size])
    t.takes_tunnels(peer)
    peer.expect_silence()


# Holds: R-2661-7.1-10 R-2661-7.1-11
def case_mutated_messages_are_survived_and_harm_no_other_tunnel(t: T) -> None:
    """A thousand mutations, the same at every run."""
    chance = random.Random(2661)
    witness = t.opened()
    link = Ppp(t.incoming(witness)).up()
    victim = t.opened()
    samples = messages()
    began = time.monotonic()
    for number in range(1000):
        octets = bytearray(victim.filled(chance.choice(samples), ns=2, nr=1).encode())
        for _ in range(chance.randint(1, 4)):
            octets[chance.randrange(len(octets))] = chance.randrange(256)
        if chance.random() < 0.2:
            octets = octets[: chance.randrange(len(octets))]
        victim.send_raw(bytes(octets))
        if number % 50 == 49:
            victim.collect(0.01)
            del t.journal.lines[:-20]
            if victim.finished or number % 200 == 199:
                victim = t.opened()
        t.check(time.monotonic() - began < 60, "the target answers too slowly")
    t.takes_tunnels(victim)
    t.check(link.echo(), "data of another tunnel does not flow any more")
    witness.fence()


# Holds: R-2661-7.1-10
# @long
def case_a_hundred_thousand_mutated_messages_are_survived(t: T) -> None:
    chance = random.Random(1701)
    witness = t.opened()
    victim = t.opened()
    samples = messages()
    for number in range(100_000):
        octets = bytearray(victim.filled(chance.choice(samples), ns=2, nr=1).encode())
        for _ in range(chance.randint(1, 6)):
            octets[chance.randrange(len(octets))] = chance.randrange(256)
        victim.send_raw(bytes(octets))
        if number % 100 == 99:
            victim.collect(0.01)
            t.journal.lines.clear()
            t.seen.datagrams.clear()
        if number % 1000 == 999:
            victim.close()
            t.peers.remove(victim)
            victim = t.opened()
            witness.fence()
    t.takes_tunnels(victim)


def messages() -> list[Message]:
    """One of each, with all AVPs."""
    return [
        SCCRQ(receive_window_size=4, challenge=bytes(16), tie_breaker=1, vendor_name="v"),
        SCCRP(receive_window_size=4, challenge=bytes(16), challenge_response=bytes(16)),
        SCCCN(challenge_response=bytes(16)),
        STOPCCN(result_code=(6, 0, "text")),
        HELLO(),
        ICRQ(assigned_session_id=5, called_number="5552000", bearer_type=1),
        ICRP(assigned_session_id=5),
        ICCN(rx_connect_speed=1, proxy_authen_type=2, proxy_authen_name="n",
             proxy_authen_challenge=bytes(16), proxy_authen_id=1,
             proxy_authen_response=bytes(16), last_sent_lcp_confreq=b"\1\4\5\xd4"),
        CDN(assigned_session_id=5, q931_cause_code=b"\0\x10\x45"),
    ]  # fmt: skip


# Holds: R-2661-7.1-10 R-2661-7.1-13
def case_random_octets_are_survived(t: T) -> None:
    chance = random.Random(8)
    peer = t.peer()
    for _ in range(500):
        peer.send_raw(b"\xc8\x02" + chance.randbytes(chance.randrange(200)))
    t.journal.lines.clear()
    t.takes_tunnels(peer)


# Holds: R-2661-7.1-10 R-2661-4.1-05
def case_a_message_of_a_thousand_avps_is_survived(t: T) -> None:
    peer = t.opened()
    peer.send(HELLO().plus(*[Avp(4095, b"", m=False)] * 1000))
    peer.expect_ack()
    peer.expect_silence()


# Holds: R-2661-7.1-03 R-2661-7.2.1-20
def case_a_message_in_the_wrong_sequence_ends_the_tunnel(t: T) -> None:
    peer = t.opened()
    peer.send(SCCRP())
    peer.expect_stopccn({2, 7})
