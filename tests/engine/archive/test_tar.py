"""The reader of tars, with Python's tarfile and GNU tar as oracles."""

from __future__ import annotations

import hashlib
import io
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgtui.engine.archive.budget import Budget
from imgtui.engine.archive.content import expanded
from imgtui.engine.archive.errors import ArchiveError
from imgtui.engine.archive.tar import TarReader
from imgtui.engine.archive.writing import header, sparse_header
from tests.engine.archive.tars import DEEP, folder, hard_link, member, source, symlink, tar_of

FORMS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
forms = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())

Fields = tuple[str, bytes, int, int, int, int, int, str, str, str, bytes]


def read(content: bytes, piece: int = 7000) -> list[Fields]:
    """All that the reader under test says of a tar."""
    reader = TarReader(source(content, piece), Budget())
    return [
        (m.name.rstrip("/"), m.type, m.size, m.mode, m.uid, m.gid, m.mtime, m.link, m.user, m.group,
         b"".join(iter(lambda: reader.read(1000), b"")))
        for m in reader
    ]  # fmt: skip


def by_tarfile(content: bytes) -> list[Fields]:
    """All that Python's tarfile says of it."""
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        return [
            (m.name.rstrip("/"), m.type, m.size, m.mode, m.uid, m.gid, int(m.mtime), m.linkname,
             m.uname, m.gname,
             (file.read() if m.isreg() and (file := tar.extractfile(m)) else b""))
            for m in tar
        ]  # fmt: skip


@forms
@pytest.mark.parametrize("piece", [1, 511, 512, 513, 1 << 18])
def test_what_tarfile_writes_is_read_as_tarfile_reads_it(form: int, piece: int) -> None:
    content = tar_of(
        folder("etc/", uid=1, gid=2, uname="daemon", gname="bin"),
        member("etc/passwd", b"root:x:0:0\n" * 100, mode=0o4755, mtime=1_700_000_000),
        member("empty"),
        symlink("bin", "usr/bin"),
        hard_link("etc/shadow", "etc/passwd"),
        member("dev/null", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
        member("dev/loop", type=tarfile.BLKTYPE, devmajor=7, devminor=0),
        member("run/pipe", type=tarfile.FIFOTYPE),
        *([] if form == tarfile.USTAR_FORMAT else [member(DEEP, b"deep"), symlink("far", DEEP)]),
        form=form,
    )
    assert read(content, piece) == by_tarfile(content)


names = st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=150).filter(
    lambda name: name.strip(".") != ""
)


@settings(max_examples=60)
@given(st.dictionaries(names, st.binary(max_size=3000), max_size=8), st.sampled_from([*FORMS.values()][1:]))
def test_any_names_and_contents_are_read_as_tarfile_reads_them(files: dict[str, bytes], form: int) -> None:
    content = tar_of(*(member(name, data) for name, data in files.items()), form=form)
    assert read(content) == by_tarfile(content)


@settings(max_examples=150)
@given(st.integers(0, 2047), st.binary(min_size=1, max_size=40))
def test_damage_is_an_error_in_words_or_is_not_seen_but_never_anything_else(at: int, damage: bytes) -> None:
    whole = tar_of(member("one", b"1" * 700), member("two", b"2"))
    broken = whole[:at] + damage + whole[at + len(damage) :]
    try:
        read(broken)
    except ArchiveError as error:
        assert "\n" not in str(error)  # noqa: PT017 - both outcomes are right


def test_names_that_are_no_utf8_keep_their_bytes() -> None:
    content = tar_of(member("caf\udce9", b"1"), form=tarfile.GNU_FORMAT)
    assert [name.encode("utf-8", "surrogateescape") for name, *_ in read(content)] == [b"caf\xe9"]


def test_extended_attributes_and_device_numbers_are_read() -> None:
    attributes = {"SCHILY.xattr.security.capability": "\x01\x02", "SCHILY.xattr.user.note": "a=b"}
    content = tar_of(
        member("ping", b"1", pax_headers=attributes),
        member("null", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
    )
    ping, null = TarReader(source(content), Budget())
    assert {key: ping.extra[key] for key in attributes} == attributes
    assert null.device == (1, 3)


def test_sizes_above_eight_gigabytes_are_written_and_read_in_base_256() -> None:
    block = header("large", 1 << 40)
    reader = TarReader(source(block), Budget())
    assert next(iter(reader)).size == 1 << 40
    assert tarfile.TarInfo.frombuf(block, "utf-8", "strict").size == 1 << 40


@pytest.mark.parametrize("form", ["gnu", "0.0", "0.1", "1.0"])
def test_sparse_files_of_every_form_are_read_with_their_holes(form: str, tmp_path: Path) -> None:
    path = tmp_path / "holes"
    with path.open("wb") as file:
        for number in range(40):  # more pieces than one header of GNU's own form has room for
            file.seek(number * 1_000_000)
            file.write(f"piece {number}".encode() * 700)
        file.truncate(50_000_000)
    option = ["--format=gnu"] if form == "gnu" else ["--format=pax", f"--sparse-version={form}"]
    subprocess.run(
        ["tar", "-C", tmp_path, "--sparse", *option, "-cf", tmp_path / "t.tar", "holes"], check=True
    )
    packed = (tmp_path / "t.tar").read_bytes()
    assert len(packed) < 2_000_000
    reader = TarReader(source(packed), Budget())
    found = next(iter(reader))
    assert (found.name, found.size) == ("holes", 50_000_000)
    whole = bytearray(found.size)
    for offset, piece in expanded(reader, found):
        whole[offset : offset + len(piece)] = piece
    assert hashlib.sha256(whole).digest() == hashlib.sha256(path.read_bytes()).digest()
    assert next(iter(reader), None) is None


def test_a_sparse_header_of_our_own_is_read_by_tarfile() -> None:
    content = sparse_header("holes", 5, 9_000_000_000) + b"there".ljust(512, b"\0") + bytes(1024)
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        entry = tar.getmembers()[0]
        assert (entry.name, entry.size, entry.issparse()) == ("holes", 9_000_000_000, True)
        file = tar.extractfile(entry)
        assert file is not None
        assert file.read(6) == b"there\0"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (tar_of(member("a", b"x" * 2000))[:1000], "ends in the middle"),
        (header("a", 1 << 63)[:512], "the archive says that an entry has"),
        (b"not a tar at all".ljust(512, b"."), "no tar"),
        (header("././@LongLink", 1 << 30, kind=b"L") + bytes(2048), "more than 65536 are not read"),
        (header("pax", 1 << 30, kind=b"x") + bytes(2048), "more than 1048576 are not read"),
        (header("pax", 12, kind=b"x") + b"99 path=a\n".ljust(512, b"\0"), "pax header is damaged"),
        (header("pax", 14, kind=b"x") + b"14 size=twelve".ljust(512, b"\0"), "pax header is damaged"),
        (header("pax", 15, kind=b"x") + b"15 size=twelve\n".ljust(512, b"\0") + header("a", 0), "twelve"),
    ],
    ids=["cut off", "lying size", "no tar", "endless name", "endless pax", "pax length", "pax end", "number"],
)  # fmt: skip
def test_what_is_broken_is_said_in_one_line(content: bytes, said: str) -> None:
    with pytest.raises(ArchiveError, match=said) as raised:
        read(content)
    assert "\n" not in str(raised.value)
