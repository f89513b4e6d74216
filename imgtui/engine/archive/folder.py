"""An OCI image layout that is a folder, as the tar stream that it would be."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from imgtui.engine.archive.errors import ArchiveError
from imgtui.engine.archive.tar import BLOCK
from imgtui.engine.archive.writing import header

_TOP: Final = ("oci-layout", "index.json", "manifest.json")
"""`manifest.json` comes with layouts that were unpacked from what `docker save` wrote."""
_HEXADECIMAL: Final = frozenset("0123456789abcdef")
_LENGTHS: Final = frozenset({64, 96, 128})
"""Digits of SHA-256, SHA-384 and SHA-512."""


def is_layout(folder: Path) -> bool:
    """Whether a folder is an OCI image layout, or an unpacked docker-archive of the new form."""
    return any((folder / name).is_file() for name in ("index.json", "manifest.json"))


@dataclass(frozen=True, slots=True)
class _Piece:
    """Bytes at hand, or a file."""

    bytes: bytes
    path: Path | None = None
    size: int = 0


class FolderSource:
    """Reads the files of a layout one after the other: what a layout has, and no link is followed."""

    def __init__(self, folder: Path) -> None:
        """Raises ArchiveError."""
        self._pieces = _pieces(folder)
        self._piece = b""
        self._file: IO[bytes] | None = None
        self._left = 0

    def read(self, size: int) -> bytes:
        """At most so many bytes. Raises ArchiveError for a file that cannot be read, or becomes another."""
        while True:
            if self._piece:
                found, self._piece = self._piece[:size], self._piece[size:]
                return found
            if self._left:
                return self._read_file(size)
            if not self._next():
                return b""

    def skip(self, size: int) -> None:
        """Seek."""
        while size > 0:
            if self._piece:
                passed = min(size, len(self._piece))
                self._piece = self._piece[passed:]
            elif self._left and self._file is not None:
                passed = min(size, self._left)
                self._file.seek(passed, os.SEEK_CUR)
                self._left -= passed
            elif self._next():
                continue
            else:
                return
            size -= passed

    def close(self) -> None:
        """Close the file that is open."""
        if self._file is not None:
            self._file.close()

    def _read_file(self, size: int) -> bytes:
        found = self._file.read(min(size, self._left)) if self._file is not None else b""
        if not found:
            raise ArchiveError("a file of the layout became shorter while it was read")
        self._left -= len(found)
        return found

    def _next(self) -> bool:
        self.close()
        piece = next(self._pieces, None)
        if piece is None:
            return False
        self._piece = piece.bytes
        if piece.path is not None:
            self._file, self._left = _open(piece.path), piece.size
        return True


def _pieces(folder: Path) -> Iterator[_Piece]:
    for name, path in _files(folder):
        try:
            found = path.lstat()
        except OSError:
            continue
        if not stat.S_ISREG(found.st_mode):
            continue
        yield _Piece(header(name, found.st_size))
        yield _Piece(b"", path, found.st_size)
        yield _Piece(bytes(-found.st_size % BLOCK))
    yield _Piece(bytes(2 * BLOCK))


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """What a layout has: the JSON files, and blobs by algorithm and digest."""
    for name in _TOP:
        yield name, folder / name
    blobs = folder / "blobs"
    for algorithm in _names(blobs):
        if not algorithm.isalnum() or (blobs / algorithm).is_symlink():
            continue
        for name in _names(blobs / algorithm):
            if len(name) in _LENGTHS and _HEXADECIMAL.issuperset(name):
                yield f"blobs/{algorithm}/{name}", blobs / algorithm / name


def _names(folder: Path) -> list[str]:
    try:
        return [] if folder.is_symlink() else sorted(path.name for path in folder.iterdir())
    except OSError:
        return []


def _open(path: Path) -> IO[bytes]:
    """Open a regular file, not what a link, or another program, put in its place."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}") from error
    file = os.fdopen(handle, "rb", buffering=0)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        file.close()
        raise ArchiveError(f"{path} is no file")
    return file
