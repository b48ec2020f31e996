#!/usr/bin/env python3
"""Writes the seed corpus corpus/history: segment files, and bodies of records without CRCs."""

import pathlib
import struct
import zlib

FOLDER = pathlib.Path(__file__).resolve().parent / "corpus/history"


def text(value: str) -> bytes:
    return struct.pack(">H", len(value.encode())) + value.encode()


def labels(values: dict[str, str]) -> bytes:
    items = (text(key) + text(value) for key, value in sorted(values.items()))
    return struct.pack(">H", len(values)) + b"".join(items)


def event(revision: int, name: str, now: dict[str, str], before: dict[str, str]) -> bytes:
    head = struct.pack(">BQQI", 1, revision, 1_700_000_000_000_000_000 + revision, 2)
    return head + text(name) + labels(now) + labels(before) + b"\x08\x01\x18\x02"


def summary(count: int) -> bytes:
    time = 1_700_000_000_000_000_000
    return struct.pack(">BQQQQQ", 2, count, 1, count, time + 1, time + count)


def record(body: bytes) -> bytes:
    return struct.pack(">II", len(body), zlib.crc32(body)) + body


def header() -> bytes:
    head = b"L2TPEVT1" + struct.pack(">QQI", 1_700_000_000_000_000_000, 0x9F86D081884C7D65, 1)
    return head + struct.pack(">I", zlib.crc32(head))


BODIES = [
    event(1, "tunnels/lns1", {"site": "ber1"}, {}),
    event(2, "tunnels/lns1/sessions/home", {}, {"site": "muc1", "empty": ""}),
    event(4, "", {}, {}),
]
WHOLE = header() + b"".join(map(record, [*BODIES, summary(3)]))

SEEDS = {
    "whole": WHOLE,
    "open": header() + record(BODIES[0]),
    "truncated": WHOLE[:-60],
    "header_only": header(),
    "falling_revision": header() + record(BODIES[1]) + record(BODIES[0]),
    "behind_the_summary": WHOLE + record(BODIES[0]),
    "zeros_at_the_end": header() + record(BODIES[0]) + bytes(64),
    "bodies": b"".join(struct.pack(">H", len(body)) + body for body in [*BODIES, summary(3)]),
    "name": b"1700000000000000000-9f86d081884c7d65-00000001.events",
}

FOLDER.mkdir(parents=True, exist_ok=True)
for name, data in SEEDS.items():
    (FOLDER / name).write_bytes(data)
