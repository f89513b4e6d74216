"""Bytes that an image wastes, and its efficiency, counted as dive counts them.

dive (github.com/wagoodman/dive, `dive/filetree/efficiency.go`): every path is looked at in each layer where
it is a leaf, that is a file, a link, a folder that the layer has nothing in, or a whiteout. It has there the
bytes of the file; a whiteout of a folder has the bytes of all that was in it, one of a file none. A path
that is found twice or more wastes all its bytes, the first time too. The efficiency is the sum of the
smallest bytes of every path, by the sum of all. Where a layer removes what was never there, dive leaves out
the rest of that layer; here it counts on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imgtui.model.filetree import FileTree
from imgtui.model.layer_columns import outlines
from imgtui.model.layer_files import Kind, LayerFiles


@dataclass(frozen=True, slots=True)
class Waste:
    """A path that is stored more than once, or stored and removed."""

    path: str
    times: int
    bytes: int
    """Of all times together."""


@dataclass(frozen=True, slots=True)
class Efficiency:
    """How well an image uses its bytes."""

    score: float
    """From 0 to 1."""
    wasted_bytes: int
    wasted: tuple[Waste, ...]
    """The largest first."""


def efficiency(layers: Sequence[LayerFiles], tree: FileTree | None = None) -> Efficiency:
    """Count over all layers, bottom first; `tree` is that of the same layers, where there is one already."""
    tree = tree or FileTree(layers)
    times: dict[str, int] = {}
    total: dict[str, int] = {}
    smallest: dict[str, int] = {}
    for number, files in enumerate(layers):
        for path, size in _leaves(files, tree, number):
            times[path] = times.get(path, 0) + 1
            total[path] = total.get(path, 0) + size
            smallest[path] = min(smallest.get(path, size), size)
    wasted = [Waste(path, count, total[path]) for path, count in times.items() if count > 1]
    stored = sum(total.values())
    return Efficiency(
        sum(smallest.values()) / stored if stored else 1.0,
        sum(waste.bytes for waste in wasted),
        tuple(sorted(wasted, key=lambda waste: (-waste.bytes, waste.path))),
    )


def _leaves(files: LayerFiles, tree: FileTree, number: int) -> list[tuple[str, int]]:
    """Paths that are leaves of one layer's own tree, with their bytes.

    Opaque markers are no paths to dive: what they hide is not counted, their folders are there.
    """
    found: dict[str, int] = {}
    removed: dict[str, int] = {}
    folders: set[str] = set()
    for path, kind, size in outlines(files.entries):
        if kind is Kind.WHITEOUT:
            removed[path] = _hidden(path, tree, number)
        elif kind is Kind.OPAQUE:
            found.setdefault(path, 0)
        else:
            found[path] = size
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    leaves = [(path, size) for path, size in found.items() if path and path not in folders]
    return [*leaves, *removed.items()]


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
