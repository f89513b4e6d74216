"""The lists of files of layers, in the cache: by diff ID, for all images that have the layer, for ever.

Beside them the trees that they were joined to, by the diff IDs of all layers (`image_trees`). There is a
limit in bytes: what was not used for longest goes first. A list holds names and digests, no content.
"""

from __future__ import annotations

import contextlib
import json
import time
import zlib
from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from imgtui.model.files.columns import DIGEST, KINDS, Columns, Sparse, Value, columns
from imgtui.model.files.entries import LayerFiles
from imgtui.store.cached.blocks import as_json_parts, blocks, packed, parts, unpacked
from imgtui.store.cached.image_trees import pack_tree, tree_key, unpack_tree

if TYPE_CHECKING:  # a start does not pay for what few sessions do
    from imgtui.model.files.tree import FileTree
    from imgtui.model.files.waste import Efficiency

LIMIT: Final = 500_000_000
"""Bytes of all lists: a list of 30,000 files has 2 MB, as digests of content cannot be packed."""
FORM: Final = 3
"""Lists of another form are as good as none."""
TABLE: Final = """
CREATE TABLE IF NOT EXISTS layer_files (
    diff_id TEXT PRIMARY KEY, form INTEGER NOT NULL, used INTEGER NOT NULL, bytes INTEGER NOT NULL,
    body BLOB NOT NULL);
"""
UNREADABLE: Final = (ValueError, TypeError, KeyError, IndexError, zlib.error, RecursionError)
_NUMBERS: Final = ("sizes", "modes", "uids", "gids", "mtimes")
_SPARSE: Final = ("users", "groups", "links", "xattrs", "devices")

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
        for diff_id, body in self._bodies(diff_ids).items():
            with contextlib.suppress(*UNREADABLE):
                found[diff_id] = unpack(diff_id, body)
        return found

    def keep(self, files: LayerFiles) -> None:
        """Keep a list; where there is no room, those that were not used for longest go."""
        self._keep(files.diff_id, pack(files))

    def tree(self, diff_ids: Sequence[str]) -> tuple[FileTree, Efficiency] | None:
        """The tree of an image and what it wastes, where these were kept; both count as used now."""
        for body in self._bodies([tree_key(diff_ids)]).values():
            known = self.get(diff_ids)
            if all(diff_id in known for diff_id in diff_ids):
                with contextlib.suppress(*UNREADABLE):
                    return unpack_tree(body, [known[diff_id] for diff_id in diff_ids])
        return None

    def keep_tree(self, diff_ids: Sequence[str], tree: FileTree, wasted: Efficiency) -> None:
        """Keep the tree of all these layers: to join their lists anew takes longest of a second look."""
        self._keep(tree_key(diff_ids), pack_tree(tree, wasted))

    def _bodies(self, keys: Iterable[str]) -> dict[str, bytes]:
        """What is kept under keys, which counts as used now."""
        found: dict[str, bytes] = {}
        query = "SELECT body FROM layer_files WHERE diff_id = ? AND form = ?"
        for key in dict.fromkeys(keys):
            for (body,) in self._read(query, key, str(FORM)):
                found[key] = body
        now = time.time_ns()
        self._write("UPDATE layer_files SET used = ? WHERE diff_id = ?", [(now, key) for key in found])
        return found

    def _keep(self, key: str, body: bytes) -> None:
        if len(body) > self._limit:
            return
        row = (key, FORM, time.time_ns(), len(body), body)
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
    """A list as bytes: names as JSON, numbers as in memory, both packed, and the digests as they are."""
    found = columns(files.entries)
    numbers = [getattr(found, name) for name in _NUMBERS]
    head = {
        "size": files.size,
        "paths": found.paths,
        "numbers": [None if isinstance(column, array) else column for column in numbers],
        "sparse": [_sparse(getattr(found, name)) for name in _SPARSE],
    }
    fixed = [packed(column) for column in numbers if isinstance(column, array)]
    return blocks(as_json_parts(head), [found.kinds, *fixed]) + found.digests


def unpack(diff_id: str, body: bytes) -> LayerFiles:
    """The list in such bytes. Raises one of UNREADABLE."""
    (head, fixed), digests = parts(body, 2)
    columns = json.loads(head)
    paths = columns["paths"]
    count = len(paths)
    kinds, at = fixed[:count], count
    numbers: list[Sequence[int]] = []
    for column in columns["numbers"]:
        if column is None:
            column = unpacked("q", fixed[at : at + 8 * count])  # noqa: PLW2901 - it stands elsewhere
            at += 8 * count
        numbers.append(column)
    users, groups, links, xattrs, devices = columns["sparse"]
    sizes, modes, uids, gids, mtimes = numbers
    found = Columns(
        paths, kinds, sizes, modes, uids, gids, mtimes, _plain(users), _plain(groups), _plain(links),
        _made(xattrs, lambda each: tuple([(name, value) for name, value in each])),
        _made(devices, lambda each: None if each is None else (each[0], each[1])),
        digests,
    )  # fmt: skip
    lengths = {len(kinds), *map(len, numbers)}
    if lengths != {count} or len(digests) != count * DIGEST or max(kinds, default=0) >= len(KINDS):
        raise ValueError("columns of different lengths")
    return LayerFiles(diff_id, found, columns["size"])


def _sparse(column: Sparse[Any]) -> object:
    return [column.common, list(column.others.items())]


def _plain(told: Sequence[Any]) -> Sparse[str]:
    return Sparse(told[0], dict(told[1]))


def _made(told: Sequence[Any], make: Callable[[Any], Value]) -> Sparse[Value]:
    return Sparse(make(told[0]), {number: make(value) for number, value in told[1]})
