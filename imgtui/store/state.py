"""The state file: what cannot be asked for again. One SQLite file, never rebuilt, migrated forward.

It is its owner's alone (0600). A file that cannot be used is never overwritten: what is damaged or empty is
set aside, what is newer, read-only, of another program or somebody else's is left alone, and `StateUnusable`
says why in one line.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote

from imgtui.store.rows import Unread
from imgtui.store.state_errors import (
    LOCKED,
    CannotWrite,
    StateUnusable,
    is_damage,
    of_sqlite,
    of_system,
    primary,
)
from imgtui.store.state_place import check_file, check_folder, keep_from_others, let_group_read

__all__ = ["APPLICATION_ID", "BUSY_SECONDS", "MIGRATIONS", "State", "StateUnusable", "set_aside"]

BUSY_SECONDS: Final = 10
"""The longest time that another program is waited for; transactions of imgtui take milliseconds."""
HURRIED_SECONDS: Final = 1.0
"""The same for whoever has something else to do that must not wait."""
STILL_BUSY_SECONDS: Final = 0.25
"""The same for whoever is in a hurry, while the file was locked the last time too."""

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
    """
    CREATE TABLE facts (
        number INTEGER PRIMARY KEY AUTOINCREMENT, store TEXT NOT NULL, image TEXT NOT NULL,
        bytes INTEGER NOT NULL, body BLOB NOT NULL, UNIQUE (store, image));
    """,
    """
    CREATE TABLE places (
        engine TEXT NOT NULL, reported TEXT NOT NULL, address TEXT NOT NULL, host TEXT NOT NULL,
        name TEXT NOT NULL, root TEXT NOT NULL, store TEXT NOT NULL, run TEXT NOT NULL, seen INTEGER NOT NULL,
        PRIMARY KEY (engine, reported, address)) WITHOUT ROWID;
    """,
    """
    CREATE TABLE notices (
        engine TEXT NOT NULL, repository TEXT NOT NULL, image TEXT NOT NULL, since INTEGER NOT NULL,
        boot TEXT NOT NULL, seconds REAL NOT NULL, PRIMARY KEY (engine, repository, image)) WITHOUT ROWID;
    CREATE TABLE clock (
        one INTEGER PRIMARY KEY CHECK (one = 1), boot TEXT NOT NULL, ahead INTEGER NOT NULL,
        steady REAL NOT NULL);
    CREATE TABLE answers (engine TEXT PRIMARY KEY, answer TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
    """,
    "ALTER TABLE acts ADD COLUMN after INTEGER;",
    "CREATE TABLE settings (path TEXT UNIQUE NOT NULL);",
    "ALTER TABLE acts ADD COLUMN begun_as TEXT;",
)
"""From each schema version to the next: a file of version N has had the first N."""

APPLICATION_ID: Final = 0x696D6774
"""`imgt`: by this a SQLite file says whose it is (sqlite.org/pragma.html#pragma_application_id)."""
FIRST_TABLES: Final = frozenset({"engines", "tags", "moves", "images", "seen", "acts", "intents"})
"""By these a file is known that an imgtui wrote before it marked its files."""


class State:
    """The state file, safe to use from several threads and several processes."""

    def __init__(
        self, path: Path | None, *, group: int | None = None, connection: sqlite3.Connection | None = None
    ) -> None:
        """Open or begin the file; None is one in memory. A `group` (its number) may read it.

        Raises StateUnusable.
        """
        self._path = path
        self._lock = threading.RLock()
        self.unread = Unread()
        """The rows that were not understood when they were read."""
        self._commits = 0
        self._hurry = threading.local()
        self._was_locked = False
        self.refused: StateUnusable | None = None
        """Why it can only be read; None where it can be written."""
        if path is None or connection is not None:
            self._connection = connection or _in_memory()
            return
        try:
            self._connection = _open(path, group)
        except CannotWrite as error:
            self.refused = error
            self._connection = _read_at_least(path, error)

    @classmethod
    def for_reading(cls, path: Path) -> Self:
        """The file of somebody else, who lets one read it: nothing of it is changed. Raises StateUnusable."""
        try:
            return cls(path, connection=_reading(path))
        except sqlite3.Error as error:
            raise of_sqlite(error, path) from error

    @property
    def path(self) -> Path | None:
        """Where the file is; None for one in memory."""
        return self._path

    @contextlib.contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, beside which no other process writes.

        Raises StateUnusable: then nothing changed.
        """
        if self.refused is not None:
            raise self.refused
        with self._lock, self._understood():
            self._begin()
            try:
                yield self._connection
                self._connection.execute("COMMIT")
                self._commits += 1
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def hurried(self) -> Iterator[None]:
        """In this thread, a write gives up soon where another program has the file locked."""
        before = self._in_a_hurry
        self._hurry.on = True
        try:
            yield
        finally:
            self._hurry.on = before

    @property
    def _in_a_hurry(self) -> bool:
        return bool(getattr(self._hurry, "on", False))

    def _begin(self) -> None:
        """Wait for the lock. Whoever is in a hurry waits on only while others write one after the other."""
        hurried = STILL_BUSY_SECONDS if self._was_locked else HURRIED_SECONDS
        seconds = hurried if self._in_a_hurry else BUSY_SECONDS
        self._connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
        deadline = time.monotonic() + BUSY_SECONDS
        self._was_locked = True
        while True:
            written = _number(self._connection, "data_version")
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                break
            except sqlite3.OperationalError as error:
                goes_on = written != _number(self._connection, "data_version")
                if primary(error) not in LOCKED or not goes_on or time.monotonic() > deadline:
                    raise
        self._was_locked = False

    @property
    def version(self) -> tuple[int, int]:
        """Something that differs after every change of the file, whoever made it; asking costs microseconds.

        Raises StateUnusable.
        """
        with self.reading() as file:
            # Of this connection it tells no change of its own: SQLite's documentation of `data_version`.
            (others,) = file.execute("PRAGMA data_version").fetchone()
            return others, self._commits

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
            raise of_sqlite(error, self._path) from error


def _in_memory() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    _migrate(connection)
    return connection


def _open(path: Path, group: int | None) -> sqlite3.Connection:
    check_folder(path.parent)
    found = check_file(path)
    if found is None:
        _create(path)
    elif found.st_size == 0:
        aside = set_aside(path)
        raise StateUnusable(
            f"the state file was empty (0 bytes), as a crash can leave it, and is set aside as {aside}:"
            f" restore {path} from a backup, or start again to begin a new log"
        )
    if group is not None:
        let_group_read(path, group)
    try:
        return _connect(path, shared=group is not None)
    except sqlite3.Error as error:
        if not is_damage(error):
            raise of_sqlite(error, path) from error
        aside = set_aside(path)
        raise StateUnusable(
            f"the state file was damaged ({error}): it is set aside as {aside}, the next start begins anew"
        ) from error


def _create(path: Path) -> None:
    """Make a new file whole, and only then give it its name: nobody ever sees an empty one."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.new-", dir=path.parent)
        os.close(descriptor)
        made = Path(name)
        try:
            connection = _begin(made)
            connection.close()
            _give_name(made, path)
        finally:
            made.unlink(missing_ok=True)
    except OSError as error:
        raise of_system(error, path) from error
    except sqlite3.Error as error:
        raise of_sqlite(error, path) from error


def _begin(path: Path) -> sqlite3.Connection:
    connection = _connection(path)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _give_name(made: Path, path: Path) -> None:
    """What another imgtui has made meanwhile stays."""
    with contextlib.suppress(FileExistsError):
        try:
            path.hardlink_to(made)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            if not path.exists():
                made.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _connection(path: Path, mode: str = "mode=rw") -> sqlite3.Connection:
    """A connection to a file that is there: SQLite makes none."""
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?{mode}",
        uri=True,
        check_same_thread=False,
        timeout=BUSY_SECONDS,
        isolation_level=None,
    )
    # Bytes that are no UTF-8 must not end the reading of all other rows.
    connection.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
    return connection


def _connect(path: Path, *, shared: bool) -> sqlite3.Connection:
    connection = _connection(path)
    try:
        _refuse_foreign(connection, path)
        _refuse_newer(_number(connection, "user_version"))
        keep_from_others(path, shared=shared)
        # A move that was recorded outlives a power failure: WAL with full synchronisation.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        _check(connection)
        _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _read_at_least(path: Path, refused: CannotWrite) -> sqlite3.Connection:
    """What was recorded is there also while the disk is full or read-only. Else it raises `refused`."""
    try:
        return _reading(path)
    except (sqlite3.Error, StateUnusable):
        raise refused from None


def _reading(path: Path) -> sqlite3.Connection:
    """`imgtui.store.machine` says why there are two ways."""
    wal = path.with_name(f"{path.name}-wal")
    holds_news = wal.exists() and wal.stat().st_size > 0
    connection = _connection(path, "mode=ro" if holds_news else "mode=ro&immutable=1")
    try:
        _refuse_foreign(connection, path)
        version = _number(connection, "user_version")
        _refuse_newer(version)
        _refuse_older(version, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection) -> None:
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        damage = sqlite3.DatabaseError(found)
        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damage


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    (number,) = connection.execute(f"PRAGMA {pragma}").fetchone()
    return int(number)


def _refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    """Nothing is written into the database of another program."""
    mark = _number(connection, "application_id")
    if mark == APPLICATION_ID:
        return
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    begun = not tables and not _number(connection, "user_version")
    if mark or not (begun or tables >= FIRST_TABLES):
        raise StateUnusable(
            f"{path} is the database of another program: use --state with another folder, or move it away"
        )


def _refuse_newer(version: int) -> None:
    if version > len(MIGRATIONS):
        raise StateUnusable(
            "the state file was written by a newer imgtui: use that one, or another file with --state"
        )


def _refuse_older(version: int, path: Path) -> None:
    """Who cannot write a file cannot migrate it."""
    if version < len(MIGRATIONS):
        raise StateUnusable(f"{path} was written by an older imgtui: start its recorder with this version")


def _migrate(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _number(connection, "user_version")  # another imgtui may have been here meanwhile
        _refuse_newer(version)
        for number in range(version, len(MIGRATIONS)):
            for statement in MIGRATIONS[number].split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
        if _number(connection, "application_id") != APPLICATION_ID:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
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
