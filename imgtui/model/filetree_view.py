"""What is seen of the tree of an image at one of its layers: changes, bytes, rows.

A key must not wait for tens of thousands of files: what a row needs is worked out once for a layer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from imgtui.model.filetree import ROOT, FileTree, at_layer
from imgtui.model.filetree_changes import Change
from imgtui.model.layer_files import Entry, Kind, changed

UNCHANGED, ADDED, CHANGED, REMOVED, ABSENT = range(5)
MARKS: Final = (Change.UNCHANGED, Change.ADDED, Change.CHANGED, Change.REMOVED)
"""What the numbers stand for; `ABSENT` is for what is not there, neither now nor before."""
EVERYTHING: Final = frozenset(Change)


class View:
    """The union of the layers up to one, with what changed in it.

    `aggregated` is all changes above the bottom layer, else those of this layer alone.
    """

    def __init__(self, tree: FileTree, layer: int, *, aggregated: bool) -> None:
        self.tree = tree
        self.layer = layer
        self.aggregated = aggregated
        count = len(tree.names)
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

    def entry(self, node: int) -> Entry | None:
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
        return any(number == self.layer for number, _ in self.tree.history[node])

    def is_folder(self, node: int) -> bool:
        """Whether it can be opened."""
        entry = self.entry(node)
        return entry is None or entry.kind is Kind.DIRECTORY

    def rows(
        self,
        opened: Collection[int],
        shown: Collection[Change] = EVERYTHING,
        words: Sequence[str] = (),
        *,
        by_size: bool = False,
    ) -> list[int]:
        """The nodes that are seen: in open folders, of changes that are shown, with all words in the path.

        With words all folders are open that lead to something; `!word` must not be in the path.
        """
        mask = _mask(shown)
        if not words:
            return self._walk(opened, self._inside, mask, by_size=by_size)
        found = self._matching(mask, words)
        if by_size:
            return self._walk(None, found, 1, by_size=True)
        return [node for node in self.tree.preorder if found[node]]

    def depth(self, node: int) -> int:
        """How many folders a node is in."""
        return self.tree.paths[node].count("/")

    def all(self) -> list[int]:
        """Every node that is there or was removed, by path."""
        changes = self._changes
        return [node for node in self.tree.preorder if changes[node] != ABSENT]

    @property
    def _before(self) -> int:
        """The layer that changes are counted from."""
        return 0 if self.aggregated and self.layer > 0 else self.layer - 1

    def _ordered(self, node: int, *, by_size: bool) -> Sequence[int]:
        below = self.tree.children[node]
        return sorted(below, key=lambda child: -self.sizes[child]) if by_size else below

    def _walk(
        self, opened: Collection[int] | None, inside: Sequence[int], mask: int, *, by_size: bool
    ) -> list[int]:
        """The nodes in open folders, or in all; folders before what is in them."""
        children = self.tree.children
        rows: list[int] = []
        waiting = list(reversed(self._ordered(ROOT, by_size=by_size)))
        while waiting:
            node = waiting.pop()
            if inside[node] & mask:
                rows.append(node)
                if children[node] and (opened is None or node in opened):
                    waiting += reversed(self._ordered(node, by_size=by_size))
        return rows

    def _matching(self, mask: int, words: Sequence[str]) -> bytearray:
        """1 for what has all words in its path and nothing in it, and for the folders that lead there."""
        inside, parents = self._inside, self.tree.parents
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
        parents, histories = self.tree.parents, self.tree.history
        gone = [0] * len(sizes)
        files = 0
        for node in range(len(sizes) - 1, 0, -1):
            history = histories[node]
            if len(history) == 1 and (first := history[0])[0] <= layer:
                now = first[1]
                old = now if first[0] <= before else None
            else:
                last, earlier = at_layer(history, layer), at_layer(history, before)
                now, old = last and last[1], earlier and earlier[1]
            bits = inside[node]
            alone = not bits
            if now is not None:
                own = ADDED if old is None else CHANGED if old is not now and changed(old, now) else UNCHANGED
                if now.kind is not Kind.DIRECTORY:
                    files += 1
                    sizes[node] = now.size
            elif old is not None:
                own = REMOVED
                sizes[node] = gone[node] + old.size
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


def view_of(tree: FileTree, layer: int, *, aggregated: bool) -> View:
    """What is seen of a tree at a layer; worked out once."""
    key = layer, aggregated
    if key not in tree.views:
        tree.views[key] = View(tree, layer, aggregated=aggregated)
    return tree.views[key]


_DIFFERENT: Final = 1 << ADDED | 1 << CHANGED | 1 << REMOVED


def _of_unnamed(bits: int) -> int:
    """A folder that only its content tells of."""
    if bits == 1 << REMOVED:
        return REMOVED
    if bits == 1 << ADDED:
        return ADDED
    return CHANGED if bits & _DIFFERENT else UNCHANGED


def _mask(shown: Collection[Change]) -> int:
    return sum(1 << number for number, change in enumerate(MARKS) if change in shown)
