"""The files of an image as a tree, at every layer at once: what each layer added, changed and removed.

Nodes are numbers: an image has tens of thousands of them, and a key must not wait for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from imgtui.model.layer_files import REMOVING, Entry, Kind, LayerFiles

if TYPE_CHECKING:
    from imgtui.model.filetree_view import View

ROOT: Final = 0
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
        self.views: dict[tuple[int, bool], View] = {}
        """What was worked out by `view_of`."""
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
        return at_layer(self.history[node], layer)

    def file(self, path: str, layer: int) -> tuple[int, Entry] | None:
        """What stands at a path, and the layer that has it; of a hard link what its layer linked it to."""
        seen: set[tuple[str, int]] = set()
        while (path, layer) not in seen:
            seen.add((path, layer))
            node = self._nodes.get(path)
            found = None if node is None else self.at(node, layer)
            if found is None or found[1].kind is not Kind.HARD_LINK:
                return found
            layer, path = found[0], found[1].link
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


def at_layer(history: History, layer: int) -> tuple[int, Entry] | None:
    """The layer that put there what stands at a node after a layer, and what; None for nothing."""
    for number, entry in reversed(history):
        if number <= layer:
            return None if entry is None else (number, entry)
    return None
