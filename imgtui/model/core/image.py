"""Images, their immutable facts, and containers, as imgtui speaks of them.

Names of fields are those of the OCI image specification and of Docker's Engine API. All text in
these records has been made printable and free of secret values where it entered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Store(StrEnum):
    """How an engine keeps images; decides what its identifiers and sizes mean."""

    GRAPH = "graph"
    """Docker's graph drivers: an image ID is a config digest, a size counts unpacked layers."""
    CONTAINERD = "containerd"
    """containerd image store: an ID is the digest of an index or manifest, a size counts
    the compressed content and the unpacked snapshots of all platforms that are here."""
    PODMAN = "podman"
    """containers/storage behind Podman's compatible API: an ID is a config digest."""

    ARCHIVE = "archive"
    """No engine: an archive or layout. An ID is what its engine would have, a size counts stored bytes."""

    @property
    def label(self) -> str:
        """What people call it."""
        return _LABELS.get(self.value, self.value)


_PODMAN_CHANGES_RESTART: Final = (5, 1)
"""Podman's `pkg/api/handlers/compat/containers.go`, `UpdateContainer`; tried with 5.8.6."""
_LABELS = {"graph": "graph driver", "containerd": "containerd store", "podman": "containers/storage"}


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """Who answers: the facts of one engine that do not change while it runs."""

    id: str
    name: str
    version: str
    api_version: str
    store: Store
    driver: str = ""
    architecture: str = ""
    """As in `linux/amd64`."""
    product: str = "Docker"
    records: int = 0
    """Image records that the engine counts (`Images` of `/info`): on the containerd store one for
    each name, on graph drivers intermediate images too."""
    clock_ns: int = 0
    """The engine's clock when it said all this (`SystemTime` of `/info`), nanoseconds since the epoch."""
    told_ns: int = 0
    """The clock of this machine at that time, nanoseconds since the epoch; 0: it has just been said."""
    root: str = ""
    """Its folder of data (`DockerRootDir` of `/info`)."""
    run: str = ""
    """What no other engine has, as long as this one runs; empty where it is not known."""
    address: str = ""
    """Where it was reached: no other machine has a socket of it. Empty for the demo, and for archives."""
    host: str = ""
    """What people call that: the docker context, else the value of -H or DOCKER_HOST."""

    @property
    def tells_builds(self) -> bool:
        """Whether each build is told as one: by a `create` (Docker 28.5, API 1.51), or by Podman's `build`.

        Docker 26.1 (API 1.45) tells one by its `tag` alone.
        """
        minor = self.api_version.partition(".")[2]
        return self.store is Store.PODMAN or (minor.isdigit() and int(minor) > 45)

    @property
    def hides_builds(self) -> bool:
        """Whether builds and prunes are told by no event: Docker 26.1 with the containerd store."""
        return self.store is Store.CONTAINERD and not self.tells_builds

    @property
    def changes_restart(self) -> bool:
        """Whether it can give another restart policy to a container that is there: Podman from 5.1 on."""
        if self.store is not Store.PODMAN:
            return True
        major, minor, *_ = (*map(int, re.findall(r"\d+", self.version)), 0, 0)
        return (major, minor) >= _PODMAN_CHANGES_RESTART


@dataclass(frozen=True, slots=True)
class Image:
    """One image as a list request tells it: identity, and the names that point at it now."""

    id: str
    tags: tuple[str, ...] = ()
    """Familiar tagged references, `web:latest`."""
    repo_digests: tuple[str, ...] = ()
    """`web@sha256:…`: where this content can be named by digest, by pushes and pulls."""
    created: int = 0
    """Seconds since the epoch, 0 where the image does not say."""
    size: int = 0
    """Bytes, as the engine's own list counts them."""
    manifest: str | None = None
    """Digest of the platform manifest, where the engine tells it: equal for equal content."""
    platforms: tuple[str, ...] = ()
    """Platforms whose content is here, where the engine tells them (containerd store)."""
    keeps: tuple[str, ...] = ()
    """References of imgtui's own that hold this image alive (`imgtui.model.keeps.keep`)."""
    compose: str | None = None
    """The repository that Compose builds its service into, by the image's labels: `project-service`."""


@dataclass(frozen=True, slots=True)
class Container:
    """A container, and what it says about the image it runs."""

    id: str
    name: str
    image_id: str
    created_from: str | None = None
    """The reference it was created from (`Config.Image`), None where it was created by ID or digest."""
    state: str = ""
    status: str = ""
    """As the engine's list tells it for people: true when it was listed."""
    created: int = 0
    compose_project: str | None = None
    compose_service: str | None = None
    manifest: str | None = None
    """Digest of the platform manifest that it runs, where the engine tells it (containerd store, API 1.48):
    also of an image that is gone."""
    replaces: str | None = None
    """ID of the container that it was put in the place of, by a roll back."""
    since: int = 0
    """When it came into its state, seconds since the epoch; 0 where that is not known."""
    since_exact: bool = True
    """Whether that is to the second: a list tells it rounded down to a unit."""
    health: str = ""
    """`starting`, `healthy`, `unhealthy`; empty without a health check."""
    mounts: tuple[str, ...] = ()
    """The images that it mounts (`--mount type=image`), as it was told to: tags, digests or IDs."""
    pinned: str | None = None
    """The tag that it was created from together with a digest (`redis:7@sha256:…`), which does not move."""
    untold: str = ""
    """Why the engine does not tell what it was created from; empty where it does."""

    @property
    def proof(self) -> str | None:
        """The reference that pointed at its image when it was created.

        None without one, and for what a roll back made: that has the tag of the container before it.
        """
        return None if self.replaces else self.created_from

    @property
    def running(self) -> bool:
        """Whether it runs or is paused: its image is in use this moment."""
        return self.state in {"running", "paused", "restarting"}


@dataclass(frozen=True, slots=True)
class TakenPort:
    """A host port that a running container has."""

    port: str
    """`8080/tcp`."""
    host_ip: str
    by: str
    """Name of the container."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of one image: the digest of its uncompressed tar, and its bytes unpacked."""

    diff_id: str
    size: int


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One instruction of an image's history, oldest first in `ImageFacts.history`."""

    created: int
    created_by: str
    size: int = 0
    comment: str = ""
    diff_id: str | None = None
    """The layer this instruction made; None where it only changed the configuration."""


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """The execution parameters of the OCI image configuration."""

    env: tuple[tuple[str, str], ...] = ()
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    user: str = ""
    working_dir: str = ""
    exposed_ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    stop_signal: str = ""
    healthcheck: tuple[str, ...] = ()
    healthcheck_options: tuple[str, ...] = ()
    """Its times and retries, those that are set: `Interval 30 s`, `Retries 3`."""
    shell: tuple[str, ...] = ()
    onbuild: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What can never change about an image, known by its ID."""

    id: str
    architecture: str = ""
    os: str = ""
    variant: str = ""
    author: str = ""
    comment: str = ""
    created: str = ""
    """RFC 3339, as the image says it."""
    layers: tuple[Layer, ...] = ()
    """Bottom first."""
    history: tuple[HistoryEntry, ...] = ()
    """Oldest first."""
    config: ImageConfig = ImageConfig()
    sizes_certain: bool = True
    """False where the history does not say which instruction made which layer."""

    @property
    def platform(self) -> str:
        """`linux/amd64` or `linux/arm64/v8`."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)

    @property
    def unpacked(self) -> int:
        """Bytes of all layers, unpacked."""
        return sum(layer.size for layer in self.layers)
