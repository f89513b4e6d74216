"""What cannot have changed, on disk: facts by image ID, files by layer; and each engine's last known state.

The file may be deleted at any time. It is readable by its owner alone, and holds no value that
looks secret: documents are masked before they come here. When it cannot be used, imgtui works
without it and `problem` says why.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.image import EngineInfo, Layer
from imgtui.store.cached import layer_lists, records

SCHEMA = 2
"""A cache of another schema is thrown away: everything in it can be asked for again.

Who teaches the masks another kind of secret counts it up: what is here was masked when it came.
"""

UNREADABLE = (ValueError, TypeError, KeyError, zlib.error)
"""What a record of another shape raises: it is as good as none."""

TABLES = (
    """
CREATE TABLE IF NOT EXISTS facts (
    store TEXT NOT NULL, image_id TEXT NOT NULL, layers TEXT NOT NULL, document BLOB NOT NULL,
    PRIMARY KEY (store, image_id));
CREATE TABLE IF NOT EXISTS snapshot (
    endpoint TEXT PRIMARY KEY, taken REAL NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS blobs (image_id TEXT PRIMARY KEY, sizes TEXT NOT NULL);
"""
    + layer_lists.TABLE
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What an engine held at a time, in seconds since the epoch."""

    info: EngineInfo
    catalog: Catalog
    taken: float


class Cache:
    """One file, safe to use from several threads and several processes."""

    def __init__(self, path: Path | None) -> None:
        self.problem: str | None = None
        self._lock = threading.Lock()
        self._connection = self._open(path)
        self.layer_lists = layer_lists.LayerLists(self._read, self._write)

    def layers(self, store: str) -> Iterator[tuple[str, tuple[Layer, ...]]]:
        """Image ID and layers of everything that is known of one kind of store.

        Sizes of layers differ between kinds of stores, also where IDs are equal.
        """
        for image_id, text in self._read("SELECT image_id, layers FROM facts WHERE store = ?", store):
            with contextlib.suppress(*UNREADABLE):
                yield image_id, tuple([Layer(diff_id, size) for diff_id, size in json.loads(text)])

    def document(self, store: str, image_id: str) -> str | None:
        """The document of an image, if it is known."""
        query = "SELECT document FROM facts WHERE store = ? AND image_id = ?"
        for (body,) in self._read(query, store, image_id):
            with contextlib.suppress(*UNREADABLE):
                return zlib.decompress(body).decode()
        return None

    def keep_facts(self, store: str, known: Iterable[tuple[str, tuple[Layer, ...], str]]) -> None:
        """Keep image ID, layers and document of images."""
        rows = [
            (
                store,
                image_id,
                json.dumps([[layer.diff_id, layer.size] for layer in layers], separators=(",", ":")),
                zlib.compress(document.encode()),
            )
            for image_id, layers, document in known
        ]
        self._write("INSERT OR IGNORE INTO facts VALUES (?, ?, ?, ?)", rows)

    def blobs(self, image_id: str) -> Mapping[str, int] | None:
        """What a containerd store holds of an image, if it is known: the bytes of each blob, by digest."""
        for (text,) in self._read("SELECT sizes FROM blobs WHERE image_id = ?", image_id):
            with contextlib.suppress(*UNREADABLE):
                return {str(digest): int(size) for digest, size in json.loads(text)}
        return None

    def keep_blobs(self, known: Mapping[str, Mapping[str, int]]) -> None:
        """Keep the bytes of the blobs of images, by image ID: more may be known than before."""
        rows = [(image_id, json.dumps(list(sizes.items()))) for image_id, sizes in known.items()]
        self._write("INSERT OR REPLACE INTO blobs VALUES (?, ?)", rows)

    def snapshot(self, endpoint: str) -> Snapshot | None:
        """The last known state of the engine at an endpoint."""
        for taken, body in self._read("SELECT taken, body FROM snapshot WHERE endpoint = ?", endpoint):
            with contextlib.suppress(*UNREADABLE):
                info, catalog = records.read(zlib.decompress(body).decode())
                return Snapshot(info, catalog, taken)
        return None

    def keep_snapshot(self, endpoint: str, snapshot: Snapshot) -> None:
        """Replace the last known state of the engine at an endpoint."""
        body = zlib.compress(records.write(snapshot.info, snapshot.catalog).encode(), 1)
        self._write("INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?)", [(endpoint, snapshot.taken, body)])

    def check(self) -> None:
        """Read every page; `problem` says what is broken."""
        for (found,) in self._read("PRAGMA quick_check(1)"):
            if found != "ok":
                self.problem = f"the cache is damaged: {found}"

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _read(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        """The rows that are found; none where the file is broken."""
        try:
            with self._lock:
                return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            self.problem = f"the cache cannot be read: {error}"
            return []

    def _write(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        try:
            with self._lock, self._connection:
                self._connection.executemany(statement, rows)
        except sqlite3.Error as error:
            self.problem = f"the cache cannot be written: {error}"

    def _open(self, path: Path | None) -> sqlite3.Connection:
        if path is not None:
            for attempt in (1, 2):
                try:
                    return _connect(path)
                except sqlite3.OperationalError as error:  # locked or out of reach, not broken
                    self.problem = f"{path}: {error}"
                    break
                except sqlite3.DatabaseError as error:
                    self.problem = f"{path}: {error}"
                    if attempt == 1:
                        _delete(path)
                except OSError as error:
                    self.problem = f"{path}: {error.strerror}"
                    break
        connection = sqlite3.connect(":memory:", check_same_thread=False)
        connection.executescript(TABLES)
        return connection


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=True)
    connection = sqlite3.connect(path, check_same_thread=False, timeout=5)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        (schema,) = connection.execute("PRAGMA user_version").fetchone()
        if schema not in {0, SCHEMA}:
            connection.executescript(
                "DROP TABLE IF EXISTS facts; DROP TABLE IF EXISTS snapshot; DROP TABLE IF EXISTS layer_files;"
                " DROP TABLE IF EXISTS blobs;"
            )
        connection.executescript(TABLES)
        if schema != SCHEMA:
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _delete(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(OSError):
            path.with_name(path.name + suffix).unlink()
