"""A look at an engine that looks back too: the first one gathers what happened before anybody looked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from imgtui.engine.port import Engine
from imgtui.model.moves import Move
from imgtui.operations.look import Look, look, past
from imgtui.operations.recording import Recorder


@dataclass(frozen=True, slots=True)
class LookBack:
    """What was seen, and everything that is new in the tag log."""

    look: Look
    moves: tuple[Move, ...]
    """Moves since the last look; at the first one the evidence of those before."""


def look_back(engine: Engine, recorder: Recorder) -> LookBack:
    """List everything and record it; takes seconds once in an engine's life. Raises EngineError."""
    seen = look(engine, recorder)
    # Events of a later look are of moves that were observed: they are no evidence of the time before.
    held = seen.events if seen.recorded.first_sight else ()
    proved = recorder.gather_evidence(seen.catalog, held)
    if proved:
        seen = replace(seen, catalog=replace(seen.catalog, past=past(recorder)))
    return LookBack(seen, (*proved, *seen.recorded.moves))
