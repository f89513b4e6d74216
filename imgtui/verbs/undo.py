"""`imgtui undo`: the newest change of a container, a tag, a repository or the engine is put back."""

from __future__ import annotations

from collections.abc import Sequence

from imgtui.engine.port.engine import Engine
from imgtui.model.acts.changes import PastAct
from imgtui.model.core.clock import SECOND
from imgtui.model.plans.plan import NotPossible
from imgtui.model.taglog.moves import Move
from imgtui.operations.acts.act_journal import ActJournal
from imgtui.operations.containers.undoing import plan_back
from imgtui.operations.taglog.recording import Recorder
from imgtui.verbs import acts, rollback
from imgtui.verbs.console.asking import Manner
from imgtui.verbs.console.looking import look_to_act
from imgtui.verbs.console.output import Exit, print_error
from imgtui.verbs.plans import change_before, newest_change, putting_back


def run(
    engine: Engine,
    recorder: Recorder,
    text: str | None,
    manner: Manner,
    *,
    redo: bool,
    wanted: rollback.RollbackArguments | None = None,
) -> Exit:
    """Find the change, plan, ask, do. Raises EngineError.

    `text` names a container, a tag or a repository; None is the engine. `wanted` has how a container
    is watched.
    """
    catalog = look_to_act(engine, recorder, plan_only=manner.plan_only).catalog
    try:
        moves, past = _known(recorder)
        change = newest_change(catalog, moves, past, text, recorder.now // SECOND, redo=redo)
        if isinstance(change, Move):
            return acts.run(engine, recorder, [putting_back(change, redo=redo)], manner, catalog)
        wanted = wanted or rollback.RollbackArguments(None)
        call = rollback.Call(engine, recorder, catalog, manner, wanted)
        try:
            plan = plan_back(engine, recorder, catalog, moves, change, wanted.watch())
        except NotPossible as error:
            before = change_before(catalog, moves, past, change, recorder.now // SECOND) if not redo else ""
            raise NotPossible(f"{error}{before and '; the change before it: '}{before}") from error
        return call.propose(plan)
    except NotPossible as error:
        print_error(str(error))
        return Exit.FAILED


def _known(recorder: Recorder) -> tuple[Sequence[Move], Sequence[PastAct]]:
    """The tag log and the journal. Raises NotPossible."""
    log = recorder.log
    moves = None if log is None else recorder.guarded(log.moves)
    if moves is None:
        raise NotPossible("without a tag log nothing can be undone")
    acts_over = ActJournal(recorder).over()
    if acts_over is None:
        raise NotPossible(f"what was done cannot be read: {recorder.problem or recorder.trouble}")
    return moves, acts_over
