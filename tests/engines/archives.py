"""Docker archives that are the same bytes on every machine, for images whose every size is known."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


def layer(files: Mapping[str, bytes]) -> bytes:
    """A layer's tar of regular files, by path without leading slash; its diff ID is `digest` of it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path, content in sorted(files.items()):
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def digest(content: bytes) -> str:
    """The content's digest, with its algorithm."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass(frozen=True)
class ArchiveImage:
    """An image to be put into an archive.

    `config` is the configuration's `config` object (`Env`, `Cmd`, `Labels`); `created` is RFC 3339.
    """

    tags: Sequence[str]
    layers: Sequence[bytes]
    config: Mapping[str, object] = field(default_factory=dict)
    created: str = "2024-01-01T00:00:00Z"

    @property
    def diff_ids(self) -> list[str]:
        """The layers' diff IDs, lowest first."""
        return [digest(content) for content in self.layers]

    @property
    def config_json(self) -> bytes:
        """The image configuration, whose digest is the image ID on engines with a graph driver."""
        history = [{"created": self.created, "created_by": f"layer {n}"} for n in range(len(self.layers))]
        document = {
            "architecture": "amd64",
            "os": "linux",
            "created": self.created,
            "config": dict(self.config),
            "rootfs": {"type": "layers", "diff_ids": self.diff_ids},
            "history": history,
        }
        return json.dumps(document, sort_keys=True).encode()

    @property
    def config_digest(self) -> str:
        """The digest of `config_json`."""
        return digest(self.config_json)


def docker_archive(images: Sequence[ArchiveImage]) -> bytes:
    """What `docker save` writes of these images: `manifest.json`, configurations, and every layer once."""
    members: dict[str, bytes] = {}
    manifest: list[dict[str, object]] = []
    for image in images:
        layer_paths = [f"{digest(content).partition(':')[2]}/layer.tar" for content in image.layers]
        config_path = f"{image.config_digest.partition(':')[2]}.json"
        members |= dict(zip(layer_paths, image.layers, strict=True)) | {config_path: image.config_json}
        manifest.append({"Config": config_path, "RepoTags": list(image.tags), "Layers": layer_paths})
    return layer(members | {"manifest.json": json.dumps(manifest, sort_keys=True).encode()})
