"""Where the stored bytes of a sparse file belong ("Sparse Formats" of the GNU tar manual)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from imgtui.engine.archive.errors import ArchiveError

MOST_PIECES: Final = 100_000
"""Pieces of one file whose places are held."""
_BLOCK: Final = 512
_DIGITS: Final = 20


class Stored(NamedTuple):
    """A piece of a file that is stored; between pieces are holes."""

    offset: int
    size: int


class Content(Protocol):
    """The content of the entry that has the map."""

    def read(self, size: int) -> bytes:
        """At most so many bytes."""


def old_gnu_pieces(block: bytes, start: int, count: int) -> list[int]:
    """Offsets and sizes in a header of type `S`, or in a block after it. Raises ArchiveError."""
    numbers: list[int] = []
    for at in range(start, start + count * 24, 24):
        if not block[at]:
            break
        numbers += [_octal(block[at : at + 12]), _octal(block[at + 12 : at + 24])]
    return numbers


def pax_map(extra: Mapping[str, str], content: Content) -> list[Stored]:
    """The map of formats 0.0 and 0.1, which is in the pax header, or of 1.0, which is before the content.

    Raises ArchiveError.
    """
    if extra.get("GNU.sparse.major") == "1":
        return pieces_of(_numbers_before(content))
    told = extra.get("GNU.sparse.map", "")
    if told.count(",") >= 2 * MOST_PIECES:
        raise too_many_pieces()
    return pieces_of([_decimal(text) for text in told.split(",")] if told else [])


def _numbers_before(content: Content) -> list[int]:
    """Decimal numbers, each on its line, the first one the count of pieces; filled up to whole blocks."""
    lines: list[bytes] = []
    rest = b""
    wanted = 1
    while len(lines) < wanted:
        block = _block(content)
        *whole, rest = (rest + block).split(b"\n")
        lines += whole
        if lines:
            count = _decimal(lines[0].decode("ascii", "replace"))
            if count > MOST_PIECES:
                raise too_many_pieces()
            wanted = 1 + 2 * count
        if len(rest) > _DIGITS and len(lines) < wanted:
            raise ArchiveError("the map of a sparse file is damaged")
    return [_decimal(line.decode("ascii", "replace")) for line in lines[1:wanted]]


def _block(content: Content) -> bytes:
    block = b""
    while len(block) < _BLOCK:
        piece = content.read(_BLOCK - len(block))
        if not piece:
            raise ArchiveError("the map of a sparse file is cut off")
        block += piece
    return block


def pieces_of(numbers: Sequence[int]) -> list[Stored]:
    """The pieces that offsets and sizes in turn tell of. Raises ArchiveError."""
    if len(numbers) % 2:
        raise ArchiveError("the map of a sparse file is damaged")
    pieces = [Stored(offset, size) for offset, size in zip(numbers[::2], numbers[1::2], strict=True)]
    end = 0
    for piece in pieces:
        if piece.offset < end or piece.size < 0:
            raise ArchiveError("the map of a sparse file goes backwards")
        end = piece.offset + piece.size
    return pieces


def _decimal(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > _DIGITS:
        raise ArchiveError("the map of a sparse file is damaged")
    return int(text)


def _octal(field: bytes) -> int:
    if field[0] & 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b"\0 ")
    try:
        return int(digits, 8) if digits else 0
    except ValueError:
        raise ArchiveError("the map of a sparse file is damaged") from None


def too_many_pieces() -> ArchiveError:
    """A file has more pieces than are held."""
    return ArchiveError(f"a sparse file has more than {MOST_PIECES} pieces")
