"""`imgtui log --engines`, `--adopt ID` and `--as-new`: whose log is whose."""

from __future__ import annotations

from collections.abc import Sequence

from imgtui.engine.port.engine import Engine
from imgtui.model.taglog.identity import KnownEngine
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.engines import Ambiguous, Engines
from imgtui.store.state import State, StateUnusable
from imgtui.verbs.console.output import Exit, print_error, print_json, print_table, put
from imgtui.verbs.moves import rfc3339
from imgtui.words import plural

TITLES = ("ID", "NAME", "REACHED AT", "MOVES", "LAST SEEN")
SHORTEST = 4
"""Characters of an ID that name it, if no other begins with them."""


def show(state: State, *, as_json: bool) -> Exit:
    """Print the engines of which there is a log; no engine is asked. Raises StateUnusable."""
    known = Engines(state).known()
    if as_json:
        print_json([_describe(each) for each in known])
    else:
        print_table(TITLES, [_row(each) for each in known])
    return Exit.DONE


def answer(engine: Engine, recorder: Recorder, adopted: str | None) -> Exit:
    """Say whose log the engine has that answers: that of an ID, or, for None, one of its own.

    Raises EngineError.
    """
    info = engine.connect()
    recorder.follow(info)
    state = recorder.state
    if state is None:
        print_error(recorder.problem or "there is no tag log")
        return Exit.FAILED
    here = f"{info.name} at {info.host}" if info.host else info.name
    try:
        if adopted is None:
            if recorder.doubt is None:
                put(f"{here} is known, and has its own log already\n")
                return Exit.DONE
            recorder.answer(None)
            put(f"a log of its own begins for {here}\n")
            return Exit.DONE
        known = _named(Engines(state).known(), adopted)
        if known.key == recorder.key:
            put(f"{here} has this log already\n")
            return Exit.DONE
        recorder.answer(known.key)
    except (Ambiguous, StateUnusable) as error:
        print_error(str(error))
        return Exit.FAILED
    put(f"the log of {known.words}, {plural(known.moves, 'move')}, is that of {here} from now on\n")
    return Exit.DONE


def _named(known: Sequence[KnownEngine], text: str) -> KnownEngine:
    """The engine that an ID, or its beginning, names. Raises Ambiguous."""
    found = [each for each in known if each.key == text]
    if not found and len(text) >= SHORTEST:
        found = [each for each in known if each.key.startswith(text)]
    if len(found) == 1:
        return found[0]
    many = (
        f"{len(found)} engines have an ID that begins with {text}" if found else f"there is no log of {text}"
    )
    raise Ambiguous(f"{many}: imgtui log --engines lists all")


def _row(known: KnownEngine) -> tuple[str, ...]:
    places = dict.fromkeys(place.host for place in known.places if place.host)
    return (known.key, known.name, ", ".join(places) or "?", str(known.moves), known.when)


def _describe(known: KnownEngine) -> dict[str, object]:
    """The JSON object of an engine."""
    return {
        "id": known.key,
        "name": known.name,
        "moves": known.moves,
        "last_seen": rfc3339(known.seen) if known.seen else None,
        "places": [
            {
                "host": place.host,
                "address": place.address,
                "reported_id": place.reported,
                "name": place.name,
                "root": place.root,
                "store": place.store,
                "last_seen": rfc3339(place.seen),
            }
            for place in known.places
        ],
    }
