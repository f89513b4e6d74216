"""Archives and layouts with something in them that is no image, or is broken: the rest is shown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from imgtui.engine.archive.engine import ArchiveEngine
from imgtui.engine.archive.errors import ArchiveError
from imgtui.engine.wire.facts import read_facts
from imgtui.operations.files.layer_files import tree_of
from imgtui.store.cached.cache import Cache
from tests.engine.archive.tars import (
    blobs_of,
    config_of,
    digest,
    member,
    new_docker_archive,
    old_docker_archive,
    tar_of,
)

BASE = tar_of(member("etc/version", b"1"))
TOP = tar_of(member("etc/top", b"2"))
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
GOOD = blobs_of([BASE, TOP], [BASE, TOP], "web:1")


def blob(content: bytes) -> tuple[str, bytes]:
    return f"blobs/sha256/{digest(content)[7:]}", content


def described(content: bytes, **fields: object) -> dict[str, object]:
    return {"digest": digest(content), "size": len(content), **fields}


def artifact(config: bytes, layers: Sequence[bytes], kind: str, **fields: object) -> bytes:
    """A manifest."""
    return json.dumps({
        "schemaVersion": 2,
        "config": described(config, mediaType=kind),
        "layers": [described(layer, mediaType=fields.get("of", "")) for layer in layers],
        **{name: value for name, value in fields.items() if name != "of"},
    }).encode()  # fmt: skip


def beside_an_image(manifest: bytes, *contents: bytes, **fields: object) -> dict[str, bytes]:
    """A layout that has an image, and before it something else."""
    index = json.loads(GOOD["index.json"])
    index["manifests"].insert(0, described(manifest, **fields))
    return {**GOOD, **dict(map(blob, (manifest, *contents))), "index.json": json.dumps(index).encode()}


EMPTY, CHART, SIGNED = b"{}", b"a chart", b'{"critical": {}}'
HELM = artifact(EMPTY, [CHART], "application/vnd.cncf.helm.config.v1+json", of="application/tar+gzip")
REFERRER = artifact(
    EMPTY, [EMPTY], "application/vnd.oci.empty.v1+json", artifactType="application/spdx+json", of="text/spdx"
)
COSIGN_CONFIG = config_of([SIGNED])
COSIGN = artifact(COSIGN_CONFIG, [SIGNED], OCI_CONFIG, of="application/vnd.dev.cosign.simplesigning.v1+json")
CACHE_CONFIG = b'{"layers": [], "records": []}'
CACHE = artifact(CACHE_CONFIG, [BASE], "application/vnd.buildkit.cacheconfig.v0")
NO_LAYERS_TOLD = artifact(b'{"architecture": "amd64"}', [BASE], OCI_CONFIG, of="application/x.tar")
WINDOWS = tar_of(member("Files/a", b"3"))
WINDOWS_CONFIG = config_of([WINDOWS, TOP])
FOREIGN = json.dumps({
    "config": described(WINDOWS_CONFIG, mediaType=OCI_CONFIG),
    "layers": [described(WINDOWS, urls=["https://mcr.example/base"]), described(TOP)],
}).encode()  # fmt: skip
HALF_CONFIG = config_of([BASE, WINDOWS])
HALF = artifact(HALF_CONFIG, [BASE, WINDOWS], OCI_CONFIG)

ODD: Mapping[str, tuple[dict[str, bytes], str]] = {
    "a Helm chart": (beside_an_image(HELM, EMPTY, CHART), "artifact (application/vnd.cncf.helm.config"),
    "a referrer": (beside_an_image(REFERRER, EMPTY), "an artifact (application/spdx+json), not an image"),
    "a signature": (beside_an_image(COSIGN, COSIGN_CONFIG, SIGNED), "artifact (application/vnd.dev.cosign"),
    "a build cache": (beside_an_image(CACHE, CACHE_CONFIG), "an artifact (application/vnd.buildkit.cache"),
    "a config without layers": (
        beside_an_image(NO_LAYERS_TOLD, b'{"architecture": "amd64"}'), "and its configuration of 0"
    ),
    "no manifest": (beside_an_image(CACHE_CONFIG, artifactType="application/x"), "artifact (application/x)"),
    "a forged manifest": (
        {**beside_an_image(HELM), blob(HELM)[0]: HELM + b" "}, "is damaged or forged: it has the digest"),
    "a foreign layer": (
        beside_an_image(FOREIGN, WINDOWS_CONFIG), "is missing in the archive: it is to be had at https://mcr"
    ),
    "a missing layer": (beside_an_image(HALF, HALF_CONFIG), "is missing in the archive"),
}  # fmt: skip
each = pytest.mark.parametrize(("files", "said"), ODD.values(), ids=ODD.keys())


def written(place: Path, files: Mapping[str, bytes]) -> ArchiveEngine:
    """Open a layout."""
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    return ArchiveEngine(place)


@each
def test_an_image_is_shown_beside_what_is_odd(files: dict[str, bytes], said: str, tmp_path: Path) -> None:
    engine = written(tmp_path, files)
    image = engine.image("web:1")
    assert image is not None
    assert image.id == digest(config_of([BASE, TOP]))
    assert len(engine.odd) == 1
    assert said in engine.odd[0]
    assert engine.odd[0].isprintable()
    read = tree_of(engine, Cache(None).layer_lists, image.id, [digest(BASE), digest(TOP)])
    assert not read.problem


def test_the_layers_that_are_there_are_shown_of_an_image_that_lacks_one(tmp_path: Path) -> None:
    engine = written(tmp_path, ODD["a foreign layer"][0])
    image_id = digest(WINDOWS_CONFIG)
    document = engine.document(image_id)
    assert document is not None
    facts = read_facts(document)
    assert [layer.size for layer in facts.layers] == [0, len(TOP)]
    assert [entry.created_by for entry in facts.history] == ["RUN step 0", "RUN step 1"]
    read = tree_of(engine, Cache(None).layer_lists, image_id, [layer.diff_id for layer in facts.layers])
    assert [files is not None for files in read.tree.layers] == [False, True]
    assert read.tree.node("etc/top") is not None
    assert read.efficiency is None
    assert "has no layer with the digest" in read.problem


@pytest.mark.parametrize("damage", ["cut off", "forged", "no tar"])
@pytest.mark.parametrize("which", [0, 1])
def test_a_broken_layer_takes_no_other_along(which: int, damage: str, tmp_path: Path) -> None:
    files = dict(GOOD)
    name, content = blob([BASE, TOP][which])
    files[name] = {"cut off": content[:700], "forged": tar_of(member("x", b"9")), "no tar": b"?" * 2000}[
        damage
    ]
    engine = written(tmp_path, files)
    read = tree_of(
        engine, Cache(None).layer_lists, digest(config_of([BASE, TOP])), [digest(BASE), digest(TOP)]
    )
    assert [files is not None for files in read.tree.layers] == [which == 1, which == 0]
    assert digest([BASE, TOP][which])[7:19] in read.problem
    assert "\n" not in read.problem


@pytest.mark.parametrize("form", ["old", "new"])
def test_a_forged_configuration_is_not_believed(form: str, tmp_path: Path) -> None:
    make = old_docker_archive if form == "old" else new_docker_archive
    path = tmp_path / "image.tar"
    path.write_bytes(make([BASE]).replace(b'"architecture": "amd64"', b'"architecture": "arm64"'))
    with pytest.raises(ArchiveError, match=r"the configuration .* is damaged or forged: its digest is"):
        ArchiveEngine(path)


def test_a_forged_configuration_takes_no_other_image_along(tmp_path: Path) -> None:
    other = blobs_of([TOP], [TOP], "web:2")
    index = json.loads(GOOD["index.json"])
    index["manifests"] += json.loads(other["index.json"])["manifests"]
    files = {**other, **GOOD, "index.json": json.dumps(index).encode()}
    name, content = blob(config_of([TOP]))
    files[name] = content.replace(b"amd64", b"arm64")
    engine = written(tmp_path, files)
    assert [image.tags for part in engine.list_images() for image in part.images] == [("web:1",)]
    assert ["damaged or forged" in line for line in engine.odd] == [True]


def test_of_many_odd_things_few_are_said(tmp_path: Path) -> None:
    charts = [artifact(EMPTY, [CHART], f"application/x.{number}") for number in range(150)]
    index = json.loads(GOOD["index.json"])
    index["manifests"] += [described(chart) for chart in charts]
    files = {**GOOD, **dict(map(blob, charts)), "index.json": json.dumps(index).encode()}
    engine = written(tmp_path, files)
    assert len(engine.odd) == 100
    assert engine.said(5)[-1] == "and 95 more of this kind"
