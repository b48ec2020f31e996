"""Packets as they cross the interface towards the target; needs CAP_NET_RAW."""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING

from .peer import Address

if TYPE_CHECKING:
    from targets.base import Place

ETH_P_ALL = 3
IPV4 = 0x0800


@dataclass(frozen=True)
class Datagram:
    source: Address
    destination: Address
    checksum: int
    tos: int
    payload: bytes


class Capture:
    def __init__(self, place: Place) -> None:
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.bind((place.interface, 0))
        self.socket.setblocking(False)
        self.packets: list[bytes] = []  # IPv4 packets, in the order seen

    def __enter__(self) -> Capture:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        self.socket.close()

    def _read(self) -> None:
        time.sleep(0)  # packets that were received have been captured before
        while True:
            try:
                packet = self.socket.recv(65536)
            except BlockingIOError:
                return
            if struct.unpack_from("!H", packet, 12)[0] == IPV4:
                self.packets.append(packet[14:])

    def datagrams(self, *, destination: Address) -> list[Datagram]:
        """UDP datagrams to that address, those in one piece."""
        self._read()
        found = []
        for packet in self.packets:
            header = (packet[0] & 15) * 4
            fragment = struct.unpack_from("!H", packet, 6)[0] & 0x3FFF
            if packet[9] != socket.IPPROTO_UDP or fragment:
                continue
            source_port, port, size, checksum = struct.unpack_from("!HHHH", packet, header)
            datagram = Datagram(
                Address(socket.inet_ntoa(packet[12:16]), source_port),
                Address(socket.inet_ntoa(packet[16:20]), port),
                checksum, packet[1], packet[header + 8 : header + size],
            )  # fmt: skip
            if datagram.destination == destination:
                found.append(datagram)
        return found

    def fragments(self) -> list[bytes]:
        """Fragments of IP packets, in either direction."""
        self._read()
        return [p for p in self.packets if struct.unpack_from("!H", p, 6)[0] & 0x3FFF]
