"""A unix socket before an engine, where something can happen at a request that changes something.

Every request that is not a GET or HEAD is counted, or every other one that comes after it. At the one with a
chosen number an act is done: before the request is passed on, or when the engine has answered it and before
the answer is. After that the connection ends, or everything passes on as if nothing had been.
"""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from tests.bench.proxy import RequestHeads
from tests.engines.between import BLOCK, Between, end
from tests.engines.waiting import wait_until

_SAFE: Final = frozenset({"GET", "HEAD"})

Act = Callable[[], object]


class Answers(Protocol):
    """Something that a client is answered."""

    def play(self, client: socket.socket) -> None:
        """Send it."""


@dataclass(frozen=True)
class Cut:
    """At which change an act is done, and on which side of it."""

    number: int
    """From 1."""
    ending: str = ""
    """Only changes whose path ends with this count."""
    after: bool = False
    """Whether the engine has done it by then."""
    passing: bool = False
    """Whether all goes on after the act; else the connection ends."""
    reads: bool = False
    """Whether only requests count that change nothing, and come after a change."""
    answer: Answers | None = None
    """What is answered in the engine's place, which never gets the request, or has done it by then."""

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'}-{self.number}"


class Gate(Between):
    """Passes everything on to the engine at a socket, until the change comes that it waits for."""

    def __init__(self, folder: Path, engine: str) -> None:
        self._lock = threading.Lock()
        self._cut: Cut | None = None
        self._counted = 0
        self._act: Act = lambda: None
        self.changes: list[str] = []
        """Method and path of each change since `wait_for`, in order."""
        self.looks: list[str] = []
        """The same of each other request since the first change."""
        self.came = threading.Event()
        """Set when the act is done."""
        self._open = 0
        super().__init__(folder / "gate.sock", engine)

    def wait_for(self, cut: Cut | None, act: Act = lambda: None) -> None:
        """Count from the beginning; do an act at a change, or at none."""
        with self._lock:
            self.changes, self.looks = [], []
            self._counted, self._cut, self._act = 0, cut, act
            self.came.clear()

    def _pass(self, client: socket.socket, engine: socket.socket) -> None:
        with self._lock:
            self._open += 1
        try:
            _Connection(self, client, engine).run()
        finally:
            with self._lock:
                self._open -= 1

    def wait_quiet(self) -> None:
        """Wait until the engine has nothing to answer any more, also of what nobody waits for."""
        wait_until(lambda: self._open == 0, "the end of all connections")

    def reached(self, method: str, path: str) -> Cut | None:
        """Count a change; the cut, where it is the one."""
        reads = method in _SAFE
        with self._lock:
            if not reads:
                self.changes.append(f"{method} {path}")
            elif self.changes:
                self.looks.append(f"{method} {path}")
            if self._cut is None or not path.partition("?")[0].endswith(self._cut.ending):
                return None
            if reads != self._cut.reads or not self.changes:
                return None
            self._counted += 1
            return self._cut if self._counted == self._cut.number else None

    def cut(self) -> None:
        """Do the act."""
        self._act()
        self.came.set()


class _Connection:
    """One connection of a client, with its own to the engine."""

    def __init__(self, gate: Gate, client: socket.socket, engine: socket.socket) -> None:
        self._gate, self._client, self._engine = gate, client, engine
        self._cut: Cut | None = None
        """What waits for the next answer."""

    def run(self) -> None:
        """Copy until one side ends it, or the act is done."""
        back = threading.Thread(target=self._back, daemon=True)
        back.start()
        self._forth()
        back.join()

    def _forth(self) -> None:
        heads = RequestHeads()
        with suppress(OSError):
            while data := self._client.recv(BLOCK):
                for method, path in heads.feed(data):
                    cut = self._gate.reached(method, path)
                    if cut is not None and cut.after:
                        self._cut = cut
                    elif cut is not None:
                        self._gate.cut()
                        if cut.answer is not None:
                            cut.answer.play(self._client)
                        if not cut.passing:
                            end(self._client, self._engine)
                            return
                self._engine.sendall(data)
        with suppress(OSError):
            self._engine.shutdown(socket.SHUT_WR)

    def _back(self) -> None:
        with suppress(OSError):
            while data := self._engine.recv(BLOCK):
                cut, self._cut = self._cut, None
                if cut is not None:
                    self._gate.cut()
                    if cut.answer is not None:
                        cut.answer.play(self._client)
                    if not cut.passing:
                        break
                self._client.sendall(data)
        end(self._client, self._engine)
