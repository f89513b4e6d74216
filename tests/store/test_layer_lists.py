"""The lists of files of layers in the cache."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.files.entries import FileEntry, Kind, LayerFiles
from imgtui.store.cached.cache import Cache
from imgtui.store.cached.layer_lists import FORM, LayerLists, pack, unpack

DIGEST = bytes(range(32))
FILES = LayerFiles(
    "sha256:1",
    (
        FileEntry("etc", Kind.DIRECTORY, mode=0o755, mtime=5),
        FileEntry("caf\udce9", Kind.FILE, 10**12, 0o4755, 1, 2, "root", "wheel", -1, digest=DIGEST),
        FileEntry("etc/link", Kind.SYMLINK, link="\udcff"),
        FileEntry("dev/tty", Kind.CHARACTER_DEVICE, device=(4, 1), xattrs=(("user.a", "b"), ("user.c", ""))),
        FileEntry("gone", Kind.WHITEOUT),
        FileEntry("of no known content", Kind.FILE, 3),
    ),
    4096,
)

texts = st.text(st.characters(exclude_categories=[]), max_size=20)
entries = st.builds(
    FileEntry,
    texts,
    st.sampled_from(Kind),
    st.integers(0, 1 << 62),
    st.integers(0, 0o7777),
    st.integers(0, 1 << 31),
    st.integers(0, 1 << 31),
    texts,
    texts,
    st.integers(-(1 << 40), 1 << 40),
    texts,
    st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
    st.none() | st.tuples(st.integers(0, 255), st.integers(0, 255)),
    st.just(b""),
)


@given(st.lists(entries, max_size=5))
def test_any_list_comes_back_as_it_was(found: list[FileEntry]) -> None:
    files = LayerFiles(
        "sha256:2",
        tuple([entry._replace(digest=DIGEST) if entry.kind is Kind.FILE else entry for entry in found]),
        7,
    )
    kept = unpack(files.diff_id, pack(files))
    assert kept == files
    assert [kept.entries[number] for number in range(len(found))] == list(files.entries)
    assert pack(kept) == pack(files)


def test_numbers_beyond_eight_bytes_come_back_too() -> None:
    """An archive may claim any size and any time."""
    files = LayerFiles("sha256:2", (FileEntry("hole", Kind.FILE, 1 << 70, mtime=-(1 << 90), uid=1 << 64),), 7)
    assert unpack(files.diff_id, pack(files)) == files


def test_a_list_is_there_after_a_restart_for_every_image_that_has_the_layer(tmp_path: Path) -> None:
    with closing(Cache(tmp_path / "cache.db")) as cache:
        cache.layer_lists.keep(FILES)
    with closing(Cache(tmp_path / "cache.db")) as cache:
        assert cache.layer_lists.get(["sha256:1", "sha256:2", "sha256:1"]) == {"sha256:1": FILES}


def test_what_was_not_used_for_longest_makes_room() -> None:
    cache = Cache(None)
    lists = LayerLists(cache._read, cache._write, limit=3 * len(pack(FILES)))
    for name in ("sha256:1", "sha256:2", "sha256:3"):
        lists.keep(LayerFiles(name, FILES.entries, FILES.size))
    assert lists.get(["sha256:1"])
    lists.keep(LayerFiles("sha256:4", FILES.entries, FILES.size))
    assert set(lists.get(["sha256:1", "sha256:2", "sha256:3", "sha256:4"])) == {
        "sha256:1",
        "sha256:3",
        "sha256:4",
    }
    assert lists.size <= 3 * len(pack(FILES))


def test_a_list_larger_than_the_limit_is_not_kept() -> None:
    cache = Cache(None)
    lists = LayerLists(cache._read, cache._write, limit=10)
    lists.keep(FILES)
    assert lists.get(["sha256:1"]) == {}


def test_a_list_of_another_form_is_read_anew_and_takes_its_place() -> None:
    cache = Cache(None)
    row = ("sha256:1", FORM - 1, 0, 9, b"as it was")
    cache._write("INSERT INTO layer_files VALUES (?, ?, ?, ?, ?)", [row])
    assert cache.layer_lists.get(["sha256:1"]) == {}
    cache.layer_lists.keep(FILES)
    assert cache.layer_lists.get(["sha256:1"]) == {"sha256:1": FILES}


@pytest.mark.parametrize("body", [b"", b"12345678", pack(FILES)[:-1][:60], bytes(8) + b"x" * 9])
def test_a_list_of_another_shape_is_as_good_as_none(body: bytes) -> None:
    cache = Cache(None)
    row = ("sha256:1", FORM, 0, len(body), body)
    cache._write("INSERT INTO layer_files VALUES (?, ?, ?, ?, ?)", [row])
    assert cache.layer_lists.get(["sha256:1"]) == {}
