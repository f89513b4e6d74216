"""The bytes that go with images, each stored layer counted once.

A layer is stored once for all images that have the same layers below it (its chain ID); it goes with the last
of them. What else an image holds, and how exactly it is known, differs between stores.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from imgtui.model.core.image import Layer, Store
from imgtui.model.core.layers import chain_ids

Blobs = Mapping[str, int]
"""What is stored of an image: the bytes of each blob, by digest."""


@dataclass(frozen=True, slots=True)
class StoredSize:
    """What an engine holds of an image, an intermediate one too."""

    parent: str | None = None
    """ID of the image that it was built from, where the engine knows it: the classic builder, and Podman."""
    size: int = 0
    """Bytes of all of it: layers, or content and snapshots."""
    unpacked: int | None = None
    """Bytes of its snapshots, where the engine tells them (containerd store): 0 where it is not unpacked."""

    @property
    def content(self) -> int:
        """Bytes of its compressed content, on the containerd store."""
        return max(0, self.size - (self.unpacked or 0))


class Freed(NamedTuple):
    """Bytes that go."""

    certain: int = 0
    """At least so many, as the engine itself counts."""
    about: int = 0
    """Probably so many: more than is certain where the containerd store does not say what images share."""

    @property
    def exact(self) -> bool:
        """Whether it is so many, to the byte."""
        return self.certain == self.about


@dataclass(frozen=True, slots=True)
class Share:
    """What goes with the last of some images."""

    holders: frozenset[str]
    freed: Freed


def freed_by(shares: Iterable[Share], gone: Collection[str]) -> Freed:
    """The bytes that go when all of these images are gone."""
    found = [share.freed for share in shares if share.holders.issubset(gone)]
    return Freed(sum(each.certain for each in found), sum(each.about for each in found))


def shares_of(
    doomed: Collection[str],
    store: Store,
    layers: Mapping[str, Sequence[Layer]],
    holdings: Mapping[str, StoredSize],
    blobs: Mapping[str, Blobs] | None = None,
) -> tuple[Share, ...]:
    """What goes with these images. `layers` are those of all images, and of what the doomed were built from.

    On a graph driver it is layers alone, and exact (equal to `LayersSize` of `/system/df`). Podman counts
    what it stores of configuration and manifests too, which no images share. The containerd store counts
    compressed content too: exact where the `blobs` of all images are known that `to_measure` names.
    """
    if store is Store.CONTAINERD:
        return _of_containerd(doomed, layers, holdings, blobs or {})
    found = _exact(_stored(layers), doomed)
    if store is Store.PODMAN:
        for image_id in doomed:
            rest = _rest(holdings.get(image_id), layers.get(image_id, ()))
            found[frozenset({image_id})] = found.get(frozenset({image_id}), 0) + rest
    return tuple(Share(holders, Freed(size, size)) for holders, size in found.items() if size)


def to_measure(
    doomed: Collection[str], layers: Mapping[str, Sequence[Layer]], holdings: Mapping[str, StoredSize]
) -> dict[str, int]:
    """On the containerd store: the images whose blobs have to be known, with the bytes of all their content.

    They are those of the doomed that share layers, and the images that they share them with.
    """
    users = _users(layers)
    shared = set(doomed) - _alone(doomed, layers, holdings)
    found = {user for key in shared for layer in layers.get(key, ()) for user in users[layer.diff_id]}
    return {key: holdings[key].content for key in sorted(found | shared) if key in holdings}


def _of_containerd(
    doomed: Collection[str],
    layers: Mapping[str, Sequence[Layer]],
    holdings: Mapping[str, StoredSize],
    blobs: Mapping[str, Blobs],
) -> tuple[Share, ...]:
    """Snapshots are exact; compressed content is told of whole images only (Docker 28.5), else by blobs.

    So without blobs content is exact for an image that shares no layer, and estimated by the size of its
    layers otherwise: of that nothing is certain. Of images with equal layers that were loaded only the one
    that was unpacked holds the snapshots: when it goes they go, and more is freed than is told here.
    """
    alone = _alone(doomed, layers, holdings)
    unpacked = {key: own for key, own in layers.items() if holdings.get(key, StoredSize()).unpacked}
    certain = _exact(_stored(unpacked), set(doomed) - alone)
    about = dict(certain)
    if to_measure(doomed, layers, holdings).keys() <= blobs.keys():
        for holders, size in _exact(_blobs(blobs), set(doomed) - alone).items():
            certain[holders] = about[holders] = certain.get(holders, 0) + size
    else:
        for holders, size in _estimated(set(doomed) - alone, layers, holdings).items():
            about[holders] = about.get(holders, 0) + size
    whole = [Share(frozenset({key}), Freed(holdings[key].size, holdings[key].size)) for key in sorted(alone)]
    parts = [Share(holders, Freed(certain.get(holders, 0), size)) for holders, size in about.items() if size]
    return (*whole, *parts)


def _alone(
    doomed: Collection[str], layers: Mapping[str, Sequence[Layer]], holdings: Mapping[str, StoredSize]
) -> set[str]:
    """Those that share no layer with any image."""
    users = _users(layers)
    return {
        image_id
        for image_id in doomed
        if image_id in holdings and all(len(users[layer.diff_id]) == 1 for layer in layers.get(image_id, ()))
    }


def _users(layers: Mapping[str, Sequence[Layer]]) -> dict[str, set[str]]:
    """The images that have a layer, by diff ID."""
    found: dict[str, set[str]] = {}
    for image_id, own in layers.items():
        for layer in own:
            found.setdefault(layer.diff_id, set()).add(image_id)
    return found


def _estimated(
    doomed: Collection[str], layers: Mapping[str, Sequence[Layer]], holdings: Mapping[str, StoredSize]
) -> dict[frozenset[str], int]:
    """Compressed bytes by the images with whose last they go, of layers that only doomed images have."""
    found: dict[frozenset[str], int] = {}
    for diff_id, holders in _users(layers).items():
        if holders.issubset(doomed):
            least = min(_compressed(diff_id, key, layers, holdings) for key in holders)
            found[frozenset(holders)] = found.get(frozenset(holders), 0) + least
    return found


def _blobs(blobs: Mapping[str, Blobs]) -> dict[str, tuple[int, set[str]]]:
    """Each stored blob: its bytes, and the images that hold it."""
    found: dict[str, tuple[int, set[str]]] = {}
    for image_id, own in blobs.items():
        for digest, size in own.items():
            found.setdefault(digest, (size, set()))[1].add(image_id)
    return found


def _compressed(
    diff_id: str, image_id: str, layers: Mapping[str, Sequence[Layer]], holdings: Mapping[str, StoredSize]
) -> int:
    """The compressed bytes of a layer of an image, if all its layers were compressed alike."""
    content, own = holdings.get(image_id, StoredSize()).content, layers[image_id]
    total = sum(layer.size for layer in own)
    size = next(layer.size for layer in own if layer.diff_id == diff_id)
    return content * size // total if total else 0


def _rest(holding: StoredSize | None, own: Sequence[Layer]) -> int:
    return max(0, holding.size - sum(layer.size for layer in own)) if holding is not None else 0


def _stored(layers: Mapping[str, Sequence[Layer]]) -> dict[str, tuple[int, set[str]]]:
    """Each stored layer by chain ID: its bytes, and the images that hold it."""
    found: dict[str, tuple[int, set[str]]] = {}
    for image_id, own in layers.items():
        for chain_id, layer in zip(chain_ids([layer.diff_id for layer in own]), own, strict=True):
            found.setdefault(chain_id, (layer.size, set()))[1].add(image_id)
    return found


def _exact(stored: Mapping[str, tuple[int, set[str]]], doomed: Collection[str]) -> dict[frozenset[str], int]:
    """Bytes by the images with whose last they go, of layers that only doomed images hold."""
    found: dict[frozenset[str], int] = {}
    for size, holders in stored.values():
        if holders.issubset(doomed):
            group = frozenset(holders)
            found[group] = found.get(group, 0) + size
    return found
