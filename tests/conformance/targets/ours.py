"""l2tp-controller, one daemon for all flavours: peers are told apart by their Host Names."""

from __future__ import annotations

import ipaddress
import itertools
import json
import os
import subprocess
from pathlib import Path
from typing import Any

from peer.errors import Skip
from peer.peer import Address

from .base import (
    NAMED_SECRET,
    PASSWORD,
    SECRET,
    USER,
    Handle,
    Place,
    Recipient,
    Target,
    wait_until,
    write_secret,
)

HERE = Path(__file__).resolve().parent.parent
# Profile of each flavour. Keys are those of the daemon's configuration.
QUICK: dict[str, object] = {"retransmit_timeout": "0.1s", "max_retransmits": 3}
PPP: dict[str, object] = {
    "local_ip_address": "10.64.0.1",
    "pool": "pools/customers",
    "lcp_echo_interval": "0s",
}
PROFILES: dict[str, dict[str, dict[str, object]]] = {
    "plain": {},
    "default": {"tunnel": {"hello_interval": "60s"}},
    "secret": {},
    "hidden": {"tunnel": {"hide_avps": True}},
    "quick": {"tunnel": QUICK},
    "hello": {"tunnel": QUICK | {"hello_interval": "1s"}},
    "window1": {"tunnel": {"receive_window": 1}},
    "hasty": {"tunnel": {"setup_timeout": "1s"}, "session": {"setup_timeout": "1s"}},
    "sequenced": {"session": {"send_sequence": True, "receive_sequence": True}},
    "chap": {
        "ppp": {"require_auth": ["AUTH_METHOD_CHAP_MD5"]},
    },
    "accm": {"ppp": {"asyncmap": 0x000A0000}},
    "closed": {},
    "named": {},
}
# Flavours that want options which a daemon may not have yet.
NEWER: dict[str, dict[str, dict[str, object]]] = {
    "limited": {"tunnel": {"max_sessions": 2}},
    "lac": {},
    "tie": {"tunnel": {"tie_breaker": True}},
}
SECRETS = {"secret": SECRET, "hidden": SECRET, "named": NAMED_SECRET}
# Keys of a peer's configuration, beyond host name, secret and profile.
PEERS: dict[str, dict[str, object]] = {
    "closed": {"allow_calls": False},
    "lac": {"allow_outgoing_calls": True},
}
# How the command line asks for an outgoing call.
OUTGOING = ("--outgoing",)


class Ours(Target):
    name = "ours"
    abilities = frozenset(
        "open_tunnel place_call place_outgoing_call close_tunnel close_call tunnels sessions log"
        " restart refuse_strangers counters several_calls disconnect_cause access_line link_errors"
        .split()
    )
    admits_strangers = False

    def __init__(self, place: Place, directory: Path, build: Path) -> None:
        super().__init__(place, directory)
        self.build = build
        self.numbers = itertools.count(1)
        self.flavours = frozenset(PROFILES)
        self.log_path = directory / "daemon.log"
        rows = (HERE / "deviations.tsv").read_text().splitlines()[1:]
        self.deviations = dict(row.split("\t") for row in rows)

    def start(self) -> None:
        self.directory.chmod(0o700)
        self._write_configuration()
        self.password_file = write_secret(self.directory / "password", PASSWORD.encode())
        self.secret_files = {
            flavour: write_secret(self.directory / f"{flavour}.secret", secret)
            for flavour, secret in SECRETS.items()
        }
        with self.log_path.open("ab") as log:
            self.process = self.launch(
                str(self.build / "bin/l2tp-controller"), "--config",
                str(self.directory / "config.yaml"), log=log,
            )  # fmt: skip
        wait_until("the daemon answers", self._answers, within=20)

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError("the daemon ended:\n" + self.log())
        return self._control("system").returncode == 0

    def _write_configuration(self) -> None:
        """All flavours it knows; JSON is YAML."""
        self.profiles = dict(PROFILES)
        for flavour, settings in NEWER.items():
            self.profiles[flavour] = settings
            if not self._accepted():
                del self.profiles[flavour]
        self.flavours = frozenset(self.profiles)
        if not self._accepted():
            raise RuntimeError("the daemon does not take the configuration")

    def _accepted(self) -> bool:
        path = self.directory / "config.yaml"
        path.touch(0o600)
        path.write_text(json.dumps(self._configuration(), ensure_ascii=False, indent=1))
        check = [str(self.build / "bin/l2tp-controller"), "--config", str(path), "--check-config"]
        result = subprocess.run(check, capture_output=True, text=True, check=False)
        self.refusal = result.stdout + result.stderr
        return result.returncode == 0

    def _configuration(self) -> dict[str, Any]:
        target, directory = self.place.target, self.directory
        halves = list(ipaddress.ip_network(self.place.testers).subnets())
        profiles, peers = [], []
        for flavour, settings in self.profiles.items():
            tunnel = {"hello_interval": "0s"} | settings.get("tunnel", {})
            ppp = PPP | settings.get("ppp", {})
            session = settings.get("session", {})
            profiles.append(
                {"name": f"profiles/{flavour}", "tunnel": tunnel, "session": session, "ppp": ppp}
            )
            peer: dict[str, object] = {
                "name": f"peers/{flavour}",
                "ip_prefix": str(halves[flavour in SECRETS]),
                "profile": f"profiles/{flavour}",
            }
            if flavour != "plain":
                peer["host_name"] = f"{flavour}.example"
            if flavour in SECRETS:
                peer["secret"] = SECRETS[flavour].decode()
            peers.append(peer | PEERS.get(flavour, {}))
        return {
            "daemon": {
                "host_name": "target.example",
                "listen": [f"{target}:1701"],
                "api_listen": [f"unix:{directory}/api.sock"],
                "pppd_plugin_dir": str(self.build / "lib/pppd"),
                "run_dir": str(directory),
                "log_level": "debug",
            },
            "pools": [
                {
                    "name": "pools/customers",
                    "ip_ranges": ["10.64.0.2-10.64.3.254"],
                }
            ],
            "profiles": profiles,
            "users": [{"name": "users/someone", "login": USER, "password": PASSWORD}],
            "peers": peers,
        }

    def recipient(self, flavour: str) -> Recipient:
        self.needs(f"flavour:{flavour}")
        host_name = "tester.example" if flavour == "plain" else f"{flavour}.example"
        return Recipient(Address(self.place.target, 1701), host_name, SECRETS.get(flavour, b""))

    # Driving.

    def _control(self, *arguments: str, timeout: float = 20) -> subprocess.CompletedProcess[str]:
        command = [str(self.build / "bin/l2tpctl"), "--server", f"unix:{self.directory}/api.sock"]
        return subprocess.run(
            [*command, *arguments], capture_output=True, text=True, timeout=timeout, check=False,
            env={"PATH": os.environ.get("PATH", "")},
        )  # fmt: skip

    def control(self, *arguments: str) -> str:
        result = self._control(*arguments)
        if result.returncode == 2:
            raise Skip(f"l2tpctl does not know: {' '.join(arguments)}")
        if result.returncode:
            text = (result.stdout + result.stderr).strip()
            raise RuntimeError(f"l2tpctl {' '.join(arguments)}: {text}")
        return result.stdout

    def open_tunnel(self, peer: Address, flavour: str) -> Handle:
        self.needs(f"flavour:{flavour}")
        name = f"t{next(self.numbers)}"
        secret = ["--secret-file", str(self.secret_files[flavour])] if flavour in SECRETS else []
        remote = peer.host if peer.port == 1701 else str(peer)
        self.control(
            "tunnel", "create", name, "--remote", remote, "--profile", f"profiles/{flavour}",
            "--allow-calls", "true", "--allow-outgoing-calls", "true", *secret,
        )  # fmt: skip
        return Handle(name)

    def place_call(self, tunnel: Handle, **options: str) -> Handle:
        return self._place(tunnel, (), options)

    def place_outgoing_call(self, tunnel: Handle, **options: str) -> Handle:
        return self._place(tunnel, OUTGOING, {"called_number": "5553000"} | options)

    def _place(self, tunnel: Handle, kind: tuple[str, ...], options: dict[str, str]) -> Handle:
        name = f"s{next(self.numbers)}"
        more = [
            word for key, value in options.items()
            for word in (f"--{key.replace('_', '-')}", value)
        ]  # fmt: skip
        self.control(
            "session", "create", tunnel.name, name, *kind, "--user", USER,
            "--password-file", str(self.password_file), *more,
        )  # fmt: skip
        return Handle(f"{tunnel.name}/{name}")

    def close_tunnel(self, tunnel: Handle) -> None:
        self._start("tunnel", "delete", tunnel.name, "--force")

    def close_call(self, call: Handle) -> None:
        self._start("session", "delete", call.name)

    def _start(self, *arguments: str) -> None:
        """For commands that return only when all is over."""
        command = [str(self.build / "bin/l2tpctl"), "--server", f"unix:{self.directory}/api.sock"]
        quiet = subprocess.DEVNULL
        subprocess.Popen([*command, *arguments], stdin=quiet, stdout=quiet, stderr=quiet)

    def tunnels(self, peer: str) -> list[Handle]:
        tunnels = json.loads(self.control("--json", "tunnel", "list") or "[]")
        return [
            Handle(t["name"].removeprefix("tunnels/"), t)
            for t in tunnels if t.get("remote_ip_address") == peer
        ]  # fmt: skip

    def sessions(self, peer: str) -> list[Handle]:
        names = {tunnel.name for tunnel in self.tunnels(peer)}
        found = json.loads(self.control("--json", "session", "list") or "[]")
        return [
            Handle(s["name"].replace("tunnels/", "").replace("/sessions/", "/"), s)
            for s in found if s["name"].split("/")[1] in names
        ]  # fmt: skip

    def session(self, handle: Handle) -> dict[str, Any]:
        shown = json.loads(self.control("--json", "session", "show", handle.name))
        return dict(shown.get("session", shown))

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")
