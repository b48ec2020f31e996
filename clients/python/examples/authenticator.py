"""An authenticator: decides about logins and writes down what sessions did.

    authenticator.py --listen unix:/run/l2tp-auth.sock --users users --records records.jsonl

A profile of the daemon names it: `ppp: {authenticator: "unix:/run/l2tp-auth.sock"}`. The file of
users has a line for each: login, password, and, if it is to have one of its own, IPv4 address. It
is read anew for every login. Whoever can read it, or the socket, has the passwords: mode 0600.

With `--slow LOGIN` that login is answered after a minute, later than any daemon waits: to see what
becomes of it.
"""

import argparse
import hashlib
import hmac
import json
import os
import signal
import threading
from concurrent import futures
from typing import Any, NamedTuple, Optional

import grpc
from l2tp.auth.v1 import authenticator_pb2, authenticator_pb2_grpc


class User(NamedTuple):
    password: str
    ip_address: str


def find_user(path: str, login: str) -> Optional[User]:
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            words = line.split()
            if len(words) >= 2 and words[0] == login:
                return User(words[1], words[2] if len(words) > 2 else "")
    return None


def is_right(request: authenticator_pb2.AuthorizeRequest, password: str) -> bool:
    """Whether the proof is good; of MS-CHAPv2, which pppd checks, not yet known and True."""
    if request.HasField("pap_password"):
        return hmac.compare_digest(request.pap_password.encode(), password.encode())
    if request.HasField("chap_md5"):
        chap = request.chap_md5
        expected = hashlib.md5(bytes([chap.id]) + password.encode() + chap.challenge).digest()
        return hmac.compare_digest(chap.response, expected)
    return request.HasField("mschapv2")


class Authenticator(authenticator_pb2_grpc.AuthenticatorServicer):  # type: ignore[misc]
    def __init__(self, users: str, records: str, slow: str) -> None:
        self.users = users
        self.slow = slow
        self.ending = threading.Event()
        self.records = records
        self.lock = threading.Lock()

    def Authorize(
        self, request: authenticator_pb2.AuthorizeRequest, context: Any
    ) -> authenticator_pb2.AuthorizeResponse:
        if self.slow and request.facts.user == self.slow:
            self.ending.wait(60)
        response = authenticator_pb2.AuthorizeResponse()
        user = find_user(self.users, request.facts.user)
        if user is None or not is_right(request, user.password):
            response.reject.reason = "unknown user" if user is None else "wrong password"
            return response
        response.accept.ip_address = user.ip_address
        response.accept.interim_interval.seconds = 10
        if request.HasField("mschapv2"):
            response.accept.password = user.password
        return response

    def Account(
        self, request: authenticator_pb2.AccountRequest, context: Any
    ) -> authenticator_pb2.AccountResponse:
        record = {
            "type": authenticator_pb2.AccountRequest.Type.Name(request.type),
            "user": request.facts.user,
            "session": request.facts.session,
            "uid": request.facts.session_uid,
            "ip_address": request.ip_address,
            "seconds": request.duration.seconds,
            "tx_byte_count": request.tx_byte_count,
            "rx_byte_count": request.rx_byte_count,
            "cause": request.cause,
        }
        with self.lock, open(self.records, "a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        return authenticator_pb2.AccountResponse()


def main() -> None:
    parser = argparse.ArgumentParser(description="Decides about logins.")
    parser.add_argument("--listen", required=True, help="unix:PATH or 127.0.0.1:PORT")
    parser.add_argument("--users", required=True, help="file: login, password, address")
    parser.add_argument("--records", required=True, help="file that accounting is added to")
    parser.add_argument("--slow", default="", help="login that is answered too late")
    arguments = parser.parse_args()
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
    authenticator = Authenticator(arguments.users, arguments.records, arguments.slow)
    authenticator_pb2_grpc.add_AuthenticatorServicer_to_server(authenticator, server)
    os.umask(0o077)
    server.add_insecure_port(arguments.listen)
    server.start()
    print("ready", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    authenticator.ending.set()
    server.stop(grace=1).wait()


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
