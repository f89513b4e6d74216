"""The files of an image as a tree, at every layer at once: what each layer added, changed and removed.

Nodes are numbers: an image has tens of thousands of them, and a key must not wait for them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import Final

from imgtui.model.filetree_changes import Change
from imgtui.model.layer_files import REMOVING, Entry, Kind, LayerFiles, changed

ROOT: Final = 0
UNCHANGED, ADDED, CHANGED, REMOVED, ABSENT = range(5)
MARKS: Final = (Change.UNCHANGED, Change.ADDED, Change.CHANGED, Change.REMOVED)
"""What the numbers stand for; `ABSENT` is for what is not there, neither now nor before."""
EVERYTHING: Final = frozenset(Change)

History = list[tuple[int, Entry | None]]
"""Layer by layer what stands at a node; None from where it is removed."""


class FileTree:
    """The tree of an image, or of those of its layers that were read."""

    def __init__(self, layers: Sequence[LayerFiles | None]) -> None:
        """`layers` bottom first, None for one that was not read."""
        self.layers = layers
        self.names: list[str] = [""]
        self.parents: list[int] = [ROOT]
        """The folder of each node: a folder's number is lower than those of what is in it."""
        self.children: list[list[int]] = [[]]
        """In each folder, by name."""
        self.paths: list[str] = [""]
        self.history: list[History] = [[]]
        self._nodes: dict[str, int] = {"": ROOT}
        for number, files in enumerate(layers):
            if files is not None:
                self._apply(files, number)
        for below in self.children:
            below.sort(key=self.names.__getitem__)

    def __len__(self) -> int:
        """Paths that any layer has."""
        return len(self.names) - 1

    @cached_property
    def leaves(self) -> list[tuple[int, str]]:
        """Nodes that no layer has anything in, with their paths in lower case, for filters."""
        return [(node, self.paths[node].lower()) for node, below in enumerate(self.children) if not below]

    @cached_property
    def preorder(self) -> list[int]:
        """All nodes but the root, by path: folders before what is in them."""
        return list(self.below(ROOT))[1:]

    def node(self, path: str) -> int | None:
        """The number of a path; None where no layer has it."""
        return self._nodes.get(path)

    def at(self, node: int, layer: int) -> tuple[int, Entry] | None:
        """The layer that put there what stands at a node after a layer, and what; None for nothing.

        A folder that no entry names is not told of.
        """
        return _at(self.history[node], layer)

    def file(self, path: str, layer: int) -> tuple[int, Entry] | None:
        """What stands at a path; of a hard link what it links to, with the layer that has the content."""
        seen: set[str] = set()
        while path not in seen:
            seen.add(path)
            node = self._nodes.get(path)
            found = None if node is None else self.at(node, layer)
            if found is None or found[1].kind is not Kind.HARD_LINK:
                return found
            path = found[1].link
        return None

    def below(self, node: int) -> Iterator[int]:
        """A node and everything in it, folders before what is in them."""
        waiting = [node]
        while waiting:
            here = waiting.pop()
            yield here
            waiting += reversed(self.children[here])

    def _apply(self, files: LayerFiles, number: int) -> None:
        """Put a layer on top; what takes away counts for the layers below alone."""
        for entry in files.entries:
            if entry.kind is Kind.WHITEOUT:
                self._remove(self._nodes.get(entry.path), number)
            elif entry.kind is Kind.OPAQUE:
                folder = self._nodes.get(entry.path)
                for child in self.children[folder] if folder is not None else ():
                    self._remove(child, number)
        for entry in files.entries:
            if entry.kind in REMOVING:
                continue
            node = self._nodes.get(entry.path)
            if node is None:
                node = self._add(entry.path)
            history = self.history[node]
            if entry.kind is not Kind.DIRECTORY and self.children[node]:
                for child in self.children[node]:
                    self._remove(child, number)
            if history and history[-1][0] == number:
                history[-1] = number, entry
            else:
                history.append((number, entry))

    def _add(self, path: str) -> int:
        """A node for a path, and for the folders above it."""
        folder, _, name = path.rpartition("/")
        missing = [(path, name)]
        while (parent := self._nodes.get(folder)) is None:
            path, (folder, _, name) = folder, folder.rpartition("/")
            missing.append((path, name))
        for path, name in reversed(missing):
            node = len(self.names)
            self.names.append(name)
            self.parents.append(parent)
            self.paths.append(path)
            self.children.append([])
            self.history.append([])
            self.children[parent].append(node)
            self._nodes[path] = parent = node
        return parent

    def _remove(self, node: int | None, number: int) -> None:
        for gone in self.below(node) if node is not None else ():
            history = self.history[gone]
            if not history or history[-1][1] is None:
                continue
            if history[-1][0] == number:
                history[-1] = number, None
            else:
                history.append((number, None))


def _at(history: History, layer: int) -> tuple[int, Entry] | None:
    for number, entry in reversed(history):
        if number <= layer:
            return None if entry is None else (number, entry)
    return None


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
        """What stands at a node, or stood there before it was removed; None for a folder that no entry names."""
        found = self.tree.at(node, self.layer) or self.tree.at(node, self._before)
        return None if found is None else found[1]

    def origin(self, node: int) -> int | None:
        """The number of the layer that put it there."""
        found = self.tree.at(node, self.layer) or self.tree.at(node, self._before)
        return None if found is None else found[0]

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
        """The nodes that are seen: in folders that are open, of changes that are shown, with all words in the path.

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
                last, earlier = _at(history, layer), _at(history, before)
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
