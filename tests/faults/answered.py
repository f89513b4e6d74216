"""An answer of an engine, taken apart so that it can be given again, also wrongly."""

from __future__ import annotations

import http.client
import json
import re
import socket
from dataclasses import dataclass
from typing import Final

_OF_THE_CONNECTION: Final = frozenset({"content-length", "transfer-encoding", "connection", "date"})
_MOMENT: Final = re.compile(r"(?<=[?&])(since|until)=[^&]*")
_VERSION: Final = re.compile(r"^/v[0-9.]+(?=/)")


@dataclass(frozen=True)
class Answered:
    """Status, headers without those of the connection, and the body without its encoding."""

    status: str = "200 OK"
    headers: tuple[str, ...] = ("Content-Type: application/json",)
    body: bytes = b"{}"
    chunked: bool = False
    """Whether the body came in chunks, as what goes on does."""
    goes_on: bool = False
    """Whether it has no end: only its head was read."""
    bodiless: bool = False
    """Whether it has no body whatever its headers say."""

    def head(self, *more: str, status: str = "", kind: str = "") -> bytes:
        """The head with other lines; of another status or content type."""
        lines = self.headers
        if kind:
            lines = (
                *(line for line in lines if not line.lower().startswith("content-type")),
                f"Content-Type: {kind}",
            )
        return "\r\n".join((f"HTTP/1.1 {status or self.status}", *lines, *more, "", "")).encode("latin-1")

    @property
    def bytes(self) -> bytes:
        """All of it, as the engine sent it; of what goes on the head."""
        if self.goes_on:
            return self.head("Transfer-Encoding: chunked")
        if self.bodiless:
            return self.head()
        if self.chunked:
            return self.head("Transfer-Encoding: chunked") + chunks(self.body)
        return self.head(f"Content-Length: {len(self.body)}") + self.body

    @property
    def document(self) -> object:
        """The JSON of its body; None where that is none, or more than one."""
        try:
            found: object = json.loads(self.body)
        except ValueError:
            return None
        return found


def chunks(body: bytes) -> bytes:
    """A body as chunks: each line one."""
    parts = b"".join(b"%x\r\n%b\r\n" % (len(line), line) for line in body.splitlines(keepends=True))
    return parts + b"0\r\n\r\n"


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    method: str
    target: str
    head: tuple[str, ...]
    body: bytes

    @property
    def key(self) -> str:
        """What names it, whenever it is made: without API version and moments."""
        target = _MOMENT.sub(r"\1=", _VERSION.sub("", self.target))
        return f"{self.method} {target}"

    @property
    def goes_on(self) -> bool:
        """Whether its answer has no end."""
        return "/events" in self.target and "until=" not in self.target and "stream=false" not in self.target


def read_request(client: socket.socket) -> Request | None:
    """The next request of a connection; None where it has ended."""
    with client.makefile("rb") as stream:
        start = stream.readline().decode("latin-1").split()
        if len(start) != 3:
            return None
        lines: list[str] = []
        while line := stream.readline().decode("latin-1").strip():
            lines.append(line)
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = stream.read(int(fields.get("content-length", 0)))
        if fields.get("transfer-encoding") == "chunked":
            while size := int(stream.readline(), 16):
                body += stream.read(size)
                stream.readline()
            stream.readline()
        return Request(start[0], start[1], tuple(lines), body)


def ask(engine: str, request: Request) -> Answered:
    """What an engine at a socket answers. Raises OSError."""
    own = ("connection", "transfer-encoding", "content-length")
    lines = [line for line in request.head if line.partition(":")[0].lower() not in own]
    lines += ["Connection: close", *([f"Content-Length: {len(request.body)}"] if request.body else [])]
    head = "\r\n".join((f"{request.method} {request.target} HTTP/1.1", *lines, "", ""))
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(engine)
        connection.sendall(head.encode("latin-1") + request.body)
        response = http.client.HTTPResponse(connection, method=request.method)
        response.begin()
        headers = tuple(
            f"{name}: {value}"
            for name, value in response.getheaders()
            if name.lower() not in _OF_THE_CONNECTION
        )
        status = f"{response.status} {response.reason}"
        body = b"" if request.goes_on else response.read()
        bodiless = request.method == "HEAD" or response.status in {204, 304}
        return Answered(status, headers, body, bool(response.chunked), request.goes_on, bodiless)
