"""What a stream is packed with, by its first bytes: gzip, zstd, xz, bzip2, or nothing.

These are what engines unpack (moby `pkg/archive` `DetectCompression`, containers/storage).
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from imgtui.engine.archive.budget import ORDINARY_GROWTH, Budget, Cost
from imgtui.engine.archive.errors import ArchiveError
from imgtui.engine.archive.pieces import PIECE, Skipping, Source

if TYPE_CHECKING:
    from collections.abc import Callable

GZIP: Final = b"\x1f\x8b"
ZSTD: Final = b"\x28\xb5\x2f\xfd"
XZ: Final = b"\xfd7zXZ\x00"
BZIP2: Final = b"BZh"
LARGEST_WINDOW: Final = 25
"""Bits of zstd's window: 32 MiB, the most that the encoder of BuildKit, containerd and Podman uses
(klauspost/compress `SpeedBestCompression`), and `zstd -20`."""
MOST_DICTIONARY: Final = 70_000_000
"""Bytes that xz may take: `xz -9` has a dictionary of 64 MiB."""
NO_ZSTD: Final = (
    "it is compressed with zstd, which this Python cannot read: install backports.zstd, or use Python 3.14"
)


def is_packed(head: bytes) -> bool:
    """Whether a stream that begins like this is packed."""
    return head.startswith((GZIP, ZSTD, XZ, BZIP2)) or _is_skippable(head)


def unpacked(source: Source, head: bytes, budget: Budget) -> Source:
    """The stream, unpacked as far as it is packed; `head` is how it begins. Raises ArchiveError."""
    if head.startswith(GZIP):
        return _Unpacked(source, budget, _gzip, zlib.error, "gzip")
    if head.startswith(ZSTD) or _is_skippable(head):
        return _Unpacked(source, budget, *_zstd(), "zstd")
    if head.startswith(XZ):
        return _Unpacked(source, budget, _xz, lzma.LZMAError, "xz")
    if head.startswith(BZIP2):
        return _Unpacked(source, budget, bz2.BZ2Decompressor, OSError, "bzip2")
    return source


class _Unpacker(Protocol):
    """One member of a stream: `zlib.decompressobj` and `ZstdDecompressor` behave alike."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Unpacked(Skipping):
    """An unpacked stream: never more than one piece of it is held, whatever it grows to.

    Streams of several members, as eStargz and zstd:chunked have them, are read one after the other.
    """

    def __init__(
        self,
        source: Source,
        budget: Budget,
        make: Callable[[], _Unpacker],
        error: type[Exception],
        name: str,
    ) -> None:
        self._source = source
        self._budget = budget
        self._ordinary = 0
        """Bytes to which what was read may grow without being charged for it, less those that it grew to."""
        self._make = make
        self._error = error
        self._name = name
        self._member = make()
        self._packed = b""
        self._ended = False

    def read(self, size: int) -> bytes:
        """At most so many unpacked bytes. Raises ArchiveError."""
        wanted = min(size, PIECE)
        while not self._ended:
            if self._member.eof and not self._next_member():
                break
            if not self._packed and not self._rest():
                self._packed = self._more()
                if not self._packed:
                    raise ArchiveError(f"this ends in the middle of its {self._name} stream")
            try:
                found = self._member.decompress(self._packed, wanted)
            except self._error as error:
                raise ArchiveError(f"this is no whole {self._name} stream: {error}") from None
            self._packed = getattr(self._member, "unconsumed_tail", b"")
            if found:
                self._ordinary -= len(found)
                if self._ordinary < 0:
                    self._budget.charge(Cost.GROWTH, -self._ordinary)
                    self._ordinary = 0
                return found
        return b""

    def _more(self) -> bytes:
        piece = self._source.read(PIECE)
        self._ordinary += len(piece) * ORDINARY_GROWTH
        return piece

    def _rest(self) -> bool:
        """Whether the member has unpacked bytes that it was not asked for: zstd's keeps its input itself."""
        return getattr(self._member, "needs_input", True) is False

    def _next_member(self) -> bool:
        """Begin the next member; zeros at the end are padding (gzip file format, `gzip -l`)."""
        self._packed = self._member.unused_data or self._more()
        while self._packed and not self._packed.strip(b"\0"):
            self._packed = self._more()
        self._packed = self._packed.lstrip(b"\0") if self._name == "gzip" else self._packed
        self._ended = not self._packed
        if not self._ended:
            self._budget.charge(Cost.STREAMS)
            self._member = self._make()
        return not self._ended


def _gzip() -> _Unpacker:
    return zlib.decompressobj(wbits=31)


def _xz() -> _Unpacker:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MOST_DICTIONARY)


def _zstd() -> tuple[Callable[[], _Unpacker], type[Exception]]:
    """What unpacks a frame, and what it raises. Raises ArchiveError where there is nothing to do it with."""
    try:
        from compression.zstd import (  # type: ignore[import-not-found,unused-ignore]
            DecompressionParameter,
            ZstdDecompressor,
            ZstdError,
        )
    except ImportError:
        try:
            from backports.zstd import DecompressionParameter, ZstdDecompressor, ZstdError
        except ImportError:
            raise ArchiveError(NO_ZSTD) from None
    options = {int(DecompressionParameter.window_log_max): LARGEST_WINDOW}
    return partial(ZstdDecompressor, None, options), ZstdError


def _is_skippable(head: bytes) -> bool:
    """A skippable frame, with which zstd:chunked may begin (RFC 8878, 3.1.2)."""
    return len(head) >= 4 and 0x50 <= head[0] <= 0x5F and head[1:4] == b"\x2a\x4d\x18"
