"""Bytes that an image wastes, and its efficiency, counted as dive counts them.

dive (github.com/wagoodman/dive, `dive/filetree/efficiency.go`): every path is looked at in each layer where
it is a leaf, that is a file, a link, a folder that the layer has nothing in, or a whiteout. It has there the
bytes of the file; a whiteout of a folder has the bytes of all that was in it, one of a file none. A path
that is found twice or more wastes all its bytes, the first time too. The efficiency is the sum of the
smallest bytes of every path, by the sum of all. Where a layer removes what was never there, dive leaves out
the rest of that layer; here it counts on.

One of these times has to stay, so that not all of the waste can be had back (dive's issue 684): what is
reclaimable is all times but the smallest. It is what the efficiency lacks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from imgtui.model.files.columns import outlines
from imgtui.model.files.entries import Kind, LayerFiles
from imgtui.model.files.tree import FileTree


@dataclass(frozen=True, slots=True)
class Waste:
    """A path that is stored more than once, or stored and removed."""

    path: str
    times: int
    bytes: int
    """Of all times together."""
    reclaimable: int
    """Of all times but the smallest: one has to stay."""


@dataclass(frozen=True, slots=True)
class Efficiency:
    """How well an image uses its bytes."""

    score: float
    """From 0 to 1."""
    wasted: tuple[Waste, ...]
    """What can be reclaimed most of first."""

    @property
    def wasted_bytes(self) -> int:
        """As dive counts them."""
        return sum(waste.bytes for waste in self.wasted)

    @property
    def reclaimable_bytes(self) -> int:
        """What the image would be smaller if each path were stored once."""
        return sum(waste.reclaimable for waste in self.wasted)


def efficiency(layers: Sequence[LayerFiles], tree: FileTree | None = None) -> Efficiency:
    """Count over all layers, bottom first; `tree` is that of the same layers, where there is one already."""
    tree = tree or FileTree(layers)
    first: dict[str, int] = {}
    again: dict[str, Waste] = {}
    for number, files in enumerate(layers):
        for path, size in _leaves(files, tree, number):
            if path not in first:
                first[path] = size
                continue
            known = again.get(path) or Waste(path, 1, first[path], 0)
            smallest = min(known.bytes - known.reclaimable, size)
            stored = known.bytes + size
            again[path] = Waste(path, known.times + 1, stored, stored - smallest)
    wasted = tuple(sorted(again.values(), key=lambda waste: (-waste.reclaimable, -waste.bytes, waste.path)))
    reclaimable = sum(waste.reclaimable for waste in wasted)
    stored = sum(first.values()) + sum(waste.bytes - first[waste.path] for waste in wasted)
    return Efficiency((stored - reclaimable) / stored if stored else 1.0, wasted)


def _leaves(files: LayerFiles, tree: FileTree, number: int) -> Iterator[tuple[str, int]]:
    """Paths that are leaves of one layer's own tree, with their bytes.

    Opaque markers are no paths to dive: what they hide is not counted, their folders are there.
    """
    found: dict[str, int] = {}
    removed: dict[str, int] = {}
    folders: set[str] = set()
    for path, kind, size in outlines(files.entries):
        if kind is Kind.WHITEOUT:
            if path not in removed:
                removed[path] = _hidden(path, tree, number)
        elif kind is Kind.OPAQUE:
            found.setdefault(path, 0)
        else:
            found[path] = size
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    yield from ((path, size) for path, size in found.items() if path and path not in folders)
    yield from removed.items()


def _hidden(path: str, tree: FileTree, number: int) -> int:
    """Bytes that the layers below a layer have in a folder that one of them names.

    0 for a file, whose bytes dive does not count a second time, and for a folder that no layer names, that
    dive does not take for one (its `TestEfficiency`).
    """
    node = tree.node(path)
    found = None if node is None else tree.at(node, number - 1)
    if node is None or found is None or found[1].kind is not Kind.DIRECTORY:
        return 0
    inside = (tree.at(below, number - 1) for below in tree.below(node))
    return sum(each[1].size for each in inside if each is not None)
