"""`imgtui keep`, `unkeep`, `tag`, `untag` and `undo`: the plan, the question, the act, what is printed."""

from __future__ import annotations

import io
import json
import sys

import pytest

from imgtui.engine.port.errors import ReadOnly
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.plans.plan import Plan, together
from imgtui.operations.taglog.scan import everything
from imgtui.verbs import plans
from imgtui.verbs.console.asking import Manner
from imgtui.verbs.console.output import Exit
from tests.operations.listening import made
from tests.verbs.calling import Caller

PLAN = Manner(plan_only=True)
ASKING = Manner()
STEP = {"verb", "ref", "image", "from", "to", "command"}


@pytest.fixture
def two(caller: Caller) -> tuple[str, str]:
    """Two versions of web: old has the tag 1, new has latest."""
    return caller.load("old", "web:1"), caller.load("new", "web:latest")


def types(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Somebody types at the terminal."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_a_plan_is_printed_and_nothing_is_done(caller: Caller, two: tuple[str, str]) -> None:
    before = everything(caller.engine)
    lines = caller.done(plans.tagging("web:1", "web"), manner=PLAN).splitlines()
    assert lines[0] == f"tag {two[0][7:19]} as web:latest"
    assert lines[1:3] == [f"  keep {two[1][7:19]} of web", f"  web:latest  {two[1][7:19]} -> {two[0][7:19]}"]
    assert lines[3].startswith("  note: ")
    assert lines[-3] == "  the same with docker:"
    assert lines[-1] == f"  docker tag {two[0]} web:latest"
    assert everything(caller.engine) == before


def test_a_plan_in_json_is_one_object_with_its_steps(caller: Caller, two: tuple[str, str]) -> None:
    manner = Manner(plan_only=True, as_json=True)
    plan = json.loads(caller.done(plans.tagging("web:1", "web"), manner=manner))
    assert set(plan) == {"title", "steps", "notes", "risks"}
    assert all(set(step) == STEP for step in plan["steps"])
    keep, tag = plan["steps"]
    assert (keep["from"], keep["to"], keep["image"]) == (None, two[1], two[1])
    assert tag == {
        "verb": "tag", "ref": "web:latest", "image": two[0], "from": two[1], "to": two[0],
        "command": f"docker tag {two[0]} web:latest",
    }  # fmt: skip
    assert plan["risks"] == []


def test_what_was_done_is_printed_as_json_with_its_moves(caller: Caller, two: tuple[str, str]) -> None:
    manner = Manner(yes=True, as_json=True)
    done = json.loads(caller.done(plans.tagging("web:1", "web"), manner=manner))
    assert done["done"] is True
    assert [(move["ref"], move["from"], move["to"], move["actor"]) for move in done["moves"]] == [
        ("web:latest", two[1], two[0], "imgtui")
    ]
    assert caller.log()[0]["number"] == done["moves"][0]["number"]
    assert set(done["moves"][0]) == set(caller.log()[0])


def test_several_are_kept_in_order_each_by_its_own_plan(caller: Caller, two: tuple[str, str]) -> None:
    manner = Manner(yes=True, as_json=True)
    done = json.loads(
        caller.done(plans.keeping("web:1"), plans.keeping(f"web@{two[1]}"), manner=manner),
    )
    assert [each["steps"][0]["image"] for each in done] == list(two)
    assert all(everything(caller.engine).images[image_id].keeps for image_id in two)


def test_the_first_that_cannot_be_done_ends_it_after_what_was_done(
    caller: Caller, two: tuple[str, str]
) -> None:
    manner = Manner(yes=True, as_json=True)
    planners = [plans.keeping("web:1"), plans.keeping("web:1"), plans.keeping("web:latest")]
    assert caller.act(*planners, manner=manner) is Exit.FAILED
    out, err = caller.capsys.readouterr()
    assert len(json.loads(out)) == 1
    assert err.endswith("is kept already\n")
    assert not everything(caller.engine).images[two[1]].keeps


def test_a_kept_version_lives_through_a_rebuild_until_it_is_let_go(
    caller: Caller, two: tuple[str, str]
) -> None:
    caller.done(plans.keeping("web"))
    caller.engine.build(made("newer"), "web:latest")
    assert two[1] in everything(caller.engine).images
    caller.done(plans.unkeeping(two[1]))
    assert two[1] not in everything(caller.engine).images


def test_an_untagged_image_stays_and_the_undo_brings_the_tag_back(
    caller: Caller, two: tuple[str, str]
) -> None:
    caller.done(plans.untagging("web:latest"))
    assert "web:latest" not in everything(caller.engine).tags
    caller.undo()
    assert everything(caller.engine).tags["web:latest"] == two[1]
    caller.undo("web", redo=True)
    assert "web:latest" not in everything(caller.engine).tags


def test_the_newest_move_of_a_tag_is_undone_also_one_made_outside(
    caller: Caller, two: tuple[str, str]
) -> None:
    caller.log()
    caller.engine.tag(two[0], "web:latest")
    caller.engine.tag(two[0], "other:1")
    caller.undo("web:latest")
    assert everything(caller.engine).tags == {"web:1": two[0], "web:latest": two[1], "other:1": two[0]}
    assert [move["cause"] for move in caller.log("web")] == ["undo", "tag"]


def test_a_keep_is_undone_too(caller: Caller, two: tuple[str, str]) -> None:
    caller.done(plans.keeping("web:1"))
    caller.undo("web")
    assert not everything(caller.engine).images[two[0]].keeps


@pytest.mark.parametrize("redo", [False, True])
def test_where_there_is_nothing_to_undo_it_is_said(caller: Caller, two: tuple[str, str], redo: bool) -> None:
    assert two
    assert "no change" in caller.no_undo(redo=redo)
    assert "no change of web" in caller.no_undo("web", redo=redo)


@pytest.mark.parametrize(("typed", "status"), [("y\n", Exit.DONE), ("n\n", Exit.FAILED), ("", Exit.FAILED)])
def test_a_question_is_asked_at_the_terminal(
    caller: Caller, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch, typed: str, status: Exit
) -> None:
    types(monkeypatch, typed)
    assert caller.act(plans.tagging("web:1", "web:2"), manner=ASKING) is status
    assert ("web:2" in everything(caller.engine).tags) is (status is Exit.DONE)
    asked, _, said = caller.capsys.readouterr().err.partition("do it? [y/N] ")
    assert asked == ""
    assert said == ("" if status is Exit.DONE else "imgtui: nothing was done\n")
    assert two[0] in everything(caller.engine).images


@pytest.mark.parametrize("nods", [True, False])
def test_what_cannot_be_undone_is_typed_not_nodded(
    caller: Caller, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch, nods: bool
) -> None:
    caller.done(plans.keeping("web"))
    caller.engine.build(made("newer"), "web:latest")
    types(monkeypatch, "y\n" if nods else f"{two[1][7:19]}\n")
    status = caller.act(plans.unkeeping(two[1]), manner=ASKING)
    assert status is (Exit.FAILED if nods else Exit.DONE)
    assert (two[1] in everything(caller.engine).images) is nods
    assert "RISK: " in caller.capsys.readouterr().out


def test_what_is_typed_is_the_digest_in_danger_not_that_of_the_last_step(
    caller: Caller, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    caller.done(plans.keeping("web"))
    caller.engine.build(made("newer"), "web:latest")
    caller.done(plans.keeping("web:1"))
    both = [plans.unkeeping(two[1]), plans.unkeeping(two[0])]

    def together_now(catalog: Catalog, moves: plans.Moves, now: int) -> Plan:
        return together("both", [planner(catalog, moves, now) for planner in both])

    types(monkeypatch, f"{two[0][7:19]}\n")
    assert caller.act(together_now, manner=ASKING) is Exit.FAILED
    types(monkeypatch, f"{two[1][7:19]}\n")
    assert caller.act(together_now, manner=ASKING) is Exit.DONE
    assert two[1] not in everything(caller.engine).images


def test_the_plan_that_is_asked_about_does_not_mix_with_the_json(
    caller: Caller, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    types(monkeypatch, "yes\n")
    assert caller.act(plans.tagging(two[0], "web:2"), manner=Manner(as_json=True)) is Exit.DONE
    out, err = caller.capsys.readouterr()
    assert json.loads(out)["done"] is True
    assert f"docker tag {two[0]} web:2" in err


@pytest.mark.parametrize(
    ("manner", "terminal", "status"),
    [
        (ASKING, True, None),
        (ASKING, False, Exit.USAGE),
        (Manner(yes=True), False, None),
        (PLAN, False, None),
        (Manner(yes=True, read_only=True), True, Exit.FAILED),
        (Manner(plan_only=True, read_only=True), False, None),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_asked(
    caller: Caller, manner: Manner, terminal: bool, status: Exit | None
) -> None:
    assert manner.refusal(terminal=terminal) is status
    assert len(caller.capsys.readouterr().err.splitlines()) == (status is not None)


def test_a_read_only_engine_refuses_an_act(caller: Caller, two: tuple[str, str]) -> None:
    caller.engine.read_only = True
    with pytest.raises(ReadOnly):
        caller.act(plans.untagging("web:1"))
    assert everything(caller.engine).tags["web:1"] == two[0]


def test_names_of_an_image_are_tags_digests_and_beginnings_of_digests(
    caller: Caller, two: tuple[str, str]
) -> None:
    for name in ("web:1", "docker.io/library/web:1", two[0], two[0][7:], two[0][7:14], f"web@{two[0]}"):
        assert caller.done(plans.keeping(name), manner=PLAN).startswith(f"keep {two[0][7:19]} of web\n")


@pytest.mark.parametrize("name", ["web:9", "beef", "UPPER", f"other@sha256:{'0' * 64}", "sha256:1234"])
def test_what_is_not_here_is_said_by_its_name(caller: Caller, two: tuple[str, str], name: str) -> None:
    assert two
    assert name in caller.refused(plans.keeping(name))
