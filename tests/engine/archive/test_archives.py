"""Archives of every form: the same images, and the same lists of files."""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from backports import zstd

from imgtui.engine.archive.budget import Budget
from imgtui.engine.archive.engine import ArchiveEngine
from imgtui.engine.archive.errors import ArchiveError
from imgtui.engine.archive.export import read_layers
from imgtui.engine.port.errors import ReadOnly
from imgtui.engine.wire.facts import read_facts
from imgtui.model.core.image import Image, Store
from imgtui.model.files.entries import LayerFiles
from imgtui.operations.files.layer_files import files_of
from imgtui.store.cached.cache import Cache
from tests.engine.archive.tars import (
    blobs_of,
    config_of,
    digest,
    folder,
    gzipped,
    member,
    new_docker_archive,
    oci_archive,
    old_docker_archive,
    source,
    tar_of,
    write_layout,
)

BASE = tar_of(folder("etc/"), member("etc/version", b"1"), member("etc/old", b"old"))
TOP = tar_of(member("etc/version", b"2"), member("etc/.wh.old"))
LAYERS = [BASE, TOP, BASE]

Write = Callable[[Path], Path]


def file(make: Callable[[], bytes]) -> Write:
    """Writes an archive into a folder."""

    def write(place: Path) -> Path:
        path = place / "image.tar"
        path.write_bytes(make())
        return path

    return write


FORMS: dict[str, Write] = {
    "old docker-archive": file(lambda: old_docker_archive(LAYERS)),
    "new docker-archive": file(lambda: new_docker_archive(LAYERS)),
    "OCI archive": file(lambda: oci_archive(LAYERS)),
    "OCI archive, gzip": file(lambda: oci_archive(LAYERS, [gzipped(layer) for layer in LAYERS])),
    "OCI archive, zstd": file(lambda: oci_archive(LAYERS, [zstd.compress(layer) for layer in LAYERS])),
    "packed as a whole": file(lambda: gzipped(new_docker_archive(LAYERS))),
    "OCI layout": lambda place: write_layout(place / "layout", LAYERS),
    "OCI layout, gzip": lambda place: write_layout(place / "layout", LAYERS, [*map(gzipped, LAYERS)]),
}
forms = pytest.mark.parametrize("write", FORMS.values(), ids=FORMS.keys())


def images(engine: ArchiveEngine) -> list[Image]:
    return [image for part in engine.list_images() for image in part.images]


def lists(engine: ArchiveEngine, image_id: str) -> list[LayerFiles]:
    document = engine.document(image_id)
    assert document is not None
    diff_ids = [layer.diff_id for layer in read_facts(document).layers]
    return files_of(engine, Cache(None).layer_lists, image_id, diff_ids)


@forms
def test_every_form_has_the_same_image_and_the_same_files(write: Write, tmp_path: Path) -> None:
    engine = ArchiveEngine(write(tmp_path))
    (image,) = images(engine)
    assert image.id == digest(config_of(LAYERS))
    assert image.tags == ("web:1",)
    found = lists(engine, image.id)
    assert [files.diff_id for files in found] == [digest(layer) for layer in LAYERS]
    assert [[entry.path for entry in files.entries] for files in found] == [
        ["etc", "etc/version", "etc/old"],
        ["etc/version", "etc/old"],
        ["etc", "etc/version", "etc/old"],
    ]


@forms
def test_an_archive_tells_facts_and_history_as_an_engine_does(write: Write, tmp_path: Path) -> None:
    engine = ArchiveEngine(write(tmp_path))
    document = engine.document("web:1")
    assert document is not None
    facts = read_facts(document)
    assert facts.platform == "linux/amd64"
    assert [entry.created_by for entry in facts.history] == ["RUN step 0", "RUN step 1", "RUN step 2"]
    assert engine.connect().product == "archive"


@forms
def test_an_archive_is_never_changed(write: Write, tmp_path: Path) -> None:
    engine = ArchiveEngine(write(tmp_path))
    with pytest.raises(ReadOnly):
        engine.tag("web:1", "web:2")
    with pytest.raises(ReadOnly):
        engine.untag("web:1")


def test_layers_that_are_not_wanted_are_not_parsed() -> None:
    broken = tar_of(member("file", b"x" * 600))[:700]
    archive = new_docker_archive([BASE, broken])
    found = list(read_layers(source(archive), {digest(BASE)}, lambda *_: None, budget=Budget()))
    assert [files.diff_id for files in found] == [digest(BASE)]


def test_of_several_platforms_the_first_one_has_the_tag(tmp_path: Path) -> None:
    arm = [tar_of(member("arm", b"64"))]
    amd, other = blobs_of([BASE], [BASE], "web:1"), blobs_of(arm, arm, "web:1")
    index = json.loads(amd["index.json"])
    first, second = index["manifests"][0], json.loads(other["index.json"])["manifests"][0]
    del second["annotations"]
    attestation = {
        "digest": "sha256:" + "0" * 64,
        "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
    }
    inner = json.dumps({"manifests": [{"digest": first["digest"]}, second, attestation]}).encode()
    outer = {"digest": digest(inner), "annotations": first["annotations"]}
    files = {
        **amd,
        **other,
        f"blobs/sha256/{digest(inner)[7:]}": inner,
        "index.json": json.dumps({"manifests": [outer]}).encode(),
    }
    path = tmp_path / "image.tar"
    path.write_bytes(tar_of(*(member(name, blob) for name, blob in files.items())))
    assert {image.id: image.tags for image in images(ArchiveEngine(path))} == {
        digest(config_of([BASE])): ("web:1",),
        digest(config_of(arm)): (),
    }


def of_json(name: str, document: object, *others: tuple[tarfile.TarInfo, bytes]) -> bytes:
    return tar_of(member(name, json.dumps(document).encode()), *others)


DEEP = b"[" * 200_000
CONFIG = member("c.json", config_of([BASE]))
HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "no image is in it"),
    "no tar": (b"hello" * 300, "no tar"),
    "another tar": (BASE, "no image is in it"),
    "cut off": (new_docker_archive(LAYERS)[:1500], "ends in the middle"),
    "manifest too deep": (tar_of(member("manifest.json", DEEP)), "no image is in it"),
    "giant manifest": (tar_of(member("manifest.json", bytes(5_000_000))), "are not read"),
    "manifest of numbers": (of_json("manifest.json", [1, 2, {"Layers": 3}]), "configuration  is missing"),
    "config outside": (
        of_json("manifest.json", [{"Config": "../../etc/passwd", "Layers": []}]),
        "etc/passwd is missing",
    ),
    "more layers than told": (
        of_json("manifest.json", [{"Config": "c.json", "Layers": ["a", "b"]}], CONFIG),
        "tells of 2 layers, and its configuration of 1",
    ),
    "indexes in a loop": (
        tar_of(
            member("index.json", json.dumps({"manifests": [{"digest": "md5:aa"}]}).encode()),
            member("blobs/md5/aa", json.dumps({"manifests": [{"digest": "md5:aa"}]}).encode()),
        ),
        "no image is in it",
    ),
    "controls in names": (
        of_json("manifest.json", [{"Config": "\x1b]0;owned\x07\nnext", "Layers": []}]),
        "is missing",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "said"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_archive_is_refused_in_one_line(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match=said) as raised:
        ArchiveEngine(path)
    assert str(raised.value).isprintable()


def test_indexes_deeper_than_the_specification_has_them_are_not_followed(tmp_path: Path) -> None:
    below = json.dumps({"manifests": []}).encode()
    blobs = [below]
    for _ in range(6):
        below = json.dumps({"manifests": [{"digest": digest(below)}]}).encode()
        blobs.append(below)
    files = [member(f"blobs/sha256/{digest(blob)[7:]}", blob) for blob in blobs[:-1]]
    path = tmp_path / "image.tar"
    path.write_bytes(tar_of(member("index.json", below), *files))
    with pytest.raises(ArchiveError, match="indexes in indexes: more than 4 are not followed"):
        ArchiveEngine(path)


def test_a_layer_with_another_digest_than_told_is_refused(tmp_path: Path) -> None:
    forged = tar_of(member("etc/version", b"9"))
    files = blobs_of([BASE], [BASE], "web:1")
    files[f"blobs/sha256/{digest(BASE)[7:]}"] = forged
    path = tmp_path / "image.tar"
    path.write_bytes(tar_of(*(member(name, blob) for name, blob in files.items())))
    engine = ArchiveEngine(path)
    with pytest.raises(ArchiveError, match="damaged or forged"):
        lists(engine, images(engine)[0].id)


def test_an_old_archive_with_a_forged_layer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(old_docker_archive([tar_of(member("file", b"as told"))]).replace(b"as told", b"another"))
    engine = ArchiveEngine(path)
    with pytest.raises(ArchiveError, match="has no layer with the digest"):
        lists(engine, images(engine)[0].id)


def test_a_layout_with_links_and_pipes_reads_only_its_files(tmp_path: Path) -> None:
    layout = write_layout(tmp_path / "layout", [BASE])
    os.mkfifo(layout / "blobs/sha256" / ("1" * 64))
    (layout / "blobs/sha256" / ("2" * 64)).symlink_to("/dev/zero")
    (layout / "blobs/loop").symlink_to(layout / "blobs")
    engine = ArchiveEngine(layout)
    assert len(lists(engine, images(engine)[0].id)) == 1


def test_a_layout_whose_layer_becomes_a_pipe_is_refused(tmp_path: Path) -> None:
    layout = write_layout(tmp_path / "layout", [BASE])
    engine = ArchiveEngine(layout)
    blob = layout / "blobs/sha256" / digest(BASE)[7:]
    blob.unlink()
    os.mkfifo(blob)
    with pytest.raises(ArchiveError):
        lists(engine, images(engine)[0].id)


@pytest.mark.parametrize("name", ["nothing", "folder"])
def test_what_is_no_archive_is_said_in_one_line(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ArchiveError, match=name):
        ArchiveEngine(tmp_path / name)


@forms
def test_facts_of_an_archive_are_not_taken_for_those_of_an_engine(write: Write, tmp_path: Path) -> None:
    assert ArchiveEngine(write(tmp_path)).connect().store is Store.ARCHIVE
