"""A row that is not understood is left alone, counted and said: everything else is used."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.acts.begun import Begun
from imgtui.model.acts.changes import RolledBack, UnreadAct, newest_undone
from imgtui.model.acts.changes import newest as newest_change
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.containers.rollback import earlier_of_tag
from imgtui.model.core.clock import SECOND, MonotonicTime
from imgtui.model.core.image import Store
from imgtui.model.plans.plan import NotPossible, plan_undo
from imgtui.model.taglog.identity import place_of
from imgtui.model.taglog.moves import Move, Provenance
from imgtui.model.taglog.proofs import EVENT
from imgtui.operations.acts.acts import Acts
from imgtui.operations.acts.journal import read_journal
from imgtui.operations.containers.rollback import Rollbacks
from imgtui.operations.taglog.recording import moment
from imgtui.store.engines import Ambiguous, Engines
from imgtui.store.examine import read_everything
from imgtui.store.facts import Facts
from imgtui.store.journal import Journal
from imgtui.store.pulls import Pulls
from imgtui.store.recipes import Recipes
from imgtui.store.rule_notes import OfferAnswer, RuleNotes
from imgtui.store.state import State
from imgtui.store.tag_log import TagLog, Theirs
from imgtui.verbs.plans import newest_change as verb_change
from tests.operations.listening import made
from tests.operations.watching import Watcher

DEEP: Final = "[" * 100_000
STRANGE: Final = [None, b"\xff\x00", "taf", "x\x1b[2J", 1.5, 2**63 - 1, -(2**63), "x" * 10_000]


class World:
    """An engine whose `web:latest` moved twice, and its state file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine = MemoryEngine()
        self.base = self.engine.build(made("base"), "base:1")
        self.state = State(path)
        self.watcher = Watcher(self.engine, self.state)
        self.images = [self.engine.build(made("one"), "web:latest")]
        self.watcher.look()
        for name in ("two", "three"):
            self.images.append(self.engine.build(made(name), "web:latest"))
            self.engine.tag(self.images[-1], f"web:{name}")
            self.watcher.look()
        info = self.engine.connect()
        self.id = info.id
        journal = Journal(self.state, self.id)
        journal.end(journal.begin("an act", ["docker tag a b"], 5), 6, "done")
        journal.begin("another act", ["docker tag a b"], 7, progress="{}")
        Recipes(self.state, self.id).keep("web", "sha256:1", {"tags": ["web:latest"]}, 5)
        Pulls(self.state, self.id).add(self.images[0], f"web@{self.images[0]}")
        Facts(self.state).keep(info.store, [(self.images[0], "{}")])
        Engines(self.state).saw(f"{self.id}~2", replace(place_of(info, 5), address="ssh://other"))
        notes = RuleNotes(self.state, self.id)
        notes.keep_notices([("web", self.images[0])], ["web"], 5, moment())
        notes.look_at_clock(5, moment())
        notes.keep_settings(Path("/config.toml"))
        notes.keep_answer(OfferAnswer.DECLINED, 5)

    def damage(self, statement: str, *values: object) -> None:
        """As another program may."""
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            connection.execute(statement, values)
            connection.commit()

    @property
    def log(self) -> TagLog:
        return TagLog(self.state, self.id)

    @property
    def catalog(self) -> Catalog:
        self.watcher.look()
        return self.watcher.catalog

    def read_all(self) -> None:
        """Whatever anybody reads; none of it raises."""
        log, journal = self.log, Journal(self.state, self.id)
        log.confirmed(), log.wants_evidence(), log.moves(), log.moves_after(0), log.newest_number()
        log.tags(), log.pointing_at(self.images), log.images()
        (
            journal.entries(),
            journal.unfinished(),
            journal.open(),
            journal.over(),
            Pulls(self.state, self.id).all(),
        )
        Recipes(self.state, self.id).find("web", "sha256:1", ["web:latest"])
        log.oldest(), log.recorded(), log.seen(), log.names(), journal.over()
        read_everything(self.state)
        facts, notes = Facts(self.state), RuleNotes(self.state, self.id)
        facts.known(Store.GRAPH), facts.document(Store.GRAPH, self.images[0])
        notes.notices(), notes.clock(), notes.answer(), notes.settings()
        engines = Engines(self.state)
        engines.known(), engines.overlap(self.id, dict.fromkeys(self.images, ("web:latest",)))

    def write_all(self) -> None:
        """Whatever anybody writes after having read; none of it raises."""
        log, journal, info = self.log, Journal(self.state, self.id), self.engine.connect()
        former = Move("base:1", None, self.base, 5 * SECOND, None, known=Provenance.EVIDENCE, source=EVENT)
        later = replace(former, target=self.images[1], at=6 * SECOND)
        log.add_evidence([former, later])
        log.confirm(7)
        log.restore([replace(former, number=1, known=Provenance.EVENT)])
        log.take_over(Theirs(8, (replace(former, number=1, known=Provenance.EVENT),), {}))
        journal.begin("an act", [], 9, begun_as=Begun().to_json())
        number = journal.begin("an act", [], 9, progress="{}")
        journal.note(number, "{}")
        journal.end(number, 10, "done")
        Pulls(self.state, self.id).add(self.images[1], f"web@{self.images[1]}")
        Recipes(self.state, self.id).keep("web", "sha256:2", {"tags": []}, 11)
        # The limit is passed: the oldest go.
        Facts(self.state, limit=1).keep(Store.GRAPH, [(self.images[1], "{}")])
        notes = RuleNotes(self.state, self.id)
        notes.keep_notices([("web", self.images[1])], ["web"], 12, moment())
        notes.look_at_clock(13, moment())
        notes.keep_settings(Path("/config.toml"))
        engines, here = Engines(self.state), place_of(info, 14)
        engines.saw(self.id, here)
        engines.begin(replace(here, address="ssh://third"))
        with suppress(Ambiguous):
            engines.adopt(f"{self.id}~2", here)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    found = World(tmp_path / "state.db")
    yield found
    found.state.close()


def columns() -> list[tuple[str, str]]:
    """Every column of every table but the numbers of rows, whose type SQLite itself holds."""
    with closing(State(None)) as state, state.reading() as file:
        tables = [row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [
            (table, column[1])
            for table in tables
            if not table.startswith("sqlite_")
            for column in file.execute(f"PRAGMA table_info({table})")
            if column[1] != "number"
        ]


@pytest.mark.matrix
@pytest.mark.parametrize(("table", "column"), columns())
def test_whatever_stands_in_a_column_everything_else_is_read_and_recorded(
    tmp_path: Path, table: str, column: str
) -> None:
    for number, value in enumerate([*STRANGE, DEEP]):
        folder = tmp_path / str(number)
        folder.mkdir(mode=0o700)
        world = World(folder / "state.db")
        try:
            world.damage(f"UPDATE OR IGNORE {table} SET {column} = ?", value)
        except sqlite3.IntegrityError:
            continue  # SQLite itself does not take it there
        finally:
            world.read_all()
        world.engine.tag(world.images[0], "web:latest")
        world.watcher.look()
        assert world.watcher.recorder.problem is None
        world.read_all()
        world.write_all()
        world.read_all()
        world.state.close()


NOT_READ: Final = frozenset(
    {("engines", "evidence"), ("facts", "bytes"), ("answers", "at"), ("images", "id")}
)
"""Columns that are compared and added up by SQLite alone."""


@pytest.mark.matrix
@pytest.mark.parametrize(("table", "column"), sorted({*columns()} - NOT_READ))
def test_whatever_is_not_understood_is_found_by_who_examines_the_file(
    world: World, table: str, column: str
) -> None:
    journal = Journal(world.state, world.id)
    journal.end(2, 8, "done", progress=progress(stage="done"))
    journal.begin("an act that is open", [], 9, begun_as=Begun().to_json())
    with world.state.changing() as file:
        file.execute("INSERT INTO intents VALUES (2, ?, 'web:latest', 'sha256:1', 'tag', NULL)", (world.id,))
        file.execute(
            "INSERT INTO places VALUES (?, 'one', 'a', 'b', 'c', 'd', 'containerd', 'e', 5)", (world.id,)
        )
    notes = RuleNotes(world.state, world.id)
    notes.keep_notices([("web", world.images[0])], ["web"], 5, MonotonicTime("boot", 5.0))
    notes.look_at_clock(5, MonotonicTime("boot", 5.0))
    notes.keep_settings(Path("/config.toml"))
    notes.keep_answer(OfferAnswer.DECLINED, 5)
    Facts(world.state).keep(Store.CONTAINERD, [("sha256:1", "{}")])
    read_everything(world.state)
    assert world.state.unread.words is None
    try:
        world.damage(f"UPDATE OR IGNORE {table} SET {column} = x'ff00'")
    except sqlite3.IntegrityError:
        return  # SQLite itself does not take it there
    read_everything(world.state)
    assert world.state.unread.words is not None


def test_bytes_that_are_no_utf_8_are_one_row_that_is_not_understood(world: World) -> None:
    world.damage("UPDATE moves SET reference = CAST(x'ff77' AS TEXT) WHERE number = 2")
    assert [move.known for move in world.log.moves()].count(Provenance.UNREAD) == 1
    assert "(row 2 of moves)" in str(world.state.unread.words)


def test_a_row_that_is_not_understood_is_in_the_log_is_counted_and_is_left_alone(world: World) -> None:
    before = world.log.moves()
    world.damage("UPDATE moves SET cause = 'taf' WHERE number = 2")
    world.watcher.look()
    unread = [move for move in world.log.moves() if move.known is Provenance.UNREAD]
    assert [(move.number, move.reference, move.source) for move in unread] == [
        (2, before[-2].reference, "row 2 of moves")
    ]
    assert len(world.log.moves()) == len(before)
    assert str(world.state.unread.words).startswith(
        "1 row of the state file is not understood (row 2 of moves) and left alone"
    )
    with world.state.reading() as file:
        assert file.execute("SELECT cause FROM moves WHERE number = 2").fetchone() == ("taf",)


def test_a_move_that_is_not_understood_is_not_undone_nor_what_is_below_it(world: World) -> None:
    newest = next(move for move in world.log.moves() if move.reference == "web:latest")
    # Back and forth: the move below leads to where the tag points now too.
    world.engine.tag(world.images[0], "web:latest")
    world.watcher.look()
    world.engine.tag(world.images[2], "web:latest")
    world.watcher.look()
    world.damage("UPDATE moves SET cause = 'taf' WHERE number = (SELECT MAX(number) FROM moves)")
    moves, catalog = world.log.moves(), world.catalog
    chosen = newest_change(moves, (), catalog.tags.get, lambda _: False)
    assert isinstance(chosen, Move)
    assert chosen.number > newest.number
    with pytest.raises(NotPossible, match="is not understood"):
        plan_undo(catalog, chosen, 5)
    with pytest.raises(NotPossible, match=r"is not understood .*: say which digest"):
        earlier_of_tag(catalog, moves, "web:latest")
    assert newest_undone(moves, (), lambda _: False) is None


def test_a_move_of_nobody_knows_which_tag_stands_in_the_way_of_every_undo(world: World) -> None:
    world.damage("UPDATE moves SET reference = x'00' WHERE number = (SELECT MAX(number) FROM moves)")
    chosen = newest_change(world.log.moves(), (), world.catalog.tags.get, lambda _: False)
    assert isinstance(chosen, Move)
    assert chosen.known is Provenance.UNREAD


def test_no_move_is_made_of_a_tag_whose_row_is_not_understood(world: World) -> None:
    before = len(world.log.moves())
    world.damage("UPDATE tags SET target = x'00' WHERE reference = 'web:latest'")
    world.engine.tag(world.images[1], "web:latest")
    world.watcher.start()
    assert len(world.log.moves()) == before, "where it pointed before is not known"
    world.engine.tag(world.images[0], "web:latest")
    world.watcher.look()
    newest = world.log.moves()[0]
    assert (newest.reference, newest.origin, newest.target) == (
        "web:latest",
        world.images[1],
        world.images[0],
    )


def progress(**changed: object) -> str:
    """What a roll back wrote down, with fields changed."""
    fields = {
        "container_id": "x",
        "name": "api",
        "running": True,
        "origin": "a",
        "target": "b",
        "restart": {},
    }
    return json.dumps({"containers": [{**fields, "retired": "c", "stage": "swap", **changed}], "tag": None})


@pytest.mark.parametrize(
    "progress",
    [
        *(DEEP, "", "null", "42", "[]", '"text"'),
        '{"containers": 1, "tag": null}',
        '{"containers": [7], "tag": null}',
        '{"containers": [], "tag": 7}',
        '{"containers": [], "tag": {"reference": "web:1", "origin": [], "target": "b"}}',
        progress(container_id=7),
        progress(name=""),
        progress(running="yes"),
        progress(restart=[]),
        progress(stage="a later one"),
        progress(something="new"),
    ],
)
def test_nothing_is_done_about_an_act_that_is_not_understood(world: World, progress: str) -> None:
    world.damage("UPDATE acts SET progress = ? WHERE number = 2", progress)
    recorder = world.watcher.recorder
    rollbacks = Rollbacks(world.engine, recorder, Acts(world.engine, recorder))
    assert rollbacks.pending() == []
    assert rollbacks.not_understood == ("row 2 of acts",)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("progress", '{"form": 2, "did": ["web"]}'),
        ("progress", progress(something="new")),
        ("progress", b"\xff"),
        ("outcome", None),
        ("after", "soon"),
        ("ended", "soon"),
    ],
)
def test_nothing_is_undone_past_an_act_that_is_not_understood(
    world: World, column: str, value: object
) -> None:
    journal = Journal(world.state, world.id)
    late = time.time_ns() + SECOND
    journal.end(journal.begin("Roll web back", [], late, progress=progress(stage="done")), late, "done")
    assert isinstance(journal.over()[0], RolledBack)
    world.damage(f"UPDATE acts SET {column} = ? WHERE number = 3", value)
    acts = journal.over()
    assert [(type(act), act.number) for act in acts] == [(UnreadAct, 3)]
    assert "(row 3 of acts)" in str(world.state.unread.words)
    catalog, moves = world.catalog, world.log.moves()
    for text in (None, "web", "web:latest", "api"):
        for redo in (False, True):
            with pytest.raises(NotPossible, match=r"newest act is not understood \(row 3 of acts\)"):
                verb_change(catalog, moves, acts, text, 7, redo=redo)


def test_an_act_that_is_not_understood_is_shown_as_that(world: World) -> None:
    world.damage("UPDATE acts SET begun = 'soon' WHERE number = 1")
    (_, first) = read_journal(world.watcher.recorder).entries
    assert first.title == "row 1 of acts is not understood, and left alone"


@pytest.mark.parametrize("table", ["moves", "acts", "seen", "pulls"])
def test_numbers_at_the_end_of_64_bits_do_not_end_the_recording(world: World, table: str) -> None:
    world.damage(
        f"UPDATE {table} SET number = 9223372036854775807 WHERE number = (SELECT MAX(number) FROM {table})"
    )
    world.damage("UPDATE sqlite_sequence SET seq = 9223372036854775807")
    world.damage("UPDATE engines SET confirmed = 9223372036854775807")
    world.engine.tag(world.images[1], "web:latest")
    world.watcher.look()
    assert world.watcher.recorder.problem is None
    newest = max(move.number for move in world.log.moves() if move.known is not Provenance.UNREAD)
    move = next(move for move in world.log.moves() if move.number == newest)
    assert (move.reference, move.target) == ("web:latest", world.images[1])
    journal = Journal(world.state, world.id)
    assert journal.begin("one more", [], 8) < journal.begin("and one more", [], 9) < 100
