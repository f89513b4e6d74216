"""The acts that the contract tests do on an engine: with the docker command, or in memory."""

import io
import tarfile
import time
from dataclasses import replace
from typing import Final, Protocol

from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.docker.engine import DockerEngine
from imgtui.engine.memory.blueprint import Blueprint, BlueprintStep, digest_of
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError
from imgtui.engine.wire.translate import seconds
from imgtui.model.core.image import Layer, Store
from imgtui.model.core.reference import Reference
from tests.engines import content
from tests.engines.archives import ArchiveImage
from tests.engines.kinds import Kind
from tests.engines.private import CommandFailedError, PrivateEngine

STORES: Final[dict[Kind, Store]] = {
    "docker20-overlay2": Store.GRAPH,
    "docker28-overlay2": Store.GRAPH,
    "docker28-containerd": Store.CONTAINERD,
    "podman": Store.PODMAN,
    "docker26-overlay2": Store.GRAPH,
    "docker26-containerd": Store.CONTAINERD,
    "podman5": Store.PODMAN,
    "docker28-ssh": Store.GRAPH,
    "docker28-rootless": Store.GRAPH,
}


class Hands(Protocol):
    """One engine behind the port, and somebody who changes it past the port."""

    @property
    def engine(self) -> Engine:
        """The engine under test."""

    @property
    def store(self) -> Store:
        """What its rules must be."""

    def build(self, tag: str, version: str) -> str:
        """Build an image as `docker build` does on this engine; its ID."""

    def load(self, image: ArchiveImage) -> str:
        """Load an image with `docker load`; its ID."""

    def tag(self, source: str, tag: str) -> None:
        """Point a tag at an image."""

    def remove(self, name: str, *, force: bool = False) -> bool:
        """`docker rmi`; whether the engine did it."""

    def create(self, name: str, image: str) -> str:
        """Create a container that does not run; its ID."""

    def run(self, name: str, image: str) -> str:
        """Start a container that stays; its ID."""

    def discard(self, name: str) -> None:
        """Remove a container, running or not."""


class Ticking:
    """A clock for acts that take no time: it goes on by a millisecond whenever somebody looks at it."""

    def __init__(self) -> None:
        self.now = time.time_ns()

    def __call__(self) -> int:
        self.now += 1_000_000
        return self.now


class MemoryHands:
    """Acts of the engine in memory."""

    def __init__(self, store: Store) -> None:
        self.clock = Ticking()
        self.engine = MemoryEngine(store=store, clock=self.clock)
        self.store = store
        self._built = 0

    def build(self, tag: str, version: str) -> str:
        self._built += 1
        binaries = Layer(digest_of("busybox"), 2_000_000)
        text = Layer(digest_of(version), len(version) + 1)
        steps = (
            BlueprintStep("ARG VERSION"),
            BlueprintStep("COPY bin /bin # buildkit", binaries),
            BlueprintStep("COPY etc /etc # buildkit", text),
            BlueprintStep(f"LABEL org.opencontainers.image.version={version}"),
            BlueprintStep('CMD ["sh"]'),
        )
        config = {"Cmd": ["sh"], "Labels": {"org.opencontainers.image.version": version}}
        blueprint = Blueprint(steps, 1_700_000_000, config, provenance=f"build {self._built}")
        return self.engine.build(blueprint, tag)

    def load(self, image: ArchiveImage) -> str:
        return self.engine.load(blueprint_of(image), *image.tags)

    def pull(self, image: ArchiveImage) -> str:
        """Pull an image by its only tag; its ID."""
        return self.engine.receive(blueprint_of(image), image.tags[0])

    def tag(self, source: str, tag: str) -> None:
        self.engine.tag(source, tag)

    def remove(self, name: str, *, force: bool = False) -> bool:
        try:
            self.engine.remove(name, force=force)
        except EngineError:
            return False
        return True

    def create(self, name: str, image: str) -> str:
        return self.engine.run(name, image, state="created", status="Created")

    def run(self, name: str, image: str) -> str:
        return self.engine.run(name, image)

    def discard(self, name: str) -> None:
        for container in self.engine.containers():
            if container.name == name:
                self.engine.discard(container.id)


class DockerHands:
    """Acts of the docker command on a real engine, which imgtui reaches as `engine`."""

    def __init__(self, real: PrivateEngine, engine: DockerEngine | None = None) -> None:
        self.real = real
        self.engine = engine or connect(real)
        self.store = STORES[real.kind]

    def build(self, tag: str, version: str) -> str:
        return content.build(self.real, tag, version=version)

    def load(self, image: ArchiveImage) -> str:
        # Podman takes a short name in an archive for one of `localhost/`.
        tags = [Reference.parse(tag).canonical for tag in image.tags]
        return content.load_archive(self.real, [replace(image, tags=tags)])[0]

    def tag(self, source: str, tag: str) -> None:
        self.real.docker("tag", source, tag)

    def remove(self, name: str, *, force: bool = False) -> bool:
        try:
            self.real.docker("rmi", *(["--force"] if force else []), name)
        except CommandFailedError:
            return False
        return True

    def create(self, name: str, image: str) -> str:
        return content.create(self.real, name, image)

    def run(self, name: str, image: str) -> str:
        return content.run(self.real, name, image)

    def discard(self, name: str) -> None:
        self.real.docker("rm", "--force", "--volumes", name)


def connect(real: PrivateEngine, *, read_only: bool = False) -> DockerEngine:
    """The engine as imgtui sees it."""
    folder = real.folder / "config"
    return DockerEngine(Endpoint(real.address, "-H", None, None, folder), read_only=read_only)


def blueprint_of(image: ArchiveImage) -> Blueprint:
    """What an image in an archive is made of."""
    steps = tuple(
        BlueprintStep(f"layer {number}", Layer(diff_id, _files_size(tar)), tar)
        for number, (diff_id, tar) in enumerate(zip(image.diff_ids, image.layers, strict=True))
    )
    return Blueprint(steps, seconds(image.created), image.config)


def _files_size(tar: bytes) -> int:
    with tarfile.open(fileobj=io.BytesIO(tar)) as files:
        return sum(entry.size for entry in files)
