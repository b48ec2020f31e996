"""One end of a control connection, moved by hand.

    sccrp = peer.send(SCCRQ()).expect(SCCRP, ns=0, nr=1)

Ns, Nr and the ids of the header are filled in as a correct peer would have them, unless the case
says otherwise. Nothing is acknowledged, repeated or answered by itself.
"""

from __future__ import annotations

import secrets
import select
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from .catalogue import (
    ASSIGNED_SESSION_ID,
    ASSIGNED_TUNNEL_ID,
    CDN,
    CHALLENGE,
    CHALLENGE_RESPONSE,
    HELLO,
    HOST_NAME,
    ICRQ,
    MESSAGE_KINDS,
    OCRQ,
    RESULT_CODE,
    SCCCN,
    SCCRP,
    SCCRQ,
    SLI,
    STOPCCN,
    WEN,
    ZLB,
    MessageKind,
    message_name,
)
from .errors import Failure
from .text import datagram_text, message_text
from .wire import (
    Avp,
    Data,
    Message,
    Result,
    WireError,
    challenge_response,
    decode_control,
    decode_data,
    unhide_all,
)

PATIENCE = 3.0  # seconds that an answer may take
# What a target may say at any time, and what is therefore passed by unless it is expected.
SPONTANEOUS = (HELLO.type, WEN.type, SLI.type)
Numbers = int | Collection[int] | None


@dataclass(frozen=True)
class Address:
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass
class Arrival:
    """A datagram that came."""

    octets: bytes
    source: Address
    at: float
    message: Message | None = None
    data: Data | None = None


@dataclass
class Journal:
    """What went over the wire, for people to read when a case fails."""

    began: float = field(default_factory=time.monotonic)
    lines: list[tuple[float, str, str, bytes]] = field(default_factory=list)

    def add(self, who: str, arrow: str, octets: bytes) -> None:
        self.lines.append((time.monotonic() - self.began, who, arrow, octets))

    def text(self, last: int = 24) -> str:
        shown = []
        for at, who, arrow, octets in self.lines[-last:]:
            shown.append(f"{at:7.3f} {who} {arrow} {datagram_text(octets)}")
            cut = octets[:160].hex() + ("..." if len(octets) > 160 else "")
            shown.append(f"{'':8}{cut}")
        return "\n".join(shown)


def among(value: int | None, wanted: Numbers) -> bool:
    if wanted is None:
        return True
    return value == wanted if isinstance(wanted, int) else value in wanted


# Tunnel IDs that closed peers had assigned, by where they were.
FORMER_IDS: defaultdict[Address, set[int]] = defaultdict(set)


class Peer:
    """A socket, and the state a correct peer would have. `target` is where messages go."""

    def __init__(
        self,
        name: str,
        local: Address,
        target: Address,
        *,
        host_name: str = "tester.example",
        secret: bytes = b"",
        tunnel_id: int | None = None,
        journal: Journal | None = None,
        witness: Callable[[bytes], None] | None = None,
    ) -> None:
        self.name = name
        self.target = target
        self.host_name = host_name
        self.secret = secret
        self.tunnel_id = tunnel_id or secrets.randbelow(0xFFFE) + 1
        self.target_tunnel_id = 0
        self.ns = 0
        self.nr = 0
        self.seen_nr = 0  # the last Nr that the target sent
        self.acknowledged: set[int] = set()  # every Nr that the target sent
        self.repeats: list[Arrival] = []  # retransmissions
        self.calls: list[Call] = []
        self.finished = False  # one side has sent StopCCN
        self.challenge: bytes | None = None  # of the target, not yet answered
        self.journal = journal or Journal()
        self.witness = witness or (lambda octets: None)
        self._waiting: list[Arrival] = []  # control messages that nobody has asked for yet
        self.arrived_data: list[Arrival] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind((local.host, local.port))
        self.local = Address(*self.socket.getsockname())
        self.beside: Peer | None = None  # another tunnel's, on the same socket

    def share_socket_of(self, other: Peer) -> None:
        """From here on both send from its port; each gets what is for its own tunnel."""
        self.socket.close()
        self.socket, self.local = other.socket, other.local
        self.beside, other.beside = other, self

    # Sending.

    def send(
        self,
        message: Message,
        *,
        ns: int | None = None,
        nr: int | None = None,
        tunnel_id: int | None = None,
        session_id: int | None = None,
    ) -> Peer:
        """Sends a message. Its Ns is the next one, which it uses up unless `ns` is given."""
        message = self.filled(message, ns=ns, nr=nr, tunnel_id=tunnel_id, session_id=session_id)
        if ns is None and not message.is_zlb:
            self.ns = (self.ns + 1) & 0xFFFF
        if message.kind == STOPCCN.type:
            self.finished = True
        return self.send_raw(message.encode())

    def filled(
        self,
        message: Message,
        *,
        ns: int | None = None,
        nr: int | None = None,
        tunnel_id: int | None = None,
        session_id: int | None = None,
    ) -> Message:
        """The message as send() would send it."""

        def own(avp: Avp) -> Avp:
            if avp.value is not None:
                return avp
            if avp.type == ASSIGNED_TUNNEL_ID.type:
                return avp.with_(value=self.tunnel_id.to_bytes(2, "big"))
            if avp.type == HOST_NAME.type:
                return avp.with_(value=self.host_name.encode())
            raise ValueError(f"the case has to give the value of AVP {avp.type}")

        return message.with_(
            avps=tuple(own(avp) for avp in message.avps),
            ns=self.ns if ns is None else ns,
            nr=self.nr if nr is None else nr,
            tunnel_id=self.target_tunnel_id if tunnel_id is None else tunnel_id,
            session_id=message.session_id if session_id is None else session_id,
        )

    def send_raw(self, octets: bytes) -> Peer:
        self.journal.add(self.name, "-->", octets)
        self.socket.sendto(octets, (self.target.host, self.target.port))
        return self

    def ack(self) -> Peer:
        """A ZLB with all that has come."""
        return self.send(ZLB)

    # Receiving.

    def _receive(self, deadline: float) -> Arrival | None:
        """The next datagram; None when the time is over."""
        while True:
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self.socket], [], [], max(left, 0))
            if not ready:
                return None
            try:
                octets, source = self.socket.recvfrom(65536)
            except (BlockingIOError, ConnectionError):
                continue
            self.journal.add(self.name, "<--", octets)
            self.witness(octets)
            arrival = Arrival(octets, Address(*source), time.monotonic())
            if octets and octets[0] & 0x80:
                try:
                    arrival.message = decode_control(octets)
                except WireError as error:
                    raise self.failure(f"a control message that cannot be read: {error}") from error
                if self.beside and self.beside._owns(arrival.message):
                    self.beside.keep(arrival)
                    continue
                if arrival.message.tunnel_id in self._former_ids():
                    continue
            else:
                try:
                    arrival.data = decode_data(octets)
                except WireError as error:
                    raise self.failure(f"a data message that cannot be read: {error}") from error
            return arrival

    def _former_ids(self) -> set[int]:
        """Of peers that had this address before: the target may still repeat a StopCCN of theirs."""
        return FORMER_IDS[self.local] - {self.tunnel_id}

    def _owns(self, message: Message) -> bool:
        if message.kind == SCCRQ.type:
            return message.number(ASSIGNED_TUNNEL_ID) == self.target_tunnel_id
        return message.tunnel_id == self.tunnel_id

    def _next_new(self, deadline: float) -> Arrival | None:
        """The next control message that is no repetition, ZLBs included; data is put aside."""
        while (arrival := self._receive(deadline)) is not None:
            if arrival.data is not None:
                self.arrived_data.append(arrival)
                continue
            if self._is_new(arrival):
                return arrival
        return None

    def _is_new(self, arrival: Arrival) -> bool:
        """Counts a control message; a repetition is put aside."""
        message = arrival.message
        assert message is not None
        self.seen_nr = message.nr
        self.acknowledged.add(message.nr)
        if not message.is_zlb and (message.ns - self.nr) & 0xFFFF >= 0x8000:
            self.repeats.append(arrival)
            return False
        if not message.is_zlb and message.ns == self.nr:
            self.nr = (self.nr + 1) & 0xFFFF
        return True

    def keep(self, arrival: Arrival) -> None:
        """For a control message that came while something else was waited for."""
        if self._is_new(arrival) and arrival.message and not arrival.message.is_zlb:
            self._waiting.append(arrival)

    def arrival(self, *, within: float = PATIENCE) -> Arrival | None:
        """The next new message that is no ZLB, or None."""
        if self._waiting:
            return self._waiting.pop(0)
        deadline = time.monotonic() + within
        while (arrival := self._next_new(deadline)) is not None:
            assert arrival.message is not None
            if not arrival.message.is_zlb:
                return arrival
        return None

    def expect(
        self,
        *kinds: MessageKind,
        ns: int | None = None,
        nr: int | None = None,
        session_id: int | None = None,
        within: float = PATIENCE,
    ) -> Message:
        """The next message has to be one of these.

        ZLBs, repetitions and what is SPONTANEOUS are passed by. A StopCCN may have Tunnel ID 0
        and a CDN Session ID 0.
        """
        wanted = " or ".join(kind.name for kind in kinds)
        types = [kind.type for kind in kinds]
        deadline = time.monotonic() + within
        while True:
            arrival = self.arrival(within=max(deadline - time.monotonic(), 0))
            if arrival is None:
                raise self.failure(f"no {wanted} within {within:g} s")
            message = arrival.message
            assert message is not None
            if message.kind in types or message.kind not in SPONTANEOUS:
                break
        if message.kind not in types:
            raise self.failure(f"expected {wanted}, came {message_text(message)}")
        self._check_number("Ns", message.ns, ns, message)
        self._check_number("Nr", message.nr, nr, message)
        if message.kind != CDN.type or message.session_id:
            self._check_number("Session ID", message.session_id, session_id, message)
        if message.kind not in (SCCRQ.type, STOPCCN.type) or message.tunnel_id:
            self._check_number("Tunnel ID", message.tunnel_id, self.tunnel_id, message)
        return self._taken(arrival)

    def _check_number(self, what: str, got: int, want: int | None, message: Message) -> None:
        if want is not None and got != want:
            raise self.failure(f"{message_name(message)} has {what} {got}, expected {want}")

    def _taken(self, arrival: Arrival) -> Message:
        """Draws from a message what a correct peer would remember; un-hides it."""
        message = arrival.message
        assert message is not None
        if self.secret and any(avp.h for avp in message.avps):
            try:
                message = message.with_(avps=unhide_all(message.avps, self.secret))
            except WireError as error:
                name = message_name(message)
                raise self.failure(f"{name} cannot be un-hidden: {error}") from error
        if message.kind in (SCCRQ.type, SCCRP.type):
            self.target_tunnel_id = message.number(ASSIGNED_TUNNEL_ID) or 0
            challenge = message.get(CHALLENGE)
            self.challenge = challenge.value if challenge else None
            self.target = arrival.source
        if message.kind == STOPCCN.type:
            self.finished = True
        return message

    def expect_ack(self, nr: int | None = None, *, within: float = PATIENCE) -> None:
        """Some message, ZLB or not, has this Nr (default: all that was sent is acknowledged)."""
        wanted = self.ns if nr is None else nr
        if any(a.message and a.message.nr == wanted for a in self._waiting):
            return
        deadline = time.monotonic() + within
        while self.seen_nr != wanted:
            arrival = self._next_new(deadline)
            if arrival is None:
                raise self.failure(
                    f"Nr {wanted} did not come within {within:g} s; the last was {self.seen_nr}"
                )
            assert arrival.message is not None
            if not arrival.message.is_zlb:
                self._waiting.append(arrival)

    def expect_zlb(self, nr: int, *, within: float = PATIENCE) -> Message:
        """The next datagram that is no repetition is a ZLB with this Nr."""
        arrival = self._next_new(time.monotonic() + within)
        if arrival is None:
            raise self.failure(f"no ZLB within {within:g} s")
        assert arrival.message is not None
        if not arrival.message.is_zlb:
            raise self.failure(f"expected a ZLB, came {message_text(arrival.message)}")
        self._check_number("Nr", arrival.message.nr, nr, arrival.message)
        return arrival.message

    def expect_stopccn(self, result: Numbers = None, error: Numbers = None, *,
                       within: float = PATIENCE) -> Message:  # fmt: skip
        """A StopCCN with one of these Results and Errors; an Error that is absent counts as 0."""
        return self.checked_result(self.expect(STOPCCN, within=within), result, error)

    def checked_result(self, message: Message, result: Numbers, error: Numbers) -> Message:
        avp = message.get(RESULT_CODE)
        if avp is None:
            raise self.failure(f"{message_name(message)} has no Result Code")
        got = Result.decode(avp.value or b"")
        if not among(got.result, result) or not among(got.error or 0, error):
            wanted = f"Result {_listed(result)}"
            wanted += "" if error is None else f", Error {_listed(error)}"
            raise self.failure(f"{message_name(message)} says {got}, expected {wanted}")
        return message

    def expect_nothing(self, seconds: float) -> None:
        """Neither a new message nor a ZLB for so long. Where possible, use fence() instead."""
        if self._waiting:
            raise self.failure(f"nothing was expected: {self._texts(self._waiting)}")
        arrival = self._next_new(time.monotonic() + seconds)
        if arrival is not None:
            raise self.failure(f"nothing was expected: {datagram_text(arrival.octets)}")

    def collect(self, seconds: float) -> list[Arrival]:
        """All new messages that come meanwhile, ZLBs and repetitions included, in order."""
        before = len(self.repeats)
        arrivals = [*self._waiting]
        self._waiting.clear()
        deadline = time.monotonic() + seconds
        while (arrival := self._next_new(deadline)) is not None:
            arrivals.append(arrival)
        return sorted(arrivals + self.repeats[before:], key=lambda a: a.at)

    # Questions of a live tunnel.

    def fence(self, *, within: float = PATIENCE) -> list[Message]:
        """Sends a HELLO, waits for its ack, and gives the new messages that came before it.

        The target works off what it receives in order, so what it had to say at once about
        earlier messages has come then.
        """
        self.send(HELLO())
        self.expect_ack(within=within)
        between = [a for a in self._waiting]
        self._waiting.clear()
        return [self._taken(a) for a in between]

    def expect_silence(self) -> None:
        """The tunnel lives, and nothing came since that answers what was sent."""
        said = [message for message in self.fence() if message.kind not in SPONTANEOUS]
        if said:
            raise self.failure(f"nothing was expected: {'; '.join(map(message_text, said))}")

    def forget_waiting(self) -> list[Message]:
        taken = [a.message for a in self._waiting if a.message]
        self._waiting.clear()
        return taken

    # Whole exchanges.

    def open(self, **avps: object) -> Peer:
        """Opens a tunnel to the target: SCCRQ, SCCRP, SCCCN, ack."""
        self.send(SCCRQ(**avps)).expect(SCCRP, ns=0, nr=1)
        return self.connect()

    def connect(self) -> Peer:
        """SCCCN, with what was asked for, and its ack."""
        self.send(SCCCN(**self.answer(SCCCN)))
        self.expect_ack()
        return self

    def accept(self, **avps: object) -> Message:
        """The target opens a tunnel to us: SCCRQ, SCCRP, SCCCN, ack. Gives the SCCRQ."""
        sccrq = self.expect(SCCRQ, ns=0, nr=0, within=2 * PATIENCE)
        self.send(SCCRP(**(self.answer(SCCRP) | avps)))
        self.expect(SCCCN, ns=1, nr=1)
        self.ack()
        return sccrq

    def answer(self, kind: MessageKind) -> dict[str, object]:
        """The Challenge Response that a message of this kind has to carry."""
        if self.challenge is None:
            return {}
        response = challenge_response(kind.type, self.secret, self.challenge)
        self.challenge = None
        return {CHALLENGE_RESPONSE.name.lower().replace(" ", "_"): response}

    def call(self, session_id: int | None = None) -> Call:
        made = Call(self, session_id or secrets.randbelow(0xFFFE) + 1)
        self.calls.append(made)
        return made

    def stop(self) -> None:
        """Best effort: the target shall forget the tunnel."""
        try:
            if self.target_tunnel_id and not self.finished:
                self.send(STOPCCN(result_code=(6,)))
        except OSError:
            pass

    def close(self) -> None:
        FORMER_IDS[self.local].add(self.tunnel_id)
        self.socket.close()

    def failure(self, text: str) -> Failure:
        return Failure(f"{self.name}: {text}")

    @staticmethod
    def _texts(arrivals: list[Arrival]) -> str:
        return "; ".join(datagram_text(a.octets) for a in arrivals)


class Call:
    """A session of a peer's tunnel: `session_id` is ours, `target_session_id` the target's."""

    def __init__(self, peer: Peer, session_id: int) -> None:
        self.peer = peer
        self.session_id = session_id
        self.target_session_id = 0
        self.data_ns: int | None = None

    def send(
        self,
        message: Message,
        *,
        ns: int | None = None,
        nr: int | None = None,
        session_id: int | None = None,
    ) -> Call:
        to = 0 if message.kind in (ICRQ.type, OCRQ.type) else self.target_session_id
        self.peer.send(
            self.filled(message), ns=ns, nr=nr, session_id=to if session_id is None else session_id
        )
        return self

    def filled(self, message: Message) -> Message:
        """With the Assigned Session ID."""
        return message.with_(
            avps=tuple(
                avp.with_(value=self.session_id.to_bytes(2, "big"))
                if avp.value is None and avp.type == ASSIGNED_SESSION_ID.type
                else avp
                for avp in message.avps
            )
        )

    def expect(self, *kinds: MessageKind, ns: int | None = None, nr: int | None = None,
               within: float = PATIENCE) -> Message:  # fmt: skip
        """The next message of the tunnel has to be one of these, and of this call."""
        zero = all(kind in (ICRQ, OCRQ) for kind in kinds)
        message = self.peer.expect(
            *kinds, ns=ns, nr=nr, session_id=0 if zero else self.session_id, within=within
        )
        if message.kind in [kind.type for kind in MESSAGE_KINDS.values() if kind != CDN] and (
            assigned := message.number(ASSIGNED_SESSION_ID)
        ):
            self.target_session_id = assigned
        return message

    def expect_cdn(self, result: Numbers = None, error: Numbers = None, *,
                   within: float = PATIENCE) -> Message:  # fmt: skip
        return self.peer.checked_result(self.expect(CDN, within=within), result, error)

    def send_data(self, payload: bytes, **fields: object) -> Call:
        """A data message; numbered if data_ns is set."""
        if self.data_ns is not None and "ns" not in fields:
            fields["ns"] = self.data_ns
            self.data_ns = (self.data_ns + 1) & 0xFFFF
        tunnel_id, session_id = self.peer.target_tunnel_id, self.target_session_id
        data = Data(tunnel_id, session_id, payload, **fields)  # type: ignore[arg-type]
        self.peer.send_raw(data.encode())
        return self

    def next_data(self, *, within: float = PATIENCE) -> Data | None:
        """The next data message of this call; control messages meanwhile are kept."""
        deadline = time.monotonic() + within
        peer = self.peer
        while True:
            for index, arrival in enumerate(peer.arrived_data):
                assert arrival.data is not None
                if arrival.data.session_id == self.session_id:
                    return peer.arrived_data.pop(index).data
            arrival_or_none = peer._receive(deadline)
            if arrival_or_none is None:
                return None
            if arrival_or_none.data is not None:
                peer.arrived_data.append(arrival_or_none)
            else:
                peer.keep(arrival_or_none)


def _listed(wanted: Numbers) -> str:
    if wanted is None:
        return "any"
    return str(wanted) if isinstance(wanted, int) else " or ".join(map(str, sorted(wanted)))
