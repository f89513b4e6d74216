"""Headers of tar entries: ustar (POSIX.1-1988), with GNU's sizes above 8 GiB and GNU's sparse files."""

from __future__ import annotations

from typing import Final

from imgtui.engine.archive.tar import BLOCK

_MOST_OCTAL: Final = 8**11


def header(
    name: str, size: int, *, kind: bytes = b"0", mode: int = 0o644, mtime: int = 0, link: str = ""
) -> bytes:
    """The header of an entry. Raises ValueError for a name or target of more than 100 bytes."""
    return _summed(_fields(name, size, mode, mtime), kind + _field(link, 100) + b"ustar\00000")


def sparse_header(name: str, stored: int, size: int, *, mode: int = 0o644, mtime: int = 0) -> bytes:
    """The header of a file of `size` bytes, of which only the first `stored` are in the archive."""
    rest = b"S" + bytes(100) + b"ustar  \0"
    rest = rest.ljust(386 - 156, b"\0") + b"%011o\0%011o\0" % (0, stored)
    return _summed(_fields(name, stored, mode, mtime), rest.ljust(483 - 156, b"\0") + _number(size))


def _fields(name: str, size: int, mode: int, mtime: int) -> bytes:
    return _field(name, 100) + b"%07o\0%07o\0%07o\0%s%011o\0" % (mode, 0, 0, _number(size), mtime)


def _field(text: str, width: int) -> bytes:
    encoded = text.encode("utf-8", "surrogateescape")
    if len(encoded) > width:
        raise ValueError(text)
    return encoded.ljust(width, b"\0")


def _number(value: int) -> bytes:
    return b"%011o\0" % value if value < _MOST_OCTAL else b"\x80" + value.to_bytes(11, "big")


def _summed(fields: bytes, rest: bytes) -> bytes:
    """Both halves, with the sum of all bytes between them; it counts as spaces itself."""
    total = sum(fields) + 8 * 0x20 + sum(rest)
    return (fields + b"%06o\0 " % total + rest).ljust(BLOCK, b"\0")
