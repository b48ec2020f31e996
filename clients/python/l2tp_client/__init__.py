"""Client of l2tp-controller.

    from l2tp_client import Client

    with Client("unix:/run/l2tp-controller/api.sock") as client:
        tunnel = client.create_tunnel("192.0.2.1", tunnel_id="isp", wait=30)
        session = client.create_session(tunnel.name, user="alice", password=secret, wait=60)
        print(session.interface_name, session.ipv4.local_ip_address)
        for item in client.watch(name=tunnel.name):
            print(item.response.event)

Messages are those of the API (proto/l2tp/v1), generated at build time into the package l2tp.v1.
"""

from .client import DEFAULT_ADDRESS, Client
from .errors import (
    AlreadyExistsError,
    ApiError,
    ClosedError,
    InvalidArgumentError,
    NotFoundError,
    UnreachableError,
    WaitTimeoutError,
)
from .watch import Watch, WatchItem

__all__ = [
    "DEFAULT_ADDRESS",
    "AlreadyExistsError",
    "ApiError",
    "Client",
    "ClosedError",
    "InvalidArgumentError",
    "NotFoundError",
    "UnreachableError",
    "WaitTimeoutError",
    "Watch",
    "WatchItem",
]
