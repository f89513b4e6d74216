"""The tags of an archive: all that an engine may move are told, whatever the file is, or it is refused."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from backports import zstd

from imgtui.engine.archive import tags as archive_tags
from imgtui.engine.archive.budget import LIMITS, Cost
from imgtui.engine.archive.tags import read_archive
from imgtui.engine.port.errors import EngineError
from imgtui.model.core.printable import printable
from tests.engines.archives import ArchiveImage, docker_archive, layer

MANIFEST = [{"Config": "c.json", "RepoTags": ["web:1", "shop/web:latest"], "Layers": []}]


def tar(*members: tuple[str, object], kind: int = tarfile.PAX_FORMAT) -> bytes:
    """An archive of JSON files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=kind) as archive:
        for name, document in members:
            content = document if isinstance(document, bytes) else json.dumps(document).encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def tags(tmp_path: Path) -> Callable[[bytes], tuple[str, ...]]:
    """What is read from a file with some content."""

    def read(content: bytes) -> tuple[str, ...]:
        (tmp_path / "a.tar").write_bytes(content)
        return read_archive(tmp_path / "a.tar").tags

    return read


Tags = Callable[[bytes], tuple[str, ...]]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress, zstd.compress])
def test_what_docker_saves_is_read_packed_or_not(tags: Tags, pack: Callable[[bytes], bytes]) -> None:
    images = [ArchiveImage([f"web:{n}", f"other:{n}"], [layer({"f": bytes(70_000)})]) for n in range(3)]
    assert tags(pack(docker_archive(images))) == ("web:0", "other:0", "web:1", "other:1", "web:2", "other:2")


def test_the_tags_of_every_list_are_told_once(tags: Tags) -> None:
    index = {
        "manifests": [
            {"annotations": {"io.containerd.image.name": "docker.io/library/web:1"}},
            {"annotations": {"org.opencontainers.image.ref.name": "team/api:2"}},
            {"annotations": None},
            {},
        ]
    }
    repositories = {"old": {"1": "layer"}, "web": {"1": "layer"}}
    content = tar(("repositories", repositories), ("index.json", index), ("manifest.json", MANIFEST))
    assert tags(content) == ("old:1", "web:1", "docker.io/library/web:1", "team/api:2", "shop/web:latest")


def test_a_list_that_is_there_twice_is_read_twice(tags: Tags) -> None:
    second = [{"RepoTags": ["other:1"]}]
    assert tags(tar(("manifest.json", MANIFEST), ("./manifest.json", second))) == (
        "web:1",
        "shop/web:latest",
        "other:1",
    )


@pytest.mark.parametrize(
    "name", ["./manifest.json", "/manifest.json", "a/../manifest.json", ".//manifest.json"]
)
def test_a_list_is_found_however_its_path_is_written(tags: Tags, name: str) -> None:
    assert tags(tar((name, MANIFEST))) == ("web:1", "shop/web:latest")


@pytest.mark.parametrize("kind", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_entries_with_long_names_do_not_hide_what_follows(tags: Tags, kind: int) -> None:
    long = "d/" * 60 + "file" if kind == tarfile.USTAR_FORMAT else "n" * 4000
    assert tags(tar((long, [1] * 1000), ("manifest.json", MANIFEST), kind=kind)) == (
        "web:1",
        "shop/web:latest",
    )


def test_a_name_that_only_an_extended_header_tells_is_the_name(tags: Tags) -> None:
    buffer = io.BytesIO()
    content = json.dumps(MANIFEST).encode()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        entry = tarfile.TarInfo("harmless")
        entry.size, entry.pax_headers = len(content), {"path": "manifest.json"}
        archive.addfile(entry, io.BytesIO(content))
    assert tags(buffer.getvalue()) == ("web:1", "shop/web:latest")


def test_a_list_that_is_a_link_is_refused_as_engines_may_follow_it(tags: Tags) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo("manifest.json")
        entry.type, entry.linkname = tarfile.SYMTYPE, "elsewhere.json"
        archive.addfile(entry)
    with pytest.raises(EngineError, match="is no file"):
        tags(buffer.getvalue())


_NAMES: list[object] = [None, "web:1", [None, 1, {}], ["not a tag", "<none>:<none>"]]
ODD: list[object] = [
    None, [], {}, "text", 1, [None], [[[[]]]], {"manifests": 5}, {"manifests": [{"annotations": "x"}]},
    *([{"RepoTags": odd}] for odd in _NAMES),
]  # fmt: skip


@pytest.mark.parametrize("document", ODD)
@pytest.mark.parametrize("name", ["manifest.json", "index.json", "repositories"])
def test_lists_of_odd_forms_name_nothing(tags: Tags, name: str, document: object) -> None:
    assert tags(tar((name, document))) == ()


def test_hostile_names_are_printable_or_left_out(tags: Tags) -> None:
    names = ["web:\x1b[2J", "we\nb:1", "x" * 5000 + ":1", "web:1\u202e", "ok:1"]
    found = tags(tar(("manifest.json", [{"RepoTags": names}])))
    assert found == ("ok:1",)
    assert all(printable(tag) == tag for tag in found)


def damaged() -> Iterable[tuple[str, bytes]]:
    good = tar(("layer", bytes(5000)), ("manifest.json", MANIFEST))
    huge = tarfile.TarInfo("manifest.json")
    huge.size = 10**15
    yield "nothing", b""
    yield "no tar", os.urandom(5000)
    yield "text", b"hello\n" * 500
    yield "cut off in a list", good[: good.index(b"web:1")]
    yield "no JSON", tar(("manifest.json", b"{"))
    yield "deep JSON", tar(("manifest.json", b"[" * 1_000_000))
    yield "no list", tar(("other", {}))
    yield "a list without end", huge.tobuf(tarfile.GNU_FORMAT) + bytes(1024)
    yield "zstd of nothing", b"\x28\xb5\x2f\xfd" + bytes(100)
    yield "damaged zstd", zstd.compress(good)[:-20]
    yield "damaged gzip", gzip.compress(good)[:-20]
    yield "damaged xz", lzma.compress(good)[:-20]
    yield "damaged bzip2", bz2.compress(good)[:-20]
    yield "gzip of nothing", b"\x1f\x8b" + bytes(100)


DAMAGED = dict(damaged())


@pytest.mark.parametrize("what", DAMAGED)
def test_what_is_damaged_is_refused_in_one_line(tags: Tags, what: str) -> None:
    with pytest.raises(EngineError) as refused:
        tags(DAMAGED[what])
    assert "\n" not in str(refused.value)
    assert str(refused.value)


def test_how_much_is_read_has_bounds(tags: Tags, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_tags, "MOST_TAGS", 10)
    monkeypatch.setattr(archive_tags, "LARGEST_JSON", 1000)
    with pytest.raises(EngineError, match="more than 10 tags"):
        tags(tar(("manifest.json", [{"RepoTags": [f"web:{n}" for n in range(11)]}])))
    monkeypatch.setitem(LIMITS, Cost.MEMBERS, 10)
    with pytest.raises(EngineError, match="more than 10 members"):
        tags(tar(*((f"f{n}", {}) for n in range(11)), ("manifest.json", MANIFEST)))
    with pytest.raises(EngineError, match="more than 1000"):
        tags(tar(("manifest.json", [{"RepoTags": [], "x": "x" * 1000}])))


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="No such file"):
        read_archive(tmp_path / "none")
    with pytest.raises(EngineError, match="directory"):
        read_archive(tmp_path)
