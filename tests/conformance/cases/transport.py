"""UDP below L2TP: RFC 2661 section 8.1."""

from __future__ import annotations

import socket
import struct
import time

from peer.capture import Capture
from peer.catalogue import HELLO, ICRQ, SCCCN, SCCRP, SCCRQ, STOPCCN
from peer.ppp import Ppp
from peer.wire import Data
from suite import T


# Holds: R-2661-8.1-01 R-2661-8.2-01 R-2661-7.2.1-06
def case_an_initiator_sends_its_sccrq_to_port_1701(t: T) -> None:
    peer, _ = t.asked(port=1701)
    peer.expect(SCCRQ, ns=0, nr=0, within=6)


# Holds: R-2661-8.1-02 R-2661-8.1-05 R-2661-8.2-01
def case_an_sccrq_from_any_port_is_answered_from_port_1701_to_that_port(t: T) -> None:
    peer = t.peer(port=40000)
    peer.send(SCCRQ()).expect(SCCRP)
    t.equal(peer.target.port, 1701, "the port that the SCCRP comes from")


# Holds: R-2661-8.1-03
def case_a_tunnel_is_usable_whatever_port_the_sccrp_came_from(t: T) -> None:
    peer = t.opened()
    t.takes_calls(peer)


# Holds: R-2661-8.1-04
def case_an_initiator_follows_an_sccrp_that_comes_from_another_port(t: T) -> None:
    first, _ = t.asked()
    first.expect(SCCRQ, within=6)
    other = t.peer(address=first.local.host, tunnel_id=first.tunnel_id)
    other.target, other.target_tunnel_id, other.nr = first.target, first.target_tunnel_id, first.nr
    other.send(SCCRP()).expect(SCCCN, ns=1, nr=1)
    other.ack()
    other.expect_silence()


# Holds: R-2661-8.1-06
def case_addresses_and_ports_stay_as_they_are_for_the_life_of_a_tunnel(t: T) -> None:
    peer = t.peer()
    sources = set()
    peer.send(SCCRQ()).expect(SCCRP)
    sources.add(peer.target)
    peer.connect()
    call = peer.call()
    peer.send(HELLO())
    call.send(ICRQ())
    sources |= {a.source for a in peer.collect(0.5)}
    peer.send(STOPCCN())
    sources |= {a.source for a in peer.collect(0.3)}
    t.equal(len(sources), 1, f"the number of addresses the target sent from ({sources})")


# Holds: R-2661-8.1-07 R-2661-3.1-14
def case_of_two_messages_in_one_datagram_only_the_first_counts(t: T) -> None:
    peer = t.opened()
    call = peer.call()
    first = peer.filled(HELLO())
    second = peer.filled(call.filled(ICRQ()), ns=(peer.ns + 1) & 0xFFFF)
    peer.send_raw(first.encode() + second.encode())
    peer.expect_zlb(nr=(first.ns + 1) & 0xFFFF)
    peer.ns = (peer.ns + 1) & 0xFFFF
    peer.expect_silence()
    t.conforms("header")


# Holds: R-2661-8.1-08
def case_control_and_data_messages_carry_a_udp_checksum(t: T) -> None:
    with Capture(t.target.place) as capture:
        call = t.incoming(t.opened())
        Ppp(call).up()
        seen = capture.datagrams(destination=call.peer.local)
    kinds = {d.payload[0] & 0x80 for d in seen if d.payload}
    t.equal(kinds, {0, 0x80}, "the kinds of message captured")
    bare = ["control" if d.payload[0] & 0x80 else "data" for d in seen if not d.checksum]
    t.check(not bare, f"with UDP checksum 0 came: {', '.join(bare)}")


# Holds: R-2661-8.1-11
def case_data_without_a_udp_checksum_is_accepted(t: T) -> None:
    call = t.incoming(t.opened())
    ppp = Ppp(call).up()
    so_no_check = 11
    call.peer.socket.setsockopt(socket.SOL_SOCKET, so_no_check, 1)
    t.check(ppp.echo(), "an LCP Echo-Request with UDP checksum 0 was not answered")


# Holds: R-2661-8.1-12 R-2661-8.1-13 R-2661-3.1-11
def case_l2f_packets_are_discarded_and_l2tp_between_them_is_not(t: T) -> None:
    peer = t.opened()
    hello = peer.filled(HELLO())
    l2f = bytearray(hello.encode())
    l2f[1] = l2f[1] & 0xF0 | 1
    for _ in range(3):
        peer.send_raw(bytes(l2f))
    l2f_data = struct.pack("!HHH", 1, peer.target_tunnel_id, 1) + b"\xff\x03\xc0\x21"
    peer.send_raw(l2f_data)
    peer.expect_silence()
    t.equal(peer.seen_nr, (hello.ns + 1) & 0xFFFF, "Nr after the L2F packets and one HELLO")


# Holds: R-2661-8.1-15
def case_a_fragmented_data_message_is_delivered(t: T) -> None:
    call = t.incoming(t.opened())
    ppp = Ppp(call).up()
    pmtu_discovery, dont = 10, 0
    call.peer.socket.setsockopt(socket.IPPROTO_IP, pmtu_discovery, dont)
    with Capture(t.target.place) as capture:
        t.check(ppp.echo(size=1480), "a frame of 1,492 octets, fragmented, was not answered")
        if t.target.place.interface != "lo":
            t.check(capture.fragments(), "the datagram was not fragmented: the case proves nothing")


# Holds: R-2661-8.1-07 R-2661-3.1-12
def case_no_datagram_of_the_target_has_octets_behind_the_length(t: T) -> None:
    peer = t.opened()
    t.takes_calls(peer)
    peer.send(STOPCCN()).expect_ack()
    t.conforms("header")


# Holds: R-2661-8.2-02
def case_l2tp_over_ip_is_not_spoken_unless_it_is_asked_for(t: T) -> None:
    """L2TPv3's IP protocol 115, the other encapsulation on IP networks."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, 115) as raw:
        peer = t.peer()
        raw.bind((peer.local.host, 0))
        raw.settimeout(0.2)
        octets = peer.filled(SCCRQ()).encode()
        raw.sendto(bytes(4) + octets, (t.target.recipient("plain").address.host, 0))
        began = time.monotonic()
        try:
            while time.monotonic() - began < 0.2:
                answer = raw.recv(2000)[20:]
                t.check(b"\xc8\x02" not in answer[:6], "an answer came over IP protocol 115")
        except TimeoutError:
            pass
        t.takes_tunnels(peer)


# Holds: R-2661-8.1-13 R-2661-3.1-25
def case_data_for_a_tunnel_that_is_not_there_is_dropped_without_a_word(t: T) -> None:
    peer = t.peer()
    for tunnel_id in (0x7FFE, 0):
        peer.send_raw(Data(tunnel_id, 1, b"\xff\x03\xc0\x21\x09\x01\0\x08\0\0\0\0").encode())
    peer.send(SCCRQ()).expect(SCCRP, ns=0, nr=1)
    t.equal(len(t.journal.lines), 4, "the number of datagrams sent and received")
