"""`imgtui rm`: the plan, what has to be typed, the act, what is printed."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from imgtui.model.core.digest import short
from imgtui.model.removal.build_cache import BuildCache
from imgtui.operations.taglog.scan import everything
from imgtui.store.cached.cache import Cache
from imgtui.verbs import plans, rm
from imgtui.verbs.console.asking import Manner
from imgtui.verbs.console.output import Exit
from tests.verbs.calling import YES, Caller

PLAN = Manner(plan_only=True)
AS_JSON = Manner(yes=True, as_json=True)


@dataclass
class Remover:
    """Somebody who calls `rm`."""

    caller: Caller

    def __post_init__(self) -> None:
        load = self.caller.load
        self.old = load("old", "web:1")
        self.new = load("new", "web:latest")
        self.shop = load("shop", "shop:1")
        self.caller.log()

    def call(self, *names: str, bulk: str = "", amount: str = "", manner: Manner = YES) -> Exit:
        wanted = rm.RmArguments(names, bulk, amount)
        return rm.run(self.caller.engine, Cache(None), self.caller.recorder, wanted, manner)

    def done(self, *names: str, bulk: str = "", amount: str = "", manner: Manner = YES) -> str:
        """What a call prints that does what it shall."""
        status = self.call(*names, bulk=bulk, amount=amount, manner=manner)
        out, err = self.caller.capsys.readouterr()
        assert (status, err) == (Exit.DONE, "")
        return out

    def refused(self, *names: str, bulk: str = "", amount: str = "") -> str:
        assert self.call(*names, bulk=bulk, amount=amount) is Exit.FAILED
        return self.caller.failure()

    @property
    def here(self) -> set[str]:
        return set(everything(self.caller.engine).images)


@pytest.fixture
def remover(caller: Caller) -> Remover:
    return Remover(caller)


def test_a_version_is_removed_by_the_beginning_of_its_digest(remover: Remover) -> None:
    lines = remover.done(short(remover.old)).splitlines()
    assert lines[0] == f"remove {short(remover.old)}"
    assert f"  {short(remover.old)}  web:1; nothing brings it back" in lines
    assert "  docker rmi --no-prune web:1" in lines
    assert lines[-1] == "1 version removed, 1.4 kB freed"
    assert remover.here == {remover.new, remover.shop}
    (move, *_) = remover.caller.log()
    assert (move["ref"], move["to"], move["cause"], move["actor"]) == ("web:1", None, "delete", "imgtui")


def test_the_plan_in_json_lists_everything_and_does_nothing(remover: Remover) -> None:
    engine = remover.caller.engine
    engine.run("api", "web:latest", state="exited")
    remover.caller.done(plans.keeping("shop:1"))
    manner = Manner(plan_only=True, as_json=True)
    plan: dict[str, Any] = json.loads(remover.done(remover.new, remover.old, remover.shop, manner=manner))
    assert set(plan) == {
        "title", "images", "left_out", "unrestorable", "freed_bytes", "freed_bytes_about", "commands",
        "notes", "risks",
    }  # fmt: skip
    assert [image["id"] for image in plan["images"]] == [remover.old, remover.shop]
    assert plan["images"][1] == {
        "id": remover.shop, "tags": ["shop:1"], "former_tags": [], "kept": True, "containers": [],
        "pull": None, "unrestorable": [], "intermediate": False,
    }  # fmt: skip
    assert plan["left_out"] == [
        {
            "id": remover.new, "tags": ["web:latest"], "former_tags": [],
            "reason": "api (exited) needs it", "containers": ["api"],
        }
    ]  # fmt: skip
    assert plan["freed_bytes"] == plan["freed_bytes_about"] == 2800
    assert remover.here == {remover.old, remover.new, remover.shop}


def test_what_was_done_in_json_has_the_bytes_the_moves_and_what_stayed(
    remover: Remover, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = remover.caller.engine
    containers = engine.containers
    engine_calls: list[int] = []

    def used_by_now(ids: Any = None) -> Any:
        """Somebody creates a container between the plan and the act."""
        engine_calls.append(1)
        if len(engine_calls) == 2:
            engine.run("late", remover.old, state="created")
        return containers(ids)

    monkeypatch.setattr(engine, "containers", used_by_now)
    assert remover.call(remover.old, remover.new, manner=AS_JSON) is Exit.FAILED
    out, err = remover.caller.capsys.readouterr()
    done = json.loads(out)
    assert (done["done"], done["removed"], done["stopped"]) == (False, [remover.new], False)
    assert done["stayed"] == [{"id": remover.old, "reason": "container late (created) needs it by now"}]
    assert done["freed_bytes"] == 1400
    assert [move["ref"] for move in done["moves"]] == ["web:latest"]
    assert "late (created) needs it by now" in err


def test_a_tag_is_refused_and_what_is_gone_or_unknown_too(remover: Remover) -> None:
    assert "web:1 is a tag: imgtui untag takes it away" in remover.refused("web:1")
    assert "no image here is called" in remover.refused("feed" * 16)
    remover.done(remover.old)
    assert "is gone from this engine already" in remover.refused(remover.old)
    assert "there is no repository nothing here" in remover.refused("nothing", bulk="dangling")


@pytest.mark.parametrize(("typed", "gone"), [("y\n", False), ("delete 2\n", True), ("\n", False)])
def test_what_nothing_brings_back_is_typed(
    remover: Remover, monkeypatch: pytest.MonkeyPatch, typed: str, *, gone: bool
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    status = remover.call(remover.old, remover.new, manner=Manner())
    assert (status is Exit.DONE) is gone
    assert (remover.old not in remover.here) is gone
    assert "type delete 2 to do it" in remover.caller.capsys.readouterr().err


def test_bulk_plans_find_their_versions_and_leave_out_what_is_kept(remover: Remover) -> None:
    engine = remover.caller.engine
    remover.caller.done(plans.keeping("shop:1"))
    engine.tag(remover.new, "web:1")
    lines = remover.done(bulk="dangling", manner=PLAN).splitlines()
    assert f"  {short(remover.old)}  no tag (was web:1); nothing brings it back" in lines
    assert "  note: entries of the tag log that cannot be undone any more: web:1 (1)" in lines
    lines = remover.done(bulk="unused", manner=PLAN).splitlines()
    assert lines[0] == "remove 2 versions"
    assert f"  left out: {short(remover.shop)}  shop:1; kept by you" in lines
    assert remover.done(bulk="keep-last", amount="1").splitlines()[-1].startswith("1 version removed")
    assert remover.here == {remover.new, remover.shop}


@pytest.mark.parametrize("bulk", ["dangling", "build-cache"])
def test_nothing_to_do_is_done_and_has_a_document(remover: Remover, bulk: str) -> None:
    assert remover.done(bulk=bulk).startswith("there is nothing ")
    plan = json.loads(remover.done(bulk=bulk, manner=Manner(plan_only=True, as_json=True)))
    done = json.loads(remover.done(bulk=bulk, manner=AS_JSON))
    assert plan["freed_bytes"] == done["freed_bytes"] == 0
    assert (plan["commands"], plan["risks"], done["done"]) == ([], [], True)
    assert plan.items() <= done.items()


def test_where_all_that_a_bulk_plan_finds_is_left_out_it_has_nothing_to_do(remover: Remover) -> None:
    remover.caller.done(plans.keeping("web:1"))
    remover.caller.engine.run("api", "web:latest")
    remover.caller.engine.run("shop", "shop:1")
    assert "is not removed: kept by you" in remover.done(bulk="unused")
    plan = json.loads(remover.done(bulk="unused", manner=Manner(plan_only=True, as_json=True)))
    assert [(left["id"], left["reason"]) for left in plan["left_out"]] == [(remover.old, "kept by you")]
    assert plan["images"] == []
    assert len(remover.here) == 3


def test_the_build_cache_has_a_plan_of_its_own(remover: Remover) -> None:
    remover.caller.engine.cached = BuildCache(2, 5_000, 1_000)
    plan = json.loads(remover.done(bulk="build-cache", manner=Manner(plan_only=True, as_json=True)))
    assert (plan["freed_bytes"], plan["shared_bytes"], plan["records"]) == (5_000, 1_000, 2)
    out = remover.done(bulk="build-cache")
    assert "  docker builder prune --all\n" in out
    assert out.endswith("5.0 kB of the build cache freed\n")
    assert len(remover.here) == 3


def test_read_only_the_call_is_refused_before_anything_is_asked() -> None:
    assert Manner(yes=True, read_only=True).refusal(terminal=True) is Exit.FAILED
