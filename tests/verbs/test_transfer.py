"""`imgtui log --export` and `--import`: the log goes to another machine, whole or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.core.image import Store
from imgtui.model.taglog.identity import place_of
from imgtui.store.engines import Engines
from imgtui.store.pulls import Pulls
from imgtui.verbs import plans
from imgtui.verbs.console.output import Exit
from imgtui.verbs.transfer import export_log, import_log
from tests.operations.listening import made
from tests.verbs.calling import Caller


def exported(caller: Caller, folder: Path) -> Path:
    assert export_log(caller.engine, caller.recorder) is Exit.DONE
    file = folder / "log.jsonl"
    file.write_text(caller.capsys.readouterr().out)
    return file


def taken_in(caller: Caller, file: Path) -> str:
    assert import_log(caller.engine, caller.recorder, str(file)) is Exit.DONE
    return caller.capsys.readouterr().out


def another(caller: Caller) -> Caller:
    """The same person at another machine."""
    return Caller(caller.capsys, MemoryEngine(store=Store.CONTAINERD, name="other"))


def pulls_of(caller: Caller) -> Pulls:
    return Pulls(caller.state, caller.engine.connect().id)


@pytest.fixture
def busy(caller: Caller) -> Caller:
    """A log of moves, an act and its undo."""
    caller.load("one", "web:1")
    caller.log()
    caller.engine.build(made("two"), "web:1")
    caller.done(plans.tagging("web:1", "web:2"))
    caller.undo()
    return caller


def without_numbers(caller: Caller) -> list[dict[str, object]]:
    places = ("number", "undoes", "from_now", "to_now", "from_pull", "to_pull")
    return [{key: value for key, value in move.items() if key not in places} for move in caller.log()]


def test_an_exported_log_is_the_same_after_import_on_another_machine(busy: Caller, tmp_path: Path) -> None:
    file, other = exported(busy, tmp_path), another(busy)
    assert taken_in(other, file) == "3 moves added, 0 there already, from another engine: memory\n"
    assert without_numbers(other) == without_numbers(busy)
    undo, act, *_ = other.log()
    assert undo["undoes"] == act["number"]
    # What has not come along is known all the same, and how to get it back.
    assert undo["from_now"] == "gone"
    assert str(undo["from_pull"]).startswith("web@sha256:")


def test_where_an_image_was_pushed_to_comes_along(busy: Caller, tmp_path: Path) -> None:
    (gone, *_) = [move["to"] for move in busy.log() if move["ref"] == "web:2" and move["to"]]
    for name in ("web", "reg.example/web"):
        pulls_of(busy).add(str(gone), f"{name}@{gone}")
    other = another(busy)
    taken_in(other, exported(busy, tmp_path))
    assert pulls_of(other).all() == {gone: (f"reg.example/web@{gone}", f"web@{gone}")}


def test_importing_again_adds_nothing(busy: Caller, tmp_path: Path) -> None:
    file = exported(busy, tmp_path)
    before = busy.log()
    assert taken_in(busy, file) == "0 moves added, 3 there already\n"
    assert busy.log() == before


def test_what_was_imported_stands_before_what_was_observed_here(busy: Caller, tmp_path: Path) -> None:
    file, other = exported(busy, tmp_path), another(busy)
    image_id = other.load("three", "api:1")
    other.log()
    other.engine.tag(image_id, "api:2")
    (newest,) = other.log()
    taken_in(other, file)
    assert [move["ref"] for move in other.log()] == ["api:2", "web:2", "web:2", "web:1"]
    assert other.log()[0] == newest
    other.undo()
    assert "api:2" not in other.engine.connect().name
    assert other.log("api:2")[0]["cause"] == "undo"


def test_a_log_may_be_exported_again_where_it_was_imported(busy: Caller, tmp_path: Path) -> None:
    file, other = exported(busy, tmp_path), another(busy)
    other.load("three", "api:1")
    taken_in(other, file)
    again = another(busy)
    taken_in(again, exported(other, tmp_path))
    assert without_numbers(again) == without_numbers(busy)


def test_the_head_of_an_export_says_format_and_engine(busy: Caller, tmp_path: Path) -> None:
    head, *others = map(json.loads, exported(busy, tmp_path).read_text().splitlines())
    assert head == {"imgtui_log": 1, "engine": "memory-memory", "name": "memory"}
    assert {key for line in others for key in line} == {"image", "move"}


def test_a_wrong_line_imports_nothing_and_is_named(busy: Caller, tmp_path: Path) -> None:
    file, other = exported(busy, tmp_path), another(busy)
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[:-1], lines[-1].replace('"undo"', '"wish"')]))
    assert import_log(other.engine, other.recorder, str(file)) is Exit.FAILED
    assert f"line {len(lines)}: " in other.failure()
    assert other.log() == []


def test_a_file_that_is_not_there_is_one_line(caller: Caller, tmp_path: Path) -> None:
    assert import_log(caller.engine, caller.recorder, str(tmp_path / "nothing")) is Exit.FAILED
    assert "No such file" in caller.failure()


def test_the_log_of_a_copy_goes_by_its_own_key_and_is_not_taken_for_that_of_its_twin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, copy = Caller(capsys), Caller(capsys)
    here = place_of(copy.engine.connect(), 2)
    Engines(copy.state).saw(here.reported, replace(here, address="ssh://other", run="run-1"))
    key = Engines(copy.state).begin(here)
    assert key == f"{here.reported}~2"
    copy.load("one", "web:1")
    copy.log()
    assert export_log(copy.engine, copy.recorder) is Exit.DONE
    exported = capsys.readouterr().out
    assert json.loads(exported.splitlines()[0])["engine"] == key
    file = tmp_path / "log"
    file.write_text(exported)
    assert import_log(first.engine, first.recorder, str(file)) is Exit.DONE
    assert "from another engine" in capsys.readouterr().out
    assert import_log(copy.engine, copy.recorder, str(file)) is Exit.DONE
    assert "from another engine" not in capsys.readouterr().out
