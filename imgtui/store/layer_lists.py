"""The lists of files of layers, in the cache: by diff ID, for all images that have the layer, for ever.

There is a limit in bytes: what was not used for longest goes first. A list holds names and digests, no
content.
"""

from __future__ import annotations

import contextlib
import json
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from imgtui.model.layer_files import Entry, Kind, LayerFiles

LIMIT: Final = 500_000_000
"""Bytes of all lists: a list of 30,000 files has 2 MB, as digests of content cannot be packed."""
FORM: Final = 1
"""Lists of another form are as good as none."""
TABLE: Final = """
CREATE TABLE IF NOT EXISTS layer_files (
    diff_id TEXT PRIMARY KEY, form INTEGER NOT NULL, used INTEGER NOT NULL, bytes INTEGER NOT NULL,
    body BLOB NOT NULL);
"""
UNREADABLE: Final = (ValueError, TypeError, KeyError, IndexError, zlib.error, RecursionError)
_DIGEST: Final = 32
_KINDS: Final = tuple(Kind)

Read = Callable[..., list[tuple[Any, ...]]]
Write = Callable[[str, Sequence[tuple[object, ...]]], None]


class LayerLists:
    """The lists that are kept; safe to use as `Cache` is, whose file they are in."""

    def __init__(self, read: Read, write: Write, *, limit: int = LIMIT) -> None:
        self._read = read
        self._write = write
        self._limit = limit

    def get(self, diff_ids: Iterable[str]) -> dict[str, LayerFiles]:
        """The lists that are known, by diff ID; they count as used now."""
        found: dict[str, LayerFiles] = {}
        query = "SELECT body FROM layer_files WHERE diff_id = ? AND form = ?"
        for diff_id in dict.fromkeys(diff_ids):
            for (body,) in self._read(query, diff_id, str(FORM)):
                with contextlib.suppress(*UNREADABLE):
                    found[diff_id] = unpack(diff_id, body)
        now = time.time_ns()
        self._write(
            "UPDATE layer_files SET used = ? WHERE diff_id = ?", [(now, diff_id) for diff_id in found]
        )
        return found

    def keep(self, files: LayerFiles) -> None:
        """Keep a list; where there is no room, those that were not used for longest go."""
        body = pack(files)
        if len(body) > self._limit:
            return
        row = (files.diff_id, FORM, time.time_ns(), len(body), body)
        self._write("INSERT OR REPLACE INTO layer_files VALUES (?, ?, ?, ?, ?)", [row])
        self._make_room()

    @property
    def size(self) -> int:
        """Bytes of all lists."""
        return sum(count or 0 for (count,) in self._read("SELECT SUM(bytes) FROM layer_files"))

    def _make_room(self) -> None:
        excess = self.size - self._limit
        if excess <= 0:
            return
        going = []
        for diff_id, count in self._read("SELECT diff_id, bytes FROM layer_files ORDER BY used"):
            if excess <= 0:
                break
            excess -= count
            going.append((diff_id,))
        self._write("DELETE FROM layer_files WHERE diff_id = ?", going)


def pack(files: LayerFiles) -> bytes:
    """A list as bytes: columns as JSON, packed, and the digests as they are."""
    entries = files.entries
    columns = {
        "size": files.size,
        "paths": [entry.path for entry in entries],
        "kinds": [_KINDS.index(entry.kind) for entry in entries],
        "sizes": [entry.size for entry in entries],
        "modes": [entry.mode for entry in entries],
        "uids": [entry.uid for entry in entries],
        "gids": [entry.gid for entry in entries],
        "times": [entry.mtime for entry in entries],
        "users": _rare([entry.user for entry in entries]),
        "groups": _rare([entry.group for entry in entries]),
        "links": _rare([entry.link for entry in entries]),
        "xattrs": _rare([entry.xattrs for entry in entries]),
        "devices": _rare([entry.device for entry in entries]),
        "without": [n for n, entry in enumerate(entries) if entry.kind is Kind.FILE and not entry.digest],
    }
    head = zlib.compress(json.dumps(columns, separators=(",", ":")).encode(), 3)
    return len(head).to_bytes(8, "big") + head + b"".join([entry.digest for entry in entries])


def unpack(diff_id: str, body: bytes) -> LayerFiles:
    """The list in such bytes. Raises one of UNREADABLE."""
    end = 8 + int.from_bytes(body[:8], "big")
    columns = json.loads(zlib.decompress(body[8:end]))
    kinds = [_KINDS[number] for number in columns["kinds"]]
    without = set(columns["without"])
    digests = []
    for number, kind in enumerate(kinds):
        if kind is Kind.FILE and number not in without:
            digests.append(body[end : end + _DIGEST])
            end += _DIGEST
        else:
            digests.append(b"")
    count = len(kinds)
    xattrs = {number: tuple([(name, value) for name, value in each]) for number, each in columns["xattrs"]}
    devices = {number: (major, minor) for number, (major, minor) in columns["devices"]}
    rows = zip(
        columns["paths"],
        kinds,
        columns["sizes"],
        columns["modes"],
        columns["uids"],
        columns["gids"],
        _common(columns["users"], count, ""),
        _common(columns["groups"], count, ""),
        columns["times"],
        _common(columns["links"], count, ""),
        _common(xattrs.items(), count, ()),
        _common(devices.items(), count, None),
        digests,
        strict=True,
    )
    return LayerFiles(diff_id, tuple(map(Entry._make, rows)), columns["size"])


def _rare(values: Sequence[object]) -> list[tuple[int, object]]:
    """What most entries do not have: number and value of those that do."""
    return [(number, value) for number, value in enumerate(values) if value]


def _common(rare: Iterable[Sequence[Any]], count: int, default: object) -> list[Any]:
    values: list[Any] = [default] * count
    for number, value in rare:
        values[number] = value
    return values
