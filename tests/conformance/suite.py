"""What a case gets as `t`, and how cases are found and run."""

from __future__ import annotations

import importlib
import inspect
import ipaddress
import itertools
import re
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from peer.catalogue import (
    ASSIGNED_SESSION_ID,
    CDN,
    ICCN,
    ICRP,
    ICRQ,
    OCCN,
    OCRP,
    OCRQ,

    MessageKind,
)
from peer.errors import Failure, Skip
from peer.peer import PATIENCE, Address, Call, Journal, Peer
from peer.ppp import Ppp
from peer.strict import problems_of_datagram
from peer.wire import FLAG_T, Message, WireError, decode_control
from targets.base import Handle, Recipient, Target

HERE = Path(__file__).resolve().parent
# In this order; the last one looks back at what the others have seen.
MODULES = (
    "transport header avps hiding establishment tie_breaker authentication delivery keepalive"
    " termination incoming_lns incoming_lac outgoing_lac outgoing_lns data wen_sli proxy"
    " result_codes malformed security quirks extensions whole_run"
).split()

@dataclass
class Seen:
    """Everything the target has sent in this run."""

    datagrams: list[bytes] = field(default_factory=list)

    def add(self, octets: bytes) -> None:
        self.datagrams.append(octets)

    def messages(self, *kinds: MessageKind) -> list[Message]:
        """Its control messages; of these kinds if any are given."""
        wanted = {kind.type for kind in kinds}
        found = []
        for octets in self.datagrams:
            if octets and octets[0] & (FLAG_T >> 8):
                try:
                    message = decode_control(octets)
                except WireError:
                    continue
                if not wanted or message.kind in wanted:
                    found.append(message)
        return found

@dataclass(frozen=True)
class Case:
    module: str
    function: Callable[[T], None]
    requirements: tuple[str, ...]
    long: bool

    @property
    def sentence(self) -> str:
        return self.function.__name__.removeprefix("case_").replace("_", " ")

    @property
    def name(self) -> str:
        return f"{self.module}: {self.sentence}"

@dataclass
class Outcome:
    case: Case
    verdict: str  # ok, not ok, skip
    detail: str
    seconds: float

class T:
    """One run of one case."""

    def __init__(self, target: Target, seen: Seen, addresses: TesterAddresses) -> None:
        self.target = target
        self.seen = seen
        self.addresses = addresses
        self.journal = Journal()
        self.peers: list[Peer] = []
        self.flavour_of: dict[str, str] = {}  # by the peer's address
        self.clean_up: list[Callable[[], None]] = []

    # Judging.

    def needs(self, *abilities: str) -> None:
        """Skips the case if the target lacks one."""
        self.target.needs(*abilities)

    def check(self, fact: object, otherwise: str) -> None:
        if not fact:
            raise Failure(otherwise)

    def equal(self, got: object, want: object, what: str) -> None:
        if got != want:
            raise Failure(f"{what} is {_shown(got)}, expected {_shown(want)}")

    def conforms(self, *parts: str) -> None:
        """Nothing that the target sent in this case breaks RFC 2661 (strict.py)."""
        problems = [
            problem
            for _, _, arrow, octets in self.journal.lines
            if arrow == "<--"
            for problem in problems_of_datagram(octets)
            if not parts or problem.startswith(parts)
        ]
        self.check(not problems, "; ".join(dict.fromkeys(problems)))

    def received(self, *kinds: MessageKind) -> list[Message]:
        """The control messages that came in this case; of these kinds if any are given."""
        seen = Seen([octets for _, _, arrow, octets in self.journal.lines if arrow == "<--"])
        return seen.messages(*kinds)

    # Peers.

    def peer(
        self,
        flavour: str = "plain",
        *,
        address: str = "",
        port: int = 0,
        tunnel_id: int | None = None,
        host_name: str = "",
    ) -> Peer:
        """A peer that has sent nothing yet, on an address of its own."""
        recipient = self.target.recipient(flavour)
        made = self._peer(recipient, address, port, tunnel_id, host_name)
        self.flavour_of[made.local.host] = flavour
        return made

    def _peer(
        self, recipient: Recipient, address: str, port: int, tunnel_id: int | None, host_name: str
    ) -> Peer:
        made = Peer(
            "peer" if not self.peers else f"peer{len(self.peers) + 1}",
            Address(address or self.addresses.take(bool(recipient.secret)), port),
            recipient.address,
            host_name=host_name or recipient.host_name,
            secret=recipient.secret,
            tunnel_id=tunnel_id,
            journal=self.journal,
            witness=self.seen.add,
        )
        self.peers.append(made)
        return made

    def stranger(self) -> Peer:
        """A peer that the target does not know."""
        self.needs("refuse_strangers")
        return self.peer(address=self.target.place.stranger)

    def opened(self, flavour: str = "plain", **avps: object) -> Peer:
        """EST-R: the peer has opened a tunnel to the target."""
        return self.peer(flavour).open(**avps)

    def asked(self, flavour: str = "plain", *, port: int = 1701) -> tuple[Peer, Handle]:
        """The target has been told to open a tunnel to the peer, which has not read the SCCRQ."""
        self.needs("open_tunnel", f"flavour:{flavour}")
        peer = self.peer(flavour, port=port)
        return peer, self.target.open_tunnel(peer.local, flavour)

    def accepted(self, flavour: str = "plain", **avps: object) -> tuple[Peer, Handle]:
        """EST-I: the target has opened a tunnel to the peer, whose SCCRP has these AVPs."""
        peer, handle = self.asked(flavour)
        peer.accept(**avps)
        return peer, handle

    # Calls.

    def incoming(self, peer: Peer, **avps: object) -> Call:
        """IN/LNS: the peer, as LAC, has placed a call; `avps` are those of the ICCN."""
        call = peer.call()
        call.send(ICRQ()).expect(ICRP)
        call.send(ICCN(**avps))
        peer.expect_ack()
        return call

    def placed(self, peer: Peer, handle: Handle, **options: str) -> tuple[Call, Handle]:
        """The target, as LAC, has been told to place a call; its ICRQ has been read."""
        self.needs("place_call")
        placed = self.target.place_call(handle, **options)
        call = peer.call()
        call.expect(ICRQ, within=2 * PATIENCE)
        peer.ack()
        return call, placed

    def connected(self, flavour: str = "plain", **avps: object) -> tuple[Call, Handle]:
        """IN/LAC: the target has opened a tunnel and placed a call, which is established."""
        peer, handle = self.accepted(flavour, **avps)
        call, placed = self.placed(peer, handle)
        call.send(ICRP()).expect(ICCN)
        peer.ack()
        return call, placed

    def dialled(self, peer: Peer, **avps: object) -> Call:
        """OUT/LAC: the peer, as LNS, has had the target dial; `avps` are those of the OCRQ."""
        call = peer.call()
        call.send(OCRQ(**avps)).expect(OCRP)
        call.expect(OCCN)
        peer.ack()
        return call

    def dialling(self, peer: Peer, handle: Handle, **options: str) -> tuple[Call, Handle]:
        """The target, as LNS, has been told to have the peer dial; its OCRQ has been read."""
        self.needs("place_outgoing_call")
        placed = self.target.place_outgoing_call(handle, **options)
        call = peer.call()
        call.expect(OCRQ, within=2 * PATIENCE)
        peer.ack()
        return call, placed

    def dialled_for(self, flavour: str = "plain", **avps: object) -> tuple[Call, Handle]:
        """OUT/LNS: the target has had the peer dial, and the call is established."""
        peer, handle = self.accepted(flavour, bearer_capabilities=3)
        call, placed = self.dialling(peer, handle)
        call.send(OCRP())
        call.send(OCCN(**avps))
        peer.expect_ack()
        return call, placed

    # Questions.

    def takes_calls(self, peer: Peer) -> None:
        """The tunnel is up: a call is answered. It is ended again."""
        call = peer.call()
        call.send(ICRQ())
        while (answer := peer.expect(ICRP, ICRQ)).kind == ICRQ.type:
            pass  # a call of the target's own
        self.equal(answer.session_id, call.session_id, "Session ID of the ICRP")
        call.target_session_id = answer.number(ASSIGNED_SESSION_ID) or 0
        call.send(CDN(result_code=(3,)))
        peer.expect_ack()

    def takes_tunnels(self, peer: Peer) -> None:
        """The target is alive and takes a tunnel from this peer's address."""
        flavour = self.flavour_of.get(peer.local.host, "plain") if peer.secret else "plain"
        other = self.peer(flavour, address=peer.local.host)
        other.open()
        other.stop()

    def dead(self, call: Call) -> None:
        """The session carries no data any more, or soon does not."""
        ppp = Ppp(call)
        for _ in range(10):
            if not ppp.echo(within=0.3):
                return
        raise Failure("data of the session is still answered")

    def stop_target(self) -> None:
        """Asks it to end; restart_target() has to follow."""
        for process in self.target.processes:
            process.terminate()

    def restart_target(self) -> None:
        self.target.stop()
        self.target.processes.clear()
        self.target.start()

    def finish(self) -> None:
        for action in reversed(self.clean_up):
            action()
        for peer in self.peers:
            peer.stop()
            peer.close()

def _shown(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else repr(value)

class TesterAddresses:
    """Addresses for peers, over and over: the upper half of the prefix for those with a secret, since
    a target may not let a Host Name choose whether there is one."""

    def __init__(self, prefix: str) -> None:
        halves = ipaddress.ip_network(prefix).subnets()
        self.halves = [itertools.cycle([str(a) for a in half.hosts()]) for half in halves]

    def take(self, with_secret: bool) -> str:
        return next(self.halves[with_secret])

def find_cases() -> list[Case]:
    """All cases, in order."""
    found = []
    for name in MODULES:
        if not (HERE / "cases" / f"{name}.py").exists():
            continue
        module = importlib.import_module(f"cases.{name}")
        found += list(_cases_of(name, module))
    return found

def _cases_of(name: str, module: ModuleType) -> Iterator[Case]:
    lines = Path(str(module.__file__)).read_text().splitlines()
    for attribute, function in vars(module).items():
        if not attribute.startswith("case_") or not inspect.isfunction(function):
            continue
        held, long = _marks(lines, function.__code__.co_firstlineno - 1)
        yield Case(name, function, tuple(held), long)

def _marks(lines: list[str], index: int) -> tuple[list[str], bool]:
    """The comment lines directly above a case: `# Holds: ...` and `# @long`."""
    held: list[str] = []
    long = False
    while index > 0 and lines[index - 1].startswith("#"):
        index -= 1
        if match := re.fullmatch(r"# Holds: (.*)", lines[index]):
            held = match[1].split() + held
        elif lines[index] == "# @long":
            long = True
    return held, long

def known_requirements() -> list[str]:
    rows = (HERE / "requirements.tsv").read_text().splitlines()[1:]
    return [row.split("\t")[0] for row in rows if row]

def run_case(case: Case, target: Target, seen: Seen, addresses: TesterAddresses) -> Outcome:
    began = time.monotonic()
    t = T(target, seen, addresses)
    verdict, detail = "ok", ""
    try:
        try:
            case.function(t)
        finally:
            t.finish()
    except Skip as skip:
        verdict, detail = "skip", str(skip)
    except Failure as failure:
        verdict, detail = "not ok", f"{failure}\n{t.journal.text()}"
    except Exception:  # a fault of the suite's, or of the target's control
        verdict, detail = "not ok", f"{traceback.format_exc()}{t.journal.text()}"
    known = target.deviations.get(case.sentence)
    if known and verdict == "not ok":
        verdict, detail = "skip", f"known: {known}"
    elif known and verdict == "ok":
        verdict, detail = "not ok", "passes: take it out of deviations.tsv"
    if not target.alive():
        verdict = "not ok"
        statuses = [process.poll() for process in target.processes]
        ended = ", ".join(str(status) for status in statuses if status is not None)
        detail = f"the target has ended (status {ended})\n{detail or t.journal.text()}"
    return Outcome(case, verdict, detail, time.monotonic() - began)

