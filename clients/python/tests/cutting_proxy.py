"""A connection that is cut again and again."""

import contextlib
import random
import socket
import threading


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
                try:
                    server = connect(self.upstream)
                except OSError:  # of this connection only: it has too many to accept
                    client.close()
                    continue
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
        # Closed when the other direction has let go of them, too: a number that is free at once could
        # be another connection's by the time that direction reads from it.
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
