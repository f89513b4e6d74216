"""One look at an engine: everything that is there, and what that says of the time since the last look."""

from __future__ import annotations

from dataclasses import dataclass, replace

from imgtui.engine.port import Engine
from imgtui.model.catalog import Catalog
from imgtui.model.event import Event
from imgtui.model.image import EngineInfo, Image
from imgtui.model.past import Past, past_of
from imgtui.operations.reconcile import merge_parts
from imgtui.operations.recording import Recorder, moment
from imgtui.store.tag_log import Recorded


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen, and what it brought to the tag log."""

    info: EngineInfo
    catalog: Catalog
    """With what the tag log knows of the past."""
    recorded: Recorded
    events: tuple[Event, ...]
    """What the engine still told of the time since the last look."""


def look(engine: Engine, recorder: Recorder) -> Look:
    """List everything and record it. Raises EngineError."""
    info = engine.connect()
    events = engine.past_events(recorder.follow(info))
    asked = moment()
    catalog = everything(engine)
    recorded = recorder.take_all(catalog, asked, events)
    return Look(info, replace(catalog, past=past(recorder)), recorded, tuple(events))


def everything(engine: Engine) -> Catalog:
    """All images and containers. Raises EngineError."""
    images: dict[str, Image] = {}
    for part in engine.list_images():
        merge_parts(images, part.images)
    return Catalog(images, {container.id: container for container in engine.containers()})


def past(recorder: Recorder) -> Past:
    """What the tag log knows of the past; nothing while it cannot be used."""
    log, pulls, info = recorder.log, recorder.pulls, recorder.info
    if log is None or pulls is None or info is None:
        return Past()
    return recorder.guarded(lambda: past_of(log.moves(), log.images(), info.store, pulls.all())) or Past()
