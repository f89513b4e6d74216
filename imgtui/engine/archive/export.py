"""The layers of an image out of the archive that an engine, or a file, streams.

What a member is is told by how it begins, as its name says nothing certain: old docker-archives have
`ID/layer.tar`, new ones and OCI archives `blobs/sha256/DIGEST`. A layer is known by its diff ID, which is
computed while it is read. Where a manifest came before it, or its name is its diff ID (a blob that is not
compressed), one that is not wanted is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from imgtui.engine.archive.errors import ArchiveError
from imgtui.engine.archive.layer import read_layer
from imgtui.engine.archive.pieces import Peeked, Skipping, Source, rest
from imgtui.engine.archive.tar import BLOCK, Member, TarReader
from imgtui.engine.archive.unpack import is_packed
from imgtui.engine.translate import items, mapping
from imgtui.model.digest import short
from imgtui.model.layer_files import LayerFiles

LARGEST_JSON: Final = 1 << 22
"""Bytes of a manifest or configuration: registries refuse manifests above 4 MiB."""
MOST_MEMBERS: Final = 100_000
"""Members of an archive: an image has at most a few hundred."""

Told = Callable[[int, int], None]
"""Hears, again and again, how many bytes of the archive and how many entries of this layer were read.

What it raises ends the reading.
"""


@dataclass
class Places:
    """Which member is which layer, as far as manifests have told."""

    diff_ids: dict[str, str] = field(default_factory=dict)
    """Member -> diff ID."""
    _layers_of: dict[str, list[str]] = field(default_factory=dict)
    """Member that is a configuration -> members that are layers, bottom first."""
    _configs: dict[str, list[str]] = field(default_factory=dict)
    """Member that is a configuration -> diff IDs."""

    def learn(self, name: str, content: bytes) -> None:
        """Take in a member that is JSON; what is neither manifest nor configuration is none of these."""
        for config, layers in _manifests(name, content):
            self._layers_of.setdefault(config, layers)
        if diff_ids := _diff_ids(content):
            self._configs[name] = diff_ids
        for config, layers in self._layers_of.items():
            known = self._configs.get(config, [])
            if len(known) == len(layers):
                self.diff_ids.update(zip(layers, known, strict=True))


def read_layers(
    archive: Source, wanted: set[str], told: Told, *, places: Places | None = None
) -> Iterator[LayerFiles]:
    """The wanted layers (diff IDs), in the order of the archive; ends as soon as all were read.

    Raises ArchiveError where one of them is not there, or is not what its digest says, and what `told`
    raises.
    """
    left = set(wanted)
    for member in layer_members(archive, left, told, places or Places()):
        files = read_layer(member.source, member.head, member.look)
        if member.diff_id is not None and files.diff_id != member.diff_id:
            raise ArchiveError(
                f"layer {short(member.diff_id)} is damaged or forged:"
                f" what is there has the digest {short(files.diff_id)}"
            )
        if files.diff_id in left:
            left.discard(files.diff_id)
            yield files
        if not left:
            return
    if left:
        raise ArchiveError(f"the archive has no layer with the digest {short(min(left))}")


@dataclass(frozen=True, slots=True)
class LayerMember:
    """A member of an archive that is a layer, while it is the current one."""

    diff_id: str | None
    """What it has to be; None where that is not known."""
    source: Source
    head: bytes
    """How it begins."""
    look: Callable[[int], None]


def layer_members(archive: Source, wanted: set[str], told: Told, places: Places) -> Iterator[LayerMember]:
    """The members that are layers and may be wanted ones; those that are not are passed over unread.

    `wanted` may shrink meanwhile. Raises ArchiveError, and what `told` raises.
    """
    counted = _Counting(archive)
    tar = TarReader(counted)
    for number, member in enumerate(tar):
        if number > MOST_MEMBERS:
            raise ArchiveError(f"the archive has more than {MOST_MEMBERS:,} members")
        told(counted.size, 0)
        if not member.is_file or not member.size:
            continue
        diff_id = places.diff_ids.get(member.name)
        if diff_id is None and (named := digest_of_name(member.name)) in wanted:
            diff_id = named
        if diff_id is not None and diff_id not in wanted:
            continue
        beginning = Peeked(tar, BLOCK)
        if is_layer(beginning.head):
            yield LayerMember(diff_id, beginning, beginning.head, lambda entries: told(counted.size, entries))
        elif member.size <= LARGEST_JSON and beginning.head.lstrip()[:1] in {b"{", b"["}:
            places.learn(member.name, rest(beginning))


def is_layer(head: bytes) -> bool:
    """Whether a member that begins like this is a tar, or packed as layers are."""
    if is_packed(head):
        return True
    if len(head) < BLOCK:
        return False
    if not any(head):
        return True  # a tar without entries
    try:
        Member(head)
    except ArchiveError:
        return False
    return head[257:262] == b"ustar" or head[156:157] in b"\x00012345"


def digest_of_name(name: str) -> str:
    """The digest that a blob's name is of: `blobs/sha256/DIGEST`."""
    algorithm, _, encoded = name.removeprefix("./").removeprefix("blobs/").partition("/")
    return f"{algorithm}:{encoded}"


def read_json(content: bytes) -> object:
    """JSON, however hostile; None for what is none, or is nested too deep."""
    with suppress(ValueError, RecursionError):
        return json.loads(content)
    return None


class _Counting(Skipping):
    """Counts the bytes of an archive that were read or passed over."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.size = 0

    def read(self, size: int) -> bytes:
        piece = self._source.read(size)
        self.size += len(piece)
        return piece

    def skip(self, size: int) -> None:
        self._source.skip(size)
        self.size += size


def _manifests(name: str, content: bytes) -> Iterator[tuple[str, list[str]]]:
    """Configuration and layers, as members, of each image that a member tells of."""
    raw = read_json(content)
    if name.removeprefix("./") == "manifest.json":
        for image in map(mapping, items(raw)):
            yield str(image.get("Config", "")), [str(layer) for layer in items(image.get("Layers"))]
    else:
        manifest: Mapping[str, object] = mapping(raw)
        layers = [blob_of(mapping(layer)) for layer in items(manifest.get("layers"))]
        if layers and (config := blob_of(mapping(manifest.get("config")))):
            yield config, layers


def _diff_ids(content: bytes) -> list[str]:
    rootfs = mapping(mapping(read_json(content)).get("rootfs"))
    return [str(diff_id) for diff_id in items(rootfs.get("diff_ids"))]


def blob_of(descriptor: Mapping[str, object]) -> str:
    """The member that a descriptor is of (OCI image layout specification)."""
    algorithm, colon, encoded = str(descriptor.get("digest", "")).partition(":")
    return f"blobs/{algorithm}/{encoded}" if colon else ""
