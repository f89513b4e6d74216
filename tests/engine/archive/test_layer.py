"""One layer, from its stream to the list of its files."""

from __future__ import annotations

import hashlib
import sys
import tarfile

import pytest
from backports import zstd

from imgtui.engine.archive.budget import LIMITS, Budget, Cost, TooMuch
from imgtui.engine.archive.errors import ArchiveError
from imgtui.engine.archive.layer import clean, read_layer
from imgtui.engine.archive.pieces import Parts, Peeked, Skipping
from imgtui.engine.archive.unpack import unpacked
from imgtui.model.files.entries import FileEntry, Kind, LayerFiles
from tests.engine.archive.tars import digest, folder, gzipped, hard_link, member, peeked, symlink, tar_of

LAYER = tar_of(
    folder("./"),
    folder("./etc/", uid=3, gid=4, mtime=5),
    member("etc/passwd", b"root", mode=0o600, uname="root", gname="wheel"),
    hard_link("etc/alias", "./etc/passwd"),
    symlink("bin", "usr/bin"),
    member("dev/tty", type=tarfile.CHRTYPE, devmajor=4, devminor=1),
    member("etc/.wh.shadow"),
    member("var/cache/.wh..wh..opq"),
    member(".wh..wh.plnk/1.2"),
    member("a//b/./c", b"odd"),
    member("../../escape", b"out"),
)


def read(content: bytes) -> LayerFiles:
    stream = peeked(content)
    return read_layer(stream, stream.head, lambda _: None, Budget())


def test_a_layer_is_told_entry_by_entry() -> None:
    found = read(LAYER)
    assert found.diff_id == digest(LAYER)
    assert found.size == len(LAYER)
    root = hashlib.sha256(b"root").digest()
    assert found.entries == (
        FileEntry("etc", Kind.DIRECTORY, 0, 0o755, 3, 4, mtime=5),
        FileEntry("etc/passwd", Kind.FILE, 4, 0o600, user="root", group="wheel", digest=root),
        FileEntry("etc/alias", Kind.HARD_LINK, 0, 0o644, link="etc/passwd"),
        FileEntry("bin", Kind.SYMLINK, 0, 0o777, link="usr/bin"),
        FileEntry("dev/tty", Kind.CHARACTER_DEVICE, 0, 0o644, device=(4, 1)),
        FileEntry("etc/shadow", Kind.WHITEOUT),
        FileEntry("var/cache", Kind.OPAQUE),
        FileEntry(".wh..wh.plnk/1.2", Kind.FILE, 0, 0o644, digest=hashlib.sha256(b"").digest()),
        FileEntry("a/b/c", Kind.FILE, 3, 0o644, digest=hashlib.sha256(b"odd").digest()),
        FileEntry("../../escape", Kind.FILE, 3, 0o644, digest=hashlib.sha256(b"out").digest()),
    )


@pytest.mark.parametrize(
    "pack",
    [
        lambda content: content,
        gzipped,
        lambda content: gzipped(content[:700]) + gzipped(content[700:]) + bytes(512),
        lambda content: zstd.compress(content, 3),
        lambda content: zstd.compress(content[:700]) + zstd.compress(content[700:]),
        lambda content: b"\x50\x2a\x4d\x18\x04\0\0\0skip" + zstd.compress(content),
    ],
    ids=["plain", "gzip", "gzip members", "zstd", "zstd frames", "skippable frame"],
)
def test_however_a_layer_is_packed_it_is_the_same_layer(pack: object) -> None:
    assert callable(pack)
    assert read(pack(LAYER)) == read(LAYER)


def test_a_layer_without_entries_is_a_layer() -> None:
    assert read(bytes(1024)) == LayerFiles(digest(bytes(1024)), (), 1024)


@pytest.mark.parametrize("pack", [gzipped, zstd.compress], ids=["gzip", "zstd"])
def test_a_stream_that_is_cut_off_is_said_to_be_that(pack: object) -> None:
    assert callable(pack)
    packed = pack(tar_of(member("file", bytes(range(256)) * 300)))
    with pytest.raises(ArchiveError, match=r"in the middle of its (gzip|zstd) stream"):
        read(packed[: len(packed) // 2])


def test_a_stream_that_was_changed_is_said_to_be_damaged() -> None:
    packed = gzipped(tar_of(member("file", bytes(range(256)) * 300)))
    broken = packed[:-6] + bytes([packed[-6] ^ 0xFF]) + packed[-5:]
    with pytest.raises(ArchiveError, match="no whole gzip stream"):
        read(broken)


def test_without_a_reader_of_zstd_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "backports.zstd", None)
    monkeypatch.setitem(sys.modules, "compression", None)
    with pytest.raises(ArchiveError, match=r"zstd.*install backports\.zstd"):
        read(zstd.compress(LAYER))


class Counted(Skipping):
    """Remembers the largest piece that was asked of it and given."""

    def __init__(self, content: bytes) -> None:
        self._left = Parts([content])
        self.largest = 0

    def read(self, size: int) -> bytes:
        piece = self._left.read(size)
        self.largest = max(self.largest, len(piece))
        return piece


@pytest.mark.parametrize("pack", [gzipped, zstd.compress], ids=["gzip", "zstd"])
def test_a_bomb_is_unpacked_piece_by_piece(pack: object) -> None:
    assert callable(pack)
    bomb = pack(bytes(200_000_000))
    assert len(bomb) < 1_000_000
    stream = unpacked(Counted(bomb), bomb[:512], Budget())
    total = 0
    while piece := stream.read(1 << 30):
        assert len(piece) <= 1 << 18
        total += len(piece)
    assert total == 200_000_000


def test_a_ten_gigabyte_hole_is_read_without_its_zeros() -> None:
    from imgtui.engine.archive.writing import sparse_header

    content = sparse_header("hole", 5, 10_000_000_000) + b"there".ljust(512, b"\0") + bytes(1024)
    (entry,) = read(content).entries
    assert (entry.path, entry.size) == ("hole", 10_000_000_000)
    assert entry.digest == hashlib.sha256(b"0 5 there").digest()


@pytest.mark.parametrize(
    ("cost", "content"),
    [
        (Cost.ENTRIES, tar_of(*(member(f"file-{number}") for number in range(11)))),
        (Cost.NAMES, tar_of(*[member(f"{number}" * 90) for number in range(1, 9)] * 2)),
        (Cost.HEADERS, tar_of(*(member(f"file-{number}") for number in range(11)))),
        (Cost.RECORDS, tar_of(*(member(f"{number}" * 101) for number in range(11)))),
        (Cost.STREAMS, gzipped(LAYER[:512]) + gzipped(b"") * 11 + gzipped(LAYER[512:])),
        (Cost.GROWTH, gzipped(tar_of(member("zeros", bytes(1_000_000))))),
    ],
    ids=lambda value: value.name if isinstance(value, Cost) else "",
)  # fmt: skip
def test_what_is_too_much_is_said_with_its_limit(cost: Cost, content: bytes) -> None:
    stream = peeked(content)
    with pytest.raises(TooMuch, match=f"^more than 10 {cost.value}$"):
        read_layer(stream, stream.head, lambda _: None, Budget({**LIMITS, cost: 10}))


def test_who_wants_it_stopped_stops_it() -> None:
    class Enough(Exception):
        pass

    def stop(count: int) -> None:
        raise Enough

    content = tar_of(*(member(f"file-{number}") for number in range(1000)))
    stream = Peeked(Parts([content]), 512)
    with pytest.raises(Enough):
        read_layer(stream, stream.head, stop, Budget())


@pytest.mark.parametrize(
    ("name", "path"),
    [("./", ""), ("/", ""), ("a/", "a"), ("./a", "a"), ("//a///b/", "a/b"), ("../a", "../a"), (".a", ".a"),
     ("a/./b", "a/b"), ("a/../b", "a/../b"), ("..a/b", "..a/b")],
)  # fmt: skip
def test_what_names_nothing_is_left_out_of_a_name(name: str, path: str) -> None:
    assert clean(name) == path
