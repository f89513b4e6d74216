"""Somebody who listens to a session, and waits for what it tells."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from imgtui.engine.port import Engine
from imgtui.operations.session import Session
from imgtui.operations.updates import EngineState, FactsReady, LayersLearned, Phase, Update
from imgtui.store.cache import Cache

SECONDS = 20.0


class Listener:
    """Keeps every update."""

    def __init__(self) -> None:
        self.updates: list[Update] = []
        self._news = threading.Condition()

    def hear(self, update: Update) -> None:
        """Called from the session's threads."""
        with self._news:
            self.updates.append(update)
            self._news.notify_all()

    @property
    def states(self) -> list[EngineState]:
        return [update for update in self.updates if isinstance(update, EngineState)]

    @property
    def learned(self) -> set[str]:
        told = (update for update in self.updates if isinstance(update, LayersLearned))
        return {image_id for update in told for image_id, _ in update.layers}

    @property
    def facts(self) -> list[FactsReady]:
        return [update for update in self.updates if isinstance(update, FactsReady)]

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Wait for a state."""
        deadline = time.monotonic() + SECONDS
        with self._news:
            while not holds():
                left = deadline - time.monotonic()
                assert left > 0, f"not within {SECONDS:g} s: {what}; {[state.phase for state in self.states]}"
                self._news.wait(left)

    def until_live(self, times: int = 1) -> EngineState:
        """Wait until the engine is live, for so many tellings of it."""
        self.until(lambda: sum(state.phase is Phase.LIVE for state in self.states) >= times, "live")
        return self.states[-1]


@contextmanager
def following(
    engine: Engine, cache: Cache | None = None, clock: Callable[[], float] = lambda: 100.0
) -> Iterator[tuple[Session, Listener]]:
    """A session that follows an engine, and its listener."""
    listener = Listener()
    session = Session(engine, cache or Cache(None), "memory", listener.hear, clock=clock)
    recalled = session.recall()
    if recalled is not None:
        listener.hear(recalled)
    session.proceed()
    session.start()
    try:
        yield session, listener
    finally:
        session.close()
