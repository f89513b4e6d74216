"""The beginnings of several files of images, out of one export."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from typing import Final

from imgtui.engine.archive.content import read_contents
from imgtui.engine.port.engine import Engine
from imgtui.model.compare.text import Half
from imgtui.operations.files.layer_files import Heard, Reading, exported
from imgtui.operations.protocol.cancellation import Stopped

Wanted = tuple[str, str]
"""Diff ID of a layer, and a path in its tar."""
MOST: Final = 128 * 1024 * 1024
"""Bytes of all files together that are held: what comes after them is left out."""


def read_all(
    engine: Engine,
    image_ids: Sequence[str],
    wanted: Collection[Wanted],
    limit: int,
    heard: Heard = lambda _: None,
    stop: threading.Event | None = None,
) -> dict[Wanted, Half]:
    """At most `limit` bytes of each file. Raises Stopped, EngineError."""
    if not wanted:
        return {}
    by_layer: dict[str, set[str]] = {}
    for diff_id, path in wanted:
        by_layer.setdefault(diff_id, set()).add(path)
    stopping, budget = stop or threading.Event(), _Budget(MOST)

    def told(passed: int, _: int) -> None:
        if stopping.is_set():
            raise Stopped("stopped by hand")
        heard(Reading(len(found), len(wanted), passed))

    found: dict[Wanted, Half] = {}
    with exported(engine, image_ids, stopping) as archive:
        for diff_id, taken in read_contents(archive, by_layer, lambda *_: _Beginnings(limit, budget), told):
            found |= {(diff_id, path): each.half for path, each in taken.items()}
    return found


class _Budget:
    """Bytes that may still be held."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, size: int) -> int:
        """So many of them, or what there is."""
        size = min(size, self.left)
        self.left -= size
        return size


class _Beginnings:
    """Takes the first bytes of a file; zeros where it has a hole."""

    def __init__(self, limit: int, budget: _Budget) -> None:
        self._limit = limit
        self._budget = budget
        self._taken = bytearray()
        self._size = 0

    def write(self, offset: int, piece: bytes) -> None:
        """Only what is near enough to the beginning."""
        if offset < self._limit:
            self._pad(offset)
            self._taken += piece[: self._budget.take(min(len(piece), self._limit - offset))]

    def close(self, size: int) -> None:
        """The rest may be a hole."""
        self._size = size
        self._pad(min(size, self._limit))

    @property
    def half(self) -> Half:
        """What was taken."""
        return Half(bytes(self._taken), self._size)

    def _pad(self, end: int) -> None:
        self._taken += bytes(self._budget.take(max(0, end - len(self._taken))))
