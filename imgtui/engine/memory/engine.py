"""An engine in memory: for the demo and for tests. It behaves as a real one does.

The contract tests hold it to the same sentences as real engines.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from imgtui.engine.memory.acts import familiar
from imgtui.engine.memory.archives import MemoryArchives
from imgtui.engine.memory.blueprint import Blueprint, BlueprintStep
from imgtui.engine.memory.builds import MemoryBuilds
from imgtui.engine.memory.containers import MemoryContainers
from imgtui.engine.memory.events import MemoryEvents
from imgtui.engine.memory.registry import MemoryRegistry
from imgtui.engine.memory.removal import MemoryRemovals
from imgtui.engine.port.engine import EventStream, Listing
from imgtui.engine.wire.facts import to_document
from imgtui.model.core.event import Event
from imgtui.model.core.image import Container, EngineInfo, Image, Store
from imgtui.model.keeps.keep import is_keep
from imgtui.model.taglog.traces import Traces

__all__ = ["Blueprint", "BlueprintStep", "MemoryEngine", "MemoryEvents"]


class MemoryEngine(MemoryArchives, MemoryBuilds, MemoryContainers, MemoryRegistry, MemoryRemovals):
    """Images, tags and containers in memory. Every method may be called from any thread."""

    def connect(self) -> EngineInfo:
        """Say who answers."""
        self._reach()
        return EngineInfo(
            id=f"memory-{self._name}",
            name=self._name,
            version="29.1.0",
            api_version="1.52",
            store=self._store,
            driver="overlayfs" if self._store is Store.CONTAINERD else "overlay2",
            architecture="amd64",
            records=len(self._images),
            clock_ns=self._clock(),
        )

    def clock(self) -> int:
        """Tell the time."""
        self._reach()
        return self._clock()

    def list_images(self) -> Iterator[Listing]:
        """List everything in one part."""
        self._reach()
        with self._lock:
            images = tuple(self._images)
        yield Listing(images, len(images))

    def find_images(self, references: Sequence[str]) -> list[Image]:
        """Find the images of these tags and repo digests, with only the tags asked for."""
        self._reach()
        with self._lock:
            found = self._images.matching([familiar(name) for name in references if "@" not in name])
            pinned = [self._resolve(name) for name in references if "@" in name]
            found = {**{image_id: () for image_id in pinned if image_id in self._images}, **found}
            return [
                replace(
                    self._known(image_id),
                    tags=tuple(name for name in names if not is_keep(name)),
                    keeps=tuple(filter(is_keep, names)),
                )
                for image_id, names in found.items()
            ]

    def dangling_images(self) -> list[Image]:
        """List images without a tag."""
        self._reach()
        with self._lock:
            return [image for image in self._images if not (image.tags or image.keeps)]

    def image(self, name: str) -> Image | None:
        """Return one image by ID or reference."""
        self._reach()
        with self._lock:
            found = self._images.get(self._resolve(name))
        if found is None:
            return None
        return replace(found, size=0) if self._store is Store.CONTAINERD else found

    def document(self, image_id: str, *, reveal: bool = False) -> str | None:
        """Return the facts, as a real engine's JSON."""
        self._reach()
        with self._lock:
            resolved = self._resolve(image_id)
            blueprint = self._images.blueprint(resolved)
        if blueprint is None:
            return None
        return to_document(blueprint.inspect(resolved), blueprint.history(), reveal=reveal)

    def traces(self, image_id: str) -> Traces:
        """Return when an image was tagged last."""
        self._reach()
        with self._lock:
            return Traces(self._images.last_tag(image_id))

    def containers(self, ids: Sequence[str] | None = None) -> list[Container]:
        """List all containers, or those of these IDs that exist."""
        self._reach()
        with self._lock:
            return [known for known in self._containers.values() if ids is None or known.id in ids]

    def events(self) -> EventStream:
        """Open a stream of events from now on."""
        self._reach()
        return self._listen()

    def past_events(self, since: int) -> list[Event]:
        """Return the events that are held, from a time on."""
        self._reach()
        with self._lock:
            return [event for event in self._sent if event.time_ns >= since]

    def close(self) -> None:
        """End the event streams."""
        self._end_streams()
