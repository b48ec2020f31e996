"""l2tp-load against l2tp-load --answer, over loopback: real sockets, no kernel L2TP, no root.

    loopback_test.py PROGRAM
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from loopback import Answer, Report, run_load, secret_file

PROGRAM = ""


def phase(report: Report, name: str) -> tuple[int, int, int]:
    counts = report["phases"][name]
    return counts["tried"], counts["passed"], counts["failed"]


def wait_until_caught(pid: int, number: signal.Signals) -> None:
    """Until the process has a handler for the signal; it has none while it starts."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        caught = re.search(r"^SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        if caught and int(caught[1], 16) >> (number - 1) & 1:
            return
        time.sleep(0.01)
    raise TimeoutError("no handler")


class LoopbackTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.password = secret_file(folder.name, "password", "open sesame")
        self.other = secret_file(folder.name, "other", "open barley")
        self.login = ("--user", "user%d@example", "--password-file", self.password)

    def answer(self, *options: str) -> Answer:
        return Answer(PROGRAM, "--password-file", self.password, *options)

    def test_every_call_comes_up_and_is_pinged(self) -> None:
        for auth in ("pap", "chap_md5", "mschapv2"):
            with self.subTest(auth), self.answer("--auth", auth, "--ipv6") as lns:
                status, report = run_load(
                    PROGRAM, lns.address, "--tunnels", "4", "--calls", "25", "--ipv6", *self.login
                )
                self.assertEqual(report["failures"], [])
                self.assertEqual(status, 0)
                self.assertEqual(phase(report, "tunnel"), (4, 4, 0))
                for name in ("call", "lcp", "auth", "ipcp", "ipv6cp", "set_up", "ping"):
                    self.assertEqual(phase(report, name), (100, 100, 0), name)
                self.assertEqual(phase(report, "down"), (4, 4, 0))
                self.assertEqual(report["echoes"], {"sent": 100, "answered": 100})
                self.assertEqual(lns.stop(), 0)
                self.assertEqual(phase(lns.report, "set_up"), (100, 100, 0))

    def test_a_call_takes_no_timer_to_come_up(self) -> None:
        with self.answer("--auth", "chap_md5") as lns:
            _, report = run_load(PROGRAM, lns.address, "--calls", "20", *self.login)
        # A frame that is sent too early is lost, and comes again after three seconds.
        self.assertLess(report["phases"]["set_up"]["ms"]["max"], 2900)

    def test_tunnels_come_from_the_addresses_and_the_port_that_were_given(self) -> None:
        with self.answer() as lns:
            status, report = run_load(
                PROGRAM, "--local", "127.0.1.1-127.0.1.3", "--local-port", "17011",
                "--tunnels", "6", "--calls", "2", lns.address,
            )
        self.assertEqual((status, report["failures"]), (0, []))
        self.assertEqual(phase(report, "tunnel"), (6, 6, 0))

    def test_tunnels_are_authenticated_and_avps_hidden(self) -> None:
        with self.answer("--secret-file", self.other) as lns:
            status, report = run_load(
                PROGRAM, lns.address, "--hide-avps", "--secret-file", self.other
            )
            self.assertEqual((status, report["failures"]), (0, []))
            status, report = run_load(PROGRAM, lns.address, "--secret-file", self.password)
        self.assertEqual(status, 1)
        self.assertEqual(phase(report, "tunnel"), (1, 0, 1))
        self.assertEqual(phase(report, "set_up"), (1, 0, 1))

    def test_a_wrong_password_is_told_by_phase_and_cause(self) -> None:
        with self.answer("--auth", "chap_md5") as lns:
            status, report = run_load(
                PROGRAM, lns.address, "--calls", "3", "--user", "alice", "--password-file", self.other
            )
        self.assertEqual(status, 1)
        self.assertEqual(
            report["failures"], [{"phase": "auth", "cause": "login refused", "count": 3}]
        )
        self.assertEqual(
            lns.report["failures"], [{"phase": "auth", "cause": "wrong login", "count": 3}]
        )

    def test_rounds_go_up_and_down_again(self) -> None:
        for teardown in ("cdn", "stopccn", "abrupt"):
            with self.subTest(teardown), self.answer() as lns:
                status, report = run_load(
                    PROGRAM, lns.address, "--calls", "10", "--rounds", "3", "--teardown", teardown
                )
                self.assertEqual((status, report["failures"]), (0, []))
                self.assertEqual([each["calls_up"] for each in report["rounds"]], [10, 10, 10])
                self.assertEqual(phase(report, "set_up"), (30, 30, 0))

    def test_the_duration_ends_it_in_order(self) -> None:
        with self.answer() as lns:
            status, report = run_load(
                PROGRAM, lns.address, "--calls", "3", "--hold", "3600", "--duration", "0.5"
            )
        self.assertEqual((status, report["failures"]), (0, []))
        self.assertEqual(phase(report, "down"), (1, 1, 0))
        self.assertLess(report["seconds"], 60)

    def test_a_signal_ends_it_in_order(self) -> None:
        with self.answer() as lns, subprocess.Popen(
            [PROGRAM, lns.address, "--hold", "3600"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as load:
            wait_until_caught(load.pid, signal.SIGTERM)
            load.terminate()
            output, _ = load.communicate(timeout=60)
            self.assertIn("calls came up", output)
            lns.stop()
        self.assertEqual(lns.report["phases"]["hold"]["failed"], 0)

    def test_nobody_at_the_other_end_is_a_failure(self) -> None:
        with self.answer() as lns:
            address = lns.address
        status, report = run_load(PROGRAM, address, "--setup-timeout", "0.3", "--duration", "0.5")
        self.assertEqual(status, 1)
        self.assertEqual(report["failures"], [{"phase": "call", "cause": "timeout", "count": 1}])

    def test_what_cannot_be_is_refused(self) -> None:
        for options, status in (
            (["127.0.0.1", "--calls", "0"], 2),
            (["127.0.0.1", "--password-file", "/nonexistent/file"], 3),
            (["--answer", "--listen", "192.0.2.1"], 3),
        ):
            done = subprocess.run([PROGRAM, *options], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, status, options)
            self.assertTrue(done.stderr)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
