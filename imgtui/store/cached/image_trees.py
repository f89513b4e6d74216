"""The tree that the layers of an image were joined to, and what it wastes, as bytes.

It tells where things stand in the lists of the layers, and means nothing without them. A list is what its
diff ID says, so that what was joined once stays true.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from imgtui.store.cached.blocks import as_json_parts, blocks, packed, parts, unpacked

if TYPE_CHECKING:  # a start does not pay for what few sessions do
    from imgtui.model.files.entries import LayerFiles
    from imgtui.model.files.tree import FileTree
    from imgtui.model.files.waste import Efficiency

_FIXED: Final = ("parents", "ends", "layers", "places")
_INT: Final = array("i").itemsize


def tree_key(diff_ids: Sequence[str]) -> str:
    """What the tree of these layers is kept under: no diff ID has a space."""
    return f"tree {hashlib.sha256(' '.join(diff_ids).encode()).hexdigest()}"


def pack_tree(tree: FileTree, wasted: Efficiency) -> bytes:
    """A tree as bytes."""
    nodes = tree.nodes
    head = {
        "entries": [0 if files is None else len(files.entries) for files in tree.layers],
        "paths": nodes.paths,
        "sizes": None if isinstance(nodes.sizes, array) else nodes.sizes,
        "more": list(nodes.more.items()),
        "score": wasted.score,
        "wasted": [(each.path, each.times, each.bytes, each.reclaimable) for each in wasted.wasted],
    }
    fixed = [packed(getattr(nodes, name)) for name in _FIXED]
    if isinstance(nodes.sizes, array):
        fixed.append(packed(nodes.sizes))
    return blocks(as_json_parts(head), [nodes.folders, *fixed])


def unpack_tree(body: bytes, layers: Sequence[LayerFiles]) -> tuple[FileTree, Efficiency]:
    """The tree in such bytes, of these layers.

    Raises one of `layer_lists.UNREADABLE` where they are of another shape.
    """
    from imgtui.model.files.tree import FileTree, Nodes
    from imgtui.model.files.waste import Efficiency, Waste

    (head, fixed), _ = parts(body, 2)
    told = json.loads(head)
    paths = told["paths"]
    count = len(paths)
    columns = []
    for number in range(len(_FIXED)):
        at = count + number * _INT * count
        columns.append(unpacked("i", fixed[at : at + _INT * count]))
    sizes = told["sizes"]
    if sizes is None:
        sizes = unpacked("q", fixed[count + len(_FIXED) * _INT * count :])
    more = {node: tuple([(layer, place) for layer, place in steps]) for node, steps in told["more"]}
    parents, ends, first, places = columns
    nodes = Nodes(paths, parents, ends, first, places, sizes, fixed[:count], more)
    if {count} != {len(nodes.folders), len(nodes.sizes), *map(len, columns)}:
        raise ValueError("columns of different lengths")
    if told["entries"] != [len(files.entries) for files in layers]:
        raise ValueError("these are other lists")
    wasted = tuple([Waste(path, times, size, least) for path, times, size, least in told["wasted"]])
    return FileTree(layers, nodes), Efficiency(told["score"], wasted)
