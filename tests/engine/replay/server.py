"""A server at a unix socket that answers as an engine has answered: records it, or tells it again."""

from __future__ import annotations

import base64
import http.client
import json
import re
import socket
import socketserver
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

_VERSION: Final = re.compile(r"^/v[0-9.]+(?=/)")
PASSED_HEADERS: Final = ("Content-Type", "X-Registry-Auth", "X-Registry-Config")
LARGEST: Final = 2_048
"""Bytes that are kept of what is no JSON: archives."""
KEPT_HEADERS: Final = ("Content-Type", "X-Docker-Container-Path-Stat", "Location", "Transfer-Encoding")


@dataclass(frozen=True)
class Recorded:
    """One answer."""

    method: str
    path: str
    """Without the API version and the query."""
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def key(self) -> tuple[str, str]:
        """What it answers."""
        return self.method, self.path

    @property
    def documents(self) -> list[Any] | None:
        """The JSON documents of the body, one a line where it goes on; None for what is no JSON."""
        try:
            return [json.loads(self.body)]
        except ValueError:
            with suppress(ValueError):
                return [json.loads(line) for line in self.body.splitlines() if line.strip()] or None
            return None

    def with_documents(self, documents: Iterable[object]) -> Recorded:
        """The same with another body."""
        return replace(self, body="\n".join(json.dumps(each) for each in documents).encode())

    def to_json(self) -> dict[str, object]:
        """For a file: readable where it can be."""
        kept: dict[str, object] = {
            "method": self.method, "path": self.path, "status": self.status, "headers": dict(self.headers)
        }  # fmt: skip
        if (documents := self.documents) is not None:
            return {**kept, "documents": documents}
        return {**kept, "bytes": base64.b64encode(self.body[:LARGEST]).decode()}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Recorded:
        """What `to_json` made."""
        made = cls(kept["method"], kept["path"], kept["status"], tuple(kept["headers"].items()), b"")
        if "documents" in kept:
            return made.with_documents(kept["documents"])
        return replace(made, body=base64.b64decode(kept["bytes"]))


def in_chunks(body: bytes) -> bytes:
    """A body as `Transfer-Encoding: chunked` has it, a line in each chunk."""
    lines = body.splitlines(keepends=True)
    return b"".join(b"%x\r\n%s\r\n" % (len(line), line) for line in lines) + b"0\r\n\r\n"


class _OfEngine(http.client.HTTPConnection):
    """A connection to the unix socket of an engine."""

    def __init__(self, path: str) -> None:
        super().__init__("engine", timeout=60)
        self._path = path

    def connect(self) -> None:
        """Connect."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self._path)


@dataclass(frozen=True)
class Request:
    """What a client asks."""

    method: str
    path: str
    """Without the API version and the query."""
    target: str
    headers: Mapping[str, str]
    body: bytes


Answering = Callable[[Request], Recorded]


class Serving:
    """Answers every request by a function until the `with` ends."""

    def __init__(self, folder: Path, answering: Answering) -> None:
        path = folder / "replay.sock"
        self.host = f"unix://{path}"

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                given = self._body()
                target = self.path
                bare = _VERSION.sub("", target.partition("?")[0])
                found = answering(Request(self.command, bare, target, dict(self.headers), given))
                self.send_response(found.status)
                for name, value in found.headers:
                    self.send_header(name, value)
                chunked = ("Transfer-Encoding", "chunked") in found.headers
                if not chunked:
                    self.send_header("Content-Length", str(len(found.body)))
                self.send_header("Connection", "close")
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(in_chunks(found.body) if chunked else found.body)
                self.close_connection = True

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer  # noqa: N815

            def _body(self) -> bytes:
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length") or 0))
                found = b""
                while size := int(self.rfile.readline(), 16):
                    found += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return found

            def address_string(self) -> str:
                return "client"

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        class Server(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """Whoever asked has gone."""

        self._server = Server(str(path), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class Recorder:
    """Passes requests on to an engine, and keeps the first answer to each."""

    def __init__(self, engine: str) -> None:
        self._engine = engine.removeprefix("unix://")
        self.kept: dict[tuple[str, str], Recorded] = {}

    def __call__(self, request: Request) -> Recorded:
        """Ask the engine."""
        connection = _OfEngine(self._engine)
        passed = {name: value for name, value in request.headers.items() if name in PASSED_HEADERS}
        try:
            connection.request(request.method, request.target, request.body or None, passed)
            answer = connection.getresponse()
            headers = tuple((name, value) for name, value in answer.getheaders() if name in KEPT_HEADERS)
            body = self._read(answer, request.path)
            made = Recorded(request.method, request.path, answer.status, headers, body)
        finally:
            connection.close()
        self.kept.setdefault(made.key, made)
        return made

    @staticmethod
    def _read(answer: http.client.HTTPResponse, path: str) -> bytes:
        """All of it; of a stream without end what comes within a second."""
        if path != "/events":
            return answer.read()
        found = b""
        with suppress(OSError):
            if answer.fp is not None:
                answer.fp.raw._sock.settimeout(1)  # type: ignore[attr-defined]
            while part := answer.read1():
                found += part
        return found


def write(path: Path, kept: Iterable[Recorded], names: dict[str, str]) -> None:
    """Keep answers in a file."""
    content = {"names": names, "answers": [each.to_json() for each in kept]}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=True) + "\n")


def read(path: Path) -> tuple[dict[str, str], dict[tuple[str, str], Recorded]]:
    """What `write` kept: the names of the things that are asked for, and the answers."""
    content = json.loads(path.read_text())
    answers = [Recorded.from_json(kept) for kept in content["answers"]]
    return content["names"], {each.key: each for each in answers}
