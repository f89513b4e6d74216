"""The files of an image as a tree, at every layer at once: what each layer added, changed and removed.

Nodes are numbers, and what is known of them stands in columns: an image has tens of thousands of them, and
neither a key nor a second look must wait for as many objects.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from imgtui.model.files.entries import MOST_LINKS, FileEntry, Kind, LayerFiles

if TYPE_CHECKING:
    from imgtui.model.files.view import FilesView

ROOT: Final = 0
NOWHERE: Final = -1
"""The layer of a folder that no entry names."""
GONE: Final = -1
"""The place of what a layer took away."""
Step = tuple[int, int]
"""The number of a layer, and the place in its list of what stands there from then on, or GONE."""
History = Sequence[Step]


@dataclass(frozen=True, slots=True)
class Nodes:
    """All paths that any layer has, by path, folders before what is in them; the first is the root."""

    paths: Sequence[str]
    parents: array[int]
    """The folder of each node; that of the root is the root."""
    ends: array[int]
    """The node after the last one in each: what is in a node stands between them."""
    layers: array[int]
    """The first layer that has something at a node, or NOWHERE."""
    places: array[int]
    """Where it stands in the list of that layer."""
    sizes: Sequence[int]
    """Its bytes."""
    folders: bytes
    """1 where it is a folder."""
    more: Mapping[int, History]
    """Of nodes that several layers touch: all that happened, with the first."""


class FileTree:
    """The tree of an image, or of those of its layers that were read."""

    def __init__(self, layers: Sequence[LayerFiles | None], nodes: Nodes | None = None) -> None:
        """`layers` bottom first, None for one that was not read; `nodes` where they were joined before."""
        if nodes is None:
            from imgtui.model.files.join import join

            nodes = join(layers)
        self.layers = layers
        self.nodes = nodes
        self.paths = nodes.paths
        self.lock = threading.Lock()
        """Held while `views` changes: they are worked out ahead in other threads."""
        self.views: dict[tuple[int, bool], FilesView] = {}
        """What was worked out by `view_of`, what was looked at last at the end."""

    def __len__(self) -> int:
        """Paths that any layer has."""
        return len(self.paths) - 1

    @cached_property
    def leaves(self) -> list[tuple[int, str]]:
        """Nodes that no layer has anything in, with their paths in lower case, for filters."""
        paths = self.paths
        return [(node, paths[node].lower()) for node, end in enumerate(self.nodes.ends) if end == node + 1]

    def name(self, node: int) -> str:
        """The last part of its path."""
        return self.paths[node].rpartition("/")[2]

    def node(self, path: str) -> int | None:
        """The number of a path; None where no layer has it."""
        return self._numbers.get(path)

    def children(self, node: int) -> list[int]:
        """What is directly in a folder, by name."""
        ends = self.nodes.ends
        found: list[int] = []
        child, end = node + 1, ends[node]
        while child < end:
            found.append(child)
            child = ends[child]
        return found

    def has_children(self, node: int) -> bool:
        """Whether any layer has anything in it."""
        return self.nodes.ends[node] > node + 1

    def below(self, node: int) -> range:
        """A node and everything in it, folders before what is in them."""
        return range(node, self.nodes.ends[node])

    def history(self, node: int) -> History:
        """Layer by layer what stands at a node."""
        layer = self.nodes.layers[node]
        return self.nodes.more.get(node) or (() if layer == NOWHERE else ((layer, self.nodes.places[node]),))

    def at(self, node: int, layer: int) -> tuple[int, FileEntry] | None:
        """The layer that put there what stands at a node after a layer, and what; None for nothing.

        A folder that no entry names is not told of.
        """
        step = at_layer(self.history(node), layer)
        return None if step is None else (step[0], self.entry(step))

    def entry(self, step: Step) -> FileEntry:
        """What a layer put somewhere."""
        files = self.layers[step[0]]
        if files is None:
            raise LookupError(f"layer {step[0]} was not read")
        return files.entries[step[1]]

    def file(self, path: str, layer: int) -> tuple[int, FileEntry] | None:
        """What stands at a path, and the layer that has it; of a hard link what its layer linked it to."""
        seen: set[tuple[str, int]] = set()
        while (path, layer) not in seen and len(seen) <= MOST_LINKS:
            seen.add((path, layer))
            node = self.node(path)
            found = None if node is None else self.at(node, layer)
            if found is None or found[1].kind is not Kind.HARD_LINK:
                return found
            layer, path = found[0], found[1].link
        return None

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {path: node for node, path in enumerate(self.paths)}


def at_layer(history: History, layer: int) -> Step | None:
    """What a layer or one below it put there, of what happened at a node; None for nothing."""
    for step in reversed(history):
        if step[0] <= layer:
            return None if step[1] == GONE else step
    return None
