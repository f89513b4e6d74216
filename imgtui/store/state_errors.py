"""Why a state file cannot be used: cause and remedy in one line, from what SQLite or the system says."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path
from typing import Final

from imgtui.model.core.printable import printable

PRIMARY: Final = 0xFF
"""The low byte of an extended code is the primary one: BUSY_SNAPSHOT is a BUSY (sqlite.org/rescode.html)."""
LOCKED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
OF_DISK: Final = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
)
DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
MOVED: Final = 1032
"""SQLITE_READONLY_DBMOVED: the file was renamed or removed while it was open."""
_ROOM: Final = "free some room on that disk"
_WRITABLE: Final = "mount the disk writable, or use --state with another folder"
_RIGHTS: Final = "see to the rights of the folder, or use --state with another one"
_OF_SYSTEM: Final = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EROFS: _WRITABLE,
    errno.EIO: "see to the disk: dmesg says more",
}


class StateUnusable(Exception):
    """The state file cannot be used. The message is one line, safe for a terminal: `cause: remedy`."""

    def __init__(self, cause: str, *, passing: bool = False, locked: bool = False) -> None:
        super().__init__(printable(cause, 500))
        self.passing = passing
        """Whether it can be used again without a new start: nobody has to touch the file."""
        self.locked = locked
        """Whether another program holds it: to try again is enough."""


class CannotWrite(StateUnusable):
    """The disk, or the rights on it, let nobody write the file; it can be read."""


def primary(error: sqlite3.Error) -> int:
    """The primary code of an error; 0 where it has none, as one of Python's own has."""
    return getattr(error, "sqlite_errorcode", 0) & PRIMARY


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken."""
    return primary(error) in DAMAGED


def of_sqlite(error: sqlite3.Error, path: Path | None) -> StateUnusable:
    """What SQLite refused."""
    file = f"the state file {path}" if path is not None else "the tag log in memory"
    code = primary(error)
    if code in LOCKED:
        remedy = "try again, or end that program, which fuser -v names"
        return StateUnusable(
            f"{file} cannot be used, another program has it locked ({error}): {remedy}",
            passing=True,
            locked=True,
        )
    if code in OF_DISK and (said := _of_disk(path)) is not None:
        return CannotWrite(f"{file} cannot be written ({said[0]}): {said[1]}")
    if code == sqlite3.SQLITE_FULL:
        return CannotWrite(f"{file} cannot be written ({error}): {_ROOM}")
    if getattr(error, "sqlite_errorcode", 0) == MOVED:
        return StateUnusable(f"{file} was moved or removed while it was used: start imgtui again")
    remedies = {
        sqlite3.SQLITE_READONLY: _WRITABLE,
        sqlite3.SQLITE_CANTOPEN: _RIGHTS,
        sqlite3.SQLITE_PERM: _RIGHTS,
        sqlite3.SQLITE_IOERR: "see to the disk: dmesg says more",
        sqlite3.SQLITE_CORRUPT: "start imgtui again, which sets a damaged file aside",
        sqlite3.SQLITE_NOTADB: "start imgtui again, which sets a damaged file aside",
        sqlite3.SQLITE_ERROR: "restore it from a backup, or move it away to begin a new one",
    }
    made = CannotWrite if code in OF_DISK else StateUnusable
    return made(f"{file} cannot be used ({error}): {remedies.get(code, 'start imgtui again')}")


def of_system(error: OSError, path: Path) -> StateUnusable:
    """What the system refused."""
    remedy = _OF_SYSTEM.get(error.errno or 0, _RIGHTS)
    return CannotWrite(f"the state file {path} cannot be written ({error.strerror}): {remedy}")


def _of_disk(path: Path | None) -> tuple[str, str] | None:
    """What is wrong with the disk under a file, and what to do: SQLite says only that it could not."""
    if path is None:
        return None
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return None
    if disk.f_flag & os.ST_RDONLY:
        return "the disk is read-only", _WRITABLE
    return ("the disk is full", _ROOM) if not disk.f_bavail else None
