"""The Python client against a daemon without kernel and network (l2tp_api_world_server)."""

import asyncio
import sys
import threading
import unittest
from concurrent import futures

import grpc
from l2tp.v1 import (
    error_pb2,
    event_pb2,
    event_pb2_grpc,
    peer_pb2,
    pool_pb2,
    profile_pb2,
    session_pb2,
    system_pb2,
    tunnel_pb2,
    user_pb2,
)
from l2tp_client import (
    AlreadyExistsError,
    ApiError,
    Client,
    ClosedError,
    InvalidArgumentError,
    NotFoundError,
    UnreachableError,
    WaitTimeoutError,
)
from l2tp_client.aio import AsyncClient
from cutting_proxy import CuttingProxy
from world import WorldTest

NOBODY = "192.0.2.99"  # nobody answers there
PEER = "192.0.2.2"


class DaemonTest(WorldTest):
    def test_tunnel_and_session_come_up_and_go_away(self) -> None:
        tunnel = self.client.create_tunnel(PEER, tunnel_id="t", wait=10)
        self.assertEqual(tunnel.state, tunnel_pb2.Tunnel.STATE_ESTABLISHED)
        self.assertEqual(tunnel.peer_host_name, "lns")
        session = self.client.create_session(
            tunnel.name, session_id="s", user="alice", password="hush", wait=10
        )
        self.assertEqual(session.name, "tunnels/t/sessions/s")
        self.assertEqual(session.ipv4.local_ip_address, "10.0.0.1")
        self.assertEqual(session.password, "")
        self.assertEqual([t.name for t in self.client.list_tunnels()], ["tunnels/t"])
        self.assertEqual([s.name for s in self.client.list_sessions("tunnels/t")], [session.name])
        self.assertEqual(self.client.get_session(session.name).uid, session.uid)
        self.client.delete_session(session.name)
        self.client.delete_tunnel(tunnel.name)
        self.assertEqual(list(self.client.list_tunnels()), [])
        self.assertEqual(self.client.get_system().tunnel_count, 0)

    def test_what_drains_takes_nothing_new(self) -> None:
        self.assertEqual(self.client.drain_system().state, system_pb2.System.STATE_DRAINING)
        with self.assertRaises(ApiError) as refused:
            self.client.create_tunnel("192.0.2.2", tunnel_id="t")
        self.assertEqual(refused.exception.reason, "DRAINING")
        self.assertEqual(self.client.undrain_system().state, system_pb2.System.STATE_RUNNING)
        self.client.create_tunnel("192.0.2.2", tunnel_id="t")
        self.assertTrue(self.client.drain_tunnel("tunnels/t").draining)
        self.assertFalse(self.client.undrain_tunnel("tunnels/t").draining)
        self.client.create_peer("p", peer_pb2.Peer())
        self.assertTrue(self.client.drain_peer("peers/p").draining)
        self.assertFalse(self.client.undrain_peer("peers/p").draining)
        self.client.delete_tunnel("tunnels/t", force=True)
        self.client.delete_peer("peers/p")

    def test_errors_carry_reason_and_metadata(self) -> None:
        with self.assertRaises(NotFoundError) as missing:
            self.client.get_tunnel("tunnels/none")
        self.assertEqual(missing.exception.reason, "TUNNEL_NOT_FOUND")
        self.assertEqual(missing.exception.metadata, {"name": "tunnels/none"})
        with self.assertRaises(InvalidArgumentError) as invalid:
            self.client.create_tunnel("300.0.0.1")
        self.assertEqual(invalid.exception.metadata["field"], "tunnel.remote_ip_address")
        self.client.create_tunnel(PEER, tunnel_id="t")
        with self.assertRaises(AlreadyExistsError):
            self.client.create_tunnel(PEER, tunnel_id="t")

    def test_waiting_times_out_or_gives_the_cause(self) -> None:
        with self.assertRaises(WaitTimeoutError) as late:
            self.client.create_tunnel(NOBODY, tunnel_id="t", wait=0.5)
        self.assertEqual(late.exception.resource.state, tunnel_pb2.Tunnel.STATE_CONNECTING)
        deletion = threading.Timer(0.3, self.client.delete_tunnel, ["tunnels/t"])
        deletion.start()
        with self.assertRaises(ClosedError) as closed:
            self.client.wait_for_tunnel("tunnels/t", timeout=10)
        deletion.join()
        self.assertIn("REASON_ADMINISTRATIVE", str(closed.exception))
        with self.assertRaises(ClosedError):
            self.client.wait_for_tunnel("tunnels/t", timeout=10)

    def test_watch_gives_initial_state_and_events(self) -> None:
        self.client.create_tunnel(PEER, tunnel_id="a", wait=10)
        watch = self.client.watch(include_initial_state=True, timeout=10)
        items = iter(watch)
        self.assertEqual(next(items).response.initial_state.tunnel.name, "tunnels/a")
        self.assertTrue(next(items).response.HasField("synced"))
        self.client.create_tunnel(PEER, tunnel_id="b")
        self.assertEqual(next(items).response.event.name, "tunnels/b")
        watch.close()
        self.assertEqual(list(items), [])

    def test_watch_tells_what_is_configured(self) -> None:
        self.client.create_user("alice", user_pb2.User(login="alice@example.net", password="hush"))
        self.client.create_tunnel(PEER, tunnel_id="a", wait=10)
        watch = self.client.watch(
            kinds=[event_pb2.Event.KIND_USER], include_initial_state=True, timeout=10
        )
        items = iter(watch)
        self.assertEqual(next(items).response.initial_state.user.login, "alice@example.net")
        self.assertTrue(next(items).response.HasField("synced"))
        self.client.delete_user("users/alice")
        self.assertEqual(
            next(items).response.event.type, event_pb2.Event.Type.TYPE_USER_DELETED
        )
        watch.close()
        told = self.client.list_events(kinds=[event_pb2.Event.KIND_USER], name="users/alice")
        self.assertEqual([event.user.name for event in told], ["users/alice"] * 2)

    def test_a_persistent_session_is_restarted(self) -> None:
        self.client.create_tunnel(PEER, tunnel_id="t", wait=10)
        self.client.create_session("tunnels/t", session_id="once", wait=10)
        before = self.client.create_session(
            "tunnels/t", session_id="kept", persistent=True, wait=10
        )
        after = self.client.restart_session(before.name, message="new card", wait=10)
        self.assertEqual(after.uid, before.uid)
        self.assertNotEqual(after.assigned_session_id, before.assigned_session_id)
        with self.assertRaises(ApiError) as refused:
            self.client.restart_session("tunnels/t/sessions/once")
        self.assertEqual(refused.exception.reason, "NOT_PERSISTENT")
        tunnel = self.client.restart_tunnel("tunnels/t", force=True)
        self.assertEqual(tunnel.name, "tunnels/t")

    def test_profiles_pools_users_and_peers(self) -> None:
        self.client.create_pool("x", pool_pb2.Pool(ip_ranges=["198.51.100.1-198.51.100.9"]))
        profile = profile_pb2.Profile()
        profile.ppp.pool = "pools/x"
        profile.ppp.local_ip_address = "198.51.100.254"
        self.client.create_profile("p", profile)
        self.client.create_peer("isp", peer_pb2.Peer(profile="profiles/p", secret="hush"))
        self.assertEqual(self.client.get_peer("peers/isp").secret, "")
        self.assertEqual(self.client.get_profile("profiles/p").effective.ppp.mtu, 1452)
        self.assertEqual(self.client.get_pool("pools/x").addresses.free_count, 9)
        self.assertEqual(list(self.client.list_leases("pools/x")), [])
        user = user_pb2.User(login="alice@example.net", password="hush")
        self.assertEqual(self.client.create_user("alice", user).password, "")
        self.assertEqual(self.client.get_user("users/alice").login, "alice@example.net")
        self.assertEqual([user.name for user in self.client.list_users()], ["users/alice"])
        self.assertEqual(list(self.client.list_users(enabled=False)), [])
        self.assertEqual(len(list(self.client.list_peers(profile="profiles/p"))), 1)
        self.assertEqual(list(self.client.list_pools(labels={"site": "ber1"})), [])
        self.client.delete_user("users/alice")
        self.client.delete_user("users/alice", allow_missing=True)
        with self.assertRaises(ApiError) as used:
            self.client.delete_pool("pools/x")
        self.assertEqual(used.exception.reason, "RESOURCE_IN_USE")
        self.client.delete_peer("peers/isp")
        self.client.delete_profile("profiles/p")
        self.client.delete_pool("pools/x")
        self.client.delete_pool("pools/x", allow_missing=True)
        for listing in (
            self.client.list_peers(),
            self.client.list_profiles(),
            self.client.list_pools(),
        ):
            self.assertEqual(len(list(listing)), 0)

    def test_nobody_at_the_address_is_told_as_such(self) -> None:
        with Client("unix:/nonexistent/api.sock") as client:
            with self.assertRaises(UnreachableError):
                client.get_system()
            with self.assertRaises(UnreachableError):
                client.create_tunnel(PEER, wait=1)


class ChangesTest(WorldTest):
    def test_answers_that_are_lost_leave_nothing_twice(self) -> None:
        proxy = CuttingProxy(self.address, seed=3)
        self.addCleanup(proxy.close)
        count = 400
        with Client(proxy.address, patience=60) as client:
            # Ids that the daemon makes up: only the request_id tells a call that is made again.
            names = {client.create_tunnel(PEER).name for _ in range(count)}
        self.assertGreater(proxy.cut, 8)
        self.assertEqual(len(names), count)
        self.assertEqual({tunnel.name for tunnel in self.client.list_tunnels()}, names)

    def test_without_patience_a_lost_connection_is_told(self) -> None:
        with Client("unix:/nonexistent/api.sock", patience=0.3) as client:
            with self.assertRaises(UnreachableError):
                client.get_system()

    def test_updates_masks_and_etags(self) -> None:
        user = self.client.create_user("alice", user_pb2.User(password="hush", max_sessions=3))
        changed = self.client.update_user(
            user_pb2.User(name="users/alice", login="a", etag=user.etag)
        )
        self.assertEqual((changed.login, changed.max_sessions), ("a", 3))
        with self.assertRaises(ApiError) as stale:
            self.client.update_user(user_pb2.User(name="users/alice", login="b", etag=user.etag))
        self.assertEqual(stale.exception.reason, "ETAG_MISMATCH")
        cleared = self.client.update_user(user_pb2.User(name="users/alice"), ["max_sessions"])
        self.assertEqual(cleared.max_sessions, 0)
        peer = peer_pb2.Peer(name="peers/new", host_name="lac")
        with self.assertRaises(NotFoundError):
            self.client.update_peer(peer)
        self.assertEqual(self.client.update_peer(peer, allow_missing=True).host_name, "lac")

    def test_what_is_known_of_sessions_finds_and_closes_them(self) -> None:
        self.client.create_tunnel(PEER, tunnel_id="t", labels={"site": "ber1"}, wait=10)
        for number in ("1", "2"):
            self.client.create_session(
                "tunnels/t", session_id="s" + number, calling_number=number, wait=10
            )
        self.client.label_session("tunnels/t/sessions/s1", {"ticket": "7"})
        found = list(self.client.list_sessions(labels={"ticket": "7"}))
        self.assertEqual([session.name for session in found], ["tunnels/t/sessions/s1"])
        self.assertEqual(self.client.close_sessions(calling_number="2", message="unpaid"), 1)
        closed = session_pb2.Session.STATE_CLOSED
        while not list(self.client.list_sessions(show_closed=True, states=[closed])):
            pass
        gone = self.client.get_session("tunnels/t/sessions/s2", show_closed=True)
        self.assertEqual(gone.cause.message, "unpaid")
        story = [event.type for event in self.client.list_events(name=gone.name)]
        self.assertEqual(story[0], event_pb2.Event.TYPE_SESSION_CREATED)
        self.assertEqual(story[-1], event_pb2.Event.TYPE_SESSION_DELETED)
        last = next(iter(self.client.list_events(newest_first=True)))
        self.assertEqual(last.name, gone.name)
        self.assertEqual(len(list(self.client.list_tunnels(labels={"site": "ber1"}))), 1)
        self.assertEqual(len(list(self.client.list_tunnels(labels={"site": "ham2"}))), 0)


class AsyncTest(WorldTest):
    def test_calls_pages_and_errors(self) -> None:
        async def run() -> None:
            async with AsyncClient(self.address) as client:
                request = tunnel_pb2.CreateTunnelRequest()
                request.tunnel.remote_ip_address = PEER
                made = {(await client.tunnels.CreateTunnel(request)).name}
                request.request_id = ""
                made.add((await client.tunnels.CreateTunnel(request)).name)
                pages = client.pages(
                    client.tunnels.ListTunnels, tunnel_pb2.ListTunnelsRequest(page_size=1)
                )
                names = {tunnel.name async for page in pages for tunnel in page.tunnels}
                self.assertEqual(names, made)
                with self.assertRaises(NotFoundError):
                    await client.users.GetUser(user_pb2.GetUserRequest(name="users/nobody"))

        asyncio.run(run())

    def test_a_watch_misses_nothing_though_its_connection_is_cut(self) -> None:
        proxy = CuttingProxy(self.address, seed=5)
        self.addCleanup(proxy.close)
        count = 100

        started = threading.Event()

        def make() -> None:
            started.wait(30)
            for _ in range(count):
                self.client.create_tunnel(PEER, wait=10)
            self.client.create_tunnel(PEER, tunnel_id="over")

        async def follow() -> list[int]:
            revisions: list[int] = []
            async with AsyncClient(proxy.address, patience=30) as client:
                async for item in client.watch(include_initial_state=True):
                    if item.response.HasField("synced"):
                        started.set()
                    if item.response.HasField("event"):
                        revisions.append(item.response.event.revision)
                        if item.response.event.name == "tunnels/over":
                            break
            return revisions

        maker = threading.Thread(target=make)
        maker.start()
        revisions = asyncio.run(asyncio.wait_for(follow(), 180))
        maker.join()
        self.assertEqual(revisions, list(range(revisions[0], revisions[-1] + 1)))
        self.assertGreater(len(revisions), count)
        self.assertGreater(proxy.cut, 3)


def _details(reason: str) -> bytes:
    status = error_pb2.Status(code=grpc.StatusCode.OUT_OF_RANGE.value[0])
    detail = status.details.add()
    detail.type_url = "type.googleapis.com/google.rpc.ErrorInfo"
    detail.value = error_pb2.ErrorInfo(reason=reason).SerializeToString()
    return status.SerializeToString()


class FlakyEvents(event_pb2_grpc.EventServiceServicer):
    """Breaks every stream after one response; forgets everything when asked to go on from "2"."""

    def __init__(self) -> None:
        self.requests: list[event_pb2.WatchRequest] = []

    def Watch(self, request, context):  # type: ignore[no-untyped-def]
        self.requests.append(request)
        if request.resume_token == "2":
            context.set_trailing_metadata(
                (("grpc-status-details-bin", _details("RESUME_TOKEN_EXPIRED")),)
            )
            context.abort(grpc.StatusCode.OUT_OF_RANGE, "expired")
        if request.include_initial_state:
            yield event_pb2.WatchResponse(synced=event_pb2.Synced(revision=9), resume_token="9")
        revision = int(request.resume_token or "0") + 1
        event = event_pb2.Event(revision=revision)
        yield event_pb2.WatchResponse(event=event, resume_token=str(revision))
        context.abort(grpc.StatusCode.UNAVAILABLE, "the line broke")


class ResumingTest(unittest.TestCase):
    def test_goes_on_where_the_stream_ended_and_starts_again_when_it_must(self) -> None:
        server = grpc.server(futures.ThreadPoolExecutor(4))
        events = FlakyEvents()
        event_pb2_grpc.add_EventServiceServicer_to_server(events, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        self.addCleanup(server.stop, None)
        seen = []
        with Client(f"127.0.0.1:{port}") as client:
            watch = client.watch(timeout=20)
            for item in watch:
                seen.append((item.response.resume_token, item.restarted))
                if len(seen) == 5:
                    watch.close()
        self.assertEqual(
            seen, [("1", False), ("2", False), ("9", True), ("1", False), ("2", False)]
        )
        self.assertEqual([r.resume_token for r in events.requests[:4]], ["", "1", "2", ""])


class ScriptedEvents(event_pb2_grpc.EventServiceServicer):
    """Tells of a session: one event for each of these states, all in one stream."""

    def __init__(self, sessions: list[session_pb2.Session], last: event_pb2.Event.Type) -> None:
        self.sessions = sessions
        self.last = last

    def Watch(self, request, context):  # type: ignore[no-untyped-def]
        for revision, session in enumerate(self.sessions, 1):
            event = event_pb2.Event(revision=revision, name=session.name, session=session)
            if revision == len(self.sessions):
                event.type = self.last
            yield event_pb2.WatchResponse(event=event, resume_token=str(revision))


class PersistentTest(unittest.TestCase):
    NAME = "tunnels/t/sessions/s"

    def wait(
        self, *states: session_pb2.Session.State, persistent: bool, last: event_pb2.Event.Type
    ) -> session_pb2.Session:
        sessions = [
            session_pb2.Session(name=self.NAME, state=state, persistent=persistent)
            for state in states
        ]
        sessions[-1].ipv4.local_ip_address = "10.0.0.1"
        server = grpc.server(futures.ThreadPoolExecutor(2))
        event_pb2_grpc.add_EventServiceServicer_to_server(ScriptedEvents(sessions, last), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        self.addCleanup(server.stop, None)
        with Client(f"127.0.0.1:{port}") as client:
            return client.wait_for_session(self.NAME, timeout=20, resume_token="1")

    def test_a_persistent_session_that_ends_is_waited_for(self) -> None:
        states = session_pb2.Session
        up = (states.STATE_CLOSED, states.STATE_WAITING, states.STATE_ESTABLISHED)
        session = self.wait(*up, persistent=True, last=event_pb2.Event.TYPE_SESSION_IP_UP)
        self.assertEqual(session.ipv4.local_ip_address, "10.0.0.1")
        with self.assertRaises(ClosedError):
            self.wait(*up, persistent=False, last=event_pb2.Event.TYPE_SESSION_IP_UP)

    def test_one_that_is_deleted_is_not(self) -> None:
        closed = session_pb2.Session.STATE_CLOSED
        with self.assertRaises(ClosedError):
            self.wait(closed, persistent=True, last=event_pb2.Event.TYPE_SESSION_DELETED)


class TlsTest(WorldTest):
    tls = True

    def test_a_certificate_opens_the_door(self) -> None:
        with Client(
            self.tls_address,
            ca_file=f"{self.folder}/ca.crt",
            certificate_file=f"{self.folder}/client.crt",
            key_file=f"{self.folder}/client.key",
        ) as client:
            self.assertEqual(client.get_system().tunnel_count, 0)

    def test_without_one_or_without_tls_it_stays_closed(self) -> None:
        for files in ({"ca_file": f"{self.folder}/ca.crt"}, {}):
            with Client(self.tls_address, **files) as client:
                with self.assertRaises(UnreachableError):
                    client.get_system()

    def test_files_that_cannot_be_read_are_errors(self) -> None:
        with self.assertRaises(OSError):
            Client(self.tls_address, ca_file=f"{self.folder}/none")


if __name__ == "__main__":
    sys.exit(unittest.main())
