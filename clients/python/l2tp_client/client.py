"""Calls of the API."""

from __future__ import annotations

import random
import time
import uuid
from pathlib import Path
from types import MappingProxyType
from typing import Any, Callable, Iterator, Mapping, Optional, Sequence, TypeVar

import grpc
from google.protobuf import field_mask_pb2
from l2tp.v1 import (
    event_pb2,
    event_pb2_grpc,
    peer_pb2,
    peer_pb2_grpc,
    pool_pb2,
    pool_pb2_grpc,
    profile_pb2,
    profile_pb2_grpc,
    session_pb2,
    session_pb2_grpc,
    system_pb2,
    system_pb2_grpc,
    tunnel_pb2,
    tunnel_pb2_grpc,
    user_pb2,
    user_pb2_grpc,
)

from .errors import ClosedError, UnreachableError, WaitTimeoutError, decode
from .watch import Watch, current_token

DEFAULT_ADDRESS = "unix:/run/l2tp-controller/api.sock"
_PAGE_SIZE = 1000
_DELIVERY = (
    event_pb2.WatchRequest.DELIVERY_EVERY_EVENT,
    event_pb2.WatchRequest.DELIVERY_LATEST_STATE,
)
FIRST_PAUSE, MOST_PAUSE = 0.1, 5.0  # seconds between calls that are made again

CHANNEL_OPTIONS = [
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 5_000),
]

Resource = TypeVar("Resource")  # tunnel_pb2.Tunnel or session_pb2.Session


class Client:
    """A connection to a daemon. Thread-safe. Every call raises ApiError when it fails."""

    def __init__(
        self,
        address: str = DEFAULT_ADDRESS,
        *,
        timeout: float = 10.0,
        patience: float = 0.0,
        ca_file: str = "",
        certificate_file: str = "",
        key_file: str = "",
    ) -> None:
        """address: "unix:PATH" or "ADDRESS:PORT". timeout: seconds for calls that need not wait.
        patience: seconds to call again while nobody answers, where that is safe: calls that only
        look, those that carry a request_id, which this makes, and deletions with allow_missing.

        TCP has TLS; only a loopback address has none unless a file is given. ca_file: who signed
        the daemon's certificate, "": whom this machine trusts. certificate_file, key_file: ours, for
        a daemon that asks for one. All in PEM. Raises OSError when one cannot be read.
        """
        self.timeout = timeout
        self.patience = patience
        self.channel: grpc.Channel = _channel(address, ca_file, certificate_file, key_file)
        self._tunnels: Any = _stub(tunnel_pb2_grpc.TunnelServiceStub, self.channel)
        self._sessions: Any = _stub(session_pb2_grpc.SessionServiceStub, self.channel)
        self._profiles: Any = _stub(profile_pb2_grpc.ProfileServiceStub, self.channel)
        self._pools: Any = _stub(pool_pb2_grpc.PoolServiceStub, self.channel)
        self._users: Any = _stub(user_pb2_grpc.UserServiceStub, self.channel)
        self._peers: Any = _stub(peer_pb2_grpc.PeerServiceStub, self.channel)
        self._events: Any = _stub(event_pb2_grpc.EventServiceStub, self.channel)
        self._system: Any = _stub(system_pb2_grpc.SystemServiceStub, self.channel)

    def close(self) -> None:
        self.channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- Tunnels

    def create_tunnel(
        self, remote_ip_address: str, *, tunnel_id: str = "", wait: float = 0, **fields: Any
    ) -> tunnel_pb2.Tunnel:
        """Opens a tunnel. fields: those of Tunnel, such as profile, secret, remote_port.

        wait: seconds to wait until it is established; 0: do not wait. Raises ClosedError when it
        fails and WaitTimeoutError when it takes longer.
        """
        request = tunnel_pb2.CreateTunnelRequest(
            tunnel_id=tunnel_id,
            tunnel=tunnel_pb2.Tunnel(remote_ip_address=remote_ip_address, **fields),
        )
        token = current_token(self.channel, self.timeout) if wait else ""
        tunnel: tunnel_pb2.Tunnel = self._call(self._tunnels.CreateTunnel, request)
        if not wait:
            return tunnel
        return self.wait_for_tunnel(tunnel.name, timeout=wait, resume_token=token)

    def get_tunnel(self, name: str, *, show_closed: bool = False) -> tunnel_pb2.Tunnel:
        """show_closed: also one that is gone and still known."""
        tunnel: tunnel_pb2.Tunnel = self._call(
            self._tunnels.GetTunnel,
            tunnel_pb2.GetTunnelRequest(name=name, show_closed=show_closed),
        )
        return tunnel

    def list_tunnels(
        self, *, show_closed: bool = False, **conditions: Any
    ) -> Iterator[tunnel_pb2.Tunnel]:
        """conditions: those of TunnelFilter, such as states, peer, labels."""
        request = tunnel_pb2.ListTunnelsRequest(
            page_size=_PAGE_SIZE,
            show_closed=show_closed,
            filter=tunnel_pb2.TunnelFilter(**conditions),
        )
        for page in self._pages(self._tunnels.ListTunnels, request):
            yield from page.tunnels

    def label_tunnel(
        self, name: str, labels: Mapping[str, str], *, etag: str = ""
    ) -> tunnel_pb2.Tunnel:
        """Gives it these labels in place of those it has."""
        tunnel: tunnel_pb2.Tunnel = self._call(
            self._tunnels.UpdateTunnel,
            tunnel_pb2.UpdateTunnelRequest(
                tunnel=tunnel_pb2.Tunnel(name=name, labels=labels, etag=etag),
                update_mask=_mask(["labels"]),
            ),
        )
        return tunnel

    def delete_tunnel(
        self, name: str, *, force: bool = False, allow_missing: bool = False, message: str = ""
    ) -> None:
        """Closes a tunnel; returns when it is gone."""
        request = tunnel_pb2.DeleteTunnelRequest(
            name=name, force=force, allow_missing=allow_missing, message=message
        )
        self._call(self._tunnels.DeleteTunnel, request, timeout=30)

    def restart_tunnel(
        self, name: str, *, force: bool = False, result_code: int = 0, message: str = ""
    ) -> tunnel_pb2.Tunnel:
        """Closes it; its persistent sessions open it again. force: although others will end."""
        request = tunnel_pb2.RestartTunnelRequest(
            name=name, force=force, result_code=result_code, message=message
        )
        tunnel: tunnel_pb2.Tunnel = self._call(self._tunnels.RestartTunnel, request)
        return tunnel

    def drain_tunnel(self, name: str) -> tunnel_pb2.Tunnel:
        """Takes no new calls in it; its sessions live on."""
        tunnel: tunnel_pb2.Tunnel = self._call(
            self._tunnels.DrainTunnel, tunnel_pb2.DrainTunnelRequest(name=name)
        )
        return tunnel

    def undrain_tunnel(self, name: str) -> tunnel_pb2.Tunnel:
        """Takes what is new again."""
        tunnel: tunnel_pb2.Tunnel = self._call(
            self._tunnels.UndrainTunnel, tunnel_pb2.UndrainTunnelRequest(name=name)
        )
        return tunnel

    def wait_for_tunnel(
        self, name: str, *, timeout: float, resume_token: str = ""
    ) -> tunnel_pb2.Tunnel:
        """Until the tunnel is established. resume_token: see wait_for_session."""
        return self._wait(
            tunnel_pb2.Tunnel(),
            "tunnel",
            name,
            lambda tunnel: bool(tunnel.state == tunnel_pb2.Tunnel.STATE_ESTABLISHED),
            timeout,
            resume_token,
        )

    # ---- Sessions

    def create_session(
        self, tunnel: str, *, session_id: str = "", wait: float = 0, **fields: Any
    ) -> session_pb2.Session:
        """Places a call. fields: those of Session, such as user, password, interface_name.

        wait: seconds to wait until PPP has an address; 0: do not wait. Raises as create_tunnel.
        """
        request = session_pb2.CreateSessionRequest(
            parent=tunnel, session_id=session_id, session=session_pb2.Session(**fields)
        )
        token = current_token(self.channel, self.timeout) if wait else ""
        session: session_pb2.Session = self._call(self._sessions.CreateSession, request)
        if not wait:
            return session
        return self.wait_for_session(session.name, timeout=wait, resume_token=token)

    def get_session(self, name: str, *, show_closed: bool = False) -> session_pb2.Session:
        """show_closed: also one that is gone and still known."""
        session: session_pb2.Session = self._call(
            self._sessions.GetSession,
            session_pb2.GetSessionRequest(name=name, show_closed=show_closed),
        )
        return session

    def list_sessions(
        self, tunnel: str = "tunnels/-", *, show_closed: bool = False, **conditions: Any
    ) -> Iterator[session_pb2.Session]:
        """conditions: those of SessionFilter, such as states, user, ip_address, labels."""
        request = session_pb2.ListSessionsRequest(
            parent=tunnel,
            page_size=_PAGE_SIZE,
            show_closed=show_closed,
            filter=session_pb2.SessionFilter(**conditions),
        )
        for page in self._pages(self._sessions.ListSessions, request):
            yield from page.sessions

    def label_session(
        self, name: str, labels: Mapping[str, str], *, etag: str = ""
    ) -> session_pb2.Session:
        """Gives it these labels in place of those it has."""
        session: session_pb2.Session = self._call(
            self._sessions.UpdateSession,
            session_pb2.UpdateSessionRequest(
                session=session_pb2.Session(name=name, labels=labels, etag=etag),
                update_mask=_mask(["labels"]),
            ),
        )
        return session

    def close_sessions(
        self, tunnel: str = "tunnels/-", *, message: str = "", **conditions: Any
    ) -> int:
        """Begins to close all that match; how many. conditions: one at least of list_sessions'."""
        request = session_pb2.CloseSessionsRequest(
            parent=tunnel, message=message, filter=session_pb2.SessionFilter(**conditions)
        )
        closed = 0
        for page in self._pages(self._sessions.CloseSessions, request):
            closed += page.closed_count
        return closed

    def delete_session(self, name: str, *, allow_missing: bool = False, message: str = "") -> None:
        """Closes a session; returns when it is gone."""
        request = session_pb2.DeleteSessionRequest(
            name=name, allow_missing=allow_missing, message=message
        )
        self._call(self._sessions.DeleteSession, request, timeout=30)

    def restart_session(
        self, name: str, *, result_code: int = 0, message: str = "", wait: float = 0
    ) -> session_pb2.Session:
        """Ends a persistent session's call and places it again at once; wait: see create_session."""
        token = current_token(self.channel, self.timeout) if wait else ""
        request = session_pb2.RestartSessionRequest(
            name=name, result_code=result_code, message=message
        )
        session: session_pb2.Session = self._call(self._sessions.RestartSession, request)
        if not wait:
            return session
        return self._wait_for_session(name, wait, token, restarted=True)

    def wait_for_session(
        self, name: str, *, timeout: float, resume_token: str = ""
    ) -> session_pb2.Session:
        """Until PPP has an address.

        resume_token: where to begin, from current_token() called before the session was created, so
        that not even one that fails at once is missed. Without it the present state decides.
        """
        return self._wait_for_session(name, timeout, resume_token)

    # ---- Profiles, pools, users, peers

    def create_profile(
        self, profile_id: str, profile: profile_pb2.Profile
    ) -> profile_pb2.Profile:
        created: profile_pb2.Profile = self._call(
            self._profiles.CreateProfile,
            profile_pb2.CreateProfileRequest(profile_id=profile_id, profile=profile),
        )
        return created

    def update_profile(
        self, profile: profile_pb2.Profile, mask: Sequence[str] = (), *, allow_missing: bool = False
    ) -> profile_pb2.Profile:
        """Changes what `mask` names, without one what is set in `profile`; see UpdateProfile."""
        updated: profile_pb2.Profile = self._call(
            self._profiles.UpdateProfile,
            profile_pb2.UpdateProfileRequest(
                profile=profile, update_mask=_mask(mask), allow_missing=allow_missing
            ),
        )
        return updated

    def get_profile(self, name: str) -> profile_pb2.Profile:
        profile: profile_pb2.Profile = self._call(
            self._profiles.GetProfile, profile_pb2.GetProfileRequest(name=name)
        )
        return profile

    def list_profiles(self, **conditions: Any) -> Iterator[profile_pb2.Profile]:
        """conditions: those of ProfileFilter: labels."""
        request = profile_pb2.ListProfilesRequest(
            page_size=_PAGE_SIZE, filter=profile_pb2.ProfileFilter(**conditions)
        )
        for page in self._pages(self._profiles.ListProfiles, request):
            yield from page.profiles

    def delete_profile(self, name: str, *, allow_missing: bool = False) -> None:
        self._call(
            self._profiles.DeleteProfile,
            profile_pb2.DeleteProfileRequest(name=name, allow_missing=allow_missing),
        )

    def create_pool(self, pool_id: str, pool: pool_pb2.Pool) -> pool_pb2.Pool:
        created: pool_pb2.Pool = self._call(
            self._pools.CreatePool, pool_pb2.CreatePoolRequest(pool_id=pool_id, pool=pool)
        )
        return created

    def update_pool(
        self, pool: pool_pb2.Pool, mask: Sequence[str] = (), *, allow_missing: bool = False
    ) -> pool_pb2.Pool:
        """Changes what `mask` names, without one what is set in `pool`; see UpdatePool."""
        updated: pool_pb2.Pool = self._call(
            self._pools.UpdatePool,
            pool_pb2.UpdatePoolRequest(
                pool=pool, update_mask=_mask(mask), allow_missing=allow_missing
            ),
        )
        return updated

    def get_pool(self, name: str) -> pool_pb2.Pool:
        pool: pool_pb2.Pool = self._call(self._pools.GetPool, pool_pb2.GetPoolRequest(name=name))
        return pool

    def list_pools(self, **conditions: Any) -> Iterator[pool_pb2.Pool]:
        """conditions: those of PoolFilter: labels."""
        request = pool_pb2.ListPoolsRequest(
            page_size=_PAGE_SIZE, filter=pool_pb2.PoolFilter(**conditions)
        )
        for page in self._pages(self._pools.ListPools, request):
            yield from page.pools

    def delete_pool(self, name: str, *, allow_missing: bool = False) -> None:
        self._call(
            self._pools.DeletePool,
            pool_pb2.DeletePoolRequest(name=name, allow_missing=allow_missing),
        )

    def list_leases(self, pool: str = "pools/-") -> Iterator[pool_pb2.Lease]:
        """What sessions have of a pool, or of all pools and of what is their users' own."""
        request = pool_pb2.ListLeasesRequest(parent=pool, page_size=_PAGE_SIZE)
        for page in self._pages(self._pools.ListLeases, request):
            yield from page.leases

    def create_user(self, user_id: str, user: user_pb2.User) -> user_pb2.User:
        created: user_pb2.User = self._call(
            self._users.CreateUser, user_pb2.CreateUserRequest(user_id=user_id, user=user)
        )
        return created

    def update_user(
        self, user: user_pb2.User, mask: Sequence[str] = (), *, allow_missing: bool = False
    ) -> user_pb2.User:
        """Changes what `mask` names, without one what is set in `user`; see UpdateUser."""
        updated: user_pb2.User = self._call(
            self._users.UpdateUser,
            user_pb2.UpdateUserRequest(
                user=user, update_mask=_mask(mask), allow_missing=allow_missing
            ),
        )
        return updated

    def get_user(self, name: str) -> user_pb2.User:
        user: user_pb2.User = self._call(self._users.GetUser, user_pb2.GetUserRequest(name=name))
        return user

    def list_users(self, **conditions: Any) -> Iterator[user_pb2.User]:
        """conditions: those of UserFilter: enabled, profile, labels."""
        request = user_pb2.ListUsersRequest(
            page_size=_PAGE_SIZE, filter=user_pb2.UserFilter(**conditions)
        )
        for page in self._pages(self._users.ListUsers, request):
            yield from page.users

    def delete_user(self, name: str, *, allow_missing: bool = False) -> None:
        self._call(
            self._users.DeleteUser,
            user_pb2.DeleteUserRequest(name=name, allow_missing=allow_missing),
        )

    def create_peer(self, peer_id: str, peer: peer_pb2.Peer) -> peer_pb2.Peer:
        created: peer_pb2.Peer = self._call(
            self._peers.CreatePeer, peer_pb2.CreatePeerRequest(peer_id=peer_id, peer=peer)
        )
        return created

    def update_peer(
        self, peer: peer_pb2.Peer, mask: Sequence[str] = (), *, allow_missing: bool = False
    ) -> peer_pb2.Peer:
        """Changes what `mask` names, without one what is set in `peer`; see UpdatePeer."""
        updated: peer_pb2.Peer = self._call(
            self._peers.UpdatePeer,
            peer_pb2.UpdatePeerRequest(
                peer=peer, update_mask=_mask(mask), allow_missing=allow_missing
            ),
        )
        return updated

    def get_peer(self, name: str) -> peer_pb2.Peer:
        peer: peer_pb2.Peer = self._call(self._peers.GetPeer, peer_pb2.GetPeerRequest(name=name))
        return peer

    def list_peers(self, **conditions: Any) -> Iterator[peer_pb2.Peer]:
        """conditions: those of PeerFilter: profile, labels."""
        request = peer_pb2.ListPeersRequest(
            page_size=_PAGE_SIZE, filter=peer_pb2.PeerFilter(**conditions)
        )
        for page in self._pages(self._peers.ListPeers, request):
            yield from page.peers

    def delete_peer(self, name: str, *, allow_missing: bool = False) -> None:
        self._call(
            self._peers.DeletePeer,
            peer_pb2.DeletePeerRequest(name=name, allow_missing=allow_missing),
        )

    def drain_peer(self, name: str) -> peer_pb2.Peer:
        """Takes no new tunnels and calls of it; what is there lives on."""
        peer: peer_pb2.Peer = self._call(
            self._peers.DrainPeer, peer_pb2.DrainPeerRequest(name=name)
        )
        return peer

    def undrain_peer(self, name: str) -> peer_pb2.Peer:
        """Takes what is new again."""
        peer: peer_pb2.Peer = self._call(
            self._peers.UndrainPeer, peer_pb2.UndrainPeerRequest(name=name)
        )
        return peer

    # ---- The rest

    def get_system(self) -> system_pb2.System:
        system: system_pb2.System = self._call(
            self._system.GetSystem, system_pb2.GetSystemRequest()
        )
        return system

    def drain_system(self) -> system_pb2.System:
        """Takes no new tunnels and calls; what is there lives on."""
        system: system_pb2.System = self._call(
            self._system.DrainSystem, system_pb2.DrainSystemRequest()
        )
        return system

    def undrain_system(self) -> system_pb2.System:
        """Takes what is new again."""
        system: system_pb2.System = self._call(
            self._system.UndrainSystem, system_pb2.UndrainSystemRequest()
        )
        return system

    def list_events(
        self,
        *,
        name: str = "",
        types: Sequence[event_pb2.Event.Type] = (),
        kinds: Sequence[event_pb2.Event.Kind] = (),
        labels: Mapping[str, str] = MappingProxyType({}),
        newest_first: bool = False,
    ) -> Iterator[event_pb2.Event]:
        """What has happened, as far back as the daemon knows."""
        request = event_pb2.ListEventsRequest(
            name=name,
            types=types,
            kinds=kinds,
            labels=labels,
            newest_first=newest_first,
            page_size=_PAGE_SIZE,
        )
        for page in self._pages(self._events.ListEvents, request):
            yield from page.events

    def watch(
        self,
        *,
        name: str = "",
        types: Sequence[event_pb2.Event.Type] = (),
        kinds: Sequence[event_pb2.Event.Kind] = (),
        resume_token: str = "",
        include_initial_state: bool = False,
        labels: Mapping[str, str] = MappingProxyType({}),
        latest_state: bool = False,
        timeout: Optional[float] = None,
        insist: bool = True,
    ) -> Watch:
        """Events as they happen; to be iterated over. See Watch.

        latest_state: of what has not been read, only the last event of each tunnel, session, ...
        """
        request = watch_request(
            name, types, kinds, resume_token, include_initial_state, labels, latest_state
        )
        deadline = None if timeout is None else time.monotonic() + timeout
        return Watch(self.channel, request, deadline=deadline, insist=insist)

    # ---- Private

    def _call(
        self, method: Callable[..., Any], request: Any, *, timeout: Optional[float] = None
    ) -> Any:
        safe = prepare(request)
        pause, end = FIRST_PAUSE, time.monotonic() + self.patience
        while True:
            try:
                return method(request, timeout=timeout or self.timeout)
            except grpc.RpcError as error:
                failure = decode(error)
            left = end - time.monotonic()
            if not safe or left <= 0 or not isinstance(failure, UnreachableError):
                raise failure
            time.sleep(min(left, random.uniform(pause / 2, pause)))
            pause = min(2 * pause, MOST_PAUSE)

    def _pages(self, method: Callable[..., Any], request: Any) -> Iterator[Any]:
        while True:
            page = self._call(method, request)
            yield page
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def _wait_for_session(
        self, name: str, timeout: float, resume_token: str, *, restarted: bool = False
    ) -> session_pb2.Session:
        def ready(session: session_pb2.Session) -> bool:
            up = session.state == session_pb2.Session.STATE_ESTABLISHED
            return up and (session.HasField("ipv4") or session.HasField("ipv6"))

        return self._wait(
            session_pb2.Session(), "session", name, ready, timeout, resume_token, restarted
        )

    def _wait(
        self,
        empty: Resource,
        kind: str,
        name: str,
        ready: Callable[[Any], bool],
        timeout: float,
        resume_token: str,
        restarted: bool = False,
    ) -> Resource:
        """restarted: what is told before the session is placed again is its last call."""
        watch = self.watch(
            name=name,
            kinds=(event_pb2.Event.Kind.Value(f"KIND_{kind.upper()}"),),
            resume_token=resume_token,
            include_initial_state=not resume_token,
            timeout=timeout,
            insist=False,
        )
        resource: Any = empty
        closed = (resource.STATE_CLOSING, resource.STATE_CLOSED)
        seen = bool(resume_token)
        for item in watch:
            response: Any = item.response
            seen = seen and not item.restarted
            placed = response.event.type == event_pb2.Event.TYPE_SESSION_RECONNECTING
            restarted = restarted and not item.restarted and not placed
            for part in (response.event, response.initial_state):
                found = getattr(part, kind)
                if part.HasField(kind) and found.name == name:
                    resource.CopyFrom(found)
                    seen = True
            gone = response.HasField("synced") and not seen
            last = response.event.type == event_pb2.Event.TYPE_SESSION_DELETED
            # A persistent session comes back, until it is deleted.
            over = resource.state in closed and not getattr(resource, "persistent", False)
            if gone or over or (last and response.event.name == name):
                watch.close()
                raise ClosedError(name, resource)
            if not restarted and ready(resource):
                watch.close()
                return empty
        raise WaitTimeoutError(name, resource)


def _mask(paths: Sequence[str]) -> Optional[field_mask_pb2.FieldMask]:
    return field_mask_pb2.FieldMask(paths=paths) if paths else None


def prepare(request: Any) -> bool:
    """Gives a request that changes something its request_id; True if it may be made again."""
    fields = request.DESCRIPTOR.fields_by_name
    if "request_id" in fields:
        request.request_id = request.request_id or str(uuid.uuid4())
        return True
    if request.DESCRIPTOR.name.startswith("Delete"):
        return bool(request.allow_missing)
    return bool(request.DESCRIPTOR.name.startswith(("Get", "List")))


def watch_request(
    name: str,
    types: Sequence[event_pb2.Event.Type],
    kinds: Sequence[event_pb2.Event.Kind],
    resume_token: str,
    include_initial_state: bool,
    labels: Mapping[str, str],
    latest_state: bool,
) -> event_pb2.WatchRequest:
    return event_pb2.WatchRequest(
        name=name,
        types=types,
        kinds=kinds,
        resume_token=resume_token,
        include_initial_state=include_initial_state,
        labels=labels,
        delivery=_DELIVERY[latest_state],
    )


def needs_tls(address: str, *files: str) -> bool:
    loopback = address.startswith(("127.", "[::1]:", "localhost:"))
    return not address.startswith("unix") and (not loopback or any(files))


def _channel(address: str, *files: str) -> grpc.Channel:
    if not needs_tls(address, *files):
        return grpc.insecure_channel(address, options=CHANNEL_OPTIONS)
    ca, certificate, key = (Path(file).read_bytes() if file else None for file in files)
    credentials = grpc.ssl_channel_credentials(ca, key, certificate)
    return grpc.secure_channel(address, credentials, options=CHANNEL_OPTIONS)


def _stub(stub: Any, channel: grpc.Channel) -> Any:
    return stub(channel)
