"""Debian's xl2tpd. A flavour is a daemon of its own, on an address of its own."""

from __future__ import annotations

import ipaddress
import itertools
import os
import select
import shutil
from pathlib import Path

from peer.peer import Address

from .base import SECRET, Handle, Place, Recipient, Target, wait_until, write_secret

# Lines of [lns default] and of each LAC, by flavour.
LINES = {
    "plain": "",
    "secret": "challenge = yes",
    "hidden": "challenge = yes\nhidden bit = yes",
}


class Xl2tpd(Target):
    name = "xl2tpd"
    abilities = frozenset("open_tunnel place_call close_tunnel log".split())
    flavours = frozenset(LINES) | {"default"}

    def __init__(self, place: Place, directory: Path) -> None:
        super().__init__(place, directory)
        self.numbers = itertools.count(1)

    def start(self) -> None:
        if shutil.which("xl2tpd") is None:
            raise RuntimeError("xl2tpd is not installed")
        (self.directory / "options").write_text(
            "nodetach\nnoauth\nnoccp\nlcp-echo-interval 0\nmtu 1400\nmru 1400\n"
            f"debug\nlogfile {self.directory}/ppp.log\n"
        )
        for flavour in LINES:
            self._start(flavour)

    def _address(self, flavour: str) -> str:
        """The first address of the target for plain, the next for the next."""
        flavour = "plain" if flavour == "default" else flavour
        first = ipaddress.ip_address(self.place.target)
        return str(first + list(LINES).index(flavour))

    def _path(self, flavour: str, name: str) -> Path:
        return self.directory / flavour / name

    def _start(self, flavour: str) -> None:
        self._path(flavour, "").mkdir()
        line = b"* * " + SECRET_WORD + b"\n" if "challenge" in LINES[flavour] else b""
        secrets = write_secret(self._path(flavour, "secrets"), line)
        self._path(flavour, "xl2tpd.conf").write_text(
            f"""[global]
listen-addr = {self._address(flavour)}
auth file = {secrets}
access control = no
debug tunnel = yes
debug state = yes
debug avp = yes
[lns default]
ip range = 10.99.0.10-10.99.3.250
local ip = 10.99.0.1
require authentication = no
hostname = target.example
length bit = yes
pppoptfile = {self.directory}/options
{LINES[flavour]}
"""
        )
        with self._path(flavour, "log").open("ab") as log:
            process = self.launch(
                "xl2tpd", "-D", "-c", str(self._path(flavour, "xl2tpd.conf")),
                "-C", str(self._path(flavour, "control")), "-p", str(self._path(flavour, "pid")),
                "-s", str(secrets), log=log,
            )  # fmt: skip
        wait_until(
            "xl2tpd reads its control pipe",
            lambda: self._listens(flavour) or process.poll() is not None,
        )

    def _listens(self, flavour: str) -> bool:
        try:
            os.close(os.open(self._path(flavour, "control"), os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            return False
        return True

    def recipient(self, flavour: str) -> Recipient:
        self.needs(f"flavour:{flavour}")
        secret = SECRET_WORD if "challenge" in LINES.get(flavour, "") else b""
        return Recipient(Address(self._address(flavour), 1701), "tester.example", secret)

    def _say(self, flavour: str, line: str) -> None:
        """A command, and its answer: of two lines at once xl2tpd reads only the first."""
        answer = self._path(flavour, f"answer{next(self.numbers)}")
        os.mkfifo(answer, 0o600)
        reader = os.open(answer, os.O_RDWR | os.O_NONBLOCK)
        try:
            descriptor = os.open(self._path(flavour, "control"), os.O_WRONLY | os.O_NONBLOCK)
            with os.fdopen(descriptor, "w") as pipe:
                pipe.write(f"@{answer} {line}")
            ready, _, _ = select.select([reader], [], [], 5)
            if not ready:
                raise RuntimeError(f"xl2tpd does not answer to: {line}")
        finally:
            os.close(reader)
            answer.unlink(missing_ok=True)

    def open_tunnel(self, peer: Address, flavour: str) -> Handle:
        """A LAC of its own; xl2tpd opens a tunnel only to place a call in it."""
        self.needs(f"flavour:{flavour}")
        name = f"t{next(self.numbers)}"
        options = [
            f"lns={peer}", "hostname=target.example", "require authentication=no",
            f"pppoptfile={self.directory}/options", "length bit=yes", *LINES[flavour].split("\n"),
        ]  # fmt: skip
        self._say(flavour, f"a {name} " + ";".join(o.replace(" = ", "=") for o in options if o))
        self._say(flavour, f"c {name}")
        return Handle(name, {"flavour": flavour})

    def place_call(self, tunnel: Handle, **options: str) -> Handle:
        """It comes by itself."""
        return tunnel

    def close_tunnel(self, tunnel: Handle) -> None:
        self._say(tunnel.facts["flavour"], f"d {tunnel.name}")

    def log(self) -> str:
        paths = [self._path(flavour, "log") for flavour in LINES] + [self.directory / "ppp.log"]
        return "".join(path.read_text(errors="replace") for path in paths if path.exists())


# Its file of secrets takes one word.
SECRET_WORD = SECRET.replace(b" ", b"-").replace(b"'", b"")
