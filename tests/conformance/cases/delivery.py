"""Reliable delivery of control messages: RFC 2661 section 5.8 and appendix A."""

from __future__ import annotations

import time

from peer.catalogue import (
    CALL_SERIAL_NUMBER,
    CDN,
    HELLO,
    ICRP,
    ICRQ,
    RECEIVE_WINDOW_SIZE,
    SCCCN,
    SCCRP,
    SCCRQ,
    ZLB,
)
from peer.errors import Failure
from peer.peer import PATIENCE, Arrival, Call, Peer
from peer.ppp import Ppp
from suite import T


def outstanding(arrivals: list[Arrival]) -> list[int]:
    """The different Ns of what came, in order."""
    numbers: list[int] = []
    for arrival in arrivals:
        message = arrival.message
        if message and not message.is_zlb and message.ns not in numbers:
            numbers.append(message.ns)
    return numbers


def burst(peer: Peer) -> list[Arrival]:
    """Waits for something new, and gives what comes until a moment of quiet."""
    arrivals: list[Arrival] = []
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and not arrivals:
        arrivals += [a for a in peer.collect(0.2) if a.message and not a.message.is_zlb]
    while more := peer.collect(0.1):
        arrivals += more
    return arrivals


def copies(arrivals: list[Arrival], ns: int) -> list[Arrival]:
    return [a for a in arrivals if a.message and not a.message.is_zlb and a.message.ns == ns]


def gaps(arrivals: list[Arrival]) -> list[float]:
    times = [a.at for a in arrivals]
    return [round(b - a, 2) for a, b in zip(times, times[1:], strict=False)]


# Sequence numbers.


# Holds: R-2661-5.8-01
def case_each_tunnel_has_sequence_numbers_of_its_own(t: T) -> None:
    first, second = t.opened(), t.opened()
    for _ in range(3):
        first.fence()
    second.call().send(ICRQ()).expect(ICRP, ns=1, nr=3)
    first.call().send(ICRQ()).expect(ICRP, ns=1, nr=6)


# Holds: R-2661-5.8-01
def case_numbers_of_data_do_not_disturb_those_of_control(t: T) -> None:
    peer = t.opened()
    ppp = Ppp(t.incoming(peer)).up()
    for ns in range(5):
        ppp.echo(fields={"ns": ns, "nr": 1000}, within=0.5)
    peer.expect_silence()


# Holds: R-2661-5.8-03 R-2661-5.8-04 R-2661-5.8-05
def case_a_duplicate_is_acknowledged_with_the_current_nr(t: T) -> None:
    peer = t.opened()
    for _ in range(4):
        peer.fence()
    for ns in (2, 5, 0):
        peer.send(HELLO(), ns=ns)
        peer.expect_zlb(nr=6)


# Holds: R-2661-5.8-04 R-2661-5.8-11
def case_a_duplicate_is_not_acted_on(t: T) -> None:
    peer = t.opened()
    call = peer.call()
    call.send(ICRQ()).expect(ICRP, ns=1)
    peer.ack()
    for _ in range(3):
        call.send(ICRQ(), ns=2)
    said = [a.message for a in peer.collect(0.5) if a.message]
    t.check(all(m.is_zlb for m in said), f"answered by {said}")
    t.check(said and all(m.nr == 3 for m in said), "the duplicate was not acknowledged by Nr 3")


# Holds: R-2661-5.8-03 R-2661-5.8-04
def case_the_32768_numbers_before_the_expected_one_are_old(t: T) -> None:
    """With Ns 2 expected: 1, 0, 65535 and down to 32770 are duplicates."""
    peer = t.opened()
    for ns in (1, 0, 65535, 40000, 32770):
        peer.send(HELLO(), ns=ns)
        try:
            peer.expect_zlb(nr=2, within=1)
        except Failure as failure:
            raise Failure(f"Ns {ns}, an old message: {failure}") from failure


# Holds: R-2661-5.8-03 R-2661-5.8-13
def case_the_numbers_after_the_expected_one_are_not_old(t: T) -> None:
    peer = t.opened()
    for ns in (4, 100, 32769):
        peer.send(HELLO(), ns=ns)
    numbers = {a.message.nr for a in peer.collect(0.4) if a.message}
    t.check(numbers <= {2}, f"Nr moved: {numbers}")
    peer.expect_silence()


# Holds: R-2661-5.8-06
def case_a_zlb_takes_no_number(t: T) -> None:
    peer = t.opened()
    for _ in range(3):
        peer.send(HELLO())
        zlb = peer.expect_zlb(nr=peer.ns)
        t.equal(zlb.ns, 1, "Ns of the ZLB")
    peer.call().send(ICRQ()).expect(ICRP, ns=1)


# Holds: R-2661-5.8-07
def case_a_zlb_does_not_move_nr(t: T) -> None:
    peer = t.opened()
    peer.ack()
    peer.send(HELLO(), ns=2)
    peer.expect_zlb(nr=3)


# Holds: R-2661-5.8-08
def case_a_zlb_is_never_acknowledged(t: T) -> None:
    peer = t.opened()
    for ns in (2, 2, 0, 1, 3, 9, 65535, 2, 2, 2):
        peer.send(ZLB, ns=ns)
    peer.expect_nothing(0.4)
    peer.expect_silence()


# Holds: R-2661-5.8-09
def case_one_nr_acknowledges_everything_before_it(t: T) -> None:
    peer = t.peer("quick")
    peer.open(receive_window_size=8)
    for _ in range(3):
        call = peer.call()
        call.send(ICRQ()).expect(ICRP)
    peer.ack()
    peer.repeats.clear()
    peer.expect_nothing(0.6)
    t.check(not peer.repeats, "an acknowledged message is repeated")


# Holds: R-2661-5.8-09
def case_nr_of_a_duplicate_counts_too(t: T) -> None:
    peer = t.peer("quick")
    peer.open()
    peer.call().send(ICRQ()).expect(ICRP, ns=1)
    peer.send(HELLO(), ns=1)  # an old number, a new Nr
    peer.collect(0.05)
    peer.repeats.clear()
    peer.collect(0.6)
    t.check(not peer.repeats, "the ICRP is repeated although a duplicate acknowledged it")


# Holds: R-2661-5.8-10
def case_an_nr_of_what_was_never_sent_acknowledges_nothing(t: T) -> None:
    peer = t.peer("quick")
    peer.open()
    peer.call().send(ICRQ()).expect(ICRP, ns=1)
    for nr in (1, 3, 100, 0, 65535, 32769):
        peer.send(ZLB, nr=nr)
    peer.collect(0.35)
    t.check(peer.repeats, "the ICRP is not repeated: a wrong Nr acknowledged it")
    peer.ack()
    peer.expect_silence()


# Holds: R-2661-5.8-11 R-2661-5.8-12 R-2661-5.8-13
def case_messages_out_of_order_are_acted_on_in_order(t: T) -> None:
    peer = t.opened()
    first, second = peer.call(), peer.call()
    second.send(ICRQ(), ns=3)
    said = [a.message for a in peer.collect(0.3) if a.message]
    t.check(all(m.is_zlb for m in said), "the later message was acted on before the earlier one")
    t.check(all(m.nr == 2 for m in said), "Nr moved over the gap")
    first.send(ICRQ(), ns=2)
    first.expect(ICRP, ns=1)
    second.send(ICRQ(), ns=3)  # it may have been discarded
    second.expect(ICRP, ns=2, nr=4)
    peer.ns = 4
    peer.expect_silence()


# Holds: R-2661-5.8-12
def case_a_lost_message_in_a_full_window_is_made_good(t: T) -> None:
    peer = t.opened(receive_window_size=8)
    calls = [peer.call() for _ in range(4)]
    for index in (1, 2, 3, 0, 1, 2, 3):  # as sent, with the first one lost, then all again
        calls[index].send(ICRQ(), ns=2 + index)
    peer.ns = 6
    for call in calls:
        call.expect(ICRP)
        peer.ack()
    peer.expect_silence()


# Holds: R-2661-5.8-14
def case_a_zlb_without_session_id_acknowledges_messages_of_a_session(t: T) -> None:
    peer = t.peer("quick")
    peer.open()
    peer.call().send(ICRQ()).expect(ICRP)
    peer.send(ZLB, session_id=0)
    peer.repeats.clear()
    peer.collect(0.6)
    t.check(not peer.repeats, "the ICRP is repeated")


# Holds: R-2661-5.8-15 R-2661-6.5-02
def case_an_idle_tunnel_acknowledges_within_half_a_second(t: T) -> None:
    peer = t.opened()
    began = time.monotonic()
    peer.send(HELLO())
    peer.expect_zlb(nr=3, within=1)
    took = time.monotonic() - began
    t.check(took < 0.5, f"the acknowledgement took {took:.2f} s")


# Holds: R-2661-5.8-16 R-2661-5.8-31
def case_a_window_full_of_messages_is_acknowledged(t: T) -> None:
    peer = t.peer()
    sccrp = peer.send(SCCRQ()).expect(SCCRP)
    del sccrp
    peer.connect()
    for _ in range(4):
        peer.send(HELLO())
    peer.expect_ack(within=1)


# Holds: R-2661-5.8-16 R-2661-7.4.2-02 R-2661-7.4-01
def case_calls_that_are_not_allowed_are_refused_and_acknowledged_at_once(t: T) -> None:
    t.needs("flavour:closed")
    peer = t.opened("closed", receive_window_size=8)
    calls = [peer.call() for _ in range(4)]
    for call in calls:
        call.send(ICRQ())
    peer.expect_ack(within=0.5)
    for call in calls:
        call.expect_cdn({3, 4, 5, 6})
        peer.ack()


# Retransmission.


# Holds: R-2661-5.8-17 R-2661-5.8-19 R-2661-5.8-24
def case_an_unacknowledged_message_is_repeated_after_1_and_3_seconds(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ())
    seen = copies(peer.collect(3.6), 0)
    t.equal(len(seen), 3, "the number of SCCRPs within 3.6 s")
    first, second = gaps(seen)
    t.check(0.8 <= first <= 1.3, f"the first copy came after {first} s")
    t.check(1.6 <= second <= 2.4, f"the second copy came {second} s after the first")
    t.equal(len({a.octets for a in seen}), 1, "the number of different copies")


# Holds: R-2661-5.8-19 R-2661-5.8-22 R-2661-5.8-23 R-2661-6.4-01 R-2661-7.2.1-04
def case_the_number_of_repetitions_can_be_set_and_ends_in_the_end_of_the_tunnel(t: T) -> None:
    t.needs("flavour:quick", "tunnels")
    peer = t.peer("quick")
    peer.open()
    peer.call().send(ICRQ())
    seen = copies(peer.collect(2.5), 1)
    t.equal(len(seen), 4, "the number of ICRPs: once and three times again")
    for got, wanted in zip(gaps(seen), (0.1, 0.2, 0.4), strict=True):
        t.check(abs(got - wanted) < 0.08, f"an interval of {got} s, expected {wanted} s")
    for _ in range(30):
        left = t.target.tunnels(peer.local.host)
        if not left:
            break
        peer.collect(0.1)
    t.equal([handle.name for handle in left], [], "the tunnels afterwards")
    peer.finished = True


# Holds: R-2661-5.8-18 R-2661-5.8-24
def case_a_repetition_has_the_same_ns_and_the_current_nr(t: T) -> None:
    peer = t.opened()
    call = peer.call()
    call.send(ICRQ()).expect(ICRP, ns=1, nr=3)
    peer.send(HELLO(), nr=1)
    arrivals = peer.collect(1.6)
    again = copies(arrivals, 1)
    t.check(again, "the ICRP is not repeated")
    message = again[0].message
    assert message
    t.equal(message.nr, 4, "Nr of the repeated ICRP")
    first = next(m for m in t.received(ICRP))
    t.equal(message.avps, first.avps, "its AVPs")


# Holds: R-2661-5.8-24
def case_a_repetition_with_hidden_avps_has_the_same_octets(t: T) -> None:
    t.needs("flavour:hidden")
    peer = t.peer("hidden")
    peer.send(SCCRQ())
    seen = copies(peer.collect(1.5), 0)
    t.equal(len(seen), 2, "the number of SCCRPs within 1.5 s")
    t.equal(seen[0].octets, seen[1].octets, "the repetition")


# Holds: R-2661-4.4.3-18 R-2661-4.4.3-19
def case_an_sccrq_is_repeated_with_tunnel_id_0(t: T) -> None:
    peer, _ = t.asked()
    peer.expect(SCCRQ, within=6)
    peer.collect(1.4)
    again = [a.message for a in peer.repeats if a.message and a.message.kind == SCCRQ.type]
    t.check(again, "the SCCRQ is not repeated")
    t.check(all(m.tunnel_id == 0 for m in again), "a copy has another Tunnel ID than 0")


# Holds: R-2661-5.8-25
def case_a_port_that_is_closed_for_a_while_does_not_end_the_tunnel(t: T) -> None:
    peer = t.opened()
    call = peer.call()
    call.send(ICRQ()).expect(ICRP, ns=1)
    local = peer.local
    peer.socket.close()  # the repetitions meet ICMP port unreachable
    time.sleep(1.5)
    again = t.peer(address=local.host, port=local.port, tunnel_id=peer.tunnel_id)
    again.target, again.target_tunnel_id = peer.target, peer.target_tunnel_id
    again.ns, again.nr = peer.ns, peer.nr
    again.expect_silence()
    peer.finished = True


# Holds: R-2661-5.8-26
def case_calls_come_up_although_every_third_datagram_is_lost(t: T) -> None:
    t.needs("flavour:quick")
    peer = t.peer("quick")
    peer.open(receive_window_size=4)
    lossy = Lossy(peer)
    for _ in range(6):
        call = peer.call()
        lossy.answered(call)
    peer.expect_silence()


class Lossy:
    """Sends until the answer is there; every third datagram in each direction is lost."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.count = 0

    def lost(self) -> bool:
        self.count += 1
        return self.count % 3 == 0

    def answered(self, call: Call) -> None:
        ns = self.peer.ns
        for _ in range(20):
            self.peer.ns = ns
            if self.lost():
                self.peer.ns = (ns + 1) & 0xFFFF
            else:
                call.send(ICRQ())
            nr = self.peer.nr
            arrival = self.peer.arrival(within=0.15)
            if arrival and arrival.message and arrival.message.kind == ICRP.type:
                if not self.lost():
                    self.peer.ack()
                    return
                self.peer.nr = nr  # it never came
        raise self.peer.failure("no answer in twenty attempts")


# Window and congestion.


# Holds: R-2661-5.8-27 R-2661-4.4.3-09
def case_a_receive_window_of_1_can_be_offered_and_works(t: T) -> None:
    t.needs("flavour:window1")
    peer = t.peer("window1")
    sccrp = peer.send(SCCRQ()).expect(SCCRP)
    t.equal(sccrp.number(RECEIVE_WINDOW_SIZE), 1, "Receive Window Size")
    peer.connect()
    t.takes_calls(peer)


# Holds: R-2661-5.8-29 R-2661-4.4.3-23
def case_a_peer_with_a_window_of_1_never_has_two_messages_outstanding(t: T) -> None:
    peer = t.opened(receive_window_size=1)
    _calls_within(t, peer, 1)


# Holds: R-2661-4.4.3-23
def case_a_peer_with_a_window_of_2_never_has_three_messages_outstanding(t: T) -> None:
    peer = t.opened(receive_window_size=2)
    _calls_within(t, peer, 2)


# Holds: R-2661-4.4.3-22
def case_without_a_receive_window_size_never_more_than_4_messages_are_outstanding(t: T) -> None:
    peer = t.opened()
    _calls_within(t, peer, 4)


def _calls_within(t: T, peer: Peer, window: int) -> None:
    """Ten calls are answered; every time as much as came is acknowledged, and no more comes."""
    for _ in range(10):
        peer.call().send(ICRQ(), nr=1)
    seen = 0
    while seen < 10:
        new = [ns for ns in outstanding(burst(peer)) if ns > seen]
        t.check(new, f"nothing more came after {seen} of 10 answers")
        t.check(len(new) <= window, f"{len(new)} messages are outstanding: Ns {new}")
        seen = max(new)
        peer.send(ZLB, nr=seen + 1)


# Holds: R-2661-5.8-28 R-2661-5.8-30 R-2661-A-01 R-2661-A-02
def case_slow_start_opens_the_window_to_what_was_offered(t: T) -> None:
    """An offer of 4: one message, then two more for each acknowledgement, until four are out."""
    peer = t.opened(receive_window_size=4)
    for _ in range(14):
        peer.call().send(ICRQ(), nr=1)
    highest, acked, most = 0, 0, 0
    began = True
    while highest < 14:
        new = [ns for ns in outstanding(burst(peer)) if ns > highest]
        highest = max(new, default=highest)
        out = highest - acked
        if began:
            t.check(out <= 2, f"{out} messages are outstanding before the first acknowledgement")
            began = False
        most = max(most, out)
        t.check(out <= 4, f"{out} messages are outstanding, 4 were offered")
        t.check(acked < highest, f"nothing came after {highest} of 14 answers")
        acked += 1
        peer.send(ZLB, nr=acked + 1)
    t.equal(most, 4, "the most messages that were outstanding")
    peer.ack()


# Holds: R-2661-A-03 R-2661-5.8-30
def case_after_a_repetition_one_message_is_outstanding_again(t: T) -> None:
    t.needs("flavour:quick")
    peer = t.peer("quick")
    peer.open(receive_window_size=8)
    for _ in range(6):  # opens the window
        peer.call().send(ICRQ()).expect(ICRP)
        peer.ack()
    base = peer.nr
    for _ in range(8):
        peer.call().send(ICRQ(), nr=base)
    numbers = outstanding(burst(peer))
    peer.collect(0.2)
    t.check(peer.repeats, "nothing was repeated: the case proves nothing")
    t.check(len(numbers) > 2, f"the window was not open: Ns {numbers}")
    oldest = numbers[0]
    seen = max(numbers)
    peer.send(ZLB, nr=(oldest + 1) & 0xFFFF)
    later = [a for a in peer.collect(0.08)]
    new = [ns for ns in outstanding(later) if ns > seen]
    t.check(len(new) <= 1, f"{len(new)} new messages at once after a loss: Ns {new}")
    peer.send(ZLB, nr=(seen + 1) & 0xFFFF)


# Holds: R-2661-5.8-02 R-2661-5.8-03
# @long
def case_sequence_numbers_of_a_peer_wrap_around(t: T) -> None:
    """65,540 HELLOs; the peer acknowledges nothing of its own, it just goes on."""
    peer = t.opened()
    for _ in range(65_538 // 2):
        peer.send(HELLO())
        peer.send(HELLO())
        peer.expect_ack()
        peer.journal.lines.clear()
    for ns in (65535, 65000):  # old ones, on the other side of 0
        peer.send(HELLO(), ns=ns)
        peer.expect_zlb(nr=peer.ns)
    t.takes_calls(peer)


# Holds: R-2661-5.8-02 R-2661-5.8-09
# @long
def case_sequence_numbers_of_the_target_wrap_around(t: T) -> None:
    """Calls without a Call Serial Number, each of which is refused by a CDN with an Ns."""
    peer = t.opened(receive_window_size=4)
    while peer.nr < 65_530 or peer.nr == 0:
        call = peer.call()
        call.send(ICRQ(assigned_session_id=(peer.ns % 60000) + 1).without(CALL_SERIAL_NUMBER))
        peer.expect(CDN)
        peer.calls.clear()
        peer.journal.lines.clear()
    for _ in range(12):
        call = peer.call()
        call.send(ICRQ().without(CALL_SERIAL_NUMBER))
        peer.expect(CDN)
    t.check(peer.nr < 100, f"the target's Ns is {peer.nr}: it did not wrap around")
    peer.ack()
    peer.collect(120)  # ids that were given out may rest for a while
    t.takes_calls(peer)
    peer.repeats.clear()
    peer.collect(5)
    t.check(not peer.repeats, "an acknowledged message is repeated after the wrap")


# Holds: R-2661-5.8-17 R-2661-5.8-19 R-2661-5.8-20 R-2661-5.8-21 R-2661-5.8-22 R-2661-5.8-23
# @long
def case_by_default_a_message_is_repeated_five_times_and_the_tunnel_lost_within_63_seconds(
    t: T,
) -> None:
    peer = t.opened()
    call = t.incoming(peer)
    ppp = Ppp(call).up()
    peer.ack()
    other = peer.call()
    other.send(ICRQ()).expect(ICRP)
    ns = peer.nr - 1
    began = time.monotonic()
    seen = copies(peer.collect(70), ns & 0xFFFF)
    intervals = gaps(seen)
    t.equal(len(seen), 5, f"the number of repetitions (intervals {intervals})")
    for got, least in zip(intervals, (1.6, 3.5, 7.2, 7.9), strict=True):
        t.check(got >= least, f"an interval of {got} s in {intervals}, expected {least} or more")
    t.check(max(intervals) >= 8, f"the longest interval is below 8 s: {intervals}")
    t.check(seen[-1].at - began >= 22, "the last repetition came too early")
    t.check(not ppp.echo(within=1), "the session is still there")
    peer.send(HELLO())
    t.check(not peer.collect(1), "the tunnel is still there")
    peer.finished = True


# Holds: R-2661-6.1-04
# @long
def case_an_sccrq_repeated_over_10_seconds_makes_one_tunnel(t: T) -> None:
    peer = t.peer()
    peer.send(SCCRQ()).expect(SCCRP)
    for _ in range(5):
        peer.send(SCCRQ(), ns=0, tunnel_id=0)
        for arrival in peer.collect(2):
            message = arrival.message
            t.check(message and message.nr == 1, "an acknowledgement has another Nr than 1")
    peer.send(SCCCN())
    peer.expect_ack()
    t.takes_calls(peer)

