"""A unix socket before an engine that remembers what is answered, gives it again, and plays faults."""

from __future__ import annotations

import select
import socket
import struct
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.engines.between import end
from tests.faults.answered import Answered, Request, ask, read_request
from tests.faults.table import HOLD, RESET, Fault

NOBODY_KNOWS: Final = Answered("500 Internal Server Error", body=b'{"message": "this was not recorded"}')
Recorded = Mapping[str, Sequence[Answered]]
"""The answers to each request, in the order in which they were given; the last one is given again."""


@dataclass
class Recording:
    """What was asked of an engine, and what it answered."""

    answers: defaultdict[str, list[Answered]] = field(default_factory=lambda: defaultdict(list))
    asked: list[str] = field(default_factory=list)


class FaultyEngine:
    """Passes on, or answers from what was recorded; chosen requests are answered by a fault."""

    def __init__(self, path: Path, engine: str = "") -> None:
        self._engine = engine.removeprefix("unix://")
        self._path = path
        self._lock = threading.Lock()
        self._recording = Recording()
        self._given: Recorded | None = None
        self._counted: defaultdict[str, int] = defaultdict(int)
        self._fault: tuple[str, Fault] | None = None
        self._open: set[socket.socket] = set()
        self.played = 0
        """How often the fault was played."""
        self._busy = 0
        self.changes: list[str] = []
        """Each request that is not a GET or HEAD."""
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(32)
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def host(self) -> str:
        """The address for DOCKER_HOST."""
        return f"unix://{self._path}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        self.end_all()
        self._path.unlink(missing_ok=True)

    @property
    def busy(self) -> bool:
        """Whether a request has no answer yet."""
        return self._busy > 0

    @property
    def waits(self) -> bool:
        """Whether there is a fault that was not played yet."""
        return self._fault is not None and not self.played

    def record(self) -> Recording:
        """From now on pass on, and remember."""
        with self._lock:
            self._recording, self._given, self._fault = Recording(), None, None
            return self._recording

    def answer(self, recorded: Recorded, key: str = "", fault: Fault | None = None) -> None:
        """From now on answer from what was recorded; requests of this key by a fault."""
        with self._lock:
            self._given, self._fault = recorded, None if fault is None else (key, fault)
            self._counted.clear()
            self.played, self.changes = 0, []

    def heal(self) -> None:
        """From now on without the fault."""
        with self._lock:
            self._fault = None

    def end_all(self) -> None:
        """End all connections: what hangs, hangs no more."""
        with self._lock:
            for client in self._open:
                end(client)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._connection, args=(client,), daemon=True).start()

    def _connection(self, client: socket.socket) -> None:
        with self._lock:
            self._open.add(client)
        try:
            with suppress(OSError, ValueError):
                while (request := read_request(client)) is not None and self._reply(client, request):
                    continue
        finally:
            with self._lock:
                self._open.discard(client)
            end(client)
            client.close()

    def _reply(self, client: socket.socket, request: Request) -> bool:
        """Answer; whether the connection goes on."""
        key = request.key
        with self._lock:
            if request.method not in {"GET", "HEAD"}:
                self.changes.append(key)
            fault = self._fault[1] if self._fault is not None and self._fault[0] == key else None
            self.played += fault is not None
            self._busy += 1
        try:
            true = self._true(request)
            if fault is not None:
                return play(client, fault, true)
            client.sendall(true.bytes)
        finally:
            with self._lock:
                self._busy -= 1
        if true.goes_on:
            client.recv(1)
        return not true.goes_on

    def _true(self, request: Request) -> Answered:
        key = request.key
        with self._lock:
            if self._given is not None:
                answers = self._given.get(key)
                number = self._counted[key]
                self._counted[key] += 1
                return answers[min(number, len(answers) - 1)] if answers else NOBODY_KNOWS
        found = ask(self._engine, request)
        with self._lock:
            self._recording.answers[key].append(found)
            self._recording.asked.append(key)
        return found


@dataclass(frozen=True)
class Played:
    """A fault where no engine has answered."""

    fault: Fault

    def play(self, client: socket.socket) -> None:
        """Answer so."""
        play(client, self.fault, Answered(body=b'[{"Untagged": "x"}]'))

    def __str__(self) -> str:
        return str(self.fault)


def play(client: socket.socket, fault: Fault, true: Answered) -> bool:
    """Answer by a fault; whether the connection goes on."""
    for part in fault.script(true):
        if isinstance(part, bytes):
            client.sendall(part)
        elif part is HOLD:
            client.recv(1)  # until the client ends it
            return False
        elif part is RESET:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        elif select.select([client], [], [], part)[0]:
            return False  # the client waits no more
    return fault.keeps
