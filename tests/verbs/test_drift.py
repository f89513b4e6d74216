"""`imgtui drift`: which containers drift, what each field says, and the exit status."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.errors import EngineError
from imgtui.model.core.image import Store
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.state import State, StateUnusable
from imgtui.verbs.console.output import Exit
from imgtui.verbs.drift import run
from imgtui.verbs.plans import keeping
from tests.operations.listening import made
from tests.verbs.calling import Caller

FIELDS = {
    "container", "id", "state", "compose_project", "compose_service", "image", "image_now", "image_pull",
    "created_from", "pinned", "tag_now", "drift", "standing", "since", "not_before", "exact", "behind",
    "registry",
}  # fmt: skip


def call(caller: Caller, *, registry: bool = False) -> tuple[Exit, dict[str, dict[str, Any]], str]:
    """Exit status, what `--json` prints by container, and standard error."""
    status = run(caller.engine, caller.recorder, registry=registry, as_json=True)
    out, err = caller.capsys.readouterr()
    return status, {container["container"]: container for container in json.loads(out)}, err


def text(caller: Caller, *, registry: bool = False) -> list[str]:
    """What is printed for people, by line."""
    run(caller.engine, caller.recorder, registry=registry, as_json=False)
    return caller.capsys.readouterr().out.splitlines()


def drifting(caller: Caller) -> tuple[str, str, str]:
    """A container whose tag moved twice since it was looked at first; the images in order."""
    one = caller.load("one", "web:1")
    caller.engine.run("site", "web:1", project="shop", service="web")
    caller.log()
    two = caller.engine.build(made("two"), "web:1")
    return one, two, caller.engine.build(made("three"), "web:1")


def test_every_container_is_told_with_every_field_in_its_type(caller: Caller) -> None:
    one, _, three = drifting(caller)
    caller.engine.run("late", "web:1")
    caller.engine.run("by-id", three)
    status, found, err = call(caller)
    assert (status, err) == (Exit.FOUND, "")
    assert set(found) == {"site", "late", "by-id"}
    assert all(set(container) == FIELDS for container in found.values())
    site = found["site"]
    assert re.fullmatch(r"[0-9a-f]{64}", site.pop("id"))
    assert datetime.fromisoformat(site.pop("since")).tzinfo is not None
    assert site == {
        "container": "site", "state": "running", "compose_project": "shop", "compose_service": "web",
        "image": one, "image_now": "gone", "image_pull": f"web@{one}", "created_from": "web:1",
        "pinned": None,
        "tag_now": three, "drift": True, "standing": "drift", "not_before": None, "exact": True, "behind": 2,
        "registry": None,
    }  # fmt: skip
    late = found["late"]
    assert (late["drift"], late["standing"], late["behind"], late["since"], late["exact"]) == (
        False, "current", 0, None, None,
    )  # fmt: skip
    assert (found["by-id"]["created_from"], found["by-id"]["tag_now"], found["by-id"]["behind"]) == (
        None,
    ) * 3
    assert found["by-id"]["standing"] == "no_tag"


def test_those_that_drift_are_listed_and_the_others_counted(caller: Caller) -> None:
    one, _, three = drifting(caller)
    caller.engine.run("late", "web:1")
    heading, row, others = text(caller)
    assert heading.split()[:2] == ["CONTAINER", "RUNS"]
    assert row.split()[:4] == ["site", one[7:19], "web:1", three[7:19]]
    assert row.split()[6:8] == ["2", "gone,"]
    assert others == "1 other container: 1 current"


def test_without_drift_it_says_so_and_the_status_is_0(caller: Caller) -> None:
    caller.load("one", "web:1")
    assert text(caller) == ["no container drifts: there is none"]
    caller.engine.run("site", "web:1")
    assert text(caller) == ["no container drifts: 1 current"]
    status, found, _ = call(caller)
    assert (status, found["site"]["drift"]) == (Exit.DONE, False)


def test_an_engine_without_containers_prints_an_empty_list(caller: Caller) -> None:
    assert call(caller) == (Exit.DONE, {}, "")


def test_a_move_from_before_the_log_has_no_time_and_no_number(caller: Caller) -> None:
    caller.load("one", "web:1")
    caller.engine.run("site", "web:1")
    caller.engine.build(made("two"), "web:1")
    status, found, _ = call(caller)
    site = found["site"]
    assert (status, site["drift"], site["since"], site["exact"], site["behind"]) == (
        Exit.FOUND, True, None, None, None,
    )  # fmt: skip
    assert "before the log begins  ?" in text(caller)[1]


def test_a_move_that_nobody_saw_has_its_bounds(caller: Caller) -> None:
    one = caller.load("one", "web:1")
    two = caller.load("two", "web:2")
    caller.engine.run("site", "web:1")
    caller.log()
    caller.engine.stop_answering()  # a restart: its events are forgotten
    caller.engine.answer_again()
    caller.engine.tag(two, "web:1")
    caller.engine.stop_answering()
    caller.engine.answer_again()
    site = call(caller)[1]["site"]
    assert (site["image"], site["tag_now"], site["behind"], site["exact"]) == (one, two, 1, False)
    assert site["not_before"] < site["since"]


def test_a_kept_image_is_told_as_kept(caller: Caller) -> None:
    caller.load("one", "web:1")
    caller.engine.run("site", "web:1")
    caller.done(keeping("web:1"))
    caller.engine.build(made("two"), "web:1")
    assert call(caller)[1]["site"]["image_now"] == "kept"


def test_a_rebuild_of_equal_content_and_a_tag_that_is_gone_are_no_drift(caller: Caller) -> None:
    blueprint = made("one")
    caller.engine.build(blueprint, "web:1", "web:2")
    caller.engine.run("rebuilt", "web:1")
    caller.engine.run("gone", "web:2")
    caller.log()
    caller.engine.build(type(blueprint)(blueprint.steps, blueprint.created, provenance="again"), "web:1")
    caller.engine.remove("web:2", force=True)
    status, found, _ = call(caller)
    assert status is Exit.DONE
    assert {name: (each["standing"], each["drift"]) for name, each in found.items()} == {
        "rebuilt": ("rebuilt", False),
        "gone": ("tag_gone", False),
    }
    assert found["rebuilt"]["behind"] == found["gone"]["behind"] == 1
    assert text(caller) == ["no container drifts: 1 tag gone, 1 rebuilt"]


# ------------------------------------------------------------------ registries


def published(caller: Caller) -> None:
    """Two containers that run what their tags point at here; in the registry one tag has moved."""
    for number, there in (("1", made("one")), ("2", made("other"))):
        caller.engine.receive(made("one"), f"web:{number}")
        caller.engine.publish(f"web:{number}", there)
        caller.engine.run(f"site-{number}", f"web:{number}")


def test_registries_are_asked_only_when_that_is_wanted(caller: Caller) -> None:
    published(caller)
    status, found, _ = call(caller)
    assert (status, found["site-2"]["registry"]) == (Exit.DONE, None)


def test_a_tag_that_moved_in_its_registry_is_found_too(caller: Caller) -> None:
    published(caller)
    status, found, err = call(caller, registry=True)
    assert (status, err) == (Exit.FOUND, "")
    one, two = found["site-1"], found["site-2"]
    assert not one["drift"]
    assert not two["drift"]
    assert one["registry"] == {
        "digest": one["image"], "platforms": ["linux/amd64"], "is_image": True, "is_tag_now": True,
        "error": None,
    }  # fmt: skip
    assert (two["registry"]["is_image"], two["registry"]["is_tag_now"]) == (False, False)
    heading, row, others = text(caller, registry=True)
    assert heading.split()[-1] == "REGISTRY"
    assert row.startswith("site-2")
    assert row.endswith("neither what runs nor the local tag")
    assert others == "1 other container: 1 current"


@pytest.mark.parametrize(("http", "status"), [(404, Exit.DONE), (401, Exit.DONE), (500, Exit.FAILED)])
def test_a_registry_that_fails_is_a_failure_and_one_that_has_no_such_tag_is_not(
    caller: Caller, http: int, status: Exit
) -> None:
    caller.engine.receive(made("one"), "web:1")
    caller.engine.publish("web:1", EngineError("it says\x1b[2J no", http))
    caller.engine.run("site", "web:1")
    found = call(caller, registry=True)
    assert found[0] is status
    assert found[1]["site"]["registry"] == {
        "digest": None, "platforms": [], "is_image": None, "is_tag_now": None, "error": "it says␛[2J no",
    }  # fmt: skip
    failure = "imgtui: web:1 could not be asked for: it says␛[2J no\n"
    assert found[2] == (failure if status is Exit.FAILED else "")


def test_drift_is_told_also_where_a_registry_fails(caller: Caller) -> None:
    drifting(caller)
    caller.engine.publish("web:1", EngineError("down", 500))
    status, found, err = call(caller, registry=True)
    assert (status, found["site"]["drift"]) == (Exit.FOUND, True)
    assert "down" in err


def test_what_a_graph_driver_only_built_cannot_be_compared(capsys: pytest.CaptureFixture[str]) -> None:
    caller = Caller(capsys, MemoryEngine(store=Store.GRAPH))
    caller.engine.build(made("one"), "web:1")
    caller.engine.publish("web:1", made("one"))
    caller.engine.run("site", "web:1")
    status, found, _ = call(caller, registry=True)
    assert (status, found["site"]["registry"]["is_image"]) == (Exit.DONE, None)


def test_without_a_usable_state_file_drift_is_told_without_its_time(caller: Caller, tmp_path: Path) -> None:
    drifting(caller)

    def unusable() -> State:
        raise StateUnusable(f"the state file {tmp_path} cannot be used")

    recorder = Recorder(caller.engine, unusable)
    assert run(caller.engine, recorder, registry=False, as_json=True) is Exit.FOUND
    (site,) = json.loads(caller.capsys.readouterr().out)
    assert (site["drift"], site["since"], site["behind"]) == (True, None, None)
