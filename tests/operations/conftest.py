"""A session on an engine of each kind of store, with everything it asks and tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.core.image import Store
from imgtui.operations.session.session import Session
from imgtui.store.cached.cache import Cache
from tests.operations.listening import Counted, Listener, clock


@dataclass
class Following:
    """An engine, and the session that follows it."""

    engine: Counted
    cache: Cache = field(default_factory=lambda: Cache(None))
    told: Listener = field(default_factory=Listener)
    session: Session = field(init=False)

    def __post_init__(self) -> None:
        self.session = Session(self.engine, self.cache, "unix:///engine", self.told, clock=clock)

    @property
    def memory(self) -> MemoryEngine:
        """The engine itself, to be changed past the session."""
        return self.engine.memory

    def live(self) -> None:
        """Start, and wait until every layer is known."""
        self.session.start()
        self.told.until_live()
        self.told.until(lambda: set(self.told.learned) >= set(self.told.catalog.images), "all layers")


@pytest.fixture(params=[Store.GRAPH, Store.CONTAINERD], ids=["graph", "containerd"])
def following(request: pytest.FixtureRequest) -> Iterator[Following]:
    """An empty engine of each store in turn, and a session that has not begun."""
    found = Following(Counted(MemoryEngine(store=request.param)))
    yield found
    found.session.close()
    found.engine.gate.set()
