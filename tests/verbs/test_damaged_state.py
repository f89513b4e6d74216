"""A state file with wrong rows in any of its tables: every verb and the explorer go on, nothing is lost."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtui.store.state import State
from tests.engine.payloads import HOSTILE
from tests.store.test_rows import DEEP, STRANGE, World, columns
from tests.suite.examples import examples
from tests.ui.robot import NARROW, exploring
from tests.ui.test_hostile import UNSAFE
from tests.verbs.test_printed import call, is_drawn

CALLS: Final = (
    ("record", "--once"), ("ls",), ("log",), ("log", "--export"), ("log", "--engines"), ("drift",),
    ("keep", "web:latest", "--plan"), ("tag", "web:two", "web:latest", "--plan"), ("undo", "--plan"),
    ("undo", "--redo", "--plan"), ("rollback", "web:latest", "--plan"), ("rm", "--dangling", "--plan"),
    ("rollback", "--unfinished", "--plan"), ("untag", "web:two", "--yes"), ("doctor",),
)  # fmt: skip
VALUES: Final = [*STRANGE, DEEP, *HOSTILE[:6], "{}", "[]", '{"x": [1]}', 0, -1, 10**12, ""]
VALUES_OF_SQLITE: Final = [value for value in VALUES if not (isinstance(value, str) and "\udc80" in value)]
KEPT: Final = ("moves", "acts", "engines", "recipes", "pulls", "facts")
"""Tables of which no call takes a row away."""

damages = st.lists(
    st.tuples(st.sampled_from(columns()), st.sampled_from(VALUES_OF_SQLITE), st.integers(0, 3)),
    min_size=1, max_size=3,
)  # fmt: skip
"""What is written into which column, of every row or of one in so many."""


def damaged(home: Path, wrong: list[tuple[tuple[str, str], object, int]]) -> World:
    """A state file where imgtui looks for it, with wrong values in it."""
    (home / "imgtui").mkdir(mode=0o700)
    world = World(home / "imgtui/state.db")
    for (table, column), value, every in wrong:
        where = f" WHERE rowid % {every} = 0" if every else ""
        try:
            world.damage(f"UPDATE OR IGNORE {table} SET {column} = ?{where}", value)
        except sqlite3.Error:  # SQLite itself does not take it there, or the table has no numbers
            continue
    world.state.close()
    return world


def rows(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as file:
        return {table: file.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in KEPT}


@examples(8)
@given(wrong=damages, chosen=st.lists(st.sampled_from(CALLS), min_size=2, max_size=3, unique=True))
def test_every_verb_goes_on(
    wrong: list[tuple[tuple[str, str], object, int]], chosen: list[tuple[str, ...]]
) -> None:
    home = Path(tempfile.mkdtemp())
    try:
        world = damaged(home, wrong)
        before = rows(world.path)
        for words in chosen:
            status, written = call(world.engine, home, *words)
            assert status in {0, 1, 4}, (words, written)
            assert "Traceback" not in written, (words, written)
            assert is_drawn(written), (words, ascii(written)[:1000])
            assert status == 0 or written, words
        after = rows(world.path)
        assert all(after[table] >= before[table] for table in KEPT), (before, after)
    finally:
        shutil.rmtree(home)


@pytest.mark.matrix
@examples(3)
@given(wrong=damages)
def test_the_explorer_opens(wrong: list[tuple[tuple[str, str], object, int]]) -> None:
    home = Path(tempfile.mkdtemp())

    async def opened() -> None:
        world = damaged(home, wrong)
        async with exploring(world.engine, NARROW, open_state=lambda: State(world.path)) as robot:
            for keys in ("2", "]", "]", "escape"):
                await robot.press(keys)
            for screen in ("log.open", "journal.open"):
                await robot.do(screen)
                await robot.until(lambda: robot.app.screen is not robot.explorer, screen)
                assert not [line for line in robot.lines if UNSAFE.search(line)]
                await robot.back()

    try:
        asyncio.run(opened())
    finally:
        shutil.rmtree(home)
