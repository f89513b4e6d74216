"""`imgtui log`: the moves that were made, their schema, and what has become of the images."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from imgtui.engine.port.errors import EngineError
from imgtui.model.catalog.availability import Now, Whereabouts
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.clock import SECOND
from imgtui.model.core.event import Event
from imgtui.model.taglog.moves import IMGTUI, Cause, Move, Provenance
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.state import State, StateUnusable
from imgtui.verbs import log, plans
from imgtui.verbs.console.output import Exit
from imgtui.verbs.moves import cells, line
from tests.operations.listening import made
from tests.verbs.calling import Caller

TEXTS = {"ref", "at", "cause", "known", "evidence", "actor"}
NUMBERS = {"number"}
OPTIONAL_TEXTS = {"from", "to", "not_before", "from_now", "to_now", "from_pull", "to_pull", "rule"}
FIELDS = TEXTS | NUMBERS | OPTIONAL_TEXTS | {"exact", "undoes"}
AT = int(datetime(2026, 11, 25, 1, 10, 5, tzinfo=UTC).timestamp()) * SECOND + 123_456_789
OLD, NEW = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


def of(moves: Sequence[dict[str, Any]]) -> list[tuple[str, str | None, str | None, str]]:
    return [(move["ref"], move["from"], move["to"], move["cause"]) for move in moves]


def test_the_log_equals_what_was_done_newest_first(caller: Caller) -> None:
    one = caller.load("one", "web:1")
    assert caller.log() == []
    caller.engine.tag(one, "web:2")
    two = caller.engine.build(made("two"), "web:1")
    caller.engine.untag("web:1")
    assert of(caller.log()) == [
        ("web:1", two, None, "delete"),
        ("web:1", one, two, "build"),
        ("web:2", None, one, "tag"),
    ]


def test_a_move_has_every_field_in_its_type(caller: Caller) -> None:
    caller.load("one", "web:1")
    caller.log()
    caller.engine.build(made("two"), "web:1")
    caller.done(plans.tagging("web:1", "web:2"))
    caller.undo()
    moves = caller.log()
    assert len(moves) == 3
    for move in moves:
        assert set(move) == FIELDS
        assert all(isinstance(move[name], str) for name in TEXTS)
        assert all(isinstance(move[name], int) for name in NUMBERS)
        assert all(move[name] is None or isinstance(move[name], str) for name in OPTIONAL_TEXTS)
        assert isinstance(move["exact"], bool)
        assert move["undoes"] is None or isinstance(move["undoes"], int)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}\+00:00", move["at"])
        assert datetime.fromisoformat(move["at"]).tzinfo is not None
    assert moves[0]["undoes"] == moves[1]["number"]


def test_what_was_made_while_nothing_ran_has_its_bounds(caller: Caller) -> None:
    one = caller.load("one", "web:1")
    caller.log()
    caller.engine.stop_answering()  # a restart: its events are forgotten
    caller.engine.answer_again()
    caller.engine.tag(one, "web:2")
    caller.engine.stop_answering()
    caller.engine.answer_again()
    (move,) = caller.log()
    assert (move["known"], move["evidence"], move["exact"]) == ("snapshot", "snapshot", False)
    assert move["not_before"] < move["at"]


def test_keeps_are_not_in_the_log(caller: Caller) -> None:
    one = caller.load("one", "web:1")
    caller.done(plans.keeping("web:1"))
    caller.engine.tag(one, "web:2")
    assert [move["ref"] for move in caller.log()] == ["web:2"]


def test_the_log_says_what_is_still_here_kept_and_gone(caller: Caller) -> None:
    lost = caller.load("lost", "web:1")
    caller.log()
    kept = caller.engine.build(made("kept"), "web:1")
    caller.done(plans.keeping("web:1"))
    here = caller.engine.build(made("here"), "web:1")
    newest, oldest = caller.log()
    assert (newest["from"], newest["from_now"], newest["to"], newest["to_now"]) == (
        kept, "kept", here, "here",
    )  # fmt: skip
    assert (oldest["from"], oldest["from_now"]) == (lost, "gone")
    # The containerd store gives a repo digest to what no registry ever had.
    assert oldest["from_pull"] == f"web@{lost}"


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("web:1", {"web:1"}),
        ("web", {"web:1", "web:2"}),
        ("docker.io/library/web", {"web:1", "web:2"}),
        ("shop/web", {"shop/web:1"}),
        (None, {"web:1", "web:2", "shop/web:1"}),
    ],
)
def test_a_tag_or_a_repository_has_its_own_moves(caller: Caller, ref: str | None, expected: set[str]) -> None:
    one = caller.load("one", "other:1")
    caller.log()
    for tag in ("web:1", "web:2", "shop/web:1"):
        caller.engine.tag(one, tag)
    assert {move["ref"] for move in caller.log(ref)} == expected


def test_a_digest_has_the_moves_from_it_and_to_it(caller: Caller) -> None:
    one = caller.load("one", "web:1")
    two = caller.load("two", "web:2")
    caller.log()
    caller.engine.tag(two, "web:1")
    caller.engine.tag(one, "web:3")
    caller.engine.tag(two, "api:1")
    for name in (one, one[7:], one[7:13], one[:13], f"web@{one}"):
        assert [move["ref"] for move in caller.log(name)] == ["web:3", "web:1"], name
    assert [move["ref"] for move in caller.log(f"api@{two}")] == ["api:1"]


def test_what_is_here_and_never_moved_has_an_empty_log(caller: Caller) -> None:
    one = caller.load("one", "web:1")
    assert [caller.log(ref) for ref in ("web:1", "web", one, one[7:15])] == [[], [], [], []]


@pytest.mark.parametrize("ref", ["nothing", "web:9", "sha256:beef", "UPPER/x y", f"web@sha256:{'0' * 64}"])
def test_what_nobody_knows_is_an_error_in_one_line(caller: Caller, ref: str) -> None:
    caller.load("one", "web:1")
    assert ref in caller.no_log(ref)


def test_the_first_look_gathers_evidence_and_says_its_source(caller: Caller) -> None:
    image_id = caller.load("one", "web:1")
    calls: list[int] = []

    def gather(_: Catalog, events: Sequence[Event], failed: Callable[[str], None]) -> list[Move]:
        calls.append(len(events))
        return [Move("web:1", None, image_id, AT, 0, Cause.UNKNOWN, Provenance.EVIDENCE, "container site")]

    caller.gather = gather
    (move,) = caller.log()
    assert (move["known"], move["evidence"]) == ("evidence", "container site")
    assert (move["not_before"], move["exact"]) == (None, False)
    caller.log()
    assert calls == [1]


def test_evidence_of_what_was_observed_is_left_out(caller: Caller) -> None:
    one = caller.load("one", "web:1")
    recorder = caller.recorder
    log.run(caller.engine, recorder, None, as_json=True)
    caller.capsys.readouterr()
    caller.engine.tag(one, "web:2")
    (observed,) = caller.log()
    assert recorder.log is not None
    (seen,) = recorder.log.moves()
    proofs = [
        Move("web:2", None, one, at, 0, Cause.TAG, Provenance.EVIDENCE, "e") for at in (seen.at, seen.at - 1)
    ]
    assert [move.at for move in recorder.log.add_evidence(proofs)] == [seen.at - 1]
    assert caller.log()[0] == observed


def test_the_table_has_a_line_for_each_move(caller: Caller) -> None:
    caller.load("one", "web:1")
    assert [len(line.split()) for line in caller.table()] == [8]
    two = caller.engine.build(made("two"), "web:1")
    heading, move = caller.table()
    assert heading.split() == ["TIME", "REF", "FROM", "TO", "CAUSE", "HOW", "WHO", "NOW"]
    assert two[7:19] in move
    assert move.split()[-4:] == ["build", "event", "outside", "here"]


@pytest.mark.parametrize(
    ("not_before", "shown"),
    [
        (None, "2026-11-25 02:10:05"),
        (0, "until 2026-11-25 02:10:05"),
        (AT - 1000, "2026-11-25 02:10:05"),
        (AT - 60 * SECOND, "2026-11-25 02:09:05 ~ 02:10:05"),
        (AT - 86_400 * SECOND, "2026-11-24 02:10:05 ~ 2026-11-25 02:10:05"),
    ],
)
def test_a_time_is_shown_as_exactly_as_it_is_known(not_before: int | None, shown: str) -> None:
    move = Move("web:1", OLD, NEW, AT, not_before)
    assert cells(move, {}, timezone(timedelta(hours=1)))[0] == shown


def test_a_line_of_the_recorder_has_whole_digests_and_no_spaces_within_a_word() -> None:
    move = Move("web:1", OLD, NEW, AT, None, Cause.BUILD, Provenance.EVENT)
    assert line(move, UTC) == f"2026-11-25T01:10:05.123+00:00 web:1 {OLD} -> {NEW} build event"
    born = Move("web:1", None, NEW, AT, AT - SECOND, Cause.TAG, Provenance.ACT, actor=IMGTUI)
    assert line(born, UTC) == (
        f"2026-11-25T01:10:04.123+00:00~2026-11-25T01:10:05.123+00:00 web:1 - -> {NEW} tag act"
    )


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (Whereabouts(Now.GONE, f"web@{NEW}", certain=True), f"gone, pull by digest: web@{NEW}"),
        (Whereabouts(Now.GONE, f"web@{NEW}"), f"gone, if it was pushed: web@{NEW}"),
        (Whereabouts(Now.KEPT), "kept"),
    ],
)
def test_what_is_gone_says_how_to_get_it_back(place: Whereabouts, words: str) -> None:
    assert cells(Move("web:1", OLD, NEW, AT), {NEW: place})[-1] == words
    assert cells(Move("web:1", NEW, None, AT), {NEW: place})[-1] == words


def test_without_a_usable_state_file_there_is_no_log(caller: Caller, tmp_path: Path) -> None:
    def unusable() -> State:
        raise StateUnusable(f"the state file {tmp_path} cannot be used")

    assert log.run(caller.engine, Recorder(caller.engine, unusable), None, as_json=True) is Exit.FAILED
    assert "cannot be used" in caller.failure()


def test_a_log_without_the_engines_events_says_what_is_missing(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller.load("one", "web:1")
    caller.log()
    caller.engine.build(made("two"), "web:1")

    def forbidden(_: int) -> list[Event]:
        raise EngineError("forbidden by a proxy", status=403)

    monkeypatch.setattr(caller.engine, "past_events", forbidden)
    assert log.run(caller.engine, caller.recorder, None, as_json=True) is Exit.DONE
    out, err = caller.capsys.readouterr()
    assert [(move["known"], move["exact"]) for move in json.loads(out)] == [("snapshot", False)]
    assert err.startswith("imgtui: the engine does not tell what happened since the last look (forbidden")
    assert err.count("\n") == 1
