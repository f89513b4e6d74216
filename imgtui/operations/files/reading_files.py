"""The beginning of one file of an image, to be looked at."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

from imgtui.engine.archive.content import read_contents
from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import NotFound
from imgtui.operations.files.layer_files import Heard, Reading, exported
from imgtui.operations.protocol.cancellation import Stopped

MOST_SHOWN: Final = 1_000_000
"""Bytes of a file that are looked at."""


@dataclass(frozen=True, slots=True)
class FileContent:
    """The beginning of a file."""

    path: str
    beginning: bytes
    size: int
    """Bytes of the whole file."""


class _Beginning:
    """Takes the first bytes of a file; zeros where it has a hole."""

    def __init__(self) -> None:
        self._taken = bytearray()
        self._size = 0

    def write(self, offset: int, piece: bytes) -> None:
        """Only what is near enough to the beginning."""
        if offset < MOST_SHOWN:
            self._taken += bytes(offset - len(self._taken)) + piece[: MOST_SHOWN - offset]

    def close(self, size: int) -> None:
        """The rest may be a hole."""
        self._size = size
        self._taken += bytes(min(size, MOST_SHOWN) - len(self._taken))

    def content(self, path: str) -> FileContent:
        return FileContent(path, bytes(self._taken), self._size)


def read_file(
    engine: Engine,
    image_id: str,
    diff_id: str,
    path: str,
    heard: Heard = lambda _: None,
    stop: threading.Event | None = None,
) -> FileContent:
    """The file that a layer of an image has at a path. Raises NotFound, Stopped, EngineError."""
    stopping = stop or threading.Event()

    def told(passed: int, _: int) -> None:
        if stopping.is_set():
            raise Stopped("stopped by hand")
        heard(Reading(0, 1, passed))

    with exported(engine, [image_id], stopping) as archive:
        for _, found in read_contents(archive, {diff_id: {path}}, lambda *_: _Beginning(), told):
            if path in found:
                return found[path].content(path)
    raise NotFound("the layer has no such file")
