"""The look with which every verb begins that is about an engine, and what has to be said of it."""

from __future__ import annotations

from collections.abc import Callable

from imgtui.engine.port.engine import Engine
from imgtui.operations.acts.act_journal import ActJournal
from imgtui.operations.taglog import scan as looking
from imgtui.operations.taglog.recording import Recorder, unproved_words
from imgtui.operations.taglog.scan import Look
from imgtui.verbs.console.output import print_error


def look(engine: Engine, recorder: Recorder, *, evidence: bool = True) -> Look:
    """Look, and say on standard error what could not be seen. Raises EngineError."""
    seen = looking.look(engine, recorder, evidence=evidence)
    say_unheard(recorder)
    say_interrupted(recorder)
    return seen


def look_to_act(
    engine: Engine, recorder: Recorder, *, plan_only: bool, tell: Callable[[str], None] = print_error
) -> Look:
    """Look before something is done; what was interrupted is put right first, but not for a plan alone.

    `tell` hears a line about each act that was put right.

    Raises EngineError.
    """
    seen = look(engine, recorder)
    if plan_only or not ActJournal(recorder).open():
        return seen
    from imgtui.operations.recovery.interrupted import Interruptions

    settled = Interruptions(engine, recorder).settle()
    for line in settled:
        tell(line)
    return look(engine, recorder) if settled else seen


def say_interrupted(recorder: Recorder) -> None:
    """Say which roll backs were interrupted, by whomever. One that another program is at is none."""
    for title in ActJournal(recorder).interrupted():
        print_error(f"{title}: interrupted; imgtui rollback --unfinished shows what is left to do")


def say_unheard(recorder: Recorder) -> None:
    """Say that the engine's events could not be had, and what is missing without them."""
    if recorder.unheard is not None:
        print_error(
            f"the engine does not tell what happened since the last look ({recorder.unheard}):"
            " moves since then have neither cause nor exact time"
        )
    if recorder.unproved:
        print_error(unproved_words(recorder.unproved))
