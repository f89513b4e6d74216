"""What imgtui asks of an engine, in its own terms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from imgtui.engine.port.archives import Archives
from imgtui.engine.port.builds import Builds
from imgtui.engine.port.containers import Containers
from imgtui.engine.port.registry import Registry
from imgtui.engine.port.removal import Removals
from imgtui.model.core.event import Event
from imgtui.model.core.image import Container, EngineInfo, Image

if TYPE_CHECKING:
    from imgtui.model.taglog.traces import Traces


@dataclass(frozen=True, slots=True)
class Listing:
    """A part of the list of images, as it arrives."""

    images: tuple[Image, ...]
    records: int | None = None
    """Image records that the whole list will have, where the engine told it beforehand."""


class EventStream(Protocol):
    """Events from now on. Iteration ends when the engine closes it or `close` is called."""

    def __iter__(self) -> Iterator[Event]: ...

    def close(self) -> None:
        """End the iteration, from any thread, at once."""


class Engine(Archives, Builds, Containers, Registry, Removals, Protocol):
    """An engine that holds images and runs containers. Every call blocks, and may be made from any thread.

    All calls raise `Unavailable` when the engine cannot be reached and
    `EngineError` when it refuses.
    """

    def connect(self) -> EngineInfo:
        """Agree on an API version and learn who answers; also after a lost connection."""

    def clock(self) -> int:
        """The engine's clock now, nanoseconds since the epoch; 0 where it tells none."""

    def list_images(self) -> Iterator[Listing]:
        """Every image that is not an intermediate one, in as many parts as they arrive in.

        An image may arrive in two parts, each with some of its tags.
        """

    def find_images(self, references: Sequence[str]) -> list[Image]:
        """The images that these tagged references, and repo digests, point at, as a list tells them.

        Only the tags asked for are in the answer. Costs what it matches.
        """

    def dangling_images(self) -> list[Image]:
        """Images that no tag points at, without intermediate ones."""

    def image(self, name: str) -> Image | None:
        """One image by ID or reference with all its tags; None when it is not there.

        On the containerd store its `size` leaves out what only a list counts: 0.
        """

    def document(self, image_id: str, *, reveal: bool = False) -> str | None:
        """The immutable facts of an image as one JSON text (`inspect` and `history`).

        Secret-looking values are masked unless `reveal`. None when the image is not there.
        """

    def traces(self, image_id: str) -> Traces:
        """What an image carries of its own past; nothing where it is not there. Costs one `inspect`."""

    def containers(self, ids: Sequence[str] | None = None) -> list[Container]:
        """All containers, stopped ones too, or those of these IDs that exist."""

    def events(self) -> EventStream:
        """Events from now on; the stream is open when this returns."""

    def past_events(self, since: int) -> list[Event]:
        """Events that the engine still holds, from a time (its clock, nanoseconds since the epoch) to now.

        Docker holds the last 256 of all kinds until it is restarted (moby `daemon/events`), Podman all.
        """

    def tag(self, image_id: str, reference: str) -> None:
        """Point a tag at an image. Raises ReadOnly, NotFound, EngineError."""

    def untag(self, reference: str) -> None:
        """Take a tag away; an image that has no other name goes with it. Raises as `tag` does."""

    def close(self) -> None:
        """Let go of all connections; calls under way fail."""
