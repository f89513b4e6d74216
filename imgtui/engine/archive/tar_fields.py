"""The fields of tar headers, and the records of pax headers."""

from __future__ import annotations

from typing import Final

from imgtui.engine.archive.budget import Budget, Cost
from imgtui.engine.archive.errors import ArchiveError

_LINE_FEED: Final = 0x0A
_SPARSE: Final = frozenset({"GNU.sparse.offset", "GNU.sparse.numbytes"})
"""Sparse format 0.0 has a record of each for every piece of a file."""
_UNDERSTOOD: Final = frozenset({b"path", b"linkpath", b"uname", b"gname", b"uid", b"gid", b"mtime", b"size"})
_PREFIXES: Final = (b"SCHILY.xattr.", b"GNU.sparse.")


def text(field: bytes) -> str:
    """A text, up to a NUL; bytes that are no UTF-8 become lone surrogates."""
    end = field.find(b"\0")
    return (field if end < 0 else field[:end]).decode("utf-8", "surrogateescape")


def number(field: bytes) -> int:
    """A number: octal digits, or GNU's base 256. Raises ArchiveError."""
    if field[0] & 0x80:
        value = int.from_bytes(field, "big")
        bits = len(field) * 8
        return value - (1 << bits) if field[0] & 0x40 else value - (1 << (bits - 1))
    end = field.find(b"\0")
    digits = (field if end < 0 else field[:end]).strip()
    try:
        return int(digits, 8) if digits else 0
    except ValueError:
        raise ArchiveError("this is no tar, or it is damaged: a number of a header is none") from None


def read_pax(content: bytes, budget: Budget) -> dict[str, str]:
    """The records of a pax header that are understood: `LENGTH KEY=VALUE` and a line feed.

    Raises ArchiveError.
    """
    at = 0
    numbers: list[str] = []
    into: dict[str, str] = {}
    budget.charge(Cost.RECORDS, content.count(b"=") + 1)
    while at < len(content) and content[at] != 0:
        space = content.find(b" ", at, at + 20)
        try:
            length = int(content[at:space])
        except ValueError:
            length = 0
        record = content[space + 1 : at + length - 1]
        key, separator, value = record.partition(b"=")
        ended = at + length <= len(content) and content[at + length - 1] == _LINE_FEED
        if space < 0 or length <= space - at or not ended or not separator:
            raise ArchiveError("a pax header is damaged")
        at += length
        if key not in _UNDERSTOOD and not key.startswith(_PREFIXES):
            continue
        name = key.decode("utf-8", "surrogateescape")
        text = value.decode("utf-8", "surrogateescape")
        if name in _SPARSE:
            numbers.append(text)
        elif text:
            into[name] = text
        else:
            into.pop(name, None)
    if numbers:
        into["GNU.sparse.map"] = ",".join(numbers)
    return into
