"""An engine whose requests are counted, and a listener that waits for what a session tells."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from imgtui.engine.memory.blueprint import Blueprint, BlueprintStep, digest_of
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.engine import EventStream, Listing
from imgtui.engine.port.errors import EngineError
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.catalog.registry_tag import RemoteTag
from imgtui.model.core.event import Event
from imgtui.model.core.image import Container, EngineInfo, Image, Layer
from imgtui.model.taglog.traces import Traces
from imgtui.operations.protocol.updates import EngineState, FactsReady, LayersLearned, Phase, Update
from tests.engine.relay import Relay
from tests.engines.waiting import PATIENCE

NOW = 1_760_000_000
SECONDS = PATIENCE


def clock() -> float:
    """A clock that stands still."""
    return NOW


def made(text: str, *, age: int = 3600) -> Blueprint:
    """An image with a layer of its own, of an age in seconds."""
    return Blueprint(
        (BlueprintStep(f"COPY {text} / # buildkit", Layer(digest_of(text), 1000)),), created=NOW - age
    )


class Counted(Relay):
    """The port of an engine in memory; every request is written down."""

    def __init__(self, memory: MemoryEngine) -> None:
        super().__init__(memory)
        self.memory = memory
        self.asked: list[tuple[str, str]] = []
        self.gate = threading.Event()
        """Documents are given only while it is set."""
        self.gate.set()
        self.broken: set[str] = set()
        """Images that the engine has and cannot read."""

    def count(self, request: str) -> int:
        """How often something was asked."""
        return Counter(name for name, _ in self.asked)[request]

    def of(self, request: str) -> list[str]:
        """What was asked for, in order."""
        return [about for name, about in self.asked if name == request]

    def connect(self) -> EngineInfo:
        self.asked.append(("connect", ""))
        return self.memory.connect()

    def list_images(self) -> Iterator[Listing]:
        self.asked.append(("list", ""))
        return self.memory.list_images()

    def find_images(self, references: Sequence[str]) -> list[Image]:
        self.asked.append(("find", " ".join(references)))
        return self.memory.find_images(references)

    def dangling_images(self) -> list[Image]:
        self.asked.append(("dangling", ""))
        return self.memory.dangling_images()

    def image(self, name: str) -> Image | None:
        self.asked.append(("image", name))
        if name in self.broken:
            raise EngineError("content digest: not found", status=500)
        return self.memory.image(name)

    def document(self, image_id: str, *, reveal: bool = False) -> str | None:
        self.asked.append(("document", image_id))
        assert self.gate.wait(SECONDS)
        return self.memory.document(image_id, reveal=reveal)

    def traces(self, image_id: str) -> Traces:
        self.asked.append(("traces", image_id))
        if image_id in self.broken:
            raise EngineError("content digest: not found", status=500)
        return self.memory.traces(image_id)

    def containers(self, ids: Sequence[str] | None = None) -> list[Container]:
        self.asked.append(("containers", "all" if ids is None else " ".join(ids)))
        return self.memory.containers(ids)

    def remote_tag(self, reference: str) -> RemoteTag:
        self.asked.append(("remote", reference))
        return self.memory.remote_tag(reference)

    def events(self) -> EventStream:
        self.asked.append(("events", ""))
        return self.memory.events()

    def past_events(self, since: int) -> list[Event]:
        self.asked.append(("past events", str(since)))
        return self.memory.past_events(since)

    def tag(self, image_id: str, reference: str) -> None:
        self.asked.append(("tag", f"{image_id} {reference}"))
        self.memory.tag(image_id, reference)

    def untag(self, reference: str) -> None:
        self.asked.append(("untag", reference))
        self.memory.untag(reference)

    def close(self) -> None:
        self.memory.close()


class Listener:
    """Hears what a session publishes, and waits for what is expected."""

    def __init__(self) -> None:
        self.heard: list[Update] = []
        self._condition = threading.Condition()

    def __call__(self, update: Update) -> None:
        with self._condition:
            self.heard.append(update)
            self._condition.notify_all()

    @property
    def states(self) -> list[EngineState]:
        """The states that were told, in order."""
        return [update for update in self.heard if isinstance(update, EngineState)]

    @property
    def state(self) -> EngineState:
        """The state that was told last."""
        return self.states[-1]

    @property
    def catalog(self) -> Catalog:
        """What was told last that the engine holds."""
        return self.state.catalog

    @property
    def learned(self) -> list[str]:
        """Images whose layers were told, in order."""
        told = (update.layers for update in self.heard if isinstance(update, LayersLearned))
        return [image_id for layers in told for image_id, _ in layers]

    @property
    def facts(self) -> list[FactsReady]:
        """Facts that were told, in order."""
        return [update for update in self.heard if isinstance(update, FactsReady)]

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Wait for something that depends on what was told."""
        with self._condition:
            assert self._condition.wait_for(holds, SECONDS), f"not within {SECONDS:g} s: {what}"

    def until_live(self, holds: Callable[[Catalog], object] = lambda _: True, what: str = "live") -> None:
        """Wait for a live state whose catalog has something."""
        self.until(
            lambda: self.states and self.state.phase is Phase.LIVE and holds(self.catalog),
            what,
        )
