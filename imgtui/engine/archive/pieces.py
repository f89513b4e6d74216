"""Bytes that come in pieces, read forwards only."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Final, Protocol, runtime_checkable

PIECE: Final = 1 << 18
"""Bytes that are asked for at once: what is held of an archive, whatever its size."""


@runtime_checkable
class Source(Protocol):
    """A stream of bytes, read by one thread."""

    def read(self, size: int) -> bytes:
        """At most so many bytes; empty at the end alone. Raises EngineError."""

    def skip(self, size: int) -> None:
        """Go on by so many bytes, or to the end. Raises EngineError."""


class Skipping:
    """A source that has no other way to skip than to read."""

    def read(self, size: int) -> bytes:
        """At most so many bytes; empty at the end alone."""
        raise NotImplementedError

    def skip(self, size: int) -> None:
        """Read what is not wanted."""
        while size > 0 and (piece := self.read(min(size, PIECE))):
            size -= len(piece)


class Parts(Skipping):
    """What comes in parts of any size."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = iter(parts)
        self._part = b""
        self._at = 0

    def read(self, size: int) -> bytes:
        """At most so many bytes. Raises what the parts raise."""
        while self._at >= len(self._part):
            part = next(self._parts, None)
            if part is None:
                return b""
            self._part, self._at = part, 0
        piece = self._part[self._at : self._at + size]
        self._at += len(piece)
        return piece


class FileSource:
    """A file on disk: skipping costs nothing, and ends where the file does."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._end = os.fstat(file.fileno()).st_size

    @classmethod
    def open(cls, path: Path) -> FileSource:
        """Open a file. Raises OSError."""
        return cls(path.open("rb", buffering=0))

    def read(self, size: int) -> bytes:
        """At most so many bytes."""
        return self._file.read(size)

    def skip(self, size: int) -> None:
        """Seek."""
        self._file.seek(max(self._file.tell(), min(self._file.tell() + size, self._end)))

    def close(self) -> None:
        """Close the file; reading on fails."""
        self._file.close()


class Digesting(Skipping):
    """Passes a source on, and knows the SHA-256 of what was read."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._hash = hashlib.sha256()
        self.size = 0
        """Bytes that were read."""

    def read(self, size: int) -> bytes:
        """At most so many bytes."""
        piece = self._source.read(size)
        self._hash.update(piece)
        self.size += len(piece)
        return piece

    @property
    def digest(self) -> str:
        """Of all bytes so far, with its algorithm."""
        return f"sha256:{self._hash.hexdigest()}"


class Peeked(Skipping):
    """A source of which the beginning was looked at already."""

    def __init__(self, source: Source, size: int) -> None:
        """Look at so many bytes, as far as there are so many."""
        self._source = source
        pieces: list[bytes] = []
        while size > 0 and (piece := source.read(size)):
            pieces.append(piece)
            size -= len(piece)
        self.head = b"".join(pieces)
        self._given = 0

    def read(self, size: int) -> bytes:
        """At most so many bytes, those that were looked at first."""
        if self._given < len(self.head):
            piece = self.head[self._given : self._given + size]
            self._given += len(piece)
            return piece
        return self._source.read(size)


def rest(source: Source) -> bytes:
    """All that is left of a source, which is known to be little. Raises what it raises."""
    pieces = []
    while piece := source.read(PIECE):
        pieces.append(piece)
    return b"".join(pieces)
