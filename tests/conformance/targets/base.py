"""What the suite may ask of a target."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

from peer.errors import Skip
from peer.peer import Address

# Flavours: how a control connection behaves. The target decides how to tell them apart; a case only
# names them.
#   plain       the target's defaults, no secret, no HELLO within a minute
#   default     as plain, but with the HELLO that the target sends by default
#   secret      a shared secret, SECRET
#   hidden      the same, and the target hides what may be hidden
#   quick       first retransmission after 100 ms, three of them
#   hello       HELLO after one second; otherwise as quick
#   window1     offers a Receive Window Size of 1
#   hasty       gives up half-open tunnels and calls after one second
#   sequenced   data messages are numbered
#   chap        callers log in by CHAP (USER, PASSWORD)
#   accm        asks for an ACCM of 0x000a0000
#   closed      may not place calls
#   limited     takes two sessions in a tunnel
#   lac         dials outgoing calls when asked to
#   tie         its SCCRQ has a Tie Breaker
#   named       the secret depends on the Host Name, NAMED_SECRET
FLAVOURS = (
    "plain default secret hidden quick hello window1 hasty sequenced chap accm closed limited lac"
    " tie named"
).split()
SECRET = b"the tunnel's secret"
NAMED_SECRET = b"another \xc3\xa9 secret"
USER, PASSWORD = "alice", "open sesame"
CALLED_NUMBER = "5553000"


@dataclass(frozen=True)
class Place:
    """Where target and tester live."""

    target: str  # address of the target
    testers: str  # prefix of the tester's addresses, one a peer: 192.0.2.128/25
    stranger: str  # an address of the tester outside of it
    namespace: str = ""  # network namespace of the target; empty: the tester's own
    interface: str = ""  # of the tester, towards the target


@dataclass(frozen=True)
class Recipient:
    """How a peer has to behave to be treated according to a flavour."""

    address: Address
    host_name: str
    secret: bytes = b""


@dataclass
class Handle:
    """A tunnel or call that the target was told to open."""

    name: str
    facts: dict[str, Any] = field(default_factory=dict)


class Target:
    """Does nothing. Abilities are the names of the methods that work."""

    name = "none"
    abilities: frozenset[str] = frozenset()
    flavours: frozenset[str] = frozenset({"plain"})
    # Answers of the target on which a run depends: what it does with unknown peers, and so on.
    admits_strangers = True
    # Cases, by their sentences, that the target is known to fail, with the reason: they are skipped,
    # and fail when they pass.
    deviations: Mapping[str, str] = MappingProxyType({})

    def __init__(self, place: Place, directory: Path) -> None:
        self.place = place
        self.directory = directory
        self.processes: list[subprocess.Popen[bytes]] = []

    def needs(self, *abilities: str) -> None:
        for ability in abilities:
            if ability.startswith("flavour:"):
                if ability[8:] not in self.flavours:
                    raise Skip(f"{self.name} cannot be made {ability[8:]}")
            elif ability not in self.abilities:
                raise Skip(f"{self.name} cannot {ability.replace('_', ' ')}")

    def start(self) -> None:
        """Makes the target run, with all flavours."""

    def stop(self) -> None:
        for process in self.processes:
            end(process)

    def alive(self) -> bool:
        return all(process.poll() is None for process in self.processes)

    def recipient(self, flavour: str) -> Recipient:
        raise NotImplementedError

    def open_tunnel(self, peer: Address, flavour: str) -> Handle:
        raise NotImplementedError

    def place_call(self, tunnel: Handle, **options: str) -> Handle:
        raise NotImplementedError

    def place_outgoing_call(self, tunnel: Handle, **options: str) -> Handle:
        raise NotImplementedError

    def close_tunnel(self, tunnel: Handle) -> None:
        raise NotImplementedError

    def close_call(self, call: Handle) -> None:
        raise NotImplementedError

    def tunnels(self, peer: str) -> list[Handle]:
        """The tunnels that this address has with the target."""
        raise NotImplementedError

    def sessions(self, peer: str) -> list[Handle]:
        raise NotImplementedError

    def log(self) -> str:
        raise NotImplementedError

    # Used by the above.

    def inside(self, *command: str) -> list[str]:
        """The command, in the target's network namespace."""
        if not self.place.namespace:
            return list(command)
        return ["ip", "netns", "exec", self.place.namespace, *command]

    def launch(self, *command: str, log: IO[bytes]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            self.inside(*command), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        self.processes.append(process)
        return process


def end(process: subprocess.Popen[bytes], *, within: float = 12.0) -> int | None:
    """Asks a process to end, and kills it when it has not done so in time."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(within)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return process.returncode


def wait_until(what: str, test: Callable[[], bool], *, within: float = 10.0) -> None:
    """Polls, for what no event tells."""
    deadline = time.monotonic() + within
    while not test():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within:g} s: {what}")
        time.sleep(0.02)


def write_secret(path: Path, text: bytes) -> Path:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
    return path
