"""Whose log is whose, in the state file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imgtui.model.keeps.keep import keep_of
from imgtui.model.taglog.identity import Overlap, Place
from imgtui.model.taglog.moves import Cause, Move, Provenance
from imgtui.store.engines import Ambiguous, Engines
from imgtui.store.journal import Journal
from imgtui.store.recipes import Recipes
from imgtui.store.state import State
from imgtui.store.tag_log import TagLog

HERE = Place(
    "ID-A", "unix:///run/docker.sock m1", "default", "web-01", "/var/lib/docker", "graph", "run", 100
)
ONE, TWO = (f"sha256:{digit * 64}" for digit in "12")


def move(reference: str, target: str, at: int) -> Move:
    return Move(reference, None, target, at, None, Cause.TAG, Provenance.EVENT, "", "outside", 0, None)


def fill(state: State, key: str, place: Place, *references: str) -> None:
    """A log with these moves, an act and a recipe."""
    Engines(state).saw(key, place)
    with state.changing() as file:
        file.execute(
            "INSERT OR IGNORE INTO engines (id, name, confirmed) VALUES (?, ?, 50)", (key, place.name)
        )
        for reference in references:
            file.execute("INSERT OR REPLACE INTO tags VALUES (?, ?, ?, '', 0)", (key, reference, ONE))
    TagLog(state, key).add([move(reference, ONE, 10 + at) for at, reference in enumerate(references)])
    Journal(state, key).begin(f"act on {key}", ["docker x"], 20)
    Recipes(state, key).keep("web", ONE, {"tags": [key]}, 20)


def told(state: State, key: str) -> list[str]:
    return [each.reference for each in reversed(TagLog(state, key).moves())]


def test_a_log_that_is_adopted_is_that_of_the_engine_with_all_that_belongs_to_it() -> None:
    state, new = State(None), replace(HERE, reported="ID-NEW", seen=200)
    fill(state, "ID-A", HERE, "web:1", "web:2")
    assert Engines(state).adopt("ID-A", new) == ("ID-A", 2)
    (known,) = Engines(state).known()
    assert [place.reported for place in known.places] == ["ID-NEW", "ID-A"]
    assert told(state, "ID-A") == ["web:1", "web:2"]


def test_of_the_moves_of_an_engine_those_are_counted_that_its_log_tells() -> None:
    state = State(None)
    fill(state, "ID-A", HERE, "web:1")
    kept = keep_of(ONE, "web", 30).reference
    release = replace(move(kept, ONE, 40), origin=ONE, target=None, cause=Cause.RELEASE)
    TagLog(state, "ID-A").add([move(kept, ONE, 30), release])
    assert [known.moves for known in Engines(state).known()] == [2]


def test_what_the_engine_has_recorded_itself_follows_after_the_log_that_it_adopts() -> None:
    state, new = State(None), replace(HERE, reported="ID-NEW", seen=200)
    fill(state, "ID-A", HERE, "web:1", "web:2")
    fill(state, "ID-NEW", new, "web:3")
    assert Engines(state).adopt("ID-A", new) == ("ID-NEW", 2)
    assert told(state, "ID-NEW") == ["web:1", "web:2", "web:3"]
    assert [entry.title for entry in Journal(state, "ID-NEW").entries()] == ["act on ID-NEW", "act on ID-A"]
    assert Recipes(state, "ID-NEW").find("web", ONE, ())["tags"] == ("ID-NEW",)
    assert TagLog(state, "ID-NEW").tags() == {"web:3": ONE}  # where tags point now
    (known,) = Engines(state).known()
    assert known.key == "ID-NEW"
    assert {place.reported for place in known.places} == {"ID-A", "ID-NEW"}
    with state.reading() as file:
        for table in ("moves", "acts", "recipes", "tags", "images", "seen", "pulls", "intents", "places"):
            count = file.execute(f"SELECT COUNT(*) FROM {table} WHERE engine = 'ID-A'").fetchone()
            assert count == (0,), table


def test_logs_that_were_written_side_by_side_stay_two_and_nothing_is_lost() -> None:
    state, other = State(None), replace(HERE, reported="ID-B", address="ssh://b", name="b")
    fill(state, "ID-A", HERE, "web:1")
    fill(state, "ID-B", other, "api:1")
    fill(state, "ID-A", HERE, "web:2")
    with pytest.raises(Ambiguous, match="two engines"):
        Engines(state).adopt("ID-A", other)
    assert told(state, "ID-A") == ["web:1", "web:2"]
    assert told(state, "ID-B") == ["api:1"]


def test_a_log_that_is_not_there_is_not_adopted() -> None:
    with pytest.raises(Ambiguous, match="no log of ID-X"):
        Engines(State(None)).adopt("ID-X", HERE)


def test_a_log_of_its_own_has_a_key_that_no_other_has() -> None:
    state, copy = State(None), replace(HERE, address="ssh://b")
    assert Engines(state).begin(HERE) == "ID-A"
    assert Engines(state).begin(copy) == "ID-A~2"
    assert Engines(state).begin(replace(copy, address="ssh://c")) == "ID-A~3"
    assert {known.key for known in Engines(state).known()} == {"ID-A", "ID-A~2", "ID-A~3"}


def test_what_is_recorded_is_compared_with_what_is_here() -> None:
    state = State(None)
    fill(state, "ID-A", HERE, "web:1", "web:2")
    engines = Engines(state)
    assert engines.overlap("ID-A", {ONE: ("web:1",), TWO: ("web:2",)}) == Overlap(2, 1, 1, 1)
    assert engines.overlap("ID-A", {TWO: ("web:1",)}) == Overlap(2, 0, 1, 0)
    assert engines.overlap("ID-X", {}) == Overlap(0, 0, 0, 0)
