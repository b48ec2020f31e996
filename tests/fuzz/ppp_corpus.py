#!/usr/bin/env python3
"""Writes the seed corpora corpus/ppp_link and corpus/icmp_echo (see the fuzzers for the formats)."""

import pathlib
import struct

FOLDER = pathlib.Path(__file__).resolve().parent / "corpus"
LCP, PAP, CHAP, IPCP, IPV6CP, CCP, IPV4 = 0xC021, 0xC023, 0xC223, 0x8021, 0x8057, 0x80FD, 0x0021
TIME, ACK, WELCOME = b"\xff", b"\xfe", b"\xfd"
LNS, AUTH, PAP_END, CHAP_END, MSCHAP_END = 0x80, 0x40, 0 << 3, 1 << 3, 2 << 3


def frame(protocol: int, code: int, identifier: int, body: bytes = b"") -> bytes:
    packet = struct.pack("!BBH", code, identifier, 4 + len(body)) + body
    octets = b"\xff\x03" + struct.pack("!H", protocol) + packet
    return bytes([len(octets)]) + octets


def story(end: int, *steps: bytes) -> bytes:
    return bytes([end]) + b"".join(steps)


def magic(value: int) -> bytes:
    return struct.pack("!BBI", 5, 6, value)


def address(text: str) -> bytes:
    return b"\x03\x06" + bytes(int(part) for part in text.split("."))


AUTH_CHAP = b"\x03\x05\xc2\x23\x05"
AUTH_MSCHAP = b"\x03\x05\xc2\x23\x81"
AUTH_PAP = b"\x03\x04\xc0\x23"


UP_CHAP = (ACK, frame(LCP, 1, 1, AUTH_CHAP + magic(7)),
           frame(CHAP, 1, 9, b"\x10" + bytes(16) + b"lns"), WELCOME)
UP = (ACK, frame(LCP, 1, 1, magic(7)))
UP_IPCP = (*UP, ACK, frame(IPCP, 1, 1, address("10.0.0.1")))

STORIES = {
    "lac_chap": story(0, *UP_CHAP, frame(IPCP, 1, 1, address("10.0.0.1")),
                      frame(IPCP, 3, 1, address("10.0.0.7")), ACK),
    "lac_mschap": story(0, ACK, frame(LCP, 1, 1, AUTH_MSCHAP + magic(7)),
                        frame(CHAP, 1, 9, b"\x10" + bytes(16) + b"lns"),
                        frame(CHAP, 3, 9, b"S=" + 40 * b"0")),
    "lac_pap": story(0, ACK, frame(LCP, 1, 1, AUTH_PAP), WELCOME, frame(IPCP, 1, 1)),
    "lac_refused": story(0, ACK, frame(LCP, 1, 1, AUTH_PAP), frame(PAP, 3, 1, b"\0")),
    "lac_ipv6cp": story(1, *UP, frame(IPV6CP, 1, 1, b"\x01\x0a" + bytes(7) + b"\1"), ACK,
                        frame(LCP, 8, 1, b"\x80\x57")),
    "lac_data": story(0, *UP_IPCP, b"\x05\x21\x45\0\0\0"),
    "lac_again": story(0, *UP_IPCP, frame(LCP, 1, 2, AUTH_CHAP), ACK, frame(CHAP, 1, 1, b"\1\1x")),
    "lns_pap": story(LNS | AUTH | PAP_END, *UP, frame(PAP, 1, 1, b"\5alice\x0bopen sesame"),
                     frame(IPCP, 1, 1, address("10.0.0.9")), frame(IPCP, 1, 2, address("10.0.0.2")), ACK),
    "lns_chap": story(LNS | AUTH | CHAP_END, *UP, frame(CHAP, 2, 1, b"\x10" + bytes(16) + b"alice")),
    "lns_mschap": story(LNS | AUTH | MSCHAP_END, *UP, frame(CHAP, 2, 1, b"\x31" + bytes(49) + b"alice")),
    "rejects": story(0, *UP_IPCP, frame(LCP, 8, 1, b"\x80\x21"), frame(LCP, 7, 1, b"\x01\1\0\4"),
                     frame(CCP, 1, 1), frame(LCP, 99, 1), frame(LCP, 4, 1, magic(7))),
    "echoes": story(2, *UP, frame(LCP, 9, 1, bytes(4)), TIME, frame(LCP, 10, 1, bytes(4)), *([TIME] * 8)),
    "ends": story(0, *UP_IPCP, frame(LCP, 5, 2), frame(LCP, 6, 2), TIME),
    "silence": story(0, *([TIME] * 12)),
    "bad_lengths": story(0, b"\x05\xff\x03\xc0\x21\x01", b"\x08\xff\x03\xc0\x21\x01\x01\x00\x03",
                         b"\x0a\xff\x03\xc0\x21\x01\x01\x00\x06\x05\x00"),
}

ECHOES = {
    "request": "4500001c0000400040013cdf7f0000017f0000010800f7fd00010001",
    "fragment": "4500001c0000200040015cdf7f0000017f0000010800f7fd00010001",
    "options": "460000200000400040013bdb7f0000017f000001010101000800f7fd00010001",
}


def main() -> None:
    for folder, seeds in (
        ("ppp_link", STORIES),
        ("icmp_echo", {name: bytes.fromhex(text) for name, text in ECHOES.items()}),
    ):
        (FOLDER / folder).mkdir(parents=True, exist_ok=True)
        for name, octets in seeds.items():
            (FOLDER / folder / name).write_bytes(octets)


if __name__ == "__main__":
    main()
