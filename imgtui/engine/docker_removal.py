"""Removing from a real engine: what holds what, images without a name, the build cache."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from imgtui.engine.docker_connection import DockerConnection, api_number
from imgtui.engine.translate import image_id, items, mapping, number
from imgtui.model.digest import is_digest
from imgtui.model.image import Store

if TYPE_CHECKING:  # a start does not pay for what few sessions do
    from imgtui.model.build_cache import BuildCache
    from imgtui.model.removal_bytes import Holding

BY_TYPE = (1, 42)
"""The API from which on the build cache can be asked for alone."""


class DockerRemovals(DockerConnection):
    """What can be removed."""

    def holdings(self) -> Mapping[str, Holding]:
        """`/images/json` with intermediate images, on the containerd store with what each has unpacked."""
        from imgtui.model.removal_bytes import Holding

        containerd = self._known().store is Store.CONTAINERD
        params = {"all": "1", **({"manifests": "1"} if containerd else {})}
        found: dict[str, Holding] = {}
        for entry in map(mapping, items(self._get("/images/json", params))):
            identifier, parent = image_id(entry.get("Id")), image_id(entry.get("ParentId"))
            unpacked = _unpacked(entry) if containerd else None
            if is_digest(identifier):
                known = parent if is_digest(parent) else None
                size = number(entry.get("Size")) + (_index(entry) if containerd else 0)
                found[identifier] = Holding(known, size, unpacked)
        return found

    def remove_image(self, image_id: str) -> None:
        """`DELETE /images/{id}`, without force."""
        self._send("DELETE", f"/images/{image_id}", {"noprune": "1"})

    def build_cache(self) -> BuildCache | None:
        """`/system/df`, of the build cache alone where the engine can tell it so."""
        from imgtui.model.build_cache import BuildCache

        info = self._known()
        if info.store is Store.PODMAN:
            return None
        alone = api_number(info.api_version) >= BY_TYPE
        answer = mapping(self._get("/system/df", {"type": "build-cache"} if alone else {}))
        records = [mapping(record) for record in items(answer.get("BuildCache"))]
        free = [record for record in records if record.get("InUse") is not True]
        return BuildCache(
            len(free),
            sum(number(record.get("Size")) for record in free),
            sum(number(record.get("Size")) for record in free if record.get("Shared") is True),
            sum(number(record.get("Size")) for record in records if record.get("InUse") is True),
        )

    def prune_build_cache(self) -> int:
        """`POST /build/prune`, of all records."""
        return number(mapping(self._send("POST", "/build/prune", {"all": "1"})).get("SpaceReclaimed"))


def _unpacked(entry: Mapping[str, object]) -> int:
    """The snapshots of an entry of `/images/json`, of all its platforms."""
    manifests = (mapping(manifest) for manifest in items(entry.get("Manifests")))
    sizes = (mapping(mapping(manifest.get("ImageData")).get("Size")) for manifest in manifests)
    return sum(number(size.get("Unpacked")) for size in sizes)


def _index(entry: Mapping[str, object]) -> int:
    """The bytes of the index itself, which `Size` leaves out (Docker 28.5, API 1.51)."""
    from imgtui.engine.build_record import INDEX_TYPES

    descriptor = mapping(entry.get("Descriptor"))
    return number(descriptor.get("size")) if descriptor.get("mediaType") in INDEX_TYPES else 0
