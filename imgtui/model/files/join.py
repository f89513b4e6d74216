"""Joins the lists of layers, one on top of the other, to the nodes of a tree."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from imgtui.model.files.columns import numbers, outlines
from imgtui.model.files.entries import REMOVING, Kind, LayerFiles
from imgtui.model.files.tree import GONE, NOWHERE, ROOT, Nodes, Step


def join(layers: Sequence[LayerFiles | None]) -> Nodes:
    """All that layers do, bottom first, None for one that was not read."""
    joining = _Joining()
    for number, files in enumerate(layers):
        if files is not None:
            joining.apply(files, number)
    return joining.nodes()


class _Joining:
    """Nodes in the order in which they were found; what they have stands in columns, as in `Nodes`."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {"": ROOT}
        self._paths = [""]
        self._parents = array("i", [ROOT])
        self._children: dict[int, list[int]] = {}
        """What may be there in each folder: what is taken away is forgotten, so that it costs but once."""
        self._linked = bytearray([1])
        """1 where a node is among the children of its folder."""
        self._layers = array("i", [NOWHERE])
        self._places = array("i", [GONE])
        self._sizes = [0]
        self._folders = bytearray(1)
        self._more: dict[int, list[Step]] = {}

    def apply(self, files: LayerFiles, number: int) -> None:
        """Put a layer on top; what takes away counts for the layers below alone."""
        for path, kind, _ in outlines(files.entries):
            if kind is Kind.WHITEOUT:
                self._remove(self._numbers.get(path, NOWHERE), number)
            elif kind is Kind.OPAQUE:
                self._remove_children(self._numbers.get(path, NOWHERE), number)
        for place, (path, kind, size) in enumerate(outlines(files.entries)):
            if kind in REMOVING:
                continue
            node = self._numbers.get(path)
            if node is None:
                node = self._add(path)
            else:
                self._link(node)
                if kind is not Kind.DIRECTORY:
                    self._remove_children(node, number)
            if self._put(node, (number, place)):
                self._sizes[node] = size
                self._folders[node] = kind is Kind.DIRECTORY

    def nodes(self) -> Nodes:
        """All nodes by path, under new numbers; nothing can be put on top any more."""
        self._numbers.clear()
        self._children.clear()
        order = self._by_path()
        count = len(order)
        new = array("i", bytes(array("i").itemsize * count))
        for node, old in enumerate(order):
            new[old] = node
        parents = array("i", [new[self._parents[old]] for old in order])
        ends = array("i", range(1, count + 1))
        for node in range(count - 1, 0, -1):
            parent = parents[node]
            ends[parent] = max(ends[parent], ends[node])
        return Nodes(
            [self._paths[old] for old in order],
            parents,
            ends,
            array("i", [self._layers[old] for old in order]),
            array("i", [self._places[old] for old in order]),
            numbers([self._sizes[old] for old in order]),
            bytes([self._folders[old] for old in order]),
            {new[old]: tuple(steps) for old, steps in self._more.items()},
        )

    def _by_path(self) -> list[int]:
        """Numbers of all nodes, folders before what is in them, these by name: in one folder, by path."""
        path_of = self._paths.__getitem__
        children: dict[int, list[int]] = {}
        for node in range(1, len(self._paths)):
            children.setdefault(self._parents[node], []).append(node)
        found: list[int] = []
        waiting = [ROOT]
        while waiting:
            node = waiting.pop()
            found.append(node)
            if node in children:
                waiting += sorted(children[node], key=path_of, reverse=True)
        return found

    def _add(self, path: str) -> int:
        """A node for a path, and for the folders above it."""
        missing = [path]
        while (parent := self._numbers.get(folder := missing[-1].rpartition("/")[0])) is None:
            missing.append(folder)
        for there in reversed(missing):
            node = len(self._paths)
            self._paths.append(there)
            self._parents.append(parent)
            self._layers.append(NOWHERE)
            self._places.append(GONE)
            self._sizes.append(0)
            self._folders.append(0)
            self._linked.append(0)
            self._numbers[there] = parent = node
        self._link(parent)
        return parent

    def _link(self, node: int) -> None:
        """Have a node, and the folders above it, be found by what takes away."""
        while not self._linked[node]:
            self._linked[node] = 1
            parent = self._parents[node]
            self._children.setdefault(parent, []).append(node)
            node = parent

    def _put(self, node: int, step: Step) -> bool:
        """Have something happen at a node; whether it is the first that does: a layer counts once."""
        first = self._layers[node]
        if first in {NOWHERE, step[0]}:
            self._layers[node], self._places[node] = step
            return True
        steps = self._more.setdefault(node, [(first, self._places[node])])
        if steps[-1][0] == step[0]:
            steps[-1] = step
        else:
            steps.append(step)
        return False

    def _remove(self, node: int, number: int) -> None:
        """Take a node and everything in it away."""
        if node != NOWHERE:
            self._remove_children(node, number)
            self._take(node, number)

    def _remove_children(self, node: int, number: int) -> None:
        """Take everything in a folder away."""
        waiting = self._children.pop(node, [])
        while waiting:
            here = waiting.pop()
            self._linked[here] = 0
            self._take(here, number)
            waiting += self._children.pop(here, ())

    def _take(self, node: int, number: int) -> None:
        steps = self._more.get(node)
        if (steps[-1][1] if steps else self._places[node]) != GONE:
            self._put(node, (number, GONE))
