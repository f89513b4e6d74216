"""The tree of an image, its union, its waste, and what differs between two."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, cast

import pytest

from imgtui.model.files.changes import Change, changes
from imgtui.model.files.entries import FileEntry, Kind, LayerFiles, differences
from imgtui.model.files.tree import FileTree
from imgtui.model.files.union import union
from imgtui.model.files.view import VIEWS_HELD, FilesView, view_of
from imgtui.model.files.waste import Waste, efficiency

A, B = b"a" * 32, b"b" * 32


def file(path: str, size: int = 0, digest: bytes = A, mtime: int = 0, uid: int = 0) -> FileEntry:
    return FileEntry(path, Kind.FILE, size, 0o644, digest=digest)._replace(mtime=mtime, uid=uid)


def folder(path: str, mode: int = 0o755) -> FileEntry:
    return FileEntry(path, Kind.DIRECTORY, 0, mode)


def gone(path: str) -> FileEntry:
    return FileEntry(path, Kind.WHITEOUT)


def opaque(path: str) -> FileEntry:
    return FileEntry(path, Kind.OPAQUE)


def layers(*entries: Sequence[FileEntry]) -> list[LayerFiles]:
    return [LayerFiles(f"sha256:{number:064x}", tuple(each), 0) for number, each in enumerate(entries)]


def seen(view: FilesView, **how: object) -> Mapping[str, str]:
    """Path to change, of all that is seen with all folders open."""
    rows = view.rows(range(len(view.tree) + 1), **how)  # type: ignore[arg-type]
    return {view.tree.paths[node]: view.change(node).value for node in rows}


THREE = layers(
    [folder("etc"), file("etc/one", 10), file("etc/two", 20), folder("opt"), file("opt/a/deep", 5)],
    [file("etc/one", 11, B), gone("etc/two"), file("new", 1)],
    [file("etc/one", 11, B), gone("opt"), file("etc/three", 3)],
)


def test_single_is_what_the_layer_changed_and_aggregated_what_all_above_the_first_did() -> None:
    tree = FileTree(THREE)
    assert seen(view_of(tree, 2, aggregated=False)) == {
        "etc": "changed", "etc/one": "unchanged", "etc/three": "added",
        "new": "unchanged", "opt": "removed", "opt/a": "removed", "opt/a/deep": "removed",
    }  # fmt: skip
    assert seen(view_of(tree, 2, aggregated=True)) == {
        "etc": "changed", "etc/one": "changed", "etc/three": "added", "etc/two": "removed",
        "new": "added", "opt": "removed", "opt/a": "removed", "opt/a/deep": "removed",
    }  # fmt: skip


def test_the_first_layer_adds_all_it_has_and_nothing_of_the_others_is_there() -> None:
    view = view_of(FileTree(THREE), 0, aggregated=False)
    assert set(seen(view).values()) == {"added"}
    assert len(seen(view)) == 6
    assert view.files == 3


def test_folders_have_the_bytes_of_what_is_in_them_and_removed_ones_what_they_had() -> None:
    tree = FileTree(THREE)
    view = view_of(tree, 2, aggregated=False)
    sizes = {tree.paths[node]: view.sizes[node] for node in view.all()}
    assert sizes == {
        "etc": 14, "etc/one": 11, "etc/three": 3, "new": 1, "opt": 5, "opt/a": 5, "opt/a/deep": 5,
    }  # fmt: skip
    assert view.sizes[0] == 15


def test_what_is_hidden_takes_with_it_the_folders_that_have_nothing_else() -> None:
    view = view_of(FileTree(THREE), 2, aggregated=False)
    assert list(seen(view, shown={Change.ADDED})) == ["etc", "etc/three"]
    assert list(seen(view, shown={Change.REMOVED})) == ["opt", "opt/a", "opt/a/deep"]
    assert list(seen(view, shown=set(Change) - {Change.UNCHANGED})) == [
        "etc", "etc/three", "opt", "opt/a", "opt/a/deep",
    ]  # fmt: skip


def test_a_filter_leaves_what_has_all_words_and_the_folders_on_the_way() -> None:
    view = view_of(FileTree(THREE), 2, aggregated=False)
    assert list(seen(view, words=["DEEP"])) == ["opt", "opt/a", "opt/a/deep"]
    assert list(seen(view, words=["etc", "!one"])) == ["etc", "etc/three"]
    assert seen(view, words=["etc", "deep"]) == {}


def test_only_open_folders_show_what_is_in_them() -> None:
    tree = FileTree(THREE)
    view = view_of(tree, 2, aggregated=False)
    assert [tree.paths[node] for node in view.rows(())] == ["etc", "new", "opt"]
    opened = {node for node in [tree.node("opt")] if node is not None}
    assert [tree.paths[node] for node in view.rows(opened)] == ["etc", "new", "opt", "opt/a"]
    assert [tree.paths[node] for node in view.rows((), by_size=True)] == ["etc", "opt", "new"]


def test_all_folders_are_open_for_none() -> None:
    view = view_of(FileTree(THREE), 2, aggregated=True)
    for by_size in (False, True):
        for shown in (set(Change), {Change.REMOVED}):
            everything = view.rows(range(len(view.tree) + 1), shown, by_size=by_size)
            assert view.rows(None, shown, by_size=by_size) == everything


def test_a_view_is_worked_out_once_and_those_looked_at_last_are_held() -> None:
    made = layers(*[[file(f"{number}")] for number in range(VIEWS_HELD + 3)])
    tree = FileTree(made)
    last = view_of(tree, len(made) - 1, aggregated=False)
    for number in range(VIEWS_HELD + 3):
        view_of(tree, number, aggregated=False)
        assert view_of(tree, len(made) - 1, aggregated=False) is last
    assert len(tree.views) == VIEWS_HELD
    assert last.near == [(len(made) - 2, False), (len(made) - 1, True)]


def test_something_that_only_has_another_time_is_unchanged() -> None:
    tree = FileTree(layers([file("a", 1, mtime=1)], [file("a", 1, mtime=2)]))
    assert seen(view_of(tree, 1, aggregated=False)) == {"a": "unchanged"}
    assert differences(file("a", 1, mtime=1), file("a", 1, mtime=2)) == ("time",)


def test_a_layer_that_takes_a_folder_away_and_makes_it_anew_leaves_only_the_new() -> None:
    tree = FileTree(layers([folder("d"), file("d/old")], [gone("d"), folder("d"), file("d/new")]))
    assert seen(view_of(tree, 1, aggregated=False)) == {"d": "changed", "d/new": "added", "d/old": "removed"}


def test_an_opaque_folder_hides_what_was_below_wherever_the_marker_stands() -> None:
    made = layers(
        [folder("d"), file("d/old"), file("d/both")], [file("d/both", 2, B), folder("d"), opaque("d")]
    )
    assert seen(view_of(FileTree(made), 1, aggregated=False)) == {
        "d": "changed", "d/both": "changed", "d/old": "removed",
    }  # fmt: skip
    assert set(union(made).entries) == {"d", "d/both"}


def test_a_file_in_the_place_of_a_folder_takes_what_was_in_it_away() -> None:
    made = layers([folder("d"), file("d/in")], [file("d", 3)])
    assert set(union(made).entries) == {"d"}
    assert seen(view_of(FileTree(made), 1, aggregated=False)) == {"d": "changed", "d/in": "removed"}


def test_a_tree_of_some_layers_grows_when_others_come() -> None:
    assert len(FileTree([None, THREE[1], None])) == 3
    assert set(seen(view_of(FileTree([THREE[0], None, None]), 2, aggregated=False)).values()) == {"unchanged"}


def test_hard_links_stand_for_what_they_link_to_and_loops_for_nothing() -> None:
    link = FileEntry("b", Kind.HARD_LINK, link="a")
    loop = [FileEntry("x", Kind.HARD_LINK, link="y"), FileEntry("y", Kind.HARD_LINK, link="x")]
    found = union(layers([file("a", 7), link, *loop]))
    assert found.resolved("b") == file("a", 7)._replace(path="b")
    assert found.resolved("x") is None
    tree = FileTree(layers([file("a", 7), link, *loop]))
    assert tree.file("b", 0) == (0, file("a", 7))
    assert tree.file("x", 0) is None


def test_a_hard_link_keeps_its_content_when_its_other_name_gets_another() -> None:
    link = FileEntry("b", Kind.HARD_LINK, link="a")
    second = FileEntry("c", Kind.HARD_LINK, link="b")
    made = layers([file("a", 7), link], [file("a", 9, B)], [second])
    found = union(made)
    for path in ("b", "c"):
        assert found.resolved(path) == file("a", 7)._replace(path=path)
        assert FileTree(made).file(path, 2) == (0, file("a", 7))


def test_the_tree_and_the_union_agree_on_any_layers() -> None:
    """The tree is all layers at once, the union one after the other: two ways to the same files."""
    chance = random.Random(7)
    names = ["a", "b", "c"]
    for _ in range(300):
        made = layers(*[[_entry(chance, names) for _ in range(chance.randrange(8))] for _ in range(4)])
        tree = FileTree(made)
        for number in range(4):
            view = view_of(tree, number, aggregated=False)
            there = {tree.paths[n]: view.entry(n) for n in view.all() if view.is_there(n)}
            told = {path: entry for path, entry in there.items() if entry is not None}
            assert told == union(made[: number + 1]).entries, made


def _entry(chance: random.Random, names: Sequence[str]) -> FileEntry:
    path = "/".join(chance.choices(names, k=chance.randint(1, 3)))
    kind = chance.choice([Kind.FILE, Kind.DIRECTORY, Kind.DIRECTORY, Kind.WHITEOUT, Kind.OPAQUE])
    return FileEntry(path, kind, chance.randrange(9) if kind is Kind.FILE else 0)


def test_every_difference_has_its_name() -> None:
    entry = file("a", 1)
    for field, value, name in (
        ("kind", Kind.FIFO, "kind"), ("digest", B, "content"), ("size", 2, "content"),
        ("mode", 0o600, "mode"),
        ("uid", 1, "owner"), ("gid", 1, "owner"), ("link", "b", "link"), ("mtime", 9, "time"),
        ("xattrs", (("user.a", "b"),), "xattrs"), ("device", (1, 2), "device"),
    ):  # fmt: skip
        changed = entry._replace(**cast("dict[str, Any]", {field: value}))
        assert differences(entry, changed) == (name,), field


def test_changes_are_told_of_paths_that_differing_layers_touch() -> None:
    base = [folder("etc"), file("etc/same", 1), file("etc/gone", 2), file("etc/time", 3, mtime=1)]
    a = layers(base, [file("etc/mode", 4)])
    b = layers(
        base, [gone("etc/gone"), file("etc/time", 3, mtime=2), file("etc/mode", 4)._replace(mode=0o600)]
    )
    b[1] = LayerFiles("sha256:other", (*b[1].entries, file("new", 5)), 0)
    found = {each.path: (each.change.value, each.differs) for each in chain(*changes(a, b))}
    assert found == {
        "etc/gone": ("removed", ()),
        "etc/mode": ("changed", ("mode",)),
        "etc/time": ("changed", ("time",)),
        "new": ("added", ()),
    }
    assert list(chain(*changes(a, a))) == []
    assert changes(b, a) == tuple(each.swapped() for each in changes(a, b))


class TestWaste:
    """Counted as dive counts it."""

    def test_of_its_own_example(self) -> None:
        """`TestEfficiency` of dive's `dive/filetree/efficiency_test.go`: 0.75, one path of 7,000 bytes."""
        found = efficiency(
            layers(
                [file("etc/nginx/nginx.conf", 2000), file("etc/nginx/public", 3000)],
                [file("etc/nginx/nginx.conf", 5000), file("etc/athing", 10000)],
                [gone("etc/nginx")],
            )
        )
        assert found.score == 0.75
        assert found.wasted == (Waste("etc/nginx/nginx.conf", 2, 7000, 5000),)
        assert found.wasted_bytes == 7000

    def test_of_an_image_without_bytes(self) -> None:
        """`TestEfficiency_ScratchImage`, in the same file."""
        assert efficiency(layers([file("nothing", 0)], [], [])).score == 1.0

    def test_of_its_published_test_image(self) -> None:
        """The layers of `.data/test-docker-image.tar` of dive, in which a file is copied about.

        1,220,598 bytes, efficiency 0.9844212134184309, 32,025 wasted bytes, says its
        `dive/image/docker/image_archive_analysis_test.go`.
        """
        size, root, example = 6405, folder("root"), folder("root/example")
        image = layers(
            [file("bin/busybox", 1_154_361)],
            [file("somefile.txt", size)],
            [root, example, folder("root/example/really"), folder("root/example/really/nested")],
            [root, example, file("root/example/somefile1.txt", size)],
            [root, example, file("root/example/somefile1.txt", size)],
            [root, example, file("root/example/somefile2.txt", size)],
            [root, example, file("root/example/somefile3.txt", size)],
            [root, example, gone("root/example/somefile3.txt"), file("root/saved.txt", size)],
            [root, file("root/.saved.txt", size)],
            [root, gone("root/example")],
            [root, folder("root/.data"), file("root/.data/tag.sh", 917), file("root/.data/test.sh", 1270)],
            [folder("tmp"), file("tmp/saved.again1.txt", size)],
            [root, folder("root/.data"), file("root/.data/saved.again2.txt", size)],
            [root, file("root/saved.txt", size)],
        )
        found = efficiency(image)
        assert sum(files.content for files in image) == 1_220_598
        assert found.score == pytest.approx(0.9844212134184309, abs=1e-15)
        assert (found.wasted_bytes, found.reclaimable_bytes) == (32_025, 19_215)
        assert found.wasted[0] == Waste("root/example/somefile1.txt", 2, 2 * size, size)


def test_what_is_taken_away_again_and_again_is_gone_through_once() -> None:
    """Each of these would be gone through 400 million times."""
    many = [folder("a"), *(file(f"a/{number}", 1) for number in range(20_000))]
    for hostile in (
        [gone("a")] * 20_000,
        [FileEntry("a", Kind.OPAQUE)] * 20_000,
        [file("a", 1)] * 20_000,
        [each for number in range(10_000) for each in (file("a", 1), file(f"a/new-{number}", 1))],
    ):
        found = efficiency(layers(many, hostile))
        assert found.score <= 1


def test_a_chain_of_hard_links_is_followed_so_far_and_no_further() -> None:
    """Followed to its end for each of them it would be 200 million steps."""
    count = 20_000
    links = [FileEntry(f"{number}", Kind.HARD_LINK, link=f"{number + 1}") for number in range(count)]
    chain = layers([*links, file(f"{count}", 7)])
    tree = FileTree(chain)
    found = [tree.file(f"{number}", 0) for number in range(count)]
    assert [each is None for each in found] == [number < count - 100 for number in range(count)]
    resolved = union(chain)
    assert resolved.resolved(f"{count - 50}") == file(f"{count - 50}", 7)
    assert resolved.resolved("0") is None
