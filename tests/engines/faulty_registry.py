"""A registry whose connections break off, or stand still, in the middle of a layer."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self

from tests.engines.forwarding import PlainPort
from tests.engines.loopback import announce
from tests.engines.waiting import PATIENCE

LARGE: Final = 100_000
"""Bytes of a blob in whose middle it happens."""
_PASSED_ON: Final = ("Content-Type", "Content-Length", "Content-Range", "Docker-Content-Digest", "ETag")


class FaultyRegistry:
    """Stands before another registry, and passes on what is read from it.

    While `broken` is set, every large blob ends in its middle. While `gate` is not set, each waits there.
    """

    def __init__(self, behind: str) -> None:
        self.broken = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self.in_the_middle = threading.Event()
        """Whether a large blob has come to its middle."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(behind))
        self._server.daemon_threads = True
        self._front = PlainPort(self._server.server_port)
        announce(self._front.port)

    @property
    def address(self) -> str:
        """The domain of its repositories' names."""
        return f"127.0.0.1:{self._front.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, name="faulty-registry", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.gate.set()
        self._front.close()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self, behind: str) -> type[BaseHTTPRequestHandler]:
        faults = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._pass_on()

            def do_HEAD(self) -> None:
                self._pass_on()

            def do_POST(self) -> None:
                """What is pushed stands still at the gate, then breaks off: nothing is ever taken."""
                faults.in_the_middle.set()
                faults.gate.wait()
                self.close_connection = True

            def _pass_on(self) -> None:
                if faults.broken.is_set() and "Range" in self.headers:
                    self.close_connection = True  # who asks for the rest does not get it either
                    return
                asked = {name: ", ".join(self.headers.get_all(name, ())) for name in ("Accept", "Range")}
                wanted = {name: value for name, value in asked.items() if value}
                request = urllib.request.Request(
                    f"http://{behind}{self.path}", headers=wanted, method=self.command
                )
                try:
                    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                        self._answer(answer.status, answer.headers, answer.read())
                except urllib.error.HTTPError as error:
                    self._answer(error.code, error.headers, error.read())

            def _answer(self, status: int, headers: object, body: bytes) -> None:
                self.send_response(status)
                for name in _PASSED_ON:
                    if value := headers.get(name):  # type: ignore[attr-defined]  # what urllib answers with
                        self.send_header(name, value)
                self.end_headers()
                if self.command == "HEAD":
                    return
                middle = len(body) // 2 if len(body) >= LARGE else 0
                self.wfile.write(body[:middle])
                if middle:
                    self.wfile.flush()
                    faults.in_the_middle.set()
                    faults.gate.wait()
                if middle and faults.broken.is_set():
                    self.close_connection = True
                    return
                with suppress(ConnectionError):  # somebody has stopped the pull meanwhile
                    self.wfile.write(body[middle:])

            def log_message(self, *arguments: object) -> None:
                """Say nothing."""

        return Handler
