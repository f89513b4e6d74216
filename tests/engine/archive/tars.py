"""Tars and image archives in every form that is read, made with Python's tarfile."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from imgtui.engine.archive.pieces import Parts, Peeked, Source

DEEP: Final = "a/" * 60 + "long-" * 20 + "name"
_OCI: Final = "application/vnd.oci.image"
CREATED: Final = "2024-01-01T00:00:00Z"


def member(name: str, content: bytes = b"", **fields: Any) -> tuple[tarfile.TarInfo, bytes]:
    """An entry: a file, unless `type` says otherwise."""
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    for field, value in fields.items():
        setattr(entry, field, value)
    return entry, content


def folder(name: str, **fields: Any) -> tuple[tarfile.TarInfo, bytes]:
    """A folder."""
    return member(name, type=tarfile.DIRTYPE, mode=0o755, **fields)


def symlink(name: str, target: str) -> tuple[tarfile.TarInfo, bytes]:
    """A symbolic link."""
    return member(name, type=tarfile.SYMTYPE, linkname=target, mode=0o777)


def hard_link(name: str, target: str) -> tuple[tarfile.TarInfo, bytes]:
    """A hard link."""
    return member(name, type=tarfile.LNKTYPE, linkname=target)


def tar_of(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as tar:
        for entry, content in members:
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def source(content: bytes, piece: int = 7000) -> Source:
    """A stream that comes in parts of an awkward size."""
    return Parts(content[at : at + piece] for at in range(0, len(content), piece))


def peeked(content: bytes) -> Peeked:
    """A stream of which the beginning was looked at."""
    return Peeked(source(content), 512)


def digest(content: bytes) -> str:
    """With its algorithm."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def config_of(layers: Sequence[bytes], **config: object) -> bytes:
    """An OCI image configuration."""
    return json.dumps({
        "architecture": "amd64",
        "os": "linux",
        "created": CREATED,
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]},
        "history": [{"created": CREATED, "created_by": f"RUN step {n}"} for n in range(len(layers))],
    }).encode()  # fmt: skip


def old_docker_archive(layers: Sequence[bytes], tag: str = "web:1") -> bytes:
    """What Docker up to 24 saves: a folder for each layer, links to equal ones, the manifest at the end."""
    config = config_of(layers)
    paths: list[str] = []
    members = []
    seen: dict[str, str] = {}
    for number, layer in enumerate(layers):
        path = f"{number:064x}/layer.tar"
        members += [folder(f"{number:064x}/"), member(f"{number:064x}/VERSION", b"1.0")]
        known = seen.setdefault(digest(layer), path)
        members.append(member(path, layer) if known == path else symlink(path, f"../{known}"))
        paths.append(path)
    name = f"{digest(config)[7:]}.json"
    manifest = [{"Config": name, "RepoTags": [tag], "Layers": paths}]
    members += [member(name, config), member("manifest.json", json.dumps(manifest).encode())]
    return tar_of(*members, form=tarfile.GNU_FORMAT)


def blobs_of(layers: Sequence[bytes], packed: Sequence[bytes], tag: str) -> dict[str, bytes]:
    """The files of an OCI layout; `packed` are the layers as they are stored."""
    config = config_of(layers)
    manifest = json.dumps({
        "schemaVersion": 2,
        "config": {"digest": digest(config), "size": len(config)},
        "layers": [{"digest": digest(blob), "size": len(blob)} for blob in packed],
    }).encode()  # fmt: skip
    index = json.dumps({
        "schemaVersion": 2,
        "manifests": [{
            "digest": digest(manifest),
            "size": len(manifest),
            "annotations": {"io.containerd.image.name": f"docker.io/library/{tag}"},
        }],
    }).encode()  # fmt: skip
    blobs = {f"blobs/sha256/{digest(blob)[7:]}": blob for blob in (config, manifest, *packed)}
    return dict(
        sorted({**blobs, "index.json": index, "oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}.items())
    )


def oci_archive(layers: Sequence[bytes], packed: Sequence[bytes] | None = None, tag: str = "web:1") -> bytes:
    """An OCI archive."""
    files = blobs_of(layers, packed or layers, tag)
    return tar_of(
        folder("blobs/"), folder("blobs/sha256/"), *(member(name, blob) for name, blob in files.items())
    )


def new_docker_archive(layers: Sequence[bytes], tag: str = "web:1") -> bytes:
    """What Docker 25 and newer saves: an OCI layout with `manifest.json`."""
    files = blobs_of(layers, layers, tag)
    config = f"blobs/sha256/{digest(config_of(layers))[7:]}"
    names = [f"blobs/sha256/{digest(layer)[7:]}" for layer in layers]
    manifest = json.dumps([{"Config": config, "RepoTags": [tag], "Layers": names}]).encode()
    return tar_of(*(member(name, blob) for name, blob in {**files, "manifest.json": manifest}.items()))


def write_layout(place: Path, layers: Sequence[bytes], packed: Sequence[bytes] | None = None) -> Path:
    """An OCI layout that is a folder."""
    files: Mapping[str, bytes] = blobs_of(layers, packed or layers, "web:1")
    for name, blob in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(blob)
    return place


def platforms_archive(tag: str, architectures: Sequence[str], missing: Sequence[str] = ()) -> bytes:
    """An OCI archive of an image for several platforms, without the blobs of those that are missing."""
    blobs: dict[str, bytes] = {}
    described = []
    for architecture in architectures:
        layer = tar_of(member(f"etc/{architecture}", f"{tag} {architecture}".encode()))
        config = config_of([layer]).replace(b'"amd64"', f'"{architecture}"'.encode())
        manifest = json.dumps({
            "schemaVersion": 2,
            "mediaType": f"{_OCI}.manifest.v1+json",
            "config": _descriptor(config, f"{_OCI}.config.v1+json"),
            "layers": [_descriptor(layer, f"{_OCI}.layer.v1.tar")],
        }).encode()  # fmt: skip
        platform = {"os": "linux", "architecture": architecture}
        described.append({**_descriptor(manifest, f"{_OCI}.manifest.v1+json"), "platform": platform})
        if architecture not in missing:
            blobs |= {f"blobs/sha256/{digest(blob)[7:]}": blob for blob in (layer, config, manifest)}
    kind = f"{_OCI}.index.v1+json"
    index = json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": described}).encode()
    top = {
        **_descriptor(index, kind),
        "annotations": {"io.containerd.image.name": f"docker.io/library/{tag}"},
    }
    blobs[f"blobs/sha256/{digest(index)[7:]}"] = index
    blobs["index.json"] = json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": [top]}).encode()
    blobs["oci-layout"] = b'{"imageLayoutVersion": "1.0.0"}'
    return tar_of(*(member(name, blob) for name, blob in sorted(blobs.items())))


def _descriptor(content: bytes, kind: str) -> dict[str, object]:
    return {"mediaType": kind, "digest": digest(content), "size": len(content)}


def gzipped(content: bytes) -> bytes:
    """The same bytes whenever it is made."""
    return gzip.compress(content, 1, mtime=0)
