"""An archive or layout behind the engine's port: its images can be looked at, and no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from imgtui.engine.archive.budget import Budget
from imgtui.engine.archive.errors import ArchiveError
from imgtui.engine.archive.folder import FolderSource, is_layout
from imgtui.engine.archive.index import ArchivedImage, read_index
from imgtui.engine.archive.pieces import PIECE, FileSource, Peeked, Skipping, Source
from imgtui.engine.archive.unpack import unpacked
from imgtui.engine.memory.blueprint import Blueprint, BlueprintStep
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.wire.facts import MAKES_NONE, to_document
from imgtui.engine.wire.translate import items, mapping, seconds, text
from imgtui.model.core.image import EngineInfo, Layer, Store

_HEAD: Final = 512


class ArchiveSource(Skipping):
    """The tar stream of an archive, which may be packed, or of a layout; in parts too, as a save is."""

    def __init__(self, path: Path, budget: Budget) -> None:
        """Raises ArchiveError."""
        self._budget = budget
        if not (path.is_file() or path.is_dir()) and path.exists():
            raise ArchiveError(f"{path} is no file: an archive is read more than once")
        try:
            self._opened: FileSource | FolderSource = (
                FolderSource(path) if path.is_dir() else FileSource.open(path)
            )
        except OSError as error:
            raise ArchiveError(f"{path} cannot be read: {error.strerror}") from error
        self._source: Source = self._opened
        if isinstance(self._opened, FileSource):
            self._source = self._unpacking(path)

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.read(PIECE):
            yield piece

    def read(self, size: int) -> bytes:
        """At most so many bytes. Raises ArchiveError."""
        try:
            return self._source.read(size)
        except (OSError, ValueError) as error:  # ValueError: it was closed meanwhile
            raise ArchiveError(f"the archive cannot be read: {error}") from error

    def skip(self, size: int) -> None:
        """Seek, where the archive is not packed. Raises ArchiveError."""
        try:
            self._source.skip(size)
        except (OSError, ValueError) as error:
            raise ArchiveError(f"the archive cannot be read: {error}") from error

    def close(self) -> None:
        """Close it: reading on fails."""
        self._opened.close()

    def _unpacking(self, path: Path) -> Source:
        try:
            head = Peeked(self._opened, _HEAD).head
            self._opened.close()
            self._opened = FileSource.open(path)
        except OSError as error:
            raise ArchiveError(f"{path} cannot be read: {error.strerror}") from error
        return unpacked(self._opened, head, self._budget)


class ArchiveEngine(MemoryEngine):
    """The images of an archive. Everything that would change something is refused."""

    def __init__(self, path: Path) -> None:
        """Look into the archive. Raises ArchiveError."""
        super().__init__(store=Store.GRAPH, name=text(path.name or str(path), 255))
        self._path = path.absolute()
        if path.is_dir() and not is_layout(path):
            raise ArchiveError(f"{path} is no OCI layout: it has no index.json")
        budget = Budget()
        source = ArchiveSource(path, budget)
        try:
            index = read_index(source, budget)
        except ArchiveError as error:
            raise ArchiveError(f"{path}: {error}") from error
        finally:
            source.close()
        self._archived = {image.id: image for image in index.images}
        self.odd = index.odd
        """A line for each thing in it that is no image, is broken, or lacks something."""
        self.stock((_blueprint(image), image.tags) for image in self._archived.values())
        self.read_only = True

    def said(self, most: int) -> list[str]:
        """At most so many lines about what is odd in it, and how many there are besides."""
        more = len(self.odd) - most
        return [*self.odd[:most], *([f"and {more} more of this kind"] if more > 0 else [])]

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._path

    def clock(self) -> int:
        """It has none."""
        return 0

    def connect(self) -> EngineInfo:
        """Say what it is."""
        return EngineInfo(
            id=f"archive {text(self._path, 1000)}",
            name=self._name,
            version="",
            api_version="",
            store=Store.ARCHIVE,
            driver="archive",
            product="archive",
            records=len(self._archived),
        )

    def document(self, image_id: str, *, reveal: bool = False) -> str | None:
        """The facts, from the configuration, in the form of an engine's JSON."""
        with self._lock:
            image = self._archived.get(self._resolve(image_id))
        return None if image is None else to_document(_inspect(image), _history(image), reveal=reveal)

    def save_images(self, names: Sequence[str]) -> ArchiveSource:
        """The whole archive, whatever images are asked for: layers are known by their digests."""
        self._reach()
        return ArchiveSource(self._path, Budget())


def _blueprint(image: ArchivedImage) -> Blueprint:
    """Its layers and times, under the ID that it has."""
    steps = tuple(
        BlueprintStep(f"layer {number}", Layer(diff_id, size))
        for number, (diff_id, size) in enumerate(zip(image.diff_ids, image.sizes, strict=True))
    )
    platform = "/".join(text(image.config.get(key), 64) for key in ("os", "architecture"))
    return Blueprint(
        steps,
        seconds(image.config.get("created")),
        mapping(image.config.get("config")),
        text(image.config.get("architecture"), 64),
        (platform,),
        known_digest=image.id,
    )


def _inspect(image: ArchivedImage) -> Mapping[str, object]:
    """The configuration, with the names that `inspect` has for its fields."""
    config = image.config
    fields = {"Created": "created", "Architecture": "architecture", "Os": "os", "Variant": "variant"}
    fields |= {"Author": "author", "Comment": "comment"}
    return {
        "Id": image.id,
        **{name: config[key] for name, key in fields.items() if key in config},
        "Config": config.get("config"),
        "RootFS": {"Type": "layers", "Layers": list(image.diff_ids)},
    }


def _history(image: ArchivedImage) -> Sequence[Mapping[str, object]]:
    """As `history` tells it, newest first; the bytes of a layer are those that it has in the archive.

    Where it tells of fewer layers than there are, nothing is told of the lowest ones.
    """
    told = [mapping(entry) for entry in items(image.config.get("history"))]
    untold = max(0, len(image.sizes) - sum(not entry.get("empty_layer") for entry in told))
    sizes = iter(image.sizes[untold:])
    entries: list[Mapping[str, object]] = [
        {"CreatedBy": "", "Size": size, MAKES_NONE: False} for size in image.sizes[:untold]
    ]
    entries += [
        {
            "Created": seconds(entry.get("created")),
            "CreatedBy": entry.get("created_by"),
            "Comment": entry.get("comment"),
            "Size": 0 if entry.get("empty_layer") else next(sizes, 0),
            MAKES_NONE: bool(entry.get("empty_layer")),
        }
        for entry in told
    ]
    return entries[::-1]
