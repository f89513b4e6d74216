"""Which images an archive or layout has: from its JSON members, without reading a layer.

docker-archive: `manifest.json` (moby `image/tarexport`), and the layers' members, of which old ones may be
links to each other. OCI archive and layout: `index.json`, with indexes below it for several platforms (OCI
image layout and image index specifications). Where both are there, as Docker 25 and newer have them,
`manifest.json` tells.

What is no image, or a broken one, keeps none of the others from being found: a line says what it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from imgtui.engine.archive.budget import LARGEST_JSON, Budget, Cost
from imgtui.engine.archive.errors import ArchiveError
from imgtui.engine.archive.export import blob_of, is_forged, is_layer, members_of
from imgtui.engine.archive.layer import clean
from imgtui.engine.archive.pieces import Peeked, Source
from imgtui.engine.archive.tar import BLOCK, TarReader
from imgtui.engine.wire.translate import items, mapping, text
from imgtui.model.core.digest import is_digest, short
from imgtui.model.core.printable import printable
from imgtui.model.core.reference import split_tagged

DEEPEST: Final = 4
"""Indexes in indexes: the specification has one below another for several platforms."""
MOST_LAYERS: Final = 500
"""Layers of one image: Docker makes at most 127 (moby `layer.MaxDepth`), overlayfs stacks 500."""
MOST_SAID: Final = 100
"""Lines about what is no image, or a broken one."""
_NAMES: Final = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
_LISTS: Final = frozenset({"manifest.json", "index.json"})
_TELLING: Final = (b'"manifests"', b'"layers"', b'"rootfs"')
"""What an index, a manifest and a configuration have; other JSON, as attestations are, is not held."""
_IMAGES: Final = frozenset({
    "", "application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"
})  # fmt: skip
"""Media types of configurations of images; of old manifests that have none too."""


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
    """Bytes that each layer has in the archive; 0 for one that is not in it."""
    tags: tuple[str, ...] = ()
    """Familiar tagged references."""


@dataclass(frozen=True, slots=True)
class Index:
    """What an archive has."""

    images: tuple[ArchivedImage, ...]
    odd: tuple[str, ...] = ()
    """A line for each thing that is no image, is broken, or lacks something."""


@dataclass(frozen=True, slots=True)
class _Json:
    """A member that is JSON."""

    digest: str
    forged: bool
    document: Mapping[str, object]


@dataclass
class _Members:
    """What was found in the archive; each member is read and parsed once."""

    budget: Budget
    json: dict[str, _Json] = field(default_factory=dict)
    listed: object = None
    """What `manifest.json` says."""
    sizes: dict[str, int] = field(default_factory=dict)
    """Bytes of members that are layers, or anything else that is no JSON."""
    links: dict[str, str] = field(default_factory=dict)

    def take(self, name: str, content: bytes) -> None:
        """Take in a member that is JSON. Raises TooMuch."""
        raw = self.budget.json(content) if name in _LISTS or any(key in content for key in _TELLING) else None
        if raw is not None:
            self.budget.hold(content)
        if name == "manifest.json":
            self.listed = raw
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self.json[name] = _Json(digest, is_forged(name, content), mapping(raw))

    def size(self, name: str) -> int | None:
        """Bytes of a layer's member; of a link those of what it links to."""
        name = clean(name)
        for _ in range(DEEPEST):
            if name not in self.links:
                break
            name = self.links[name]
        return self.sizes.get(name)


def read_index(archive: Source, budget: Budget) -> Index:
    """The images of an archive. Raises ArchiveError where it has none."""
    members = _members(archive, budget)
    found = _Finding(members)
    if "manifest.json" in members.json:
        found.docker()
    else:
        found.oci()
    if not found.images:
        nothing = "no image is in it: neither manifest.json (docker save) nor index.json (OCI) names one"
        raise ArchiveError("; ".join(found.odd[:3]) or nothing)
    return Index(tuple(found.tagged()), tuple(found.odd))


def _members(archive: Source, budget: Budget) -> _Members:
    found = _Members(budget)
    tar = TarReader(archive, budget)
    for member in members_of(tar, budget):
        name = clean(member.name)
        budget.charge(Cost.NAMES, len(name) + len(member.link))
        if member.type == b"2":
            found.links[name] = _resolved(name, member.link)
        elif member.type == b"1":
            found.links[name] = clean(member.link)
        if not member.is_file:
            continue
        if name in _LISTS and member.size > LARGEST_JSON:
            raise ArchiveError(f"{name} has {member.size} bytes: more than {LARGEST_JSON} are not read")
        beginning = Peeked(tar, BLOCK)
        is_json = beginning.head.lstrip()[:1] in {b"{", b"["} and not is_layer(beginning.head)
        if is_json and member.size <= LARGEST_JSON:
            found.take(name, beginning.head + tar.whole(LARGEST_JSON, name))
        else:
            found.sizes[name] = member.size
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


class _Finding:
    """Goes through what was found: each index, manifest and configuration once, however often it is named."""

    def __init__(self, members: _Members) -> None:
        self._members = members
        self._below: dict[str, str | None] = {}
        """The first image below each blob that was gone through."""
        self._by_config: dict[tuple[str, ...], str | None] = {}
        self._tags: dict[str, dict[str, None]] = {}
        self.images: dict[str, ArchivedImage] = {}
        self.odd: list[str] = []

    def tagged(self) -> Iterator[ArchivedImage]:
        """The images with all names that they were found under."""
        for key, image in self.images.items():
            yield replace(image, tags=tuple(self._tags.get(key, ())))

    def docker(self) -> None:
        """What `manifest.json` names."""
        for entry in map(mapping, items(self._members.listed)):
            self._members.budget.charge(Cost.VISITS)
            layers = tuple(str(layer) for layer in items(entry.get("Layers")))
            config = clean(str(entry.get("Config", "")))
            if (config, *layers) not in self._by_config:
                self._by_config[config, *layers] = self._image(config, layers, config)
            self._name(self._by_config[config, *layers], map(text, items(entry.get("RepoTags"))))

    def oci(self) -> None:
        """What `index.json` names."""
        index = self._members.json.get("index.json")
        self._index({} if index is None else index.document, 0)

    def _index(self, index: Mapping[str, object], depth: int) -> str | None:
        """The images of an index; of several platforms the first one has the name."""
        if depth > DEEPEST:
            self._tell(f"indexes in indexes: more than {DEEPEST} are not followed")
            return None
        first: str | None = None
        for descriptor in map(mapping, items(index.get("manifests"))):
            self._members.budget.charge(Cost.VISITS)
            annotations = mapping(descriptor.get("annotations"))
            if "vnd.docker.reference.type" in annotations:
                continue  # an attestation
            blob = blob_of(descriptor)
            if blob not in self._below:
                self._below[blob] = None  # an index that is in itself leads nowhere
                self._below[blob] = self._blob(blob, descriptor, depth)
            found = self._below[blob]
            self._name(found, (text(annotations[key]) for key in _NAMES if key in annotations))
            first = first or found
        return first

    def _blob(self, blob: str, descriptor: Mapping[str, object], depth: int) -> str | None:
        """The first image of a blob that an index names."""
        found = self._members.json.get(clean(blob))
        if found is None:
            return None  # of another platform, which was left out of the archive
        what = short(text(descriptor.get("digest"), 160))
        if found.forged:
            self._tell(f"the manifest {what} is damaged or forged: it has the digest {short(found.digest)}")
            return None
        document = found.document
        if "manifests" in document:
            return self._index(document, depth + 1)
        artifact = text(descriptor.get("artifactType"), 200) or _artifact(document)
        if artifact or "config" not in document:
            self._tell(f"{what} is an artifact ({artifact or 'of no known type'}), not an image")
            return None
        layers = [mapping(layer) for layer in items(document.get("layers"))]
        config = clean(blob_of(mapping(document.get("config"))))
        if config not in self._members.json:
            return None  # of another platform, of which only the manifest is here
        return self._image(config, tuple(map(blob_of, layers)), what, layers)

    def _image(
        self,
        config: str,
        layers: tuple[str, ...],
        what: str,
        descriptors: Sequence[Mapping[str, object]] = (),
    ) -> str | None:
        """The ID of an image; None, with a line that says why, for what is none."""
        shown, what = printable(config, 100), printable(what, 100)
        found = self._members.json.get(config)
        if found is None:
            self._tell(f"the configuration {shown} is missing, or beyond measure")
            return None
        if found.forged:
            self._tell(f"the configuration {shown} is damaged or forged: its digest is {short(found.digest)}")
            return None
        told = items(mapping(found.document.get("rootfs")).get("diff_ids"))
        if len(told) != len(layers):
            self._tell(f"{what} tells of {len(layers)} layers, and its configuration of {len(told)}")
            return None
        if not all(isinstance(each, str) and is_digest(each) for each in told):
            self._tell(f"the configuration {shown} names a layer by what is no digest")
            return None
        if len(told) > MOST_LAYERS:
            self._tell(f"{what} has {len(told):,} layers: more than {MOST_LAYERS:,} are not read")
            return None
        self._members.budget.charge(Cost.VISITS, len(layers))
        sizes = [self._members.size(layer) for layer in layers]
        for number, size in enumerate(sizes):
            if size is None:
                urls = items(descriptors[number].get("urls")) if descriptors else ()
                there = f": it is to be had at {text(urls[0], 200)}" if urls else ""
                layer = printable(layers[number], 100)
                self._tell(f"layer {number + 1} of {what}, {layer}, is missing in the archive{there}")
        self.images.setdefault(
            found.digest,
            ArchivedImage(
                found.digest,
                found.document,
                tuple(map(str, told)),
                tuple(size or 0 for size in sizes),
            ),
        )
        return found.digest

    def _name(self, image: str | None, names: Iterable[str]) -> None:
        """Give an image the names that are tagged references."""
        if image is not None:
            tags = self._tags.setdefault(image, {})
            for repository, tag in filter(None, map(split_tagged, names)):
                tags.setdefault(f"{repository}:{tag}")

    def _tell(self, line: str) -> None:
        if len(self.odd) < MOST_SAID and line not in self.odd:
            self.odd.append(line)


def _artifact(manifest: Mapping[str, object]) -> str:
    """The type of a manifest that is no image's; empty for one that may be an image's.

    Guidelines for artifacts of the OCI image specification 1.1. Signatures of cosign and attestations of
    BuildKit have the configuration of an image, and layers that are no tars.
    """
    config = text(mapping(manifest.get("config")).get("mediaType"), 200)
    told = text(manifest.get("artifactType"), 200)
    if told or config not in _IMAGES:
        return told or config
    kinds = [text(mapping(layer).get("mediaType"), 200) for layer in items(manifest.get("layers"))]
    return next((kind for kind in kinds if kind and "tar" not in kind), "")
