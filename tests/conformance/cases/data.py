"""The data channel: RFC 2661 sections 5.3 and 5.4."""

from __future__ import annotations

from peer.catalogue import ICCN, ICRP, ICRQ
from peer.peer import Call, Peer
from peer.ppp import Ppp
from peer.wire import decode_data
from suite import T


def numbered(t: T, peer: Peer) -> tuple[Call, Ppp]:
    """A call whose ICCN says Sequencing Required, with LCP up; all that we send is numbered."""
    call = peer.call()
    call.send(ICRQ()).expect(ICRP)
    call.send(ICCN(sequencing_required=None))
    peer.expect_ack()
    call.data_ns = 0
    return call, Ppp(call).up()


def drained(call: Call) -> None:
    while call.next_data(within=0.1):
        pass


# Holds: R-2661-5.3-02 R-2661-6.8-01
def case_an_echo_request_is_answered_as_on_a_local_ppp_interface(t: T) -> None:
    t.check(Ppp(t.incoming(t.opened())).up().echo(), "no Echo-Reply")


# Holds: R-2661-5.3-01 R-2661-5.3-05
def case_frames_come_without_checksum_and_transparency_octets(t: T) -> None:
    call, _ = t.connected()
    data = call.next_data(within=6)
    t.check(data, "no data came")
    assert data
    t.check(data.payload[:4] in (b"\xff\x03\xc0\x21",) or data.payload[:2] == b"\xc0\x21",
            f"no LCP frame: {data.payload.hex()}")  # fmt: skip
    lcp = data.payload[data.payload.index(b"\xc0\x21") + 2 :]
    t.equal(int.from_bytes(lcp[2:4], "big"), len(lcp), "LCP's Length, with nothing behind it")


# Holds: R-2661-5.3-05
def case_frames_with_and_without_address_and_control_field_are_delivered(t: T) -> None:
    call = t.incoming(t.opened())
    ppp = Ppp(call).up()
    t.check(ppp.echoed(ppp.send_echo()), "with the fields: not delivered")
    t.check(ppp.echoed(ppp.send_echo(compressed=True)), "without the fields: not delivered")


# Holds: R-2661-5.3-02 R-2661-6.8-02
def case_an_ip_address_is_given_to_the_caller(t: T) -> None:
    ppp = Ppp(t.incoming(t.opened())).up()
    address = ppp.get_address()
    t.check(address != bytes(4), "no address")


# Holds: R-2661-5.4-02 R-2661-4.4.4-15 R-2661-4.4.4-29 R-2661-5.4-01
def case_with_sequencing_required_all_data_is_numbered_from_0(t: T) -> None:
    peer = t.opened()
    call, ppp = numbered(t, peer)
    for _ in range(3):
        ppp.echo()
    drained(call)
    got = [m for m in _data(t, call)]
    t.check(all(n is not None for n in got), f"some data is without numbers: {got}")
    t.equal(got, list(range(len(got))), "the numbers")


def _data(t: T, call: Call) -> list[int | None]:
    """Ns of all the data messages of this call, in order."""
    numbers = []
    for _, _, arrow, octets in t.journal.lines:
        if arrow == "<--" and not octets[0] & 0x80:
            data = decode_data(octets)
            if (data.tunnel_id, data.session_id) == (call.peer.tunnel_id, call.session_id):
                numbers.append(data.ns)
    return numbers


# Holds: R-2661-5.4-02 R-2661-4.4.4-29
def case_with_sequencing_required_numbers_stay_although_the_peer_sends_none(t: T) -> None:
    call, ppp = numbered(t, t.opened())
    call.data_ns = None
    ppp.send_echo()
    drained(call)
    call.send_data(b"\xff\x03\xc0\x21\x09\x70\x00\x08" + ppp.magic)
    drained(call)
    t.check(None not in _data(t, call), "the target stopped numbering")


# Holds: R-2661-5.4-01
def case_each_session_has_data_numbers_of_its_own(t: T) -> None:
    peer = t.opened()
    first, link = numbered(t, peer)
    link.echo()
    second, _ = numbered(t, peer)
    drained(second)
    t.equal(_data(t, second)[0], 0, "the first number of the second session")
    t.equal(_data(t, first)[0], 0, "the first number of the first session")


# Holds: R-2661-5.4-03 R-2661-5.4-04 R-2661-5.4-05 R-2661-5.4-07
def case_a_lac_numbers_its_data_as_the_lns_does(t: T) -> None:
    call, _ = t.connected()
    ppp = Ppp(call).up()
    drained(call)
    call.data_ns = 0
    t.check(ppp.echo(), "numbered data is not answered")
    drained(call)
    t.check(ppp.echo(), "numbered data is not answered")
    t.check(_data(t, call)[-1] is not None, "with numbers from the LNS, the LAC sends none")
    call.data_ns = None
    ppp.echo()
    drained(call)
    t.check(ppp.echo(), "data without numbers is not answered")
    t.check(_data(t, call)[-1] is None, "without numbers from the LNS, the LAC sends some")


# Holds: R-2661-5.4-06
def case_numbers_go_on_where_they_stopped(t: T) -> None:
    call, _ = t.connected()
    ppp = Ppp(call).up()
    call.data_ns = 0
    for _ in range(3):
        ppp.echo()
    drained(call)
    last = [n for n in _data(t, call) if n is not None][-1]
    call.data_ns = None
    ppp.echo()
    ppp.echo()
    drained(call)
    call.data_ns = 3
    ppp.echo()
    ppp.echo()
    drained(call)
    after = [n for n in _data(t, call) if n is not None]
    t.equal(after[after.index(last) + 1], last + 1, "the first number after the pause")


# Holds: R-2661-5.4-09
def case_data_that_is_lost_is_not_asked_for_again(t: T) -> None:
    call, ppp = numbered(t, t.opened())
    assert call.data_ns is not None
    call.data_ns += 1  # one is lost
    delivered = any(ppp.echo(within=0.3) for _ in range(10))
    t.check(delivered, "none of ten messages behind a lost one is delivered")
    call.peer.expect_silence()


# Holds: R-2661-5.4-09
def case_after_a_lost_message_the_stream_goes_on(t: T) -> None:
    call, ppp = numbered(t, t.opened())
    assert call.data_ns is not None
    call.data_ns += 1
    # One or two more may be lost with it: what waits for it too long is dropped by the kernel.
    delivered = [ppp.echo(within=0.2) for _ in range(4)]
    t.check(all(delivered[2:]), f"of the next four, these were delivered: {delivered}")


# Holds: R-2661-5.4-10
def case_a_duplicate_of_numbered_data_is_not_delivered_twice(t: T) -> None:
    call, ppp = numbered(t, t.opened())
    first = ppp.send_echo()
    assert call.data_ns is not None
    call.data_ns -= 1
    octets = t.journal.lines[-1][3]
    call.peer.send_raw(octets)
    call.data_ns += 1
    last = ppp.send_echo()
    t.equal(ppp.replies([first, last]), [first, last], "the replies")


# Holds: R-2661-5.4-11
def case_a_jump_ahead_does_not_stall_the_session_for_long(t: T) -> None:
    call, ppp = numbered(t, t.opened())
    call.data_ns = 20_000
    delivered = 0
    for _ in range(20):
        delivered += ppp.echo(within=0.2)
    t.check(delivered, "nothing of 20 messages behind a jump of 20,000 was delivered")


# Holds: R-2661-5.4-10 R-2661-5.4-11
# @long
def case_data_numbers_wrap_around(t: T) -> None:
    # Linux keeps 32 frames that pppd has not read and drops the oldest, so that a longer burst, or one
    # before our Configure-Ack has been read, loses what matters.
    call, ppp = numbered(t, t.opened())
    discard = b"\xff\x03\xc0\x21\x0b\x00\x00\x08" + ppp.magic
    while (call.data_ns or 0) < 65_500:
        t.check(ppp.echo(), f"no reply at Ns {call.data_ns}")
        for _ in range(31):
            call.send_data(discard)
        t.journal.lines.clear()
    while (call.data_ns or 0) > 60_000 or (call.data_ns or 0) < 20:
        t.check(ppp.echo(), f"no reply at Ns {call.data_ns}")


# Holds: R-2661-5.4-12
def case_data_that_comes_out_of_order_is_put_in_order_or_dropped(t: T) -> None:
    call, ppp = numbered(t, t.opened())
    base = call.data_ns or 0
    call.data_ns = base + 1
    later = ppp.send_echo()
    call.data_ns = base
    earlier = ppp.send_echo()
    call.data_ns = base + 2
    last = ppp.send_echo()
    got = ppp.replies([later, earlier, last], within=1)
    orders = ([later, last], [later, earlier, last], [earlier, later, last], [earlier],
              [earlier, last], [later])  # fmt: skip
    t.check(got in orders, f"the order of the replies is {got}")
    t.check(any(ppp.echo(within=0.3) for _ in range(10)), "the session is stalled")


# Holds: R-2661-5.4-08
def case_a_target_can_be_told_to_number_its_data(t: T) -> None:
    t.needs("flavour:sequenced")
    call = t.incoming(t.opened("sequenced"))
    call.data_ns = 0
    ppp = Ppp(call).up()
    ppp.echo()
    drained(call)
    t.check(None not in _data(t, call), "data without numbers came")


# Holds: R-2661-5.3-03 R-2661-3.1-17
def case_five_sessions_carry_data_side_by_side(t: T) -> None:
    peer = t.opened(receive_window_size=8)
    links = [Ppp(t.incoming(peer)) for _ in range(5)]
    for link in links:
        link.up()
    for link in links:
        t.check(link.echo(), "a session does not carry data")
    peer.fence()
