"""What an image in memory is made of, and the JSON that a real engine would send of it."""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from imgtui.model.core.image import Layer, Store

COMPRESSED: Final = 0.4
"""Compressed content in relation to unpacked layers, for the sizes of the containerd store."""


@dataclass(frozen=True, slots=True)
class BlueprintStep:
    """One instruction, and the layer it made."""

    instruction: str
    layer: Layer | None = None
    content: bytes | None = field(default=None, repr=False, compare=False)
    """The layer's tar, where there is one."""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What an image is made of. Equal blueprints have equal content."""

    steps: tuple[BlueprintStep, ...]
    """Oldest first."""
    created: int
    """Seconds since the epoch."""
    config: Mapping[str, object] = field(default_factory=dict)
    """The `config` object of the OCI image configuration: `Env`, `Cmd`, `Labels`."""
    architecture: str = "amd64"
    platforms: tuple[str, ...] = ("linux/amd64",)
    provenance: str = ""
    """What BuildKit attests of the build: on the containerd store it changes the ID, not the content."""
    known_digest: str = ""
    """The digest of its configuration, where that is known from elsewhere."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Bottom first."""
        return tuple(step.layer for step in self.steps if step.layer is not None)

    @property
    def compose(self) -> str | None:
        """The repository that Compose's labels name."""
        labels = self.config.get("Labels")
        found = labels if isinstance(labels, Mapping) else {}
        names = [found.get(f"com.docker.compose.{key}") for key in ("project", "service")]
        return "-".join(str(name) for name in names) if all(names) else None

    @property
    def unpacked(self) -> int:
        """Bytes of all layers, unpacked."""
        return sum([step.layer.size for step in self.steps if step.layer is not None])

    @property
    def config_digest(self) -> str:
        """Changes with anything of the content."""
        if self.known_digest:
            return self.known_digest
        parts = [self.architecture, str(self.created), json.dumps(self.config, sort_keys=True)]
        for step in self.steps:
            parts.append(step.instruction)
            parts.append(step.layer.diff_id if step.layer is not None else "")
        return digest_of("\n".join(parts))

    def size(self, store: Store) -> int:
        """Count bytes as the list of such a store does.

        The containerd store counts the compressed content of every platform and one unpacked snapshot.
        """
        if store is not Store.CONTAINERD:
            return self.unpacked
        return int(self.unpacked * (1 + COMPRESSED * len(self.platforms)))

    def inspect(self, image_id: str) -> dict[str, object]:
        """Return the immutable part of `/images/{name}/json`."""
        system, _, _ = self.platforms[0].partition("/")
        return {
            "Id": image_id,
            "Created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.created)),
            "Architecture": self.architecture,
            "Os": system,
            "Config": dict(self.config),
            "RootFS": {"Type": "layers", "Layers": [layer.diff_id for layer in self.layers]},
        }

    def history(self) -> list[dict[str, object]]:
        """Return `/images/{name}/history`, newest first."""
        return [
            {
                "Created": self.created,
                "CreatedBy": step.instruction,
                "Size": step.layer.size if step.layer else 0,
                "Comment": "buildkit.dockerfile.v0",
            }
            for step in reversed(self.steps)
        ]


def digest_of(content: str | bytes) -> str:
    """Return the digest of a content, with its algorithm."""
    raw = content.encode() if isinstance(content, str) else content
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"
