"""What is seen of the tree of an image at one of its layers: changes, bytes, rows.

A key must not wait for tens of thousands of files: what a row needs is worked out once for a layer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from imgtui.model.files.changes import Change
from imgtui.model.files.entries import FileEntry, Kind, changed
from imgtui.model.files.tree import GONE, NOWHERE, ROOT, FileTree, History, at_layer

UNCHANGED, ADDED, CHANGED, REMOVED, ABSENT = range(5)
MARKS: Final = (Change.UNCHANGED, Change.ADDED, Change.CHANGED, Change.REMOVED)
"""What the numbers stand for; `ABSENT` is for what is not there, neither now nor before."""
EVERYTHING: Final = frozenset(Change)
VIEWS_HELD: Final = 12
"""Views of a tree that are kept, those that were looked at last: of 30,000 files one has a megabyte."""


class FilesView:
    """The union of the layers up to one, with what changed in it.

    `aggregated` is all changes above the bottom layer, else those of this layer alone.
    """

    def __init__(self, tree: FileTree, layer: int, *, aggregated: bool) -> None:
        self.tree = tree
        self.layer = layer
        self.aggregated = aggregated
        count = len(tree.paths)
        self._changes = bytearray([ABSENT]) * count
        self._inside = bytearray(count)
        """Bits of the changes of a node and of all in it."""
        self.sizes: list[int] = [0] * count
        """Bytes of a file, or of all files in a folder; of what was removed, before it was."""
        self.files = 0
        """Entries that are there, without folders."""
        self._work_out()

    def change(self, node: int) -> Change:
        """What became of a node; a folder is changed where anything in it is."""
        return MARKS[min(self._changes[node], REMOVED)]

    def entry(self, node: int) -> FileEntry | None:
        """What stands at a node, or did before it was removed; None for a folder that no entry names."""
        found = self.tree.at(node, self.layer) or self.tree.at(node, self._before)
        return None if found is None else found[1]

    def origin(self, node: int) -> int | None:
        """The number of the layer that put it there."""
        found = self.tree.at(node, self.layer) or self.tree.at(node, self._before)
        return None if found is None else found[0]

    def is_there(self, node: int) -> bool:
        """Whether it is there after this layer."""
        return self._changes[node] < REMOVED

    def is_touched(self, node: int) -> bool:
        """Whether this very layer has it, or takes it away."""
        return any(number == self.layer for number, _ in self.tree.history(node))

    def is_folder(self, node: int) -> bool:
        """Whether it can be opened."""
        entry = self.entry(node)
        return entry is None or entry.kind is Kind.DIRECTORY

    def rows(
        self,
        opened: Collection[int] | None,
        shown: Collection[Change] = EVERYTHING,
        words: Sequence[str] = (),
        *,
        by_size: bool = False,
    ) -> list[int]:
        """The nodes that are seen: in open folders, of changes that are shown, with all words in the path.

        None is that all folders are open.
        With words all folders are open that lead to something; `!word` must not be in the path.
        """
        mask = _mask(shown)
        if not words:
            return self._walk(opened, self._inside, mask, by_size=by_size)
        found = self._matching(mask, words)
        if by_size:
            return self._walk(None, found, 1, by_size=True)
        return [node for node in range(1, len(found)) if found[node]]

    def depth(self, node: int) -> int:
        """How many folders a node is in."""
        return self.tree.paths[node].count("/")

    def all(self) -> Iterator[int]:
        """Every node that is there or was removed, by path."""
        changes = self._changes
        return (node for node in range(1, len(changes)) if changes[node] != ABSENT)

    @property
    def near(self) -> list[tuple[int, bool]]:
        """Layers and ways to count that are one key away, as `view_of` takes them."""
        layers = [layer for layer in (self.layer - 1, self.layer + 1) if 0 <= layer < len(self.tree.layers)]
        return [*((layer, self.aggregated) for layer in layers), (self.layer, not self.aggregated)]

    @property
    def _before(self) -> int:
        """The layer that changes are counted from."""
        return 0 if self.aggregated and self.layer > 0 else self.layer - 1

    def _largest_first(self, node: int) -> list[int]:
        return sorted(self.tree.children(node), key=self.sizes.__getitem__, reverse=True)

    def _walk(
        self, opened: Collection[int] | None, inside: Sequence[int], mask: int, *, by_size: bool
    ) -> list[int]:
        """The nodes in open folders, or in all; folders before what is in them."""
        ends = self.tree.nodes.ends
        if not by_size:
            return _by_path(ends, opened, inside, mask)
        rows: list[int] = []
        waiting = self._largest_first(ROOT)[::-1]
        while waiting:
            node = waiting.pop()
            if inside[node] & mask:
                rows.append(node)
                if ends[node] > node + 1 and (opened is None or node in opened):
                    waiting += reversed(self._largest_first(node))
        return rows

    def _matching(self, mask: int, words: Sequence[str]) -> bytearray:
        """1 for what has all words in its path and nothing in it, and for the folders that lead there."""
        inside, parents = self._inside, self.tree.nodes.parents
        found = bytearray(len(inside))
        leaves = self.tree.leaves
        for word in (word.lower() for word in words):
            if word.startswith("!"):
                leaves = [leaf for leaf in leaves if not word[1:] or word[1:] not in leaf[1]]
            else:
                leaves = [leaf for leaf in leaves if word in leaf[1]]
        for node, _ in leaves:
            if inside[node] & mask:
                while not found[node]:
                    found[node] = 1
                    node = parents[node]  # noqa: PLW2901 - up to the root
        return found

    def _work_out(self) -> None:
        """Changes and bytes, from the leaves to the root."""
        before, layer = self._before, self.layer
        changes, inside, sizes = self._changes, self._inside, self.sizes
        nodes = self.tree.nodes
        parents, first, places = nodes.parents, nodes.layers, nodes.places
        first_sizes, first_folders, more = nodes.sizes, nodes.folders, nodes.more
        gone = [0] * len(sizes)
        files = 0
        for node in range(len(sizes) - 1, 0, -1):
            bits = inside[node]
            alone = not bits
            steps = more.get(node)
            if steps is None:
                there = NOWHERE < first[node] <= layer and places[node] != GONE
                own = (UNCHANGED if first[node] <= before else ADDED) if there else None
                size, folder = first_sizes[node], first_folders[node]
            else:
                own, size, folder = self._of_many(steps)
            if own == REMOVED:
                sizes[node] = gone[node] + size
            elif own is not None:
                if not folder:
                    files += 1
                    sizes[node] = size
            elif bits:  # a folder that no entry names
                own = _of_unnamed(bits)
                if own == REMOVED:
                    sizes[node] = gone[node]
            else:
                continue
            changes[node] = CHANGED if own == UNCHANGED and bits & _DIFFERENT else own
            if alone or own != UNCHANGED:
                inside[node] = bits = bits | 1 << own
            parent = parents[node]
            inside[parent] |= bits
            if own == REMOVED:
                gone[parent] += sizes[node]
            else:
                sizes[parent] += sizes[node]
        self.files = files

    def _of_many(self, steps: History) -> tuple[int | None, int, bool]:
        """What became of a node that several layers touch, its bytes, and whether it is a folder."""
        now, old = at_layer(steps, self.layer), at_layer(steps, self._before)
        entry = self.tree.entry
        if now is None:
            return (None, 0, False) if old is None else (REMOVED, entry(old).size, False)
        found = entry(now)
        own = ADDED if old is None else UNCHANGED
        if old is not None and old != now and changed(entry(old), found):
            own = CHANGED
        return own, found.size, found.kind is Kind.DIRECTORY


def view_of(tree: FileTree, layer: int, *, aggregated: bool) -> FilesView:
    """What is seen of a tree at a layer; worked out once, in whichever thread asks first."""
    key = layer, aggregated
    view = tree.views.get(key) or FilesView(tree, layer, aggregated=aggregated)
    with tree.lock:
        tree.views.pop(key, None)
        tree.views[key] = view
        while len(tree.views) > VIEWS_HELD:
            del tree.views[next(iter(tree.views))]
    return view


_DIFFERENT: Final = 1 << ADDED | 1 << CHANGED | 1 << REMOVED


def _of_unnamed(bits: int) -> int:
    """A folder that only its content tells of."""
    if bits == 1 << REMOVED:
        return REMOVED
    if bits == 1 << ADDED:
        return ADDED
    return CHANGED if bits & _DIFFERENT else UNCHANGED


def _by_path(
    ends: Sequence[int], opened: Collection[int] | None, inside: Sequence[int], mask: int
) -> list[int]:
    """The nodes in open folders, or in all, that have some bits; a folder has those of what is in it."""
    if opened is None:
        return [node for node in range(1, len(ends)) if inside[node] & mask]
    rows: list[int] = []
    node, count = 1, len(ends)
    while node < count:
        if not inside[node] & mask:
            node = ends[node]
            continue
        rows.append(node)
        node = node + 1 if node in opened else ends[node]
    return rows


def _mask(shown: Collection[Change]) -> int:
    return sum(1 << number for number, change in enumerate(MARKS) if change in shown)
