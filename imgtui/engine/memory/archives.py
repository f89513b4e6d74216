"""Archives of an engine in memory: real ones, whose layers have the right sizes and nothing in them."""

from __future__ import annotations

import json
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Final

from imgtui.engine.memory.acts import MemoryActs
from imgtui.engine.memory.blueprint import Blueprint, BlueprintStep
from imgtui.engine.port.errors import EngineError, NotFound
from imgtui.engine.port.registry import UnderWay
from imgtui.engine.wire.translate import items, mapping, seconds, text
from imgtui.model.core.image import Layer

PART: Final = 256 * 1024
_IN_MEMORY: Final = 16 * 1024 * 1024
_PROVENANCE: Final = "io.imgtui.provenance"


class MemoryArchives(MemoryActs):
    """Saves and loads. A test can have each wait, after its first part, for a gate."""

    archive_gate: threading.Event | None = None

    def save_images(self, names: Sequence[str]) -> UnderWay[bytes]:
        """Write what `docker save` writes."""
        self._reach()
        with self._lock:
            entries = [self._entry(name) for name in names]
        return MemorySave(entries, self._pause)

    def load_images(self, archive: Iterable[bytes]) -> MemoryLoad:
        """Take what `docker save` wrote."""
        self._change()
        return MemoryLoad(archive, self.load, self._pause)

    def _entry(self, name: str) -> tuple[Blueprint, str | None]:
        image = self._find(name)
        blueprint = self._images.blueprint(image.id)
        if blueprint is None:
            raise NotFound(f"No such image: {name}")
        return blueprint, None if name == image.id else name

    def _pause(self, closed: threading.Event) -> None:
        """Wait for the gate; then the engine may be gone."""
        gate = self.archive_gate
        while gate is not None and not gate.wait(0.01) and not closed.is_set():
            self._reach()
        self._reach()


class MemorySave:
    """A save from memory."""

    def __init__(
        self, entries: Sequence[tuple[Blueprint, str | None]], pause: Callable[[threading.Event], None]
    ) -> None:
        self._entries = entries
        self._pause = pause
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        for number, part in enumerate(_archive(self._entries)):
            if number == 1:
                self._pause(self._closed)
            if self._closed.is_set():
                return
            yield part

    def close(self) -> None:
        """Break it off."""
        self._closed.set()


class MemoryLoad:
    """A load into memory."""

    def __init__(
        self,
        archive: Iterable[bytes],
        load: Callable[..., str],
        pause: Callable[[threading.Event], None],
    ) -> None:
        self._archive = archive
        self._load = load
        self._pause = pause
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[str]:
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
            for number, part in enumerate(self._archive):
                if number == 1:
                    self._pause(self._closed)
                if self._closed.is_set():
                    return
                file.write(part)
            file.seek(0)
            for blueprint, tags in _read(file):
                image_id = self._load(blueprint, *tags)
                yield from [f"Loaded image: {tag}" for tag in tags] or [f"Loaded image ID: {image_id}"]

    def close(self) -> None:
        """Break it off."""
        self._closed.set()


def _archive(entries: Sequence[tuple[Blueprint, str | None]]) -> Iterator[bytes]:
    """The parts of an archive: each image once, whatever its tags are, and the list of them at its end."""
    tags: dict[str, list[str]] = {}
    written: set[str] = set()
    blueprints = {blueprint.config_digest: blueprint for blueprint, _ in entries}
    for blueprint, tag in entries:
        tags.setdefault(blueprint.config_digest, []).extend([tag] if tag is not None else [])
    for blueprint in blueprints.values():
        yield from _member(_config_path(blueprint), _config(blueprint))
        for step in blueprint.steps:
            layer = step.layer
            if layer is None or layer.diff_id in written:
                continue
            written.add(layer.diff_id)
            if step.content is not None:
                yield from _member(_layer_path(layer), step.content)
                continue
            yield _head(_layer_path(layer), layer.size)
            yield from _nothing(layer.size)
    manifest = [
        {
            "Config": _config_path(blueprint),
            "RepoTags": tags[digest] or None,
            "Layers": [_layer_path(layer) for layer in blueprint.layers],
        }
        for digest, blueprint in blueprints.items()
    ]
    yield from _member("manifest.json", json.dumps(manifest).encode())
    yield bytes(2 * tarfile.BLOCKSIZE)


def _member(path: str, content: bytes) -> Iterator[bytes]:
    yield _head(path, len(content)) + content + bytes(-len(content) % tarfile.BLOCKSIZE)


def _head(path: str, size: int) -> bytes:
    entry = tarfile.TarInfo(path)
    entry.size = size
    return entry.tobuf(tarfile.GNU_FORMAT)


def _nothing(size: int) -> Iterator[bytes]:
    """A layer without anything in it, and the rest of its last block."""
    size += -size % tarfile.BLOCKSIZE
    for start in range(0, size, PART):
        yield bytes(min(PART, size - start))


def _config_path(blueprint: Blueprint) -> str:
    return f"{blueprint.config_digest[7:]}.json"


def _layer_path(layer: Layer) -> str:
    return f"{layer.diff_id[7:]}/layer.tar"


def _config(blueprint: Blueprint) -> bytes:
    """An OCI image configuration."""
    document = blueprint.inspect("")
    return json.dumps({
        "architecture": blueprint.architecture,
        "os": document["Os"],
        "created": document["Created"],
        "config": dict(blueprint.config),
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in blueprint.layers]},
        "history": [
            {"created_by": step.instruction, **({} if step.layer else {"empty_layer": True})}
            for step in blueprint.steps
        ],
        _PROVENANCE: [blueprint.provenance, *blueprint.platforms],
    }).encode()  # fmt: skip


def _read(file: IO[bytes]) -> list[tuple[Blueprint, list[str]]]:
    """What is in an archive. Raises EngineError."""
    try:
        with tarfile.open(fileobj=file, mode="r:*") as archive:
            manifest = json.loads(_content(archive, "manifest.json"))
            return [_image(archive, mapping(entry)) for entry in items(manifest)]
    except (tarfile.TarError, KeyError, ValueError, EOFError, OSError) as error:
        raise EngineError(f"unrecognized image format: {error}") from error


def _image(archive: tarfile.TarFile, entry: object) -> tuple[Blueprint, list[str]]:
    found = mapping(entry)
    document = mapping(json.loads(_content(archive, str(found["Config"]))))
    sizes = [archive.getmember(str(path)).size for path in items(found.get("Layers"))]
    diff_ids = [str(each) for each in items(mapping(document["rootfs"])["diff_ids"])]
    layers = iter(map(Layer, diff_ids, sizes))
    steps = tuple(
        BlueprintStep(text(step.get("created_by")), None if step.get("empty_layer") else next(layers))
        for step in map(mapping, items(document["history"]))
    )
    provenance, *platforms = map(str, items(document.get(_PROVENANCE)) or ["", "linux/amd64"])
    blueprint = Blueprint(
        steps,
        seconds(document["created"]),
        dict(mapping(document["config"])),
        str(document["architecture"]),
        tuple(platforms),
        provenance,
    )
    return blueprint, [str(tag) for tag in items(found.get("RepoTags")) if tag]


def _content(archive: tarfile.TarFile, path: str) -> bytes:
    file = archive.extractfile(path)
    if file is None:
        raise KeyError(path)
    return file.read()
