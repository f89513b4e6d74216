"""Ports of the loopback that pass on to other ones."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Final

from tests.engines.between import BLOCK, end

_TLS: Final = b"\x16"
"""The first byte of who tries TLS."""
_NO_TLS: Final = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class PlainPort:
    """A port before a server without TLS.

    Docker's containerd store tries TLS first, and goes on without it where it gets an answer in HTTP. Servers
    of Go and Python close such a connection before all of it is read: the client's kernel then throws the
    answer away at times, and a pull fails (Docker 28.5). Here it is read to its end.
    """

    def __init__(self, server: int) -> None:
        """In front of the port `server`."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        forward(self._listener, server, tls=False)

    def close(self) -> None:
        """Listen no more."""
        end(self._listener)
        self._listener.close()


def forward(listener: socket.socket, port: int, *, tls: bool = True) -> None:
    """Pass on what connects there to a port, until the listener is closed; without `tls` that is refused."""
    threading.Thread(target=_serve, args=(listener, port, tls), daemon=True).start()


def _serve(listener: socket.socket, port: int, tls: bool) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_connection, args=(client, port, tls), daemon=True).start()


def _connection(client: socket.socket, port: int, tls: bool) -> None:
    server = socket.socket()
    with client, server, suppress(OSError):
        if not tls and client.recv(1, socket.MSG_PEEK) == _TLS:
            client.recv(BLOCK)
            client.sendall(_NO_TLS)
            client.shutdown(socket.SHUT_WR)
            while client.recv(BLOCK):
                continue
            return
        server.connect(("127.0.0.1", port))
        back = threading.Thread(target=_copy, args=(server, client), daemon=True)
        back.start()
        _copy(client, server)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(BLOCK):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
