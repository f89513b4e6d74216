"""The state file: what cannot be asked for again. One SQLite file, never rebuilt, migrated forward.

It is its owner's alone (0600). A file that cannot be used is never overwritten: what is damaged is set aside,
what is newer, read-only or somebody else's is left alone, and `StateUnusable` says why in one line.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from imgtui.model.printable import printable

BUSY_SECONDS: Final = 10
"""The longest time that another imgtui is waited for; its transactions take milliseconds."""

Migration = str

MIGRATIONS: Final[Sequence[Migration]] = (
    """
    CREATE TABLE engines (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, confirmed INTEGER NOT NULL,
        evidence INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE tags (
        engine TEXT NOT NULL, reference TEXT NOT NULL, target TEXT,
        boot TEXT NOT NULL, answered REAL NOT NULL,
        PRIMARY KEY (engine, reference)) WITHOUT ROWID;
    CREATE INDEX tags_of_image ON tags (engine, target);
    CREATE TABLE moves (
        number INTEGER PRIMARY KEY AUTOINCREMENT, engine TEXT NOT NULL, reference TEXT NOT NULL,
        origin TEXT, target TEXT, at INTEGER NOT NULL, not_before INTEGER, cause TEXT NOT NULL,
        known TEXT NOT NULL, source TEXT NOT NULL, actor TEXT NOT NULL, undoes INTEGER);
    CREATE INDEX moves_of_engine ON moves (engine, reference);
    CREATE TABLE images (
        engine TEXT NOT NULL, id TEXT NOT NULL, created INTEGER NOT NULL, size INTEGER NOT NULL,
        repo_digests TEXT NOT NULL,
        PRIMARY KEY (engine, id)) WITHOUT ROWID;
    CREATE TABLE seen (
        number INTEGER PRIMARY KEY AUTOINCREMENT, engine TEXT NOT NULL, key TEXT NOT NULL,
        UNIQUE (engine, key));
    CREATE TABLE acts (
        number INTEGER PRIMARY KEY AUTOINCREMENT, engine TEXT NOT NULL, title TEXT NOT NULL,
        command TEXT NOT NULL, begun INTEGER NOT NULL, ended INTEGER, outcome TEXT);
    CREATE TABLE intents (
        act INTEGER NOT NULL, engine TEXT NOT NULL, reference TEXT NOT NULL, target TEXT, cause TEXT NOT NULL,
        undoes INTEGER, PRIMARY KEY (act, reference)) WITHOUT ROWID;
    """,
    "ALTER TABLE acts ADD COLUMN progress TEXT;",
    """
    CREATE TABLE recipes (
        engine TEXT NOT NULL, repository TEXT NOT NULL, image TEXT NOT NULL, at INTEGER NOT NULL,
        words TEXT NOT NULL, PRIMARY KEY (engine, repository, image)) WITHOUT ROWID;
    """,
    """
    CREATE TABLE pulls (
        number INTEGER PRIMARY KEY AUTOINCREMENT, engine TEXT NOT NULL, image TEXT NOT NULL,
        name TEXT NOT NULL, UNIQUE (engine, image, name));
    """,
    "ALTER TABLE acts ADD COLUMN after INTEGER;",
)
"""From each schema version to the next: a file of version N has had the first N."""


class StateUnusable(Exception):
    """The state file cannot be used. The message is one line, safe for a terminal, with cause and remedy."""

    def __init__(self, cause: str, *, passing: bool = False) -> None:
        super().__init__(printable(cause, 500))
        self.passing = passing
        """Whether it can be used again when another program has let go of it."""


class State:
    """The state file, safe to use from several threads and several processes."""

    def __init__(self, path: Path | None) -> None:
        """Open or begin the file; None is one in memory. Raises StateUnusable."""
        self._path = path
        self._lock = threading.RLock()
        self._connection = _in_memory() if path is None else _open(path)

    @property
    def path(self) -> Path | None:
        """Where the file is; None for one in memory."""
        return self._path

    @contextlib.contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, beside which no other process writes.

        Raises StateUnusable: then nothing changed.
        """
        with self._lock, self._understood():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read. Raises StateUnusable."""
        with self._lock, self._understood():
            yield self._connection

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextlib.contextmanager
    def _understood(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            text = f"the state file {self._path or ''} cannot be used: {error}"
            raise StateUnusable(text, passing=_is_busy(error)) from error


def _is_busy(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", None) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _in_memory() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    _migrate(connection)
    return connection


def _open(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        owner = path.stat().st_uid
    except OSError as error:
        raise StateUnusable(
            f"the state file {path} cannot be written ({error.strerror}): see to the folder, or use --state"
        ) from error
    if owner != os.geteuid():
        raise StateUnusable(
            f"the state file {path} belongs to user {owner}: run as that user, or use --state"
        )
    try:
        return _connect(path)
    except sqlite3.OperationalError as error:  # locked, full or read-only, not broken
        text = f"the state file {path} cannot be used ({error}): see to the disk"
        raise StateUnusable(text, passing=_is_busy(error)) from error
    except sqlite3.DatabaseError as error:
        aside = set_aside(path)
        raise StateUnusable(
            f"the state file was damaged ({error}): it is set aside as {aside}, the next start begins anew"
        ) from error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        _refuse_newer(_version(connection))
        # A move that was recorded outlives a power failure: WAL with full synchronisation.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        _check(connection)
        _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection) -> None:
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(found)


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _refuse_newer(version: int) -> None:
    if version > len(MIGRATIONS):
        raise StateUnusable(
            "the state file was written by a newer imgtui: use that one, or another file with --state"
        )


def _migrate(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)  # another imgtui may have been here meanwhile
        _refuse_newer(version)
        for number in range(version, len(MIGRATIONS)):
            for statement in MIGRATIONS[number].split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def set_aside(path: Path, clock: Callable[[], float] = time.time) -> Path:
    """Rename a damaged file, with what belongs to it, to a name that nothing has; the name."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(clock()))
    aside, number = path.with_name(f"{path.name}.damaged-{stamp}"), 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{stamp}-{number}")
    for suffix in ("-wal", "-shm", ""):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside
