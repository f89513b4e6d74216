"""A thousand small images, the same on every machine, as docker-archives for `docker load`.

Twenty repositories under `bench/`; an image has three layers of one of four bases, one of its repository and
one to three of its own, so that bytes are shared as in real life. Every image keeps a tag of its own, so
that both image stores hold the same number (the containerd store drops an image that `docker load` replaces).
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from tests.bench.engine_api import EngineApi

PREFIX = "bench"
REPOSITORIES = (
    *(
        "account",
        "archive",
        "basket",
        "broker",
        "cache",
        "calendar",
        "courier",
        "dashboard",
        "exporter",
        "gateway",
    ),
    *(
        "indexer",
        "ledger",
        "media",
        "planner",
        "queue",
        "reports",
        "scheduler",
        "session",
        "translator",
        "webhook",
    ),
)
_BASES = ("forge", "harbour", "meadow", "summit")
_BASE_BYTES = (96_000, 32_000, 4_000)
_FIRST = datetime(2025, 1, 6, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Layer:
    """One layer: its tar, diff ID, the bytes of the files in it, and the instruction that made it."""

    tar: bytes
    diff_id: str
    size: int
    instruction: str


@dataclass(frozen=True)
class Image:
    """One image of the population: what it must look like in an engine that holds it."""

    repository: str
    tags: tuple[str, ...]
    created: datetime
    layers: tuple[Layer, ...]

    @property
    def size(self) -> int:
        """Bytes of the files of all layers: what the graph driver reports as `Size`."""
        return sum(layer.size for layer in self.layers)

    @property
    def config(self) -> bytes:
        """The image configuration (OCI image specification, config.md); its SHA-256 is the config digest."""
        created = self.created.isoformat().replace("+00:00", "Z")
        history: list[dict[str, str | bool]] = [
            {"created": created, "created_by": layer.instruction} for layer in self.layers
        ]
        history.append({"created": created, "created_by": 'CMD ["/app/run"]', "empty_layer": True})
        return json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "created": created,
                "config": {
                    "Cmd": ["/app/run"],
                    "Env": ["PATH=/usr/bin:/bin", f"RELEASE={self.tags[0]}"],
                    "Labels": {"org.opencontainers.image.version": self.tags[0]},
                },
                "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in self.layers]},
                "history": history,
            }
        ).encode()


def _layer(instruction: str, folder: str, size: int) -> Layer:
    """A layer of four files of `size` bytes together, whose content follows from the arguments alone."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for number in range(4):
            member = tarfile.TarInfo(f"{folder}/{number}.bin")
            member.size = size // 4
            content = hashlib.shake_256(f"{instruction} {member.name}".encode()).digest(member.size)
            tar.addfile(member, io.BytesIO(content))
    data = file.getvalue()
    return Layer(data, f"sha256:{hashlib.sha256(data).hexdigest()}", size // 4 * 4, instruction)


@cache
def _base(name: str) -> tuple[Layer, ...]:
    return tuple(
        _layer(f"RUN install --set {number} {name}", f"usr/{name}/{number}", size)
        for number, size in enumerate(_BASE_BYTES)
    )


def repository(position: int, versions: int) -> list[Image]:
    """The images of one repository, the oldest first; the newest is `latest` too."""
    name = f"{PREFIX}/{REPOSITORIES[position]}"
    shared = (
        *_base(_BASES[position % len(_BASES)]),
        _layer(f"COPY deps/ /deps/{name}", f"deps/{name}", 16_000),
    )
    images = []
    for version in range(versions):
        own = tuple(
            _layer(
                f"COPY part-{part} /app/ # {name} {version}", f"app/{part}", 1_000 * (part + 1) + 4 * version
            )
            for part in range(1 + (version + position) % 3)
        )
        tags = (f"1.{version}", "latest") if version == versions - 1 else (f"1.{version}",)
        created = _FIRST + timedelta(days=7 * version, minutes=7 * position)
        images.append(Image(name, tags, created, (*shared, *own)))
    return images


def population(images: int) -> Iterator[list[Image]]:
    """The repositories of a population of `images`, spread as evenly as it goes."""
    for position in range(len(REPOSITORIES)):
        versions = images // len(REPOSITORIES) + (position < images % len(REPOSITORIES))
        if versions:
            yield repository(position, versions)


def archive(images: list[Image]) -> bytes:
    """A docker-archive of the images, each layer in it once, laid out as `docker save` does."""
    files: dict[str, bytes] = {}
    manifest = []
    for image in images:
        config = f"{hashlib.sha256(image.config).hexdigest()}.json"
        layers = [f"{layer.diff_id.removeprefix('sha256:')}/layer.tar" for layer in image.layers]
        files[config] = image.config
        files |= zip(layers, (layer.tar for layer in image.layers), strict=True)
        tags = [f"{image.repository}:{tag}" for tag in image.tags]
        manifest.append({"Config": config, "RepoTags": tags, "Layers": layers})
    files["manifest.json"] = json.dumps(manifest).encode()
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return file.getvalue()


def populate(engine: EngineApi, images: int) -> None:
    """Load a population of `images` into the engine. Raises EngineError when it refuses."""
    for repository_images in population(images):
        engine.load(archive(repository_images))
