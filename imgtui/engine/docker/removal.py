"""Removing from a real engine: what holds what, images without a name, the build cache."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from imgtui.engine.docker.connection import DockerConnection, api_number
from imgtui.engine.wire.answers import Entry, WrongShape, entries
from imgtui.model.core.image import Store

if TYPE_CHECKING:  # a start does not pay for what few sessions do
    from imgtui.model.removal.build_cache import BuildCache
    from imgtui.model.removal.bytes import StoredSize

BY_TYPE = (1, 42)
"""The API from which on the build cache can be asked for alone."""
BY_USAGE = (1, 52)
"""The API from which on it is told by its usage."""


class DockerRemovals:
    """What can be removed."""

    def __init__(self, connection: DockerConnection) -> None:
        self._connection = connection

    def holdings(self) -> Mapping[str, StoredSize]:
        """`/images/json` with intermediate images, on the containerd store with what each has unpacked."""
        from imgtui.model.removal.bytes import StoredSize

        containerd = self._connection.known().store is Store.CONTAINERD
        params = {"all": "1", **({"manifests": "1"} if containerd else {})}

        def holding(entry: Entry) -> StoredSize:
            unpacked = _unpacked(entry) if containerd else None
            size = entry.number("Size") + (_index(entry) if containerd else 0)
            return StoredSize(entry.optional_image_id("ParentId") or None, size, unpacked)

        return self._connection.get(
            "/images/json",
            lambda raw: {entry.image_id("Id"): holding(entry) for entry in entries(raw)},
            params,
        )

    def remove_image(self, image_id: str) -> None:
        """`DELETE /images/{id}`, without force."""
        self._connection.send("DELETE", f"/images/{image_id}", {"noprune": "1"})

    def build_cache(self) -> BuildCache | None:
        """`/system/df`, of the build cache alone where the engine can tell it so.

        API 1.52 tells it as `BuildCacheUsage`, with its records where it is asked to be verbose. What older
        ones have, `BuildCache`, is there in 1.52 too, and is going away (moby's `api/docs/CHANGELOG.md`).
        """
        from imgtui.model.removal.build_cache import BuildCache

        info = self._connection.known()
        if info.store is Store.PODMAN:
            return None
        api = api_number(info.api_version)
        params = {"type": "build-cache"} if api >= BY_TYPE else {}
        if api >= BY_USAGE:
            params["verbose"] = "1"

        def read(raw: object) -> BuildCache:
            records = _cache_records(Entry(raw))
            free = [record for record in records if not record.flag("InUse")]
            return BuildCache(
                len(free),
                sum(record.number("Size") for record in free),
                sum(record.number("Size") for record in free if record.flag("Shared")),
                sum(record.number("Size") for record in records if record.flag("InUse")),
            )

        return self._connection.get("/system/df", read, params)

    def prune_build_cache(self) -> int:
        """`POST /build/prune`, of all records."""
        return self._connection.ask(
            "POST", "/build/prune", lambda raw: Entry(raw).number("SpaceReclaimed"), {"all": "1"}
        )


def _cache_records(answer: Entry) -> list[Entry]:
    """The records of the build cache. Raises WrongShape where they are not told."""
    if "BuildCacheUsage" in answer.raw:
        usage = answer.needed_entry("BuildCacheUsage")
        records = usage.entries("Items")
        if not records and usage.number("TotalCount"):
            raise WrongShape("BuildCacheUsage.Items is missing")
        return records
    if "BuildCache" not in answer.raw:
        raise WrongShape("BuildCache is missing")
    return answer.entries("BuildCache")


def _unpacked(entry: Entry) -> int:
    """The snapshots of an entry of `/images/json`, of all its platforms."""
    sizes = (manifest.entry("ImageData").entry("Size") for manifest in entry.entries("Manifests"))
    return sum(size.number("Unpacked") for size in sizes)


def _index(entry: Entry) -> int:
    """The bytes of the index itself, which `Size` leaves out (Docker 28.5, API 1.51)."""
    from imgtui.engine.build.record import INDEX_TYPES

    descriptor = entry.entry("Descriptor")
    return descriptor.number("size") if descriptor.raw_text("mediaType") in INDEX_TYPES else 0
