"""HELLO: RFC 2661 sections 5.5 and 6.5."""

from __future__ import annotations

import time

from peer.catalogue import HELLO, ICRP, ICRQ
from peer.ppp import Ppp
from suite import T


# Holds: R-2661-6.5-02 R-2661-5.1-01
def case_a_hello_is_acknowledged_and_nothing_else(t: T) -> None:
    peer = t.opened()
    peer.send(HELLO())
    peer.expect_zlb(nr=3)
    peer.expect_silence()


# Holds: R-2661-6.5-01 R-2661-6.5-04 R-2661-6.5-05 R-2661-5.5-01
def case_a_hello_comes_after_the_quiet_time_that_was_set(t: T) -> None:
    t.needs("flavour:hello")
    peer = t.opened("hello")
    began = time.monotonic()
    hello = peer.expect(HELLO, within=3)
    took = time.monotonic() - began
    t.check(0.8 <= took <= 1.5, f"the HELLO came after {took:.2f} s, 1 s was set")
    t.equal((len(hello.avps), hello.session_id), (1, 0), "AVPs and Session ID of the HELLO")
    peer.ack()


# Holds: R-2661-5.5-01
def case_control_messages_put_off_the_hello(t: T) -> None:
    t.needs("flavour:hello")
    peer = t.opened("hello")
    for _ in range(4):
        said = [a for a in peer.collect(0.5) if a.message and a.message.kind == HELLO.type]
        t.check(not said, "a HELLO half a second after a control message")
        peer.send(HELLO())
        peer.expect_ack()


# Holds: R-2661-5.5-01
def case_data_puts_off_the_hello(t: T) -> None:
    t.needs("flavour:hello")
    peer = t.opened("hello")
    ppp = Ppp(t.incoming(peer)).up()
    peer.collect(0.3)  # SLI
    peer.ack()
    for _ in range(6):
        ppp.send_echo()
        said = [a for a in peer.collect(0.4) if a.message and a.message.kind == HELLO.type]
        t.check(not said, "a HELLO half a second after data came")


# Holds: R-2661-5.5-02 R-2661-5.5-03 R-2661-5.8-23
def case_a_hello_that_is_not_acknowledged_ends_tunnel_and_sessions(t: T) -> None:
    t.needs("flavour:hello", "tunnels", "sessions")
    peer = t.opened("hello")
    Ppp(t.incoming(peer)).up()
    peer.collect(0.3)
    peer.ack()
    peer.expect(HELLO, within=3)
    peer.nr = 0xFFFF  # from now on the peer acknowledges nothing
    peer.collect(2.5)
    for _ in range(30):
        left = t.target.sessions(peer.local.host) + t.target.tunnels(peer.local.host)
        if not left:
            break
        peer.collect(0.1)
    t.equal([handle.name for handle in left], [], "what is left of sessions and tunnels")
    peer.finished = True


# Holds: R-2661-6.5-03
def case_a_peer_that_never_sends_hello_keeps_its_tunnel(t: T) -> None:
    t.needs("flavour:hello")
    peer = t.opened("hello")
    for _ in range(3):
        peer.expect(HELLO, within=3)
        peer.ack()
    t.takes_calls(peer)


# Holds: R-2661-6.5-02 R-2661-7.3-01
def case_a_hello_during_a_call_setup_is_acknowledged(t: T) -> None:
    peer = t.opened()
    peer.call().send(ICRQ())
    peer.send(HELLO())
    peer.expect(ICRP)
    peer.expect_ack()


# Holds: R-2661-6.5-05
# @long
def case_by_default_a_hello_comes_after_60_seconds(t: T) -> None:
    t.needs("flavour:default")
    peer = t.opened("default")
    began = time.monotonic()
    peer.expect(HELLO, within=90)
    took = time.monotonic() - began
    t.check(55 <= took <= 75, f"the HELLO came after {took:.0f} s")
    peer.ack()


# Holds: R-2661-6.5-03
# @long
def case_a_peer_that_only_acknowledges_keeps_its_tunnel_for_10_minutes(t: T) -> None:
    t.needs("flavour:default")
    peer = t.opened("default")
    for _ in range(10):
        peer.expect(HELLO, within=90)
        peer.ack()
    t.takes_calls(peer)
