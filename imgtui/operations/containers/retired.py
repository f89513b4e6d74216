"""The containers that roll backs have left stopped, and how long they stay."""

from __future__ import annotations

from imgtui.engine.port.engine import Engine
from imgtui.engine.wire.translate import mapping, nanoseconds
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.clock import SECOND
from imgtui.model.launch.launch import Discard

DAY = 24 * 60 * 60 * SECOND


def overdue(engine: Engine, catalog: Catalog, now: int, days: float) -> list[Discard]:
    """Those that were stopped more than so many days ago, where what has their place runs.

    `now` is in nanoseconds. Raises EngineError.
    """
    found = []
    for container in catalog.containers.values():
        if not catalog.runs_instead(container):
            continue
        document = engine.inspect_container(container.id) or {}
        stopped = nanoseconds(mapping(document.get("State")).get("FinishedAt"))
        if stopped and now - stopped > days * DAY:
            found.append(Discard(container.id, container.name))
    return found
