"""An archive or layout behind the engine's port: its images can be looked at, and no more."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from imgtui.engine.archive.budget import Budget
from imgtui.engine.archive.errors import ArchiveError
from imgtui.engine.archive.folder import FolderSource, is_layout
from imgtui.engine.archive.index import ArchivedImage, read_index
from imgtui.engine.archive.pieces import PIECE, FileSource, Peeked, Skipping, Source
from imgtui.engine.archive.unpack import unpacked
from imgtui.engine.port.engine import EventStream, Listing
from imgtui.engine.port.errors import ReadOnly
from imgtui.engine.wire.facts import MAKES_NONE, to_document
from imgtui.engine.wire.translate import items, mapping, seconds, text
from imgtui.model.core.image import Container, EngineInfo, Image, Store, TakenPort
from imgtui.model.core.reference import InvalidReference, Reference
from imgtui.model.taglog.traces import BuildRecords, Traces

if TYPE_CHECKING:
    from imgtui.engine.port.containers import Document, FileStat
    from imgtui.model.containers.compose import Service
    from imgtui.model.core.event import Event
    from imgtui.model.removal.bytes import StoredSize

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


class ArchiveEngine:
    """The images of an archive. Everything that would change something is refused."""

    def __init__(self, path: Path) -> None:
        """Look into the archive. Raises ArchiveError."""
        self.path = path.absolute()
        """Where it is."""
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
        self.odd = index.odd
        """A line for each thing in it that is no image, is broken, or lacks something."""
        self._archived = {image.id: image for image in index.images}
        self._images = {image.id: _image(image) for image in index.images}
        self._streams: list[_NoEvents] = []

    def said(self, most: int) -> list[str]:
        """At most so many lines about what is odd in it, and how many there are besides."""
        more = len(self.odd) - most
        return [*self.odd[:most], *([f"and {more} more of this kind"] if more > 0 else [])]

    def connect(self) -> EngineInfo:
        """Say what it is."""
        return EngineInfo(
            id=f"archive {text(self.path, 1000)}",
            name=text(self.path.name or str(self.path), 255),
            version="",
            api_version="",
            store=Store.ARCHIVE,
            driver="archive",
            product="archive",
            records=len(self._archived),
        )

    def close(self) -> None:
        """End the event streams."""
        for stream in self._streams:
            stream.close()

    # ------------------------------------------------------------------ its images

    def list_images(self) -> Iterator[Listing]:
        """All of them in one part."""
        yield Listing(tuple(self._images.values()), len(self._images))

    def find_images(self, references: Sequence[str]) -> list[Image]:
        """Those of these tags, each with the tags that were asked for."""
        wanted = {Reference.parse(name).with_default_tag().familiar for name in references if "@" not in name}
        named = (
            replace(image, tags=tuple(tag for tag in image.tags if tag in wanted))
            for image in self._images.values()
        )
        return [image for image in named if image.tags]

    def dangling_images(self) -> list[Image]:
        """Those without a tag."""
        return [image for image in self._images.values() if not image.tags]

    def image(self, name: str) -> Image | None:
        """One by its ID or a tag."""
        if name in self._images:
            return self._images[name]
        try:
            tag = Reference.parse(name).with_default_tag().familiar
        except InvalidReference:
            return None
        return next((image for image in self._images.values() if tag in image.tags), None)

    def document(self, image_id: str, *, reveal: bool = False) -> str | None:
        """The facts, from the configuration, in the form of an engine's JSON."""
        found = self.image(image_id)
        image = self._archived[found.id] if found is not None else None
        return None if image is None else to_document(_inspect(image), _history(image), reveal=reveal)

    def save_images(self, names: Sequence[str]) -> ArchiveSource:
        """The whole archive, whatever images are asked for: layers are known by their digests."""
        return ArchiveSource(self.path, Budget())

    def holdings(self) -> Mapping[str, StoredSize]:
        """What each image holds."""
        from imgtui.model.removal.bytes import StoredSize

        return {image.id: StoredSize(None, image.size, None) for image in self._images.values()}

    # ------------------------------------------------------------------ what an archive has none of

    def clock(self) -> int:
        """It has none."""
        return 0

    def traces(self, image_id: str) -> Traces:
        """None."""
        return Traces()

    def build_records(self, image_id: str) -> BuildRecords:
        """None."""
        return BuildRecords()

    def compose_service(self, service: Service) -> Mapping[str, object]:
        """None."""
        return {}

    def build_cache(self) -> None:
        """None."""

    def events(self) -> EventStream:
        """None come, until it is closed."""
        stream = _NoEvents()
        self._streams.append(stream)
        return stream

    def past_events(self, since: int) -> list[Event]:
        """None."""
        return []

    def containers(self, ids: Sequence[str] | None = None) -> list[Container]:
        """None."""
        return []

    def inspect_container(self, name: str) -> Document | None:
        """None."""
        return None

    podman_document = image_config = inspect_container

    def container_log(self, container_id: str, lines: int) -> tuple[str, ...]:
        """None."""
        return ()

    def changed_paths(self, container_id: str) -> tuple[str, ...]:
        """None."""
        return ()

    def file_stat(self, container_id: str, path: str) -> FileStat | None:
        """None."""
        return None

    def has_path(self, container_id: str, path: str) -> bool:
        """None."""
        return False

    def taken_ports(self) -> tuple[TakenPort, ...]:
        """None."""
        return ()

    def proxies(self) -> Mapping[str, str]:
        """None."""
        return {}

    def networks(self) -> frozenset[str]:
        """None."""
        return frozenset()

    # ------------------------------------------------------------------ what is refused

    def _refuse(self, *arguments: object, **options: object) -> NoReturn:
        """Raises ReadOnly."""
        raise ReadOnly("read-only: an archive is only looked at")

    tag = untag = remove_image = prune_build_cache = _refuse
    builder = start_build = load_images = pull = push = remote_tag = _refuse
    create_container = start_container = stop_container = rename_container = remove_container = _refuse
    set_restart = connect_network = disconnect_network = read_file = put_file = _refuse


class _NoEvents:
    """Waits until it is closed."""

    def __init__(self) -> None:
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[Event]:
        self._closed.wait()
        return iter(())

    def close(self) -> None:
        """End the iteration."""
        self._closed.set()


def _image(image: ArchivedImage) -> Image:
    """As a list tells it."""
    return Image(image.id, image.tags, created=seconds(image.config.get("created")), size=sum(image.sizes))


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
