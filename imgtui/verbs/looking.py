"""The look with which every verb begins that is about an engine, and what has to be said of it."""

from __future__ import annotations

from imgtui.engine.port import Engine
from imgtui.operations import look as looking
from imgtui.operations.look import Look
from imgtui.operations.recording import Recorder
from imgtui.verbs.output import print_error


def look(engine: Engine, recorder: Recorder, *, evidence: bool = True) -> Look:
    """Look, and say on standard error what could not be seen. Raises EngineError."""
    seen = looking.look(engine, recorder, evidence=evidence)
    say_unheard(recorder)
    return seen


def say_unheard(recorder: Recorder) -> None:
    """Say that the engine's events could not be had, and what is missing without them."""
    if recorder.unheard is not None:
        print_error(
            f"the engine does not tell what happened since the last look ({recorder.unheard}):"
            " moves since then have neither cause nor exact time"
        )
