"""What is stored of an image is counted blob by blob, out of an export."""

from __future__ import annotations

import json

from imgtui.engine.archive.blobs import read_blobs, read_statement
from tests.engine.archive.tars import (
    blobs_of,
    digest,
    gzipped,
    member,
    old_docker_archive,
    source,
    tar_of,
)

LAYERS = [tar_of(member("one", b"1" * 5000)), tar_of(member("two", b"2" * 50))]
PACKED = [gzipped(layer) for layer in LAYERS]


def stored(layers: list[bytes]) -> dict[str, bytes]:
    """The blobs of an image's layout, by digest."""
    files = blobs_of(layers, [gzipped(layer) for layer in layers], "web:1")
    return {digest(blob): blob for name, blob in files.items() if name.startswith("blobs/")}


def archive_of(*blobs: bytes) -> bytes:
    """What an engine exports: blobs in the order of their digests."""
    named = sorted((f"blobs/sha256/{digest(blob)[7:]}", blob) for blob in set(blobs))
    return tar_of(*(member(name, blob) for name, blob in named), member("index.json", b"{}"))


def manifest_of(layers: list[bytes]) -> str:
    """The digest of the manifest of an image of these layers."""
    (found,) = (key for key, blob in stored(layers).items() if b"schemaVersion" in blob)
    return found


def test_an_image_is_its_manifest_its_configuration_and_its_layers_as_they_are_stored() -> None:
    image = manifest_of(LAYERS)
    blobs = read_blobs(source(archive_of(*stored(LAYERS).values())), [image])
    assert blobs == {image: {key: len(blob) for key, blob in stored(LAYERS).items()}}


def test_an_index_has_all_that_its_manifests_have_and_what_is_not_here_counts_nothing() -> None:
    manifests = [manifest_of(LAYERS), manifest_of(LAYERS[:1]), f"sha256:{'0' * 64}"]
    index = json.dumps({"manifests": [{"digest": each} for each in manifests]}).encode()
    everything = {**stored(LAYERS), **stored(LAYERS[:1]), digest(index): index}
    blobs = read_blobs(source(archive_of(*everything.values())), [digest(index), manifests[1]])
    assert blobs[digest(index)] == {key: len(blob) for key, blob in everything.items()}
    assert blobs[manifests[1]].keys() == stored(LAYERS[:1]).keys()
    assert digest(PACKED[0]) in blobs[manifests[1]]


def test_an_image_that_is_no_blob_is_left_out() -> None:
    assert read_blobs(source(old_docker_archive(LAYERS)), [f"sha256:{'1' * 64}"]) == {}


def test_hostile_manifests_end_the_reading_in_no_loop() -> None:
    loop = json.dumps({"manifests": [1, {"digest": 5}, {"digest": "x"}], "config": [], "layers": {}}).encode()
    index = json.dumps({"manifests": [{"digest": digest(loop)}, {"digest": digest(loop)}]}).encode()
    assert read_blobs(source(archive_of(loop, index)), [digest(index)]) == {
        digest(index): {digest(index): len(index), digest(loop): len(loop)}
    }


def test_what_is_attested_beside_an_image_is_found() -> None:
    statement = json.dumps({"subject": [{"name": "web"}], "predicate": {}}).encode()
    attestation = json.dumps({"layers": [{"digest": digest(statement)}]}).encode()
    index = json.dumps({
        "manifests": [
            {"digest": manifest_of(LAYERS)},
            {
                "digest": digest(attestation),
                "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
            },
        ]
    }).encode()  # fmt: skip
    blobs = [*stored(LAYERS).values(), statement, attestation, index]
    found = read_statement(source(archive_of(*blobs)), digest(index))
    assert found["subject"] == [{"name": "web"}]
    assert read_statement(source(archive_of(*blobs)), manifest_of(LAYERS)) == {}


def test_more_json_than_a_statement_needs_is_not_held() -> None:
    large = [json.dumps({"layers": [], "more": f"{number}" * (1 << 21)}).encode() for number in range(5)]
    assert read_statement(source(archive_of(*large), 1 << 20), digest(large[0])) == {}
