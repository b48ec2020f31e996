"""What shells complete for l2tpctl, against a daemon without kernel (l2tp_api_world_server)."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import List

from world import WorldTest


class CompletionTest(WorldTest):
    def setUp(self) -> None:
        super().setUp()
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        os.symlink(os.environ["L2TPCTL"], Path(self.folder.name) / "l2tpctl")
        self.environment = dict(
            os.environ,
            PATH=f"{self.folder.name}:{os.environ['PATH']}",
            HOME=self.folder.name,
            XDG_CONFIG_HOME=self.folder.name,
            L2TPCTL_SERVER=self.address,
        )
        self.run_in(["l2tpctl", "tunnel", "create", "lns1", "--remote", "192.0.2.2", "--wait"])
        self.run_in(["l2tpctl", "session", "create", "lns1", "home", "--wait"])
        self.run_in(["l2tpctl", "session", "create", "lns1", "work", "--wait"])
        self.run_in(["l2tpctl", "profile", "create", "fast"])

    def run_in(self, arguments: List[str]) -> str:
        done = subprocess.run(
            arguments, env=self.environment, capture_output=True, text=True, check=False
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def bash(self, line: str) -> List[str]:
        script = (
            "source <(l2tpctl completion bash); complete -p l2tpctl >/dev/null || exit 1;"
            'COMP_LINE=$1 COMP_POINT=${#1}; _l2tpctl; printf "%s\\n" "${COMPREPLY[@]}"'
        )
        return self.run_in(["bash", "--norc", "-c", script, "bash", line]).split()

    def zsh(self, line: str) -> List[str]:
        # The words are what zsh's completion hands to a function; compadd takes what it gives.
        script = (
            "compdef() { :; }; compadd() { shift; print -l -- $@; }; _files() { :; };"
            'source <(l2tpctl completion zsh); words=("${(@s: :)1}"); CURRENT=$#words; _l2tpctl'
        )
        return self.run_in(["zsh", "-f", "-c", script, "zsh", line]).split()

    def fish(self, line: str) -> List[str]:
        script = f'l2tpctl completion fish | source; complete -C "{line}"'
        return self.run_in(["fish", "--no-config", "-c", script]).split()

    def check(self, shell: str) -> None:
        complete = getattr(self, shell)
        self.assertEqual(complete("l2tpctl tun"), ["tunnel"])
        tunnel = ["create", "debug", "delete", "drain", "label", "list", "restart", "show", "undrain"]
        self.assertEqual(complete("l2tpctl tunnel "), tunnel)
        self.assertEqual(complete("l2tpctl tunnel debug lns1 "), ["off", "on"])
        self.assertEqual(complete("l2tpctl tunnel create --rem"), ["--remote"])
        self.assertEqual(complete("l2tpctl session show "), ["lns1/home", "lns1/work"])
        self.assertEqual(complete("l2tpctl session show lns1/w"), ["lns1/work"])
        self.assertEqual(complete("l2tpctl session create ln"), ["lns1"])
        self.assertEqual(complete("l2tpctl session create lns1 --profile "), ["fast"])
        self.assertEqual(complete("l2tpctl -o "), ["json", "table", "wide", "yaml"])
        self.assertEqual(complete("l2tpctl --color al"), ["always"])
        self.assertEqual(complete("l2tpctl watch --type session_ip_"), ["session_ip_down", "session_ip_up"])
        self.assertEqual(complete("l2tpctl watch --name l"), ["lns1", "lns1/home", "lns1/work"])
        self.assertEqual(complete("l2tpctl top --sort "), ["name", "rx", "total", "tx"])

    def test_bash(self) -> None:
        self.check("bash")

    def test_bash_takes_the_address_from_the_command_line(self) -> None:
        self.environment["L2TPCTL_SERVER"] = "unix:/nonexistent"
        self.assertEqual(self.bash("l2tpctl tunnel show "), [])
        self.assertEqual(self.bash(f"l2tpctl --server {self.address} tunnel show "), ["lns1"])
        self.assertEqual(self.bash(f"l2tpctl tunnel show --server={self.address} l"), ["lns1"])

    @unittest.skipIf(shutil.which("zsh") is None, "zsh is not installed")
    def test_zsh(self) -> None:
        self.check("zsh")

    @unittest.skipIf(shutil.which("fish") is None, "fish is not installed")
    def test_fish(self) -> None:
        self.check("fish")
        # Files, where files are asked for.
        (Path(self.folder.name) / "secret.txt").touch()
        path = f"{self.folder.name}/secret"
        self.assertEqual(self.fish(f"l2tpctl tunnel create --secret-file {path}"), [path + ".txt"])
        self.assertEqual(self.fish(f"l2tpctl capture -w {path}"), [path + ".txt"])


if __name__ == "__main__":
    unittest.main()
