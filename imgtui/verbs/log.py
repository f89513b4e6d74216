"""`imgtui log [REF]`: the moves of tags, newest first."""

from __future__ import annotations

from collections.abc import Sequence

from imgtui.engine.port.engine import Engine
from imgtui.model.catalog.availability import whereabouts
from imgtui.model.core.image import Image
from imgtui.model.core.reference import InvalidReference, Reference
from imgtui.model.keeps.keep import is_keep
from imgtui.model.plans.lookup import find_image, moves_about
from imgtui.model.plans.plan import NotPossible
from imgtui.model.taglog.moves import Cause, Move
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.scan import Look
from imgtui.verbs.console.looking import look
from imgtui.verbs.console.output import Exit, print_error, print_json, print_table
from imgtui.verbs.moves import TITLES, cells, describe


def run(engine: Engine, recorder: Recorder, ref: str | None, *, as_json: bool) -> Exit:
    """Look, and print the moves. Raises EngineError."""
    seen = look(engine, recorder)
    log = recorder.log
    moves = None if log is None else recorder.guarded(log.moves)
    if moves is None:
        print_error(recorder.problem or "there is no tag log")
        return Exit.FAILED
    moves = [move for move in moves if not is_keep(move.reference) or move.cause is Cause.RELEASE]
    try:
        found = moves if ref is None else _about(moves, ref, seen)
    except NotPossible as error:
        print_error(str(error))
        return Exit.FAILED
    where = whereabouts(seen.catalog, moves)
    if as_json:
        print_json([describe(move, where) for move in found])
    else:
        print_table(TITLES, [cells(move, where) for move in found])
    return Exit.DONE


def _about(moves: Sequence[Move], ref: str, seen: Look) -> list[Move]:
    """The moves of what is named; none where it is here and never moved. Raises NotPossible."""
    images: dict[str, Image] = {**seen.catalog.past.images, **seen.catalog.images}
    found = moves_about(moves, ref, images)
    if not found and not _is_here(ref, seen):
        raise NotPossible(f"nothing is known of {ref}: imgtui log shows every move, imgtui ls every tag")
    return found


def _is_here(ref: str, seen: Look) -> bool:
    try:
        if Reference.parse(ref).familiar in seen.catalog.repositories:
            return True
    except InvalidReference:
        pass
    try:
        find_image(seen.catalog, ref)
    except NotPossible:
        return False
    return True
