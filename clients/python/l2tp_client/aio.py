"""The API for asyncio.

    from l2tp_client.aio import AsyncClient

    async with AsyncClient() as client:
        tunnel = await client.tunnels.GetTunnel(tunnel_pb2.GetTunnelRequest(name="tunnels/isp"))
        async for item in client.watch(include_initial_state=True):
            print(item.response)
"""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from types import MappingProxyType
from typing import Any, AsyncIterator, Awaitable, Callable, Mapping, Optional, Sequence

import grpc
import grpc.aio
from l2tp.v1 import (
    event_pb2,
    event_pb2_grpc,
    peer_pb2_grpc,
    pool_pb2_grpc,
    profile_pb2_grpc,
    session_pb2_grpc,
    system_pb2_grpc,
    tunnel_pb2_grpc,
    user_pb2_grpc,
)

from .client import (
    CHANNEL_OPTIONS,
    DEFAULT_ADDRESS,
    FIRST_PAUSE,
    MOST_PAUSE,
    needs_tls,
    prepare,
    watch_request,
)
from .errors import ApiError, UnreachableError, decode
from .watch import FINAL, WatchItem


class Service:
    """Calls of one service by their names in the API: `await service.GetTunnel(request)`.

    Each takes a request message and gives a response message, or raises ApiError.
    """

    def __init__(self, client: AsyncClient, stub: Any) -> None:
        self._client = client
        self._stub = stub

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method = getattr(self._stub, name)

        async def call(request: Any, *, timeout: Optional[float] = None) -> Any:
            return await self._client.call(method, request, timeout=timeout)

        return call


class AsyncClient:
    """A connection to a daemon, for one event loop. The arguments are those of Client."""

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
        self.timeout = timeout
        self.patience = patience
        files = (ca_file, certificate_file, key_file)
        if needs_tls(address, *files):
            ca, certificate, key = (Path(file).read_bytes() if file else None for file in files)
            self.channel: Any = grpc.aio.secure_channel(
                address,
                grpc.ssl_channel_credentials(ca, key, certificate),
                options=CHANNEL_OPTIONS,
            )
        else:
            self.channel = grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS)
        self.tunnels = self._service(tunnel_pb2_grpc.TunnelServiceStub)
        self.sessions = self._service(session_pb2_grpc.SessionServiceStub)
        self.profiles = self._service(profile_pb2_grpc.ProfileServiceStub)
        self.pools = self._service(pool_pb2_grpc.PoolServiceStub)
        self.users = self._service(user_pb2_grpc.UserServiceStub)
        self.peers = self._service(peer_pb2_grpc.PeerServiceStub)
        self.system = self._service(system_pb2_grpc.SystemServiceStub)
        self.events = self._service(event_pb2_grpc.EventServiceStub)

    def _service(self, stub: Any) -> Service:
        return Service(self, stub(self.channel))

    async def close(self) -> None:
        await self.channel.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def call(
        self, method: Callable[..., Any], request: Any, *, timeout: Optional[float] = None
    ) -> Any:
        """Makes a call, and again while nobody answers, if that is safe: see Client."""
        safe = prepare(request)
        pause, end = FIRST_PAUSE, time.monotonic() + self.patience
        while True:
            try:
                return await method(request, timeout=timeout or self.timeout)
            except grpc.RpcError as error:
                failure = decode(error)
            left = end - time.monotonic()
            if not safe or left <= 0 or not isinstance(failure, UnreachableError):
                raise failure
            await asyncio.sleep(min(left, random.uniform(pause / 2, pause)))
            pause = min(2 * pause, MOST_PAUSE)

    async def pages(
        self, method: Callable[..., Awaitable[Any]], request: Any
    ) -> AsyncIterator[Any]:
        """All pages of a listing: `client.pages(client.tunnels.ListTunnels, request)`."""
        while True:
            page = await method(request)
            yield page
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def watch(
        self,
        *,
        name: str = "",
        types: Sequence[event_pb2.Event.Type] = (),
        kinds: Sequence[event_pb2.Event.Kind] = (),
        resume_token: str = "",
        include_initial_state: bool = False,
        labels: Mapping[str, str] = MappingProxyType({}),
        latest_state: bool = False,
        insist: bool = True,
    ) -> AsyncIterator[WatchItem]:
        """Events without a gap, as Client.watch(); calls again whenever the stream ends."""
        request = watch_request(
            name, types, kinds, resume_token, include_initial_state, labels, latest_state
        )
        stub: Any = event_pb2_grpc.EventServiceStub(self.channel)  # type: ignore[no-untyped-call]
        received = restarted = False
        bound = FIRST_PAUSE
        while True:
            error: Optional[ApiError] = None
            call = stub.Watch(request)
            try:
                async for response in call:
                    received = True
                    bound = FIRST_PAUSE
                    # In the middle of an initial state there is no token: only another one helps.
                    request.resume_token = response.resume_token
                    request.include_initial_state = response.HasField("initial_state")
                    yield WatchItem(response, restarted)
                    restarted = False
            except grpc.RpcError as failed:
                error = decode(failed)
            finally:
                call.cancel()
            if error is not None:
                if error.code in FINAL or (not received and not insist):
                    raise error
                if error.reason == "RESUME_TOKEN_EXPIRED":
                    request.resume_token = ""
                    request.include_initial_state = True
                    restarted = True
                    continue  # at once: the daemon is there
            if received and request.include_initial_state:
                restarted = True
            await asyncio.sleep(random.uniform(0, bound))
            bound = min(MOST_PAUSE, bound * 2)
