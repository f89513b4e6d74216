"""A unix socket before an engine that answers chosen requests itself, wrongly; all others it passes on."""

import re
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.proxy import RequestHeads
from tests.engines.between import BLOCK, Between, end

_VERSION: Final = re.compile(r"^/v[0-9.]+(?=/)")


@dataclass(frozen=True)
class Wrong:
    """What is answered in the engine's place."""

    name: str
    body: str = ""
    status: str = "200 OK"
    kind: str = "application/json"
    more: str = ""
    """More header lines."""

    @property
    def bytes(self) -> bytes:
        body = self.body.encode()
        head = f"HTTP/1.1 {self.status}\r\nContent-Type: {self.kind}\r\nContent-Length: {len(body)}\r\n"
        return f"{head}{self.more}Connection: close\r\n\r\n".encode() + body

    def play(self, client: socket.socket) -> None:
        """Send it."""
        client.sendall(self.bytes)

    def __str__(self) -> str:
        return self.name


PAGE: Final = "<html><body><h1>Please log in</h1></body></html>"
_SHAPES: Final = (
    "{}", '{"message": "no"}', "null", "42", '"x"', "true",
    "[[]]", '[1, "x", null]', "[{}]", '[{"Id": "web"}]',
)  # fmt: skip
ANSWERS: Final = (
    *(Wrong(shape, shape) for shape in _SHAPES),
    Wrong("cut off", '[{"Id": "sha256:'),
    Wrong("empty"),
    Wrong("no content", status="204 No Content"),
    Wrong("page", PAGE, kind="text/html"),
    Wrong("redirect", "[]", "302 Found", more="Location: https://login.invalid/\r\n"),
    Wrong("moved", "{}", "301 Moved Permanently", more="Location: /elsewhere\r\n"),
    Wrong("partial", "[]", "206 Partial Content"),
    Wrong("page of a 404", PAGE, "404 Not Found", "text/html"),
    Wrong("404 of another API", '{"error": "not found"}', "404 Not Found"),
    Wrong("404 of no route", '{"message": "page not found"}', "404 Not Found"),
    Wrong("page of a 502", PAGE, "502 Bad Gateway", "text/html"),
)


class WrongAnswers(Between):
    """Answers the GETs whose path, without API version and query, matches a pattern; counts them."""

    def __init__(self, folder: Path, engine: str) -> None:
        self._answers: dict[str, Wrong] = {}
        self.answered = 0
        """Requests that were answered wrongly."""
        self.changes: list[str] = []
        """Method and path of every other request than a GET or HEAD."""
        super().__init__(folder / "wrong.sock", engine)

    def answer(self, answers: dict[str, Wrong]) -> None:
        """From now on these patterns of paths are answered so, and no others."""
        self._answers, self.answered, self.changes = answers, 0, []

    def _wrong(self, method: str, path: str) -> Wrong | None:
        if method not in {"GET", "HEAD"}:
            self.changes.append(f"{method} {path}")
            return None
        bare = _VERSION.sub("", path.partition("?")[0])
        found = next((wrong for pattern, wrong in self._answers.items() if re.fullmatch(pattern, bare)), None)
        self.answered += found is not None
        return found

    def _pass(self, client: socket.socket, engine: socket.socket) -> None:
        back = threading.Thread(target=_copy, args=(engine, client), daemon=True)
        back.start()
        heads = RequestHeads()
        while data := client.recv(BLOCK):
            for method, path in heads.feed(data):
                if (wrong := self._wrong(method, path)) is not None:
                    client.sendall(wrong.bytes)
                    end(client, engine)
                    return
            engine.sendall(data)
        end(engine)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(BLOCK):
            target.sendall(data)
    end(target)
