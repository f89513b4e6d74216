"""The one way in which a row of the state file is read: understood whole, or left alone, counted and said.

A file can have been written by a later imgtui, by another program, or by a disk that fails. What is in a row
is checked as if it came from an engine: its type, its range, and that its text is safe for a terminal.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar

from imgtui.model.core.printable import printable, safe_for_terminal

LATEST: Final = 9_000_000_000_000_000_000
"""The last number, and the last time in nanoseconds (the year 2255): what is beyond cannot be counted up."""
LATEST_SECOND: Final = 253_402_300_799
"""The last second of the year 9999: no later one can be shown."""
EARLIEST_SECOND: Final = -62_135_596_800
"""The first second of the year 1."""
LONGEST: Final = 4096
"""Characters of a text."""
_SHOWN: Final = 3

_LAST: Final = {
    table: f"SELECT COALESCE(MAX(number), 0) FROM {table} WHERE number < ?"  # noqa: S608 - names of ours
    for table in ("moves", "seen", "acts", "pulls", "facts")
}

Row = tuple[Any, ...]
Made = TypeVar("Made")


class RowNotUnderstood(ValueError):
    """A value of a row that is not what this version writes."""


class Unread:
    """The rows that were not understood; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[str, None] = {}

    def add(self, table: str, key: object) -> str:
        """One more; what it is called."""
        name = f"row {printable(key, 100)} of {table}"
        with self._lock:
            self._rows[name] = None
        return name

    def __bool__(self) -> bool:
        return bool(self._rows)

    @property
    def words(self) -> str | None:
        """One line: `cause: remedy`; None where every row was understood."""
        with self._lock:
            names = list(self._rows)
        if not names:
            return None
        shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
        what = "row of the state file is" if len(names) == 1 else "rows of the state file are"
        return (
            f"{len(names)} {what} not understood ({shown}) and left alone:"
            " a newer imgtui reads what it wrote, a damaged file is restored from a backup"
        )


def understood(
    unread: Unread,
    table: str,
    rows: Iterable[Row],
    make: Callable[..., Made],
    *,
    instead: Callable[[Row, str], Made] | None = None,
) -> Iterator[Made]:
    """What `make` makes of each row; `instead` of one that it does not understand, else nothing.

    The first column is what the row is called by. `make` raises ValueError, as every check here does.
    """
    for row in rows:
        try:
            made = make(*row)
        except (ValueError, TypeError, KeyError, RecursionError):
            name = unread.add(table, row[0])
            if instead is not None:
                yield instead(row, name)
        else:
            yield made


def text(value: object, longest: int = LONGEST) -> str:
    """A text in one line. Raises RowNotUnderstood."""
    if not isinstance(value, str) or len(value) > longest or not safe_for_terminal(value):
        raise RowNotUnderstood("a text in one line is wanted")
    return value


def text_or_none(value: object) -> str | None:
    """A text in one line, or nothing. Raises RowNotUnderstood."""
    return None if value is None else text(value)


def lines(value: object) -> str:
    """A text of any length, which is made safe where it is shown. Raises RowNotUnderstood."""
    if not isinstance(value, str) or (not value.isascii() and _has_raw_bytes(value)):
        raise RowNotUnderstood("a text is wanted")
    return value


def whole(value: object, least: int = -LATEST, most: int = LATEST) -> int:
    """A whole number. Raises RowNotUnderstood."""
    if not isinstance(value, int) or not least <= value <= most:
        raise RowNotUnderstood(f"a whole number from {least} to {most} is wanted")
    return value


def whole_or_none(value: object) -> int | None:
    """A whole number, or nothing. Raises RowNotUnderstood."""
    return None if value is None else whole(value)


def next_number(file: sqlite3.Connection, table: str) -> int:
    """The number of the next row of a table; SQLite's own ends where a row has the last of 64 bits."""
    ever = file.execute(
        "SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = ? AND seq < ?", (table, LATEST)
    ).fetchone()
    now = file.execute(_LAST[table], (LATEST,)).fetchone()
    return 1 + max(int(ever[0]), int(now[0]))


def _has_raw_bytes(value: str) -> bool:
    """Whether it holds bytes that are no UTF-8: `State` reads them as surrogates."""
    return any(0xDC80 <= ord(char) <= 0xDCFF for char in value)
