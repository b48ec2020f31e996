"""The examples, run as they are against a daemon without kernel and network."""

import json
import subprocess
import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cutting_proxy import CuttingProxy
from l2tp.v1 import user_pb2
from world import WorldTest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
PEER = "192.0.2.2"


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


class EventsToWebhookTest(WorldTest):
    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.state = Path(folder.name) / "token"
        self.posts: list[list[dict[str, object]]] = []
        self.refuse = 2
        self.changed = threading.Condition()
        test = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                with test.changed:
                    test.refuse -= 1
                    if test.refuse < 0:
                        test.posts.append([json.loads(line) for line in body.splitlines()])
                    self.send_response(503 if test.refuse >= 0 else 204)
                    self.end_headers()
                    test.changed.notify_all()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def start(self) -> "subprocess.Popen[str]":
        script = EXAMPLES / "events_to_webhook.py"
        url = f"http://127.0.0.1:{self.server.server_port}/"
        words = [url, "--state", str(self.state), "--server", self.address]
        process = subprocess.Popen(
            [sys.executable, str(script), *words], text=True
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def revisions(self) -> list[int]:
        return [
            int(str(line["revision"]))
            for post in self.posts
            for line in post
            if line["kind"] == "event"
        ]

    def wait_for_revision(self, revision: int) -> None:
        with self.changed:
            done = self.changed.wait_for(lambda: revision in self.revisions(), timeout=60)
        self.assertTrue(done, self.revisions())

    def test_no_event_is_left_out_across_restarts_and_refusals(self) -> None:
        self.client.create_tunnel(PEER, tunnel_id="before", wait=10)
        first = self.start()
        with self.changed:
            self.assertTrue(self.changed.wait_for(lambda: len(self.posts) > 0, timeout=60))
        self.assertEqual(self.posts[0][0]["kind"], "initial_state")
        seen = self.client.get_system().revision
        self.client.create_tunnel(PEER, tunnel_id="a", wait=10)
        self.wait_for_revision(seen + 1)
        first.kill()
        first.wait()
        self.client.create_tunnel(PEER, tunnel_id="meanwhile", wait=10)
        self.start()
        last = self.client.get_system().revision
        self.wait_for_revision(last)
        self.assertEqual(sorted(set(self.revisions())), list(range(seen + 1, last + 1)))


class FollowEventsTest(WorldTest):
    def test_it_keeps_a_picture_of_tunnels_and_sessions_only(self) -> None:
        self.client.create_user("alice", user_pb2.User(password="hush"))
        self.client.create_tunnel(PEER, tunnel_id="a", wait=10)
        process = subprocess.Popen(
            [sys.executable, str(EXAMPLES / "follow_events.py"), "--server", self.address],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        assert process.stdout
        self.addCleanup(process.stdout.close)
        self.assertRegex(process.stdout.readline(), "^1 resources at revision")
        self.client.delete_user("users/alice")
        self.client.delete_tunnel("tunnels/a")
        self.assertIn("TUNNEL_DOWN tunnels/a (1 known)", process.stdout.readline())
        self.assertIn("TUNNEL_DELETED tunnels/a (0 known)", process.stdout.readline())


if __name__ == "__main__":
    sys.exit(unittest.main())
