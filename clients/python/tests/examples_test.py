"""The examples, run as they are against a daemon without kernel and network."""

import contextlib
import random
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

from world import WorldTest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
PEER = "192.0.2.2"


def connect(address: str) -> socket.socket:
    if address.startswith("unix:"):
        upstream = socket.socket(socket.AF_UNIX)
        upstream.connect(address.removeprefix("unix:"))
        return upstream
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host, int(port)))


class CuttingProxy:
    """Passes connections on to `address`, and cuts each after some octets, in either direction."""

    def __init__(self, address: str, seed: int) -> None:
        self.upstream = address
        self.random = random.Random(seed)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.cut = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = connect(self.upstream)
                for ends in ((client, server), (server, client)):
                    most = self.random.randrange(1500, 8000)
                    threading.Thread(target=self.pass_on, args=(*ends, most), daemon=True).start()

    def pass_on(self, source: socket.socket, sink: socket.socket, most: int) -> None:
        with contextlib.suppress(OSError):
            while most > 0:
                octets = source.recv(min(4096, most))
                if not octets:
                    break
                sink.sendall(octets)
                most -= len(octets)
            else:
                self.cut += 1
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class ProvisionFromCsvTest(WorldTest):
    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "customers.csv"
        self.client.create_tunnel(PEER, tunnel_id="lns1", wait=10)

    def write(self, *rows: str, headings: str = "tunnel,session,user,password") -> None:
        self.file.write_text("\n".join((headings, *rows)) + "\n")

    def run_it(self, *words: str, server: str = "") -> "subprocess.CompletedProcess[str]":
        script = EXAMPLES / "provision_from_csv.py"
        command = [sys.executable, str(script), str(self.file), "--server", server or self.address]
        return subprocess.run([*command, *words], capture_output=True, text=True, check=False)

    def sessions(self) -> list[str]:
        return sorted(each.name.rsplit("/", 1)[1] for each in self.client.list_sessions())

    def test_what_is_there_is_left_alone(self) -> None:
        self.write("lns1,alice,alice@example.net,open sesame", 'lns1,bob,"bob,jr",hush')
        first = self.run_it()
        self.assertEqual((first.returncode, first.stderr), (0, ""))
        self.assertEqual(first.stdout, "created 2, already there 0, deleted 0, failed 0\n")
        self.assertEqual(self.sessions(), ["alice", "bob"])
        self.assertEqual(self.client.get_session("tunnels/lns1/sessions/bob").user, "bob,jr")
        self.assertTrue(self.client.get_session("tunnels/lns1/sessions/bob").persistent)
        again = self.run_it()
        self.assertEqual(again.stdout, "created 0, already there 2, deleted 0, failed 0\n")
        self.assertEqual(again.returncode, 0)

    def test_prune_deletes_what_the_file_does_not_have(self) -> None:
        self.write("lns1,alice,alice,x", "lns1,bob,bob,x")
        self.run_it()
        self.write("lns1,bob,bob,x", "lns1,carol,carol,x")
        result = self.run_it("--prune")
        self.assertEqual(result.stdout, "created 1, already there 1, deleted 1, failed 0\n")
        self.assertEqual(self.sessions(), ["bob", "carol"])

    def test_one_bad_row_does_not_stop_the_others(self) -> None:
        self.write("lns1,alice,alice,x")
        self.run_it()
        self.write("lns1,alice,mallory,x", "lns2,eve,eve,x", "lns1,Not An Id,x,x", "lns1,bob,bob,x")
        result = self.run_it()
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, "created 1, already there 0, deleted 0, failed 3\n")
        self.assertIn("lns1/sessions/alice: SESSION_EXISTS", result.stderr)
        self.assertIn("lns2/sessions/eve: TUNNEL_NOT_FOUND", result.stderr)
        self.assertIn("FIELD_INVALID", result.stderr)
        self.assertEqual(self.sessions(), ["alice", "bob"])

    def test_a_file_with_other_columns_is_refused_whole(self) -> None:
        self.write("lns1,alice,x", headings="tunnel,session,speed")
        result = self.run_it()
        self.assertEqual(result.returncode, 1)
        self.assertIn("speed", result.stderr)
        self.assertNotIn("Traceback", result.stderr)
        self.assertEqual(self.sessions(), [])

    def test_a_row_without_a_session_is_refused_and_its_password_not_shown(self) -> None:
        self.write("lns1,alice,alice,x", "lns1,,bob,open sesame")
        result = self.run_it()
        self.assertEqual(result.returncode, 1)
        self.assertIn("customers.csv:3: tunnel or session is missing", result.stderr)
        self.assertNotIn("sesame", result.stderr)
        self.assertEqual(self.sessions(), [])

    def test_it_gives_up_when_nobody_answers(self) -> None:
        self.write("lns1,alice,alice,x", "lns1,bob,bob,x")
        result = self.run_it("--patience", "0.5", server="unix:/nonexistent/api.sock")
        self.assertEqual(result.returncode, 1)
        self.assertIn("given up at tunnels/lns1/sessions/alice", result.stderr)

    def test_connections_that_are_cut_leave_exactly_what_the_file_has(self) -> None:
        proxy = CuttingProxy(self.address, seed=7)
        self.addCleanup(proxy.close)
        count = 500
        self.write(*(f"lns1,s{number},user{number},x" for number in range(count)))
        result = self.run_it(server=proxy.address)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("failed 0", result.stdout)
        self.assertGreater(proxy.cut, 20)
        self.assertEqual(len(self.sessions()), count)
        uids = {session.name: session.uid for session in self.client.list_sessions()}
        self.assertIn(f"already there {count}", self.run_it(server=proxy.address).stdout)
        self.assertEqual({s.name: s.uid for s in self.client.list_sessions()}, uids)


if __name__ == "__main__":
    sys.exit(unittest.main())
