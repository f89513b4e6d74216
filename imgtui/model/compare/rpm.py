"""Names and versions of packages in an rpm database of the SQLite form.

Its table `Packages` has a header of each package (rpm, `lib/backend/sqlite.c`); the form of headers is in
rpm's `docs/manual/format_header.md`. What is read is from an image, and may be made to do harm: only rows of
a plain table are asked for, with a limit to what SQLite may do for it.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Final

_NAME, _VERSION, _RELEASE, _EPOCH, _ARCHITECTURE = 1000, 1001, 1002, 1003, 1022
_INT32, _STRING = 4, 6
_ENTRY: Final = struct.Struct(">IiiI")
_LARGEST_HEADER: Final = 64 * 1024 * 1024
_STEPS: Final = 10_000
_MOST_CALLS: Final = 20_000
"""SQLite is stopped after so many times so many steps: ten times what a thousand packages take."""


def read_rpm(content: bytes) -> Mapping[str, str]:
    """`NAME.ARCHITECTURE` -> `EPOCH:VERSION-RELEASE`; nothing where it is no such database, or is damaged."""
    found: dict[str, str] = {}
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            # An image has it in the form for a write-ahead log, which only a file can have: bytes 18 and 19.
            database.deserialize(content[:18] + b"\1\1" + content[20:])
            for header in _headers(database):
                found.update(_package(header))
    except (sqlite3.Error, struct.error, OverflowError, ValueError):
        return {}
    return found


def _headers(database: sqlite3.Connection) -> Iterator[bytes]:
    calls = 0

    def stop() -> bool:
        nonlocal calls
        calls += 1
        return calls > _MOST_CALLS

    database.set_progress_handler(stop, _STEPS)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_HEADER)
    database.execute("PRAGMA trusted_schema = OFF")
    plain = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'Packages'"
    for (sql,) in database.execute(plain).fetchall():
        if isinstance(sql, str) and "virtual" not in sql.lower() and "generated" not in sql.lower():
            for (blob,) in database.execute("SELECT blob FROM Packages"):
                if isinstance(blob, bytes):
                    yield blob


def _package(header: bytes) -> Iterator[tuple[str, str]]:
    """Index entries, then the store that they point into, all big endian."""
    entries, size = struct.unpack_from(">II", header)
    start = 8 + entries * _ENTRY.size
    if entries > len(header) // _ENTRY.size or start + size > len(header):
        return
    values: dict[int, str] = {}
    for number in range(entries):
        tag, kind, offset, _ = _ENTRY.unpack_from(header, 8 + number * _ENTRY.size)
        at = start + offset
        if not start <= at < len(header):
            continue
        if tag in {_NAME, _VERSION, _RELEASE, _ARCHITECTURE} and kind == _STRING:
            end = header.find(b"\0", at)
            values[tag] = header[at : end if end >= 0 else None].decode("utf-8", "backslashreplace")
        elif tag == _EPOCH and kind == _INT32:
            values[tag] = str(struct.unpack_from(">I", header, at)[0])
    if _NAME in values and _VERSION in values:
        epoch = f"{values[_EPOCH]}:" if _EPOCH in values else ""
        name = f"{values[_NAME]}.{values[_ARCHITECTURE]}" if _ARCHITECTURE in values else values[_NAME]
        yield name, f"{epoch}{values[_VERSION]}-{values.get(_RELEASE, '')}"
