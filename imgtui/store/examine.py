"""All that is in a state file, read once: what is not understood is counted by `State.unread`."""

from __future__ import annotations

from imgtui.store.engines import OF_ENGINES, Engines
from imgtui.store.facts import Facts
from imgtui.store.journal import Journal
from imgtui.store.pulls import Pulls
from imgtui.store.recipes import Recipes
from imgtui.store.rows import text, understood
from imgtui.store.rule_notes import RuleNotes
from imgtui.store.state import State
from imgtui.store.tag_log import TagLog

_ENGINES = " UNION ".join(
    ("SELECT id FROM engines", *(f"SELECT engine FROM {table}" for table in OF_ENGINES))  # noqa: S608 - ours
)


def read_everything(state: State) -> None:
    """Read the rows of every engine. Raises StateUnusable."""
    Engines(state).known()
    Facts(state).examine()
    with state.reading() as file:
        engines = list(understood(state.unread, "engines", file.execute(_ENGINES).fetchall(), text))
    for engine in engines:
        log, journal, notes = TagLog(state, engine), Journal(state, engine), RuleNotes(state, engine)
        for read in (
            log.confirmed,
            log.tags,
            log.moves,
            log.images,
            log.seen,
            log.announced,
            journal.entries,
            journal.over,
            journal.unfinished,
            journal.open,
            Pulls(state, engine).all,
            Recipes(state, engine).all,
            notes.notices,
            notes.clock,
            notes.answer,
            notes.settings,
        ):
            read()
