"""l2tpctl in a terminal of 80 columns, against a daemon without kernel (l2tp_api_world_server)."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unittest
from typing import Any, List, Optional

from world import WorldTest

PATIENCE = 20.0  # seconds
TIOCGPTN = 0x80045430  # ioctl_tty(2); the module has it since Python 3.13 only

_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_ESCAPE = re.compile(r"\x1b\[[?0-9;]*[a-zA-Z]")


def bare(text: str) -> str:
    """Without escape sequences."""
    return _ESCAPE.sub("", text)


class Terminal:
    """A program with a terminal of its own."""

    def __init__(self, arguments: List[str], columns: int = 80, rows: int = 24) -> None:
        self.text = ""
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            environment = dict(os.environ, TERM="xterm")
            for variable in ("COLUMNS", "NO_COLOR"):
                environment.pop(variable, None)
            os.execve(arguments[0], arguments, environment)
        # Kept open, so that the terminal's state can be seen when the program has ended.
        number = struct.unpack("i", fcntl.ioctl(self.master, TIOCGPTN, bytes(4)))[0]
        self.slave = os.open(f"/dev/pts/{number}", os.O_NOCTTY | os.O_RDWR)

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def write(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def flags(self) -> Any:
        return termios.tcgetattr(self.slave)[3]

    def read(self, deadline: float) -> bool:
        """More of what it shows; False: nothing came."""
        ready, _, _ = select.select([self.master], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            octets = os.read(self.master, 65536)
        except OSError:  # nobody has it open any more
            return False
        self.text += octets.decode(errors="replace")
        return bool(octets)

    def until(self, pattern: str) -> None:
        """Reads on until it has shown that, in whatever colours."""
        deadline = time.monotonic() + PATIENCE
        while re.search(pattern, _STYLE.sub("", self.text), re.DOTALL) is None:
            if not self.read(deadline) or time.monotonic() > deadline:
                raise AssertionError(f"no {pattern!r} in ...{self.text[-3000:]!r}")

    def end(self) -> int:
        """Reads on to its end; its exit code."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self.read(min(deadline, time.monotonic() + 0.1))
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid != 0:
                break
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
        while self.read(time.monotonic()):
            pass
        return os.waitstatus_to_exitcode(status)

    def close(self) -> None:
        os.close(self.slave)
        os.close(self.master)


class TerminalTest(WorldTest):
    def setUp(self) -> None:
        super().setUp()
        self.ctl("tunnel", "create", "provider", "--remote", "192.0.2.2", "--wait")
        for i in range(30):
            user = f"customer-{i}@a-rather-long-domain.example.net"
            self.ctl("session", "create", "provider", f"customer-{i}", "--user", user)

    def command(self, *arguments: str) -> List[str]:
        return [os.environ["L2TPCTL"], "--server", self.address, *arguments]

    def ctl(self, *arguments: str) -> str:
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def tell(self, line: str) -> None:
        assert self.daemon.stdin
        self.daemon.stdin.write(line + "\n")
        self.daemon.stdin.flush()

    def terminal(self, *arguments: str, columns: int = 80, rows: int = 24) -> Terminal:
        terminal = Terminal(self.command(*arguments), columns, rows)
        self.addCleanup(terminal.close)
        return terminal

    def shown(self, *arguments: str, code: int = 0) -> str:
        terminal = self.terminal(*arguments)
        self.assertEqual(terminal.end(), code, terminal.text)
        return terminal.text

    def assert_fits(self, text: str, columns: int = 80) -> None:
        for line in bare(text).replace("\r", "").split("\n"):
            self.assertLessEqual(len(line), columns, line)

    def frames(self, text: str) -> List[str]:
        """The pages that a live display showed."""
        return [bare(frame).replace("\r", "") for frame in text.split("\x1b[H")[1:]]

    def test_tables_and_pages_fit_and_have_colours(self) -> None:
        for arguments in (
            ("tunnel", "list"),
            ("session", "list"),
            ("session", "show", "provider/customer-3"),
            ("explain", "provider/customer-3"),
            ("explain", "provider"),
            ("system",),
            ("profile", "list"),
            ("user", "list"),
        ):
            self.assert_fits(self.shown(*arguments))
        table = self.shown("session", "list")
        self.assertIn("\x1b[32mestablished\x1b[0m", table)
        plain = self.shown("session", "list", "--color", "never")
        self.assertNotIn("\x1b", plain)
        self.assertEqual(bare(table), plain)

    def test_a_pipe_gets_everything_and_no_colours(self) -> None:
        text = self.ctl("session", "list")
        self.assertIn("customer-3@a-rather-long-domain.example.net", text)
        self.assertNotIn("\x1b", text)
        colored = self.ctl("session", "list", "--color", "always")
        self.assertIn("\x1b[32mestablished", colored)

    def test_watch_wraps_what_is_too_long(self) -> None:
        terminal = self.terminal("watch", "--initial", "--timeout", "1")
        self.assertEqual(terminal.end(), 5)
        self.assert_fits(terminal.text)
        self.assertIn("SYNCED", terminal.text)
        joined = bare(terminal.text).replace("\r\n    ", " ")
        self.assertRegex(joined, "customer-7 state=established interface=ppp[0-9]+ local=10.0.0.1 rem")

    def check_top(self, *arguments: str, ends: str) -> Terminal:
        terminal = self.terminal("top", "--interval", "0.3", *arguments)
        self.tell("traffic 100")
        terminal.until(r"\x1b\[H.*\x1b\[H.*\x1b\[H")
        self.assertFalse(terminal.flags() & termios.ECHO)
        if ends == "term":
            os.kill(terminal.pid, signal.SIGTERM)
        else:
            terminal.write(ends)
        self.assertEqual(terminal.end(), 0, terminal.text)
        self.assertTrue(terminal.flags() & termios.ECHO)
        self.assertTrue(terminal.flags() & termios.ICANON)
        self.assertTrue(terminal.flags() & termios.ISIG)
        self.assertTrue(terminal.text.endswith("\x1b[?25h\x1b[?1049l"), terminal.text[-40:])
        return terminal

    def test_top_fits_and_gives_the_terminal_back(self) -> None:
        for what, ends in (("sessions", "q"), ("tunnels", "\x03"), ("sessions", "term")):
            terminal = self.check_top(what, ends=ends)
            for frame in self.frames(terminal.text):
                self.assert_fits(frame)
                self.assertLessEqual(frame.count("\n"), 23, frame)

    def test_top_shows_rates_and_sorts_by_them(self) -> None:
        terminal = self.terminal("top", "--interval", "0.2")
        terminal.until(r"established +0 +0")
        for _ in range(20):
            self.tell("traffic 100")
            time.sleep(0.05)
        terminal.until(r"established +[1-9][0-9.]*[kM]? +[0-9]")  # of a session, not the total
        terminal.write("n")
        terminal.until(r"USER[^/]*provider/customer-0 [^/]*provider/customer-1 [^/]*provider/customer-10 ")
        terminal.write("q")
        self.assertEqual(terminal.end(), 0)
        rates = [
            [int(float(n) * {"": 1, "k": 1e3, "M": 1e6}[u]) for n, u in found]
            for found in (
                re.findall(r"established +([0-9.]+)([kM]?) ", frame)
                for frame in self.frames(terminal.text)
            )
            if any(n != "0" for n, _ in found)
        ]
        self.assertTrue(rates)
        self.assertEqual(rates[0], sorted(rates[0], reverse=True))

    def test_top_follows_the_size_of_the_terminal(self) -> None:
        terminal = self.terminal("top", "--interval", "60")
        terminal.until("and [0-9]+ more")
        before = len(terminal.text)
        terminal.resize(60, 10)
        deadline = time.monotonic() + PATIENCE
        frame: Optional[str] = None
        while frame is None or frame.count("\n") != 9:
            self.assertTrue(terminal.read(deadline))
            frames = self.frames(terminal.text[before:])
            frame = frames[-1] if frames else None
        self.assert_fits(frame, 60)
        terminal.write("q")
        self.assertEqual(terminal.end(), 0)


if __name__ == "__main__":
    unittest.main()
