#!/usr/bin/env python3
"""Opens a tunnel, places a call in it, and closes both when Enter is pressed.

    create_session.py --remote 192.0.2.1 --secret-file FILE --user alice --password-file FILE
"""

import argparse
import sys
from pathlib import Path

from l2tp_client import DEFAULT_ADDRESS, ApiError, Client, ClosedError, WaitTimeoutError


def read_secret(path: Path | None) -> str:
    return path.read_text().rstrip("\n") if path else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", default=DEFAULT_ADDRESS)
    parser.add_argument("--remote", required=True, help="address of the LNS")
    parser.add_argument("--profile", default="")
    parser.add_argument("--secret-file", type=Path, help="the secret shared with the LNS")
    parser.add_argument("--user", default="")
    parser.add_argument("--password-file", type=Path)
    options = parser.parse_args()
    secret = read_secret(options.secret_file)
    password = read_secret(options.password_file)

    with Client(options.server) as client:
        try:
            tunnel = client.create_tunnel(
                options.remote, profile=options.profile, secret=secret, wait=30
            )
            print(f"{tunnel.name} is up; the peer is {tunnel.peer_host_name}")
            session = client.create_session(
                tunnel.name, user=options.user, password=password, wait=60
            )
            print(
                f"{session.name} is up: {session.interface_name}, "
                f"{session.ipv4.local_ip_address} -> {session.ipv4.remote_ip_address}"
            )
            sys.stdin.readline()
            client.delete_tunnel(tunnel.name, force=True)
        except (ApiError, ClosedError, WaitTimeoutError) as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
