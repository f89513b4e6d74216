"""The files that differ, as a tree, and one of them line by line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.compare.files import FilesDifference, FilesTree, weight
from imgtui.model.compare.text import MOST_BYTES, MOST_HEX, MOST_LINES, Half, text_difference
from imgtui.model.core.printable import safe_for_terminal
from imgtui.model.files.changes import Change, FileChange, changes
from imgtui.model.files.entries import FileEntry, Kind
from tests.model.test_filetree import A, B, file, folder, gone, layers

BEFORE = layers(
    [folder("etc"), file("etc/one", 10), file("etc/two", 20), file("usr/lib/a/old", 7), file("t")]
)
AFTER = [
    *BEFORE,
    *layers([
        file("etc/one", 30, B), gone("etc/two"), file("usr/lib/a/new", 500), file("usr/lib/a/new2", 1),
        file("t", mtime=9), folder("etc", 0o700), file("mode", 1), file("usr/lib/a/old", 7, uid=3),
    ]),
]  # fmt: skip
AFTER = [AFTER[0], AFTER[1].__class__("sha256:top", AFTER[1].entries, 0)]
FOUND = FilesDifference(*changes(BEFORE, AFTER))


def rows(tree: FilesTree, opened: set[str] | None = None, *words: str) -> list[tuple[str, int]]:
    shown = tree.rows(tree.folders if opened is None else opened, words)
    return [(node.path, node.bytes) for node in shown]


def test_what_only_has_another_time_is_told_apart() -> None:
    assert [change.path for change in FOUND.times] == ["t"]
    assert {change.path: change.change.value for change in FOUND.content} == {
        "etc": "changed", "etc/one": "changed", "etc/two": "removed", "mode": "added",
        "usr/lib/a/new": "added", "usr/lib/a/new2": "added", "usr/lib/a/old": "changed",
    }  # fmt: skip
    assert FOUND.count(Change.ADDED) == 3


def test_folders_are_summed_the_largest_first_and_chains_of_folders_are_one_row() -> None:
    tree = FilesTree(FOUND, times=False)
    assert rows(tree) == [
        ("usr/lib/a", 501), ("usr/lib/a/new", 500), ("usr/lib/a/new2", 1), ("usr/lib/a/old", 0),
        ("etc", 50), ("etc/one", 30), ("etc/two", 20), ("mode", 1),
    ]  # fmt: skip
    assert [tree.nodes[path].name for path in ("usr/lib/a", "usr/lib/a/new")] == ["usr/lib/a", "new"]
    assert [tree.nodes[path].depth for path in ("usr/lib/a", "usr/lib/a/new")] == [0, 1]
    assert [tree.nodes["usr/lib/a"].count, tree.nodes["etc"].count] == [3, 2]
    assert rows(tree, {"etc"})[1:3] == [("etc", 50), ("etc/one", 30)]


def test_with_times_what_only_has_another_one_is_there_without_bytes() -> None:
    assert ("t", 0) in rows(FilesTree(FOUND, times=True))


def test_words_find_paths_anywhere_the_largest_first() -> None:
    tree = FilesTree(FOUND, times=False)
    assert rows(tree, set(), "usr", "!old") == [("usr/lib/a/new", 500), ("usr/lib/a/new2", 1)]


def test_bytes_count_only_where_content_differs() -> None:
    by_path = {change.path: weight(change) for change in FOUND.content}
    assert (by_path["etc/one"], by_path["etc/two"], by_path["usr/lib/a/old"]) == (30, 20, 0)


def test_seen_from_the_other_side_what_came_went() -> None:
    other = FOUND.swapped()
    assert [change.change for change in other.content if change.path == "mode"] == [Change.REMOVED]
    assert other.swapped() == FOUND


paths = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join)


@given(st.dictionaries(paths, st.integers(0, 9)))
def test_every_path_that_differs_has_one_row_and_the_sums_are_those_of_the_files(
    sizes: dict[str, int],
) -> None:
    differing = [
        FileChange(path, Change.ADDED, None, FileEntry(path, Kind.FILE, size, digest=A))
        for path, size in sizes.items()
    ]
    tree = FilesTree(FilesDifference(differing), times=False)
    shown = tree.rows(tree.folders)
    assert sorted(node.path for node in shown if node.change) == sorted(sizes)
    assert len({node.path for node in shown}) == len(shown)
    assert tree.root.bytes == sum(sizes.values())
    assert all(node.depth >= 0 for node in shown)


# ------------------------------------------------------------------ one file


def half(content: bytes) -> Half:
    return Half(content[:MOST_BYTES], len(content))


def test_text_is_compared_line_by_line_with_the_lines_around() -> None:
    before = "".join(f"{n}\n" for n in range(20))
    found = text_difference(half(before.encode()), half(before.replace("10\n", "ten\n").encode()))
    assert found.lines == ("@@ -8,7 +8,7 @@", " 7", " 8", " 9", "-10", "+ten", " 11", " 12", " 13")
    assert (found.binary, found.cut) == (False, "")


def test_a_file_that_came_is_all_added_and_the_same_has_no_lines() -> None:
    assert text_difference(None, half(b"a\nb")).lines == ("@@ -0,0 +1,2 @@", "+a", "+b")
    assert text_difference(half(b"a"), half(b"a")).lines == ()
    assert text_difference(half(b""), half(b"x")).lines[-1] == "+x"


def test_what_is_no_text_is_compared_as_hexadecimal() -> None:
    found = text_difference(half(b"\0abc" + bytes(40)), half(b"\1abc" + bytes(40)))
    assert found.binary
    assert found.lines[1].startswith("-00000000  00 61 62 63")
    assert found.lines[2].startswith("+00000000  01 61 62 63")
    assert text_difference(half(b"\xff\xfe" * 100), half(b"text")).binary


def test_what_is_too_large_is_compared_at_its_beginning_and_that_is_said() -> None:
    big = text_difference(half(b"a\n" * MOST_BYTES), half(b"b\n" + b"a\n" * MOST_BYTES))
    assert big.lines[1:3] == ("+b", " a")
    assert "only the first 256 KiB" in big.cut
    many = text_difference(None, half(b"".join(b"%d\n" % n for n in range(MOST_LINES + 10))))
    assert len(many.lines) == MOST_LINES
    assert "lines of the difference" in many.cut
    assert f"{MOST_HEX // 1024} KiB" in text_difference(half(b"\0" * MOST_HEX * 2), None).cut


def test_a_character_that_is_cut_in_two_at_the_end_is_still_text() -> None:
    content = b"a" * (MOST_BYTES - 1) + "é".encode() * 10
    assert not text_difference(half(content), half(b"b")).binary


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_whatever_the_files_have_every_line_is_safe_for_a_terminal(a: bytes, b: bytes) -> None:
    assert all(safe_for_terminal(line) for line in text_difference(half(a), half(b)).lines)
