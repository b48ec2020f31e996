"""Octets of L2TPv2 (RFC 2661 sections 3.1, 4.1 and 4.3), written from the RFC alone.

Nothing here is shared with the daemon: this is the second opinion. Encoding does whatever it is
told, valid or not; decoding is lenient, and strict.py says what is wrong with what was decoded.
"""

from __future__ import annotations

import dataclasses
import hashlib
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass

CONTROL_FLAGS = 0xC802  # T, L, S; version 2
FLAG_T, FLAG_L, FLAG_S, FLAG_O, FLAG_P = 0x8000, 0x4000, 0x0800, 0x0200, 0x0100
RESERVED_FLAGS = 0x34F0


class WireError(Exception):
    """Octets that are no L2TP message; str() says why."""


@dataclass(frozen=True)
class AvpKind:
    """One row of the catalogue in RFC 2661 section 4.4. Called with a value, it makes an AVP."""

    type: int
    name: str
    layout: str  # u16, u32, u64, octets, text, empty, or a name that values.py explains
    size: int | None = None  # octets of the value; None: any
    minimum: int = 0
    m: bool | None = True  # None: either is allowed
    hideable: bool = True
    vendor: int = 0

    def __call__(self, value: object = None, *, m: bool | None = None) -> Avp:
        octets = None if value is None and self.layout != "empty" else self.encode(value)
        return Avp(self.type, octets, vendor=self.vendor, m=bool(self.m) if m is None else m)

    def encode(self, value: object) -> bytes:
        if self.layout == "empty":
            return b""
        if isinstance(value, bytes):
            return value
        if isinstance(value, str):
            return value.encode()
        if isinstance(value, int) and self.layout in ("u16", "u32", "u64"):
            return value.to_bytes({"u16": 2, "u32": 4, "u64": 8}[self.layout], "big")
        if isinstance(value, tuple) and self.layout == "result":
            return encode_result(*value)
        raise TypeError(f"{self.name} cannot be made from {value!r}")

    def decode(self, octets: bytes) -> object:
        if self.layout in ("u16", "u32", "u64"):
            return int.from_bytes(octets, "big")
        return octets


@dataclass(frozen=True)
class Avp:
    """An AVP as it is on the wire. `value` None: the peer that sends it fills in its own."""

    type: int
    value: bytes | None = b""
    vendor: int = 0
    m: bool = True
    h: bool = False
    reserved: int = 0  # four bits
    length: int | None = None  # what the Length field says instead of the truth

    def encode(self) -> bytes:
        value = self.value or b""
        length = 6 + len(value) if self.length is None else self.length
        first = self.m << 15 | self.h << 14 | (self.reserved & 15) << 10 | (length & 0x3FF)
        return struct.pack("!HHH", first, self.vendor, self.type) + value

    def with_(self, **changes: object) -> Avp:
        return dataclasses.replace(self, **changes)


def decode_avps(octets: bytes) -> tuple[list[Avp], str]:
    """The AVPs, and what stopped the decoding ('' when nothing did)."""
    avps: list[Avp] = []
    offset = 0
    while offset < len(octets):
        if len(octets) - offset < 6:
            return avps, f"{len(octets) - offset} octets are left, too few for an AVP"
        first, vendor, kind = struct.unpack_from("!HHH", octets, offset)
        length = first & 0x3FF
        if length < 6 or offset + length > len(octets):
            return avps, f"an AVP of Length {length} where {len(octets) - offset} octets are left"
        avps.append(
            Avp(kind, octets[offset + 6 : offset + length], vendor, bool(first & 0x8000),
                bool(first & 0x4000), first >> 10 & 15)
        )  # fmt: skip
        offset += length
    return avps, ""


@dataclass(frozen=True)
class Message:
    """A control message. `kind` is the value of its Message Type AVP, None for a ZLB."""

    avps: tuple[Avp, ...] = ()
    tunnel_id: int = 0
    session_id: int = 0
    ns: int = 0
    nr: int = 0
    flags: int = CONTROL_FLAGS
    length: int | None = None  # what the Length field says instead of the truth
    tail: bytes = b""  # octets after the AVPs, counted by Length
    extra: bytes = b""  # octets after the message, not counted
    trouble: str = ""  # what stopped the decoding

    @property
    def kind(self) -> int | None:
        if not self.avps:
            return None
        first = self.avps[0]
        return int.from_bytes(first.value or b"", "big") if first.type == 0 else -1

    @property
    def is_zlb(self) -> bool:
        return not self.avps and not self.tail and not self.trouble

    def encode(self) -> bytes:
        body = b"".join(avp.encode() for avp in self.avps) + self.tail
        fields = [self.flags]
        size = 12 if self.flags & FLAG_L else 10
        if self.flags & FLAG_L:
            fields.append(size + len(body) if self.length is None else self.length)
        fields += [self.tunnel_id, self.session_id, self.ns, self.nr]
        return struct.pack(f"!{len(fields)}H", *fields) + body + self.extra

    def with_(self, **changes: object) -> Message:
        return dataclasses.replace(self, **changes)

    def without(self, *kinds: AvpKind) -> Message:
        gone = {(kind.vendor, kind.type) for kind in kinds}
        return self.with_(avps=tuple(a for a in self.avps if (a.vendor, a.type) not in gone))

    def plus(self, *avps: Avp) -> Message:
        return self.with_(avps=self.avps + avps)

    def changed(self, kind: AvpKind, change: Callable[[Avp], Avp]) -> Message:
        """With every AVP of that kind replaced by change(avp)."""
        return self.with_(
            avps=tuple(
                change(a) if (a.vendor, a.type) == (kind.vendor, kind.type) else a
                for a in self.avps
            )
        )

    def all(self, kind: AvpKind) -> list[Avp]:
        return [a for a in self.avps if (a.vendor, a.type) == (kind.vendor, kind.type)]

    def get(self, kind: AvpKind) -> Avp | None:
        found = self.all(kind)
        return found[0] if found else None

    def value(self, kind: AvpKind) -> object:
        """The decoded value of the first such AVP; None: there is none."""
        avp = self.get(kind)
        return None if avp is None else kind.decode(avp.value or b"")

    def number(self, kind: AvpKind) -> int | None:
        value = self.value(kind)
        return value if isinstance(value, int) else None


def decode_control(octets: bytes) -> Message:
    """Lenient: needs T, L and S and a whole header, and keeps what follows."""
    if len(octets) < 12:
        raise WireError(f"{len(octets)} octets are too few for a control message")
    flags, length, tunnel_id, session_id, ns, nr = struct.unpack_from("!6H", octets)
    if flags & (FLAG_T | FLAG_L | FLAG_S | FLAG_O) != FLAG_T | FLAG_L | FLAG_S:
        raise WireError(f"flags {flags:#06x} are not those of a control message")
    if not 12 <= length <= len(octets):
        raise WireError(f"Length {length} in a datagram of {len(octets)} octets")
    avps, trouble = decode_avps(octets[12:length])
    return Message(tuple(avps), tunnel_id, session_id, ns, nr, flags, length,
                   extra=octets[length:], trouble=trouble)  # fmt: skip


@dataclass(frozen=True)
class Data:
    """A data message. None: the field is absent and its bit is 0."""

    tunnel_id: int
    session_id: int
    payload: bytes
    ns: int | None = None
    nr: int = 0
    with_length: bool = False
    offset: int | None = None
    pad: bytes = b""
    priority: bool = False
    flags: int = 2  # version and whatever else is wanted
    length: int | None = None
    extra: bytes = b""

    def encode(self) -> bytes:
        flags = self.flags
        rest = struct.pack("!HH", self.tunnel_id, self.session_id)
        if self.ns is not None:
            flags |= FLAG_S
            rest += struct.pack("!HH", self.ns, self.nr)
        if self.offset is not None:
            flags |= FLAG_O
            rest += struct.pack("!H", self.offset) + self.pad
        if self.priority:
            flags |= FLAG_P
        rest += self.payload
        if self.with_length:
            flags |= FLAG_L
            rest = struct.pack("!H", 4 + len(rest) if self.length is None else self.length) + rest
        return struct.pack("!H", flags) + rest + self.extra


def decode_data(octets: bytes) -> Data:
    try:
        (flags,) = struct.unpack_from("!H", octets)
        position = 2
        length = None
        if flags & FLAG_L:
            (length,) = struct.unpack_from("!H", octets, position)
            position += 2
        tunnel_id, session_id = struct.unpack_from("!HH", octets, position)
        position += 4
        ns, nr = None, 0
        if flags & FLAG_S:
            ns, nr = struct.unpack_from("!HH", octets, position)
            position += 4
        offset = None
        if flags & FLAG_O:
            (offset,) = struct.unpack_from("!H", octets, position)
            position += 2 + offset
    except struct.error as error:
        raise WireError(f"{len(octets)} octets are too few for a data message") from error
    end = len(octets) if length is None else length
    return Data(tunnel_id, session_id, octets[position:end], ns, nr, length is not None, offset,
                priority=bool(flags & FLAG_P), flags=flags & ~(FLAG_L | FLAG_S | FLAG_O | FLAG_P),
                length=length, extra=octets[end:])  # fmt: skip


# RFC 2661 section 4.4.2: the text comes only behind an Error Code.
def encode_result(result: int, error: int | None = None, text: str = "") -> bytes:
    octets = struct.pack("!H", result)
    if error is not None or text:
        octets += struct.pack("!H", error or 0) + text.encode()
    return octets


@dataclass(frozen=True)
class Result:
    """A Result Code AVP."""

    result: int
    error: int | None
    text: bytes

    @staticmethod
    def decode(octets: bytes) -> Result:
        error = int.from_bytes(octets[2:4], "big") if len(octets) >= 4 else None
        return Result(int.from_bytes(octets[:2], "big"), error, octets[4:])

    def __str__(self) -> str:
        error = "" if self.error is None else f"/{self.error}"
        text = f" {self.text.decode(errors='backslashreplace')!r}" if self.text else ""
        return f"{self.result}{error}{text}"


# RFC 2661 section 4.3.
def keystream_xor(octets: bytes, kind: int, secret: bytes, vector: bytes, *, hiding: bool) -> bytes:
    block = hashlib.md5(struct.pack("!H", kind) + secret + vector).digest()
    done = b""
    for start in range(0, len(octets), 16):
        part = octets[start : start + 16]
        mixed = bytes(a ^ b for a, b in zip(part, block, strict=False))
        done += mixed
        block = hashlib.md5(secret + (mixed if hiding else part)).digest()
    return done


def hide(avp: Avp, secret: bytes, vector: bytes, padding: bytes = b"") -> Avp:
    value = avp.value or b""
    plain = struct.pack("!H", len(value)) + value + padding
    return avp.with_(
        h=True, value=keystream_xor(plain, avp.type, secret, vector, hiding=True)
    )


def unhide(avp: Avp, secret: bytes, vector: bytes) -> Avp:
    plain = keystream_xor(avp.value or b"", avp.type, secret, vector, hiding=False)
    if len(plain) < 2:
        raise WireError(f"hidden AVP {avp.type} is too short")
    size = int.from_bytes(plain[:2], "big")
    if size > len(plain) - 2:
        raise WireError(f"hidden AVP {avp.type} claims {size} of {len(plain) - 2} octets")
    return avp.with_(h=False, value=plain[2 : 2 + size])


def unhide_all(avps: Iterable[Avp], secret: bytes) -> tuple[Avp, ...]:
    """What was hidden, in the clear; by the last Random Vector before each."""
    vector: bytes | None = None
    plain = []
    for avp in avps:
        if avp.h:
            if vector is None:
                raise WireError(f"AVP {avp.type} is hidden without a Random Vector before it")
            avp = unhide(avp, secret, vector)
        elif avp.vendor == 0 and avp.type == 36:
            vector = avp.value or b""
        plain.append(avp)
    return tuple(plain)


# RFC 2661 section 4.4.3: the id octet is the type of the message that carries the response.
def challenge_response(kind: int, secret: bytes, challenge: bytes) -> bytes:
    return hashlib.md5(bytes([kind]) + secret + challenge).digest()
