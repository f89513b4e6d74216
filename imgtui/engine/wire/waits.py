"""Which requests are under way, so that whoever waits for an engine can be told what for."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Waits:
    """The requests of this process that have no answer yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0
        self._under_way: dict[int, tuple[str, float]] = {}

    @contextmanager
    def on(self, request: str) -> Iterator[None]:
        """A request is under way."""
        with self._lock:
            self._number += 1
            number = self._number
            self._under_way[number] = request, time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                del self._under_way[number]

    def longest(self) -> tuple[str, float] | None:
        """The request that has waited longest, and its seconds."""
        with self._lock:
            first = next(iter(self._under_way.values()), None)
        return None if first is None else (first[0], time.monotonic() - first[1])


WAITS = Waits()
