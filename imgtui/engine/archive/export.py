"""The layers of an image out of the archive that an engine, or a file, streams.

What a member is is told by how it begins, as its name says nothing certain: old docker-archives have
`ID/layer.tar`, new ones and OCI archives `blobs/sha256/DIGEST`. A layer is known by its diff ID, which is
computed while it is read. Where a manifest came before it, or its name is its diff ID (a blob that is not
compressed), one that is not wanted is passed over.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from imgtui.engine.archive.budget import LARGEST_JSON, Budget, Cost, TooMuch
from imgtui.engine.archive.errors import ArchiveError
from imgtui.engine.archive.layer import read_layer
from imgtui.engine.archive.pieces import Peeked, Skipping, Source, rest
from imgtui.engine.archive.tar import BLOCK, Member, TarReader
from imgtui.engine.archive.unpack import is_packed
from imgtui.engine.wire.translate import items, mapping
from imgtui.model.core.digest import short
from imgtui.model.files.entries import LayerFiles

_SAID: Final = 3
_OLD_CONFIG: Final = re.compile(r"([0-9a-f]{64})\.json")
_ALGORITHMS: Final = frozenset({"sha256", "sha384", "sha512"})

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

    def learn(self, name: str, content: bytes, budget: Budget) -> None:
        """Take in a member that is JSON; what is neither manifest nor configuration is none of these.

        Raises ArchiveError.
        """
        if is_forged(name, content):
            return
        document = budget.json(content)
        for config, layers in _manifests(name, document):
            if config not in self._layers_of:
                budget.charge(Cost.VISITS, len(layers))
                self._layers_of[config] = layers
                self._join(config)
        if name not in self._configs and (diff_ids := _diff_ids(document)):
            budget.charge(Cost.VISITS, len(diff_ids))
            self._configs[name] = diff_ids
            self._join(name)

    def _join(self, config: str) -> None:
        layers, known = self._layers_of.get(config, []), self._configs.get(config, [])
        if len(known) == len(layers):
            self.diff_ids.update(zip(layers, known, strict=True))


def read_layers(
    archive: Source, wanted: set[str], told: Told, *, budget: Budget, places: Places | None = None
) -> Iterator[LayerFiles]:
    """The wanted layers (diff IDs), in the order of the archive; ends as soon as all were read.

    One that is not there, is broken, or is not what its digest says keeps none of the others from being read:
    when they were, it raises ArchiveError. Raises what `told` raises, and TooMuch at once.
    """
    left = set(wanted)
    broken: dict[str, ArchiveError] = {}
    for member in layer_members(archive, left, told, places or Places(), budget):
        try:
            files = _read(member, budget)
        except TooMuch:
            raise
        except ArchiveError as error:
            broken[member.diff_id or ""] = error
            left.discard(member.diff_id or "")
        else:
            if files.diff_id in left:
                left.discard(files.diff_id)
                yield files
        if not left:
            break
    if said := [*_lacking(left, broken)]:
        raise ArchiveError("; ".join(said))


def _read(member: LayerMember, budget: Budget) -> LayerFiles:
    """Raises ArchiveError for a layer that is not what it has to be."""
    files = read_layer(member.source, member.head, member.look, budget)
    if member.diff_id is not None and files.diff_id != member.diff_id:
        raise ArchiveError(f"what is there has the digest {short(files.diff_id)}")
    return files


def _lacking(left: set[str], broken: Mapping[str, ArchiveError]) -> Iterator[str]:
    """Which layers were not read, and why; three of them at most."""
    said = [
        f"layer {short(diff_id)} is damaged or forged: {broken[diff_id]}" for diff_id in broken if diff_id
    ]
    unknown = f", and one that is there cannot be read: {broken['']}" if "" in broken else ""
    said += [
        f"the archive has no layer with the digest {short(diff_id)}{unknown}" for diff_id in sorted(left)
    ]
    yield from said[:_SAID]
    if len(said) > _SAID:
        yield f"and {len(said) - _SAID:,} layers more"


@dataclass(frozen=True, slots=True)
class LayerMember:
    """A member of an archive that is a layer, while it is the current one."""

    diff_id: str | None
    """What it has to be; None where that is not known."""
    source: Source
    head: bytes
    """How it begins."""
    look: Callable[[int], None]


def layer_members(
    archive: Source, wanted: set[str], told: Told, places: Places, budget: Budget
) -> Iterator[LayerMember]:
    """The members that are layers and may be wanted ones; those that are not are passed over unread.

    `wanted` may shrink meanwhile. Raises ArchiveError, and what `told` raises.
    """
    counted = _Counting(archive)
    tar = TarReader(counted, budget)
    for member in members_of(tar, budget):
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
            places.learn(member.name, rest(beginning), budget)


def members_of(tar: TarReader, budget: Budget) -> Iterator[Member]:
    """The members of an archive. Raises ArchiveError."""
    for member in tar:
        budget.charge(Cost.MEMBERS)
        yield member


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


def is_forged(name: str, content: bytes) -> bool:
    """Whether a member has the name of a digest, and not its content.

    Blobs are called so, and the configurations of old docker-archives: `DIGEST.json`.
    """
    algorithm, _, encoded = digest_of_name(name).partition(":")
    if (old := _OLD_CONFIG.fullmatch(name)) is not None:
        algorithm, encoded = "sha256", old[1]
    return algorithm in _ALGORITHMS and hashlib.new(algorithm, content).hexdigest() != encoded


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


def _manifests(name: str, raw: object) -> Iterator[tuple[str, list[str]]]:
    """Configuration and layers, as members, of each image that a member tells of."""
    if name.removeprefix("./") == "manifest.json":
        for image in map(mapping, items(raw)):
            yield str(image.get("Config", "")), [str(layer) for layer in items(image.get("Layers"))]
    else:
        manifest: Mapping[str, object] = mapping(raw)
        layers = [blob_of(mapping(layer)) for layer in items(manifest.get("layers"))]
        if layers and (config := blob_of(mapping(manifest.get("config")))):
            yield config, layers


def _diff_ids(document: object) -> list[str]:
    rootfs = mapping(mapping(document).get("rootfs"))
    return [str(diff_id) for diff_id in items(rootfs.get("diff_ids"))]


def blob_of(descriptor: Mapping[str, object]) -> str:
    """The member that a descriptor is of (OCI image layout specification)."""
    algorithm, colon, encoded = str(descriptor.get("digest", "")).partition(":")
    return f"blobs/{algorithm}/{encoded}" if colon else ""
