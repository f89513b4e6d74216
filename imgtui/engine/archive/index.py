"""Which images an archive or layout has: from its JSON members, without reading a layer.

docker-archive: `manifest.json` (moby `image/tarexport`), and the layers' members, of which old ones may be
links to each other. OCI archive and layout: `index.json`, with indexes below it for several platforms (OCI
image layout and image index specifications). Where both are there, as Docker 25 and newer have them,
`manifest.json` tells.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from imgtui.engine.archive.errors import ArchiveError
from imgtui.engine.archive.export import LARGEST_JSON, MOST_MEMBERS, blob_of, is_layer, read_json
from imgtui.engine.archive.layer import clean
from imgtui.engine.archive.pieces import Peeked, Source
from imgtui.engine.archive.tar import BLOCK, TarReader
from imgtui.engine.translate import items, mapping, text
from imgtui.model.printable import printable
from imgtui.model.reference import split_tagged

MOST_JSON: Final = 1 << 26
"""Bytes of all JSON members that are held while an archive is looked into."""
DEEPEST: Final = 4
"""Indexes in indexes: the specification has one below another for several platforms."""
MOST_IMAGES: Final = 10_000
MOST_LAYERS: Final = 1_000
"""Layers of one image: Docker makes at most 127 (moby `layer.MaxDepth` 125)."""
_NAMES: Final = ("io.containerd.image.name", "org.opencontainers.image.ref.name")


@dataclass(frozen=True, slots=True)
class ArchivedImage:
    """An image of an archive."""

    id: str
    """Digest of its configuration, as it was computed."""
    config: Mapping[str, object]
    """The OCI image configuration, as it came: not printable, not masked."""
    diff_ids: tuple[str, ...]
    """Bottom first."""
    sizes: tuple[int, ...]
    """Bytes that each layer has in the archive."""
    tags: tuple[str, ...] = ()
    """Familiar tagged references."""


@dataclass
class _Members:
    """What was found in the archive."""

    json: dict[str, bytes] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    """Bytes of members that are layers."""
    links: dict[str, str] = field(default_factory=dict)

    def document(self, name: str) -> Mapping[str, object]:
        return mapping(read_json(self.json.get(clean(name), b"")))

    def size(self, name: str) -> int | None:
        """Bytes of a layer's member; of a link those of what it links to."""
        name = clean(name)
        for _ in range(DEEPEST):
            if name not in self.links:
                break
            name = self.links[name]
        return self.sizes.get(name)


def read_index(archive: Source) -> list[ArchivedImage]:
    """The images of an archive. Raises ArchiveError where it is none, or has something missing."""
    members = _members(archive)
    found: dict[str, ArchivedImage] = {}
    for image in _docker(members) if "manifest.json" in members.json else _oci(members):
        known = found.get(image.id)
        tags = tuple(dict.fromkeys((*(known.tags if known else ()), *image.tags)))
        found[image.id] = ArchivedImage(image.id, image.config, image.diff_ids, image.sizes, tags)
        if len(found) > MOST_IMAGES:
            raise ArchiveError(f"the archive has more than {MOST_IMAGES:,} images")
    if not found:
        raise ArchiveError(
            "no image is in it: neither manifest.json (docker save) nor index.json (OCI) names one"
        )
    return list(found.values())


def _members(archive: Source) -> _Members:
    found = _Members()
    held = 0
    tar = TarReader(archive)
    for number, member in enumerate(tar):
        if number > MOST_MEMBERS:
            raise ArchiveError(f"the archive has more than {MOST_MEMBERS:,} members")
        name = clean(member.name)
        if member.type == b"2":
            found.links[name] = _resolved(name, member.link)
        elif member.type == b"1":
            found.links[name] = clean(member.link)
        if not member.is_file:
            continue
        if name in {"manifest.json", "index.json"} and member.size > LARGEST_JSON:
            raise ArchiveError(f"{name} has {member.size} bytes: more than {LARGEST_JSON} are not read")
        beginning = Peeked(tar, BLOCK)
        if is_layer(beginning.head):
            found.sizes[name] = member.size
        elif member.size <= LARGEST_JSON and beginning.head.lstrip()[:1] in {b"{", b"["}:
            held += member.size
            if held > MOST_JSON:
                raise ArchiveError(f"the archive has more than {MOST_JSON} bytes of JSON")
            found.json[name] = beginning.head + tar.whole(LARGEST_JSON, name)
    return found


def _resolved(name: str, target: str) -> str:
    """A relative link among members; what leaves the archive leads nowhere."""
    parts = name.split("/")[:-1]
    for part in target.split("/"):
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def _docker(members: _Members) -> Iterator[ArchivedImage]:
    for entry in map(mapping, items(read_json(members.json["manifest.json"]))):
        tags = [text(tag) for tag in items(entry.get("RepoTags"))]
        layers = [str(layer) for layer in items(entry.get("Layers"))]
        yield _image(members, str(entry.get("Config", "")), layers, tags)


def _oci(members: _Members) -> Iterator[ArchivedImage]:
    yield from _of_index(members, members.document("index.json"), (), 0)


def _of_index(
    members: _Members, index: Mapping[str, object], names: tuple[str, ...], depth: int
) -> Iterator[ArchivedImage]:
    """The images of an index; of several platforms the one of the first has the name."""
    if depth > DEEPEST:
        raise ArchiveError(f"indexes in indexes: more than {DEEPEST} are not followed")
    for descriptor in map(mapping, items(index.get("manifests"))):
        annotations = mapping(descriptor.get("annotations"))
        if "vnd.docker.reference.type" in annotations:
            continue  # an attestation
        told = tuple(text(annotations[key]) for key in _NAMES if key in annotations) or names
        blob = blob_of(descriptor)
        document = members.document(blob)
        if "manifests" in document:
            yield from _of_index(members, document, told, depth + 1)
        elif "layers" in document:
            layers = [blob_of(mapping(layer)) for layer in items(document.get("layers"))]
            if clean(config := blob_of(mapping(document.get("config")))) in members.json:
                yield _image(members, config, layers, told)
        else:
            continue  # of another platform, which was left out of the archive
        names = () if told is names else names


def _image(
    members: _Members, config: str, layers: list[str], names: list[str] | tuple[str, ...]
) -> ArchivedImage:
    content = members.json.get(clean(config))
    if content is None:
        raise ArchiveError(f"the configuration {printable(config, 100)} is missing, or beyond measure")
    document = mapping(read_json(content))
    diff_ids = tuple(text(each, 160) for each in items(mapping(document.get("rootfs")).get("diff_ids")))
    if len(diff_ids) != len(layers) or len(diff_ids) > MOST_LAYERS:
        raise ArchiveError(
            f"an image tells of {len(layers)} layers, and its configuration of {len(diff_ids)}"
        )
    sizes = [members.size(layer) for layer in layers]
    missing = next((layer for layer, size in zip(layers, sizes, strict=True) if size is None), None)
    if missing is not None:
        raise ArchiveError(f"the layer {printable(missing, 100)} is missing")
    split = filter(None, map(split_tagged, names))
    return ArchivedImage(
        f"sha256:{hashlib.sha256(content).hexdigest()}",
        document,
        diff_ids,
        tuple(size or 0 for size in sizes),
        tuple(f"{repository}:{tag}" for repository, tag in split),
    )
