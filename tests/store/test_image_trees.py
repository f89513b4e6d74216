"""The trees of images in the cache: what was joined comes back as it was, or not at all."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from imgtui.model.files.entries import FileEntry, Kind, LayerFiles
from imgtui.model.files.tree import FileTree
from imgtui.model.files.view import view_of
from imgtui.model.files.waste import Efficiency, efficiency
from imgtui.store.cached.cache import Cache
from imgtui.store.cached.image_trees import tree_key
from imgtui.store.cached.layer_lists import FORM, LayerLists

LAYERS = [
    LayerFiles("sha256:1", (FileEntry("etc", Kind.DIRECTORY), FileEntry("etc/one", Kind.FILE, 1 << 70)), 1),
    LayerFiles("sha256:2", (FileEntry("etc/one", Kind.WHITEOUT), FileEntry("a/\udce9", Kind.FILE, 2)), 1),
]
IDS = [files.diff_id for files in LAYERS]


def kept(lists: LayerLists, layers: Sequence[LayerFiles]) -> tuple[FileTree, Efficiency]:
    tree = FileTree(layers)
    wasted = efficiency(layers, tree)
    for files in layers:
        lists.keep(files)
    lists.keep_tree([files.diff_id for files in layers], tree, wasted)
    return tree, wasted


def told(tree: FileTree) -> list[object]:
    """All that is seen of a tree, at each layer, counted in both ways."""
    seen: list[object] = []
    for layer in range(len(tree.layers)):
        for aggregated in (False, True):
            view = view_of(tree, layer, aggregated=aggregated)
            seen += [
                (tree.paths[node], view.change(node), view.sizes[node], view.entry(node), view.origin(node))
                for node in view.rows(None)
            ]
    return seen


def test_a_tree_is_there_after_a_restart(tmp_path: Path) -> None:
    with closing(Cache(tmp_path / "cache.db")) as cache:
        tree, wasted = kept(cache.layer_lists, LAYERS)
    with closing(Cache(tmp_path / "cache.db")) as cache:
        found = cache.layer_lists.tree(IDS)
        assert found is not None
        assert found[1] == wasted
        assert found[0].nodes == tree.nodes
        assert told(found[0]) == told(tree)
        assert cache.layer_lists.tree(IDS[::-1]) is None


def test_any_tree_comes_back_as_it_was() -> None:
    chance = random.Random(11)
    lists = Cache(None).layer_lists
    for number in range(100):
        layers = [
            LayerFiles(f"sha256:{number}-{layer}", tuple(_entry(chance) for _ in range(6)), 0)
            for layer in range(4)
        ]
        tree, wasted = kept(lists, layers)
        found = lists.tree([files.diff_id for files in layers])
        assert found is not None
        assert (told(found[0]), found[1]) == (told(tree), wasted), layers


def _entry(chance: random.Random) -> FileEntry:
    path = "/".join(chance.choices("abc", k=chance.randint(1, 3)))
    kind = chance.choice([Kind.FILE, Kind.FILE, Kind.DIRECTORY, Kind.WHITEOUT, Kind.OPAQUE])
    return FileEntry(path, kind, chance.randrange(9) if kind is Kind.FILE else 0)


def test_without_one_of_its_lists_a_tree_is_as_good_as_none() -> None:
    cache = Cache(None)
    kept(cache.layer_lists, LAYERS)
    cache._write("DELETE FROM layer_files WHERE diff_id = ?", [("sha256:2",)])
    assert cache.layer_lists.tree(IDS) is None


def test_a_tree_of_lists_of_another_length_is_as_good_as_none() -> None:
    lists = Cache(None).layer_lists
    kept(lists, LAYERS)
    lists.keep(LayerFiles("sha256:2", LAYERS[1].entries[:1], 1))
    assert lists.tree(IDS) is None


def test_bytes_that_are_no_tree_are_as_good_as_none() -> None:
    cache = Cache(None)
    for body in (b"", bytes(16), b"x" * 40):
        kept(cache.layer_lists, LAYERS)
        row = (tree_key(IDS), FORM, 0, len(body), body)
        cache._write("INSERT OR REPLACE INTO layer_files VALUES (?, ?, ?, ?, ?)", [row])
        assert cache.layer_lists.tree(IDS) is None, body


def test_trees_count_towards_the_limit_of_the_lists() -> None:
    cache = Cache(None)
    lists = LayerLists(cache._read, cache._write, limit=1 << 20)
    for files in LAYERS:
        lists.keep(files)
    before = lists.size
    kept(lists, LAYERS)
    assert before < lists.size <= 1 << 20
