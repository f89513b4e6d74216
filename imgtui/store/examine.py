"""All that is in a state file, read once: what is not understood is counted by `State.unread`."""

from __future__ import annotations

from imgtui.store.journal import Journal
from imgtui.store.pulls import Pulls
from imgtui.store.rows import text, understood
from imgtui.store.state import State
from imgtui.store.tag_log import TagLog


def read_everything(state: State) -> None:
    """Read the rows of every engine. Raises StateUnusable."""
    with state.reading() as file:
        rows = file.execute("SELECT DISTINCT id FROM engines UNION SELECT DISTINCT engine FROM acts")
        engines = list(understood(state.unread, "engines", rows, text))
    for engine in engines:
        log, journal = TagLog(state, engine), Journal(state, engine)
        for read in (
            log.confirmed,
            log.tags,
            log.moves,
            log.images,
            journal.entries,
            Pulls(state, engine).all,
        ):
            read()
