"""One look at an engine: everything that is there, and what that says of the time since the last look."""

from __future__ import annotations

from dataclasses import dataclass, replace

from imgtui.engine.port.engine import Engine
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.event import Event
from imgtui.model.core.image import EngineInfo
from imgtui.model.taglog.history import Past, past_of
from imgtui.model.taglog.moves import Move
from imgtui.operations.taglog.reconcile import Listed
from imgtui.operations.taglog.recording import Recorder, moment
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
    proved: tuple[Move, ...] = ()
    """At the first look at an engine: what is known of the time before."""

    @property
    def moves(self) -> tuple[Move, ...]:
        """Everything that is new in the tag log: what is proved, and what was observed."""
        return (*self.proved, *self.recorded.moves)


def look(engine: Engine, recorder: Recorder, *, evidence: bool = True) -> Look:
    """List everything and record it: the one way in which every verb looks.

    The first look at an engine, whichever verb it is for, gathers `evidence` of what happened before anybody
    looked: that takes seconds, once. Raises EngineError.
    """
    info = engine.connect()
    events = recorder.hear(recorder.follow(info))
    asked = moment()
    catalog = everything(engine)
    recorded = recorder.take_all(catalog, asked, events, evidence=evidence)
    # Events of a later look are of moves that were observed: they are no evidence of the time before.
    held = events if recorded.first_sight else ()
    proved = recorder.gather_evidence(catalog, held) if evidence else ()
    if recorded.first_sight:
        recorded, proved = replace(recorded, moves=()), (*recorded.moves, *proved)
    return Look(info, replace(catalog, past=past(recorder)), recorded, tuple(events), proved)


def everything(engine: Engine) -> Catalog:
    """All images and containers. Raises EngineError."""
    listed = Listed()
    for part in engine.list_images():
        listed.add(part.images)
    return Catalog(listed.settled(engine), {container.id: container for container in engine.containers()})


def past(recorder: Recorder) -> Past:
    """What the tag log knows of the past; nothing while it cannot be used."""
    log, pulls, info = recorder.log, recorder.pulls, recorder.info
    if log is None or pulls is None or info is None:
        return Past()
    return recorder.guarded(lambda: past_of(log.moves(), log.images(), info.store, pulls.all())) or Past()
