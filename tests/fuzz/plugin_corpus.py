#!/usr/bin/env python3
"""Writes the seed corpus corpus/plugin_message: one message of each type (plugin/plugin_protocol.h)."""

import pathlib
import struct

FOLDER = pathlib.Path(__file__).resolve().parent / "corpus" / "plugin_message"
MAGIC, VERSION = 0x4C325450, 2

BODIES = {
    "hello": (1, struct.pack("=II32s32s", 4711, 0, b"0.1.0", b"2.4.9")),
    "lcp_up": (2, struct.pack("=9IBBxx", 0x000A0000, 0xFFFFFFFF, 1460, 1500, 1, 2, 0x2A, 0x22, 0x20, 2, 1)),
    "auth": (3, struct.pack("=BBB5x256s", 1, 1, 4, b"alice")),
    "ipv4_up": (4, struct.pack("=16sIIIIII", b"ppp0", 7, 0x0A000001, 0x0A000002, 0x08080808, 0, 0)),
    "ipv4_down": (5, b""),
    "ipv6_up": (6, struct.pack("=16sII", b"ppp0", 7, 0) + 2 * (b"\xfe\x80" + 13 * b"\0" + b"\1")),
    "ipv6_down": (7, b""),
    "exit": (8, struct.pack("=iIQQQQ128s", 16, 60, 1000, 2000, 10, 20, b"why")),
    "secret_request": (9, b""),
    "phase": (11, struct.pack("=B7x", 3)),
    "ccp_up": (12, struct.pack("=BBBBBBxx", 18, 18, 128, 128, 0, 1)),
    "ccp_down": (13, b""),
    "echo": (14, struct.pack("=II", 2, 4)),
    "statistics": (15, struct.pack("=IIQQQQ", 0, 60, 1000, 2000, 10, 20)),
    "secret_reply": (10, struct.pack("=B3xI256s", 1, 6, b"sesame")),
    "login_request": (
        16,
        struct.pack("=BBBB4x256s64s256s", 2, 7, 16, 16, b"bob", 16 * b"c", 16 * b"r"),
    ),
    "login_reply": (17, struct.pack("=B3xI256s256s", 1, 6, b"sesame", b"")),
    "admit_request": (18, struct.pack("=256s", b"bob")),
    "admit_reply": (19, struct.pack("=B3xI8sIIII128s", 1, 0x0A000002, 8 * b"\1", 0, 0, 60, 30, b"")),
}


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (kind, body) in BODIES.items():
        header = struct.pack("=IHHIIQII", MAGIC, VERSION, kind, 32 + len(body), 1, 77, 11, 22)
        (FOLDER / name).write_bytes(header + body)


if __name__ == "__main__":
    main()
