#!/usr/bin/env python3
"""Writes the seed corpus corpus/authorize_response: an octet, and an AuthorizeResponse as protobuf encodes it."""

import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent / "corpus/authorize_response"


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def octets(field: int, value: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def accept(*fields: bytes) -> bytes:
    return octets(1, b"".join(fields))


EVERYTHING = (
    octets(1, b"open sesame"),
    octets(2, b"192.0.2.7"),
    octets(3, b"::1:7"),
    octets(4, b"2001:db8:7::/64"),
    octets(5, b"192.0.2.53"),
    octets(5, b"192.0.2.54"),
    octets(6, number(1, 3600)),
    octets(7, number(1, 60)),
    octets(8, number(1, 300)),
    octets(9, b"198.51.100.0/24"),
    octets(9, b"2001:db8:8::/48"),
    number(10, 10**8),
    number(11, 10**7),
)

SEEDS = {
    "everything": b"\x01" + accept(*EVERYTHING),
    "no_password": b"\x01" + accept(octets(2, b"192.0.2.7")),
    "checked_already": b"\x00" + accept(),
    "reject": b"\x00" + octets(2, octets(1, b"no such user")),
    "no_decision": b"\x00",
    "negative": b"\x00" + accept(number(10, -1)),
    "odd_times": b"\x00" + accept(octets(6, number(1, -1) + number(2, 5)), octets(8, number(1, 1))),
    "bad_addresses": b"\x00" + accept(octets(2, b"::1"), octets(3, b"192.0.2.1"), octets(4, b"::/64")),
}

FOLDER.mkdir(parents=True, exist_ok=True)
for name, seed in SEEDS.items():
    (FOLDER / name).write_bytes(seed)
