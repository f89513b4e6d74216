"""`imgtui log --export` and `--import FILE`: the tag log goes to another machine, or a new state file."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from imgtui.engine.port.engine import Engine
from imgtui.model.taglog.moves import Provenance
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.exported import ExportedLog, WrongLine, read, write
from imgtui.verbs.console.looking import look
from imgtui.verbs.console.output import Exit, print_error, put
from imgtui.words import plural


def export_log(engine: Engine, recorder: Recorder) -> Exit:
    """Look, and print the whole log of the engine as JSON lines. Raises EngineError."""
    info = look(engine, recorder).info
    log, pulls, key = recorder.log, recorder.pulls, recorder.key
    found = None
    if log is not None and pulls is not None:
        found = recorder.guarded(lambda: (log.moves(), log.images(), pulls.all()))
    if found is None or key is None:
        return _no_log(recorder)
    moves, images, proved = found
    understood = (move for move in moves if move.known is not Provenance.UNREAD)
    in_their_order = tuple(sorted(understood, key=lambda move: move.number))
    for line in write(ExportedLog(key, info.name, in_their_order, tuple(images.values()), proved)):
        put(line)
    return Exit.DONE


def import_log(engine: Engine, recorder: Recorder, file: str) -> Exit:
    """Add what another log has to that of this engine, whichever it was of: all, or nothing.

    `file` is a path, or `-`. Raises EngineError.
    """
    try:
        with _opened(file) as lines:
            exported = read(lines)
    except OSError as error:
        print_error(f"{file} cannot be read: {error.strerror}")
        return Exit.FAILED
    except WrongLine as error:
        print_error(f"{file} {error}; nothing was imported")
        return Exit.FAILED
    # Who brings a log needs no evidence of what stands in it.
    look(engine, recorder, evidence=False)
    log = recorder.log
    added = None
    if log is not None:
        added = recorder.guarded(lambda: log.restore(exported.moves, exported.images, exported.pulls))
    if added is None:
        return _no_log(recorder)
    there = len(exported.moves) - added
    origin = "" if exported.engine == recorder.key else f", from another engine: {exported.name}"
    put(f"{plural(added, 'move')} added, {there} there already{origin}\n")
    return Exit.DONE


@contextmanager
def _opened(file: str) -> Iterator[Iterable[bytes]]:
    if file == "-":
        yield sys.stdin.buffer
    else:
        with Path(file).open("rb") as opened:
            yield opened


def _no_log(recorder: Recorder) -> Exit:
    print_error(recorder.problem or "there is no tag log")
    return Exit.FAILED
