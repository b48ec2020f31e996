"""Just enough of PPP (RFC 1661, 1332, 1994) to see that frames get through a session."""

from __future__ import annotations

import hashlib
import secrets
import struct
import time

from .errors import Failure
from .peer import PATIENCE, Call

LCP, PAP, CHAP, IPCP, CCP, IPV4 = 0xC021, 0xC023, 0xC223, 0x8021, 0x80FD, 0x0021
CONFREQ, CONFACK, CONFNAK, CONFREJ, TERMREQ, TERMACK = 1, 2, 3, 4, 5, 6
CODEREJ, PROTREJ, ECHOREQ, ECHOREP = 7, 8, 9, 10

Options = list[tuple[int, bytes]]


def packet(code: int, identifier: int, body: bytes) -> bytes:
    return struct.pack("!BBH", code, identifier, 4 + len(body)) + body


def options_octets(options: Options) -> bytes:
    return b"".join(bytes([kind, 2 + len(value)]) + value for kind, value in options)


def options_of(body: bytes) -> Options:
    found: Options = []
    while len(body) >= 2 and 2 <= body[1] <= len(body):
        found.append((body[0], body[2 : body[1]]))
        body = body[body[1] :]
    return found


def frame(protocol: int, payload: bytes) -> bytes:
    return b"\xff\x03" + struct.pack("!H", protocol) + payload


def unframe(octets: bytes) -> tuple[int, bytes]:
    """Protocol and payload, whichever fields were compressed."""
    if octets[:2] == b"\xff\x03":
        octets = octets[2:]
    if octets and octets[0] & 1:
        return octets[0], octets[1:]
    return int.from_bytes(octets[:2], "big"), octets[2:]


class Ppp:
    """The other end of the PPP link that the target runs over a call."""

    def __init__(self, call: Call, *, user: str = "", password: str = "") -> None:
        self.call = call
        self.user = user
        self.password = password
        self.magic = secrets.token_bytes(4)
        self.request_of_target: Options = []  # of its last LCP Configure-Request
        self.lcp_requests: list[Options] = []
        self.authenticated: bool | None = None
        self._identifier = 0

    def send(self, protocol: int, octets: bytes) -> None:
        self.call.send_data(frame(protocol, octets))

    def next(self, *, within: float = PATIENCE) -> tuple[int, bytes] | None:
        data = self.call.next_data(within=within)
        return None if data is None else unframe(data.payload)

    def _new_identifier(self) -> int:
        self._identifier = (self._identifier + 1) & 0xFF
        return self._identifier

    def up(self, *, options: Options | None = None, within: float = 8.0) -> Ppp:
        """LCP reaches Opened at both ends."""
        wanted = [(5, self.magic)] if options is None else options
        ours = theirs = False
        deadline = time.monotonic() + within
        # pppd waits a second before its own request unless it hears something first.
        self.send(LCP, packet(CONFREQ, self._new_identifier(), options_octets(wanted)))
        while not (ours and theirs):
            left = deadline - time.monotonic()
            got = self.next(within=min(max(left, 0), 0.6))
            if got is None and left <= 0:
                raise self.failure(f"LCP did not open within {within:g} s")
            if got is None:
                if not ours:
                    body = options_octets(wanted)
                    self.send(LCP, packet(CONFREQ, self._new_identifier(), body))
                continue
            protocol, octets = got
            if protocol != LCP:
                continue
            if octets[0] == CONFREQ:
                self.request_of_target = options_of(octets[4:])
                self.lcp_requests.append(self.request_of_target)
                self.send(LCP, packet(CONFACK, octets[1], octets[4:]))
                theirs = True
            elif octets[0] == CONFACK:
                ours = True
            elif octets[0] in (CONFNAK, CONFREJ):
                gone = {kind for kind, _ in options_of(octets[4:])}
                wanted = [(kind, value) for kind, value in wanted if kind not in gone]
                body = options_octets(wanted)
                self.send(LCP, packet(CONFREQ, self._new_identifier(), body))
        return self

    def echo(self, *, size: int = 8, fields: dict[str, object] | None = None,
             within: float = PATIENCE) -> bool:  # fmt: skip
        """An LCP Echo-Request gets its reply; `fields` go into the data message."""
        identifier = self.send_echo(size=size, fields=fields)
        return self.echoed(identifier, within=within)

    def send_echo(self, *, size: int = 8, fields: dict[str, object] | None = None,
                  compressed: bool = False) -> int:  # fmt: skip
        identifier = self._new_identifier()
        octets = frame(LCP, packet(ECHOREQ, identifier, self.magic + bytes(size)))
        if compressed:
            octets = octets[2:]
        self.call.send_data(octets, **(fields or {}))
        return identifier

    def echoed(self, identifier: int, *, within: float = PATIENCE) -> bool:
        """The reply to that request comes; other frames meanwhile are answered or passed by."""
        deadline = time.monotonic() + within
        while (got := self.next(within=max(deadline - time.monotonic(), 0))) is not None:
            protocol, octets = got
            if protocol == LCP and octets[0] == ECHOREP and octets[1] == identifier:
                return True
            self.pass_by(protocol, octets)
        return False

    def replies(self, identifiers: list[int], *, within: float = PATIENCE) -> list[int]:
        """Which of these are answered; returns as soon as the last one is, or time is over."""
        seen: list[int] = []
        deadline = time.monotonic() + within
        while (got := self.next(within=max(deadline - time.monotonic(), 0))) is not None:
            protocol, octets = got
            if protocol == LCP and octets[0] == ECHOREP and octets[1] in identifiers:
                seen.append(octets[1])
                if octets[1] == identifiers[-1]:
                    break
        return seen

    def pass_by(self, protocol: int, octets: bytes) -> None:
        if protocol == LCP and octets[0] == ECHOREQ:
            self.send(LCP, packet(ECHOREP, octets[1], self.magic + octets[8:]))

    def log_in(self, *, within: float = 8.0) -> bool:
        """Answers the target's CHAP challenge; True if the login is accepted."""
        deadline = time.monotonic() + within
        while (got := self.next(within=max(deadline - time.monotonic(), 0))) is not None:
            protocol, octets = got
            if protocol != CHAP:
                continue
            if octets[0] == 1:
                challenge = octets[5 : 5 + octets[4]]
                value = hashlib.md5(octets[1:2] + self.password.encode() + challenge).digest()
                body = bytes([16]) + value + self.user.encode()
                self.send(CHAP, packet(2, octets[1], body))
            elif octets[0] in (3, 4):
                return octets[0] == 3
        raise self.failure("no outcome of authentication")

    def get_address(self, *, within: float = 8.0) -> bytes:
        """IPCP, with the address the target gives us."""
        address = bytes(4)
        ours = theirs = False
        self.send(IPCP, packet(CONFREQ, self._new_identifier(), b"\x03\x06" + address))
        deadline = time.monotonic() + within
        while not (ours and theirs):
            got = self.next(within=max(deadline - time.monotonic(), 0))
            if got is None:
                raise self.failure("IPCP did not open")
            protocol, octets = got
            if protocol == CCP and octets[0] == CONFREQ:
                self.send(LCP, packet(PROTREJ, self._new_identifier(), b"\x80\xfd" + octets))
            if protocol != IPCP:
                continue
            if octets[0] == CONFREQ:
                kept = [(k, v) for k, v in options_of(octets[4:]) if k == 3]
                rejected = [(k, v) for k, v in options_of(octets[4:]) if k != 3]
                if rejected:
                    self.send(IPCP, packet(CONFREJ, octets[1], options_octets(rejected)))
                else:
                    self.send(IPCP, packet(CONFACK, octets[1], options_octets(kept)))
                    theirs = True
            elif octets[0] == CONFNAK:
                address = dict(options_of(octets[4:])).get(3, address)
                body = b"\x03\x06" + address
                self.send(IPCP, packet(CONFREQ, self._new_identifier(), body))
            elif octets[0] == CONFACK:
                ours = True
        return address

    def failure(self, text: str) -> Failure:
        return self.call.peer.failure(text)
