"""A program that watches an engine's tags, step by step, without threads."""

from __future__ import annotations

from imgtui.engine.port import Engine
from imgtui.model.catalog import Catalog
from imgtui.model.image import Image
from imgtui.model.moves import Move
from imgtui.operations.reconcile import merge_parts, reconcile
from imgtui.operations.recording import Recorder, moment
from imgtui.store.state import State
from imgtui.store.tag_log import TagLog


def catalog_of(engine: Engine) -> Catalog:
    """Everything that an engine holds."""
    images: dict[str, Image] = {}
    for part in engine.list_images():
        merge_parts(images, part.images)
    return Catalog(images, {container.id: container for container in engine.containers()})


class Watcher:
    """Records what it sees when it is told to look, as a session does."""

    def __init__(self, engine: Engine, state: State) -> None:
        self._engine = engine
        self.recorder = Recorder(engine, lambda: state)
        self._catalog = Catalog()
        self._heard = 0
        self.start()

    @property
    def log(self) -> TagLog:
        """The log that it writes."""
        assert self.recorder.problem is None, self.recorder.problem
        assert self.recorder.log is not None
        return self.recorder.log

    @property
    def moves(self) -> list[Move]:
        """What is recorded, oldest first."""
        return self.log.moves()[::-1]

    def start(self) -> None:
        """Begin, or begin again after the engine was away."""
        info = self._engine.connect()
        past = self._engine.past_events(self.recorder.follow(info))
        asked = moment()
        self._catalog = catalog_of(self._engine)
        self._heard = max((event.time_ns for event in past), default=self._heard)
        self.recorder.take_all(self._catalog, asked, past)

    def look(self) -> None:
        """Take what has happened since the last look as one burst."""
        happened = self._engine.past_events(self._heard + 1)
        if not happened:
            return
        self._heard = happened[-1].time_ns
        before, asked = self._catalog, moment()
        self._catalog = reconcile(self._engine, before, happened)
        self.recorder.take(before, self._catalog, asked, happened)
