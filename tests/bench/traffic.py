"""The proxy as the bench uses it: start, stop, stop answering, and what the program asked the engine."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, unquote_plus, urlsplit

from tests.bench.engine_api import EngineApi

_ROOT = Path(__file__).parents[2]
_START_SECONDS = 10
_WIDTH = 90
_ID = re.compile(r"/(?:sha256:)?[0-9a-f]{64}(?=/|$)")
_NAMED = re.compile(r"^/(images|distribution)/.+/(json|history)$")


@dataclass(frozen=True)
class Request:
    """One request: when it came (ns), what it asks, the bytes of its answer, when the last came."""

    at: int
    method: str
    path: str
    answer_bytes: int
    last: int

    @property
    def kind(self) -> str:
        """Method and path without API version, with `{id}` for what is named in it."""
        parts = urlsplit(self.path)
        path = _ID.sub("/{id}", re.sub(r"^/v\d+\.\d+/", "/", parts.path))
        path = _NAMED.sub(r"/\1/{id}/\2", path)
        return f"{self.method} {path}" + (f"?{unquote_plus(parts.query)}" if parts.query else "")

    @property
    def is_full_list(self) -> bool:
        """Whether it asks for all images: `/images/json` without a filter."""
        parts = urlsplit(self.path)
        return (
            parts.path.endswith("/images/json") and parts.path.count("/") <= 3 and not _filters(parts.query)
        )


def _filters(query: str) -> object:
    values = parse_qs(query).get("filters")
    return json.loads(values[0]) if values else None


def kinds(requests: Iterable[Request]) -> dict[str, dict[str, int]]:
    """For each kind of request how many there were, and the bytes of the answers."""
    requests = list(requests)
    size: Counter[str] = Counter()
    for request in requests:
        size[request.kind] += request.answer_bytes
    return {
        kind: {"requests": count, "bytes": size[kind]}
        for kind, count in Counter(request.kind for request in requests).most_common()
    }


def table_of(requests: Iterable[Request]) -> tuple[str, ...]:
    """The kinds of requests as lines: how many, which, bytes of the answers."""
    return tuple(
        f"{cost['requests']:4} × {shorten(kind, _WIDTH, placeholder=' …')}  {cost['bytes']:,} B"
        for kind, cost in kinds(requests).items()
    )


class EngineProxy:
    """A proxy before an engine while the context is open. Raises TimeoutError when it does not start."""

    def __init__(self, engine: EngineApi) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="imgtui-bench-")
        self._log = Path(self._folder.name) / "log"
        socket = Path(self._folder.name) / "docker.sock"
        self.host = f"unix://{socket}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.proxy", str(socket), str(engine.socket), str(self._log)],
            cwd=_ROOT,
        )
        until = time.monotonic() + _START_SECONDS
        while not socket.exists():
            if time.monotonic() > until or self._process.poll() is not None:
                self.stop()
                raise TimeoutError("the proxy did not start")
            time.sleep(0.005)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def hang(self) -> None:
        """From now on no request gets an answer, and no connection is closed."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Answer again."""
        os.kill(self._process.pid, signal.SIGCONT)

    def stop(self) -> None:
        """End the proxy and forget its log."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    def requests(self, start: int = 0, end: int | None = None) -> list[Request]:
        """The requests made from `start` up to `end` (ns), end excluded, in order."""
        heads: dict[int, dict[str, str]] = {}
        at: dict[int, int] = {}
        size: Counter[int] = Counter()
        last: dict[int, int] = {}
        for line in self._log.read_text().splitlines(keepends=True):
            if not line.endswith("\n"):
                break
            record = json.loads(line)
            number = int(record["id"])
            last[number] = int(record["at"])
            size[number] += int(record.get("bytes", 0))
            if "method" in record:
                heads[number], at[number] = record, int(record["at"])
        return [
            Request(at[number], head["method"], head["path"], size[number], last[number])
            for number, head in heads.items()
            if start <= at[number] and (end is None or at[number] < end)
        ]

    def is_busy(self, quiet_seconds: float = 1.0) -> bool:
        """Whether a request has no answer yet, or anything has passed within `quiet_seconds`."""
        since = time.monotonic_ns() - quiet_seconds * 1e9
        return any(not request.answer_bytes or request.last > since for request in self.requests())
