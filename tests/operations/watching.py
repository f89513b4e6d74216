"""A program that watches an engine's tags, step by step, without threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from imgtui.engine.port.engine import Engine
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.taglog.moves import Move
from imgtui.operations.taglog.reconcile import reconcile
from imgtui.operations.taglog.recording import Recorder, moment
from imgtui.operations.taglog.scan import look, past
from imgtui.store.state import State
from imgtui.store.tag_log import TagLog


class Watcher:
    """Records what it sees when it is told to look, as a session does."""

    def __init__(self, engine: Engine, state: State, *, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self.recorder = Recorder(engine, lambda: state, clock=clock)
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
    def catalog(self) -> Catalog:
        """What it saw last, with what the log knows of the past."""
        return replace(self._catalog, past=past(self.recorder))

    @property
    def moves(self) -> list[Move]:
        """What is recorded, oldest first."""
        return self.log.moves()[::-1]

    def start(self) -> None:
        """Begin, or begin again after the engine was away."""
        seen = look(self._engine, self.recorder)
        self._catalog = seen.catalog
        self._heard = max((event.time_ns for event in seen.events), default=self._heard)

    def look(self) -> None:
        """Take what has happened since the last look as one burst."""
        happened = self._engine.past_events(self._heard + 1)
        if not happened:
            return
        self._heard = happened[-1].time_ns
        before, asked = self._catalog, moment()
        self._catalog = reconcile(self._engine, before, happened)
        self.recorder.take(before, self._catalog, asked, happened)


def forgetful(engine: Engine) -> Recorder:
    """A recorder whose log is empty and ends with it."""
    return Recorder(engine, lambda: State(None))
