"""The installed command on a real engine: what was done is what is told, and what is told can be undone."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from imgtui.verbs.console.output import Exit
from tests.engines import content
from tests.engines.private import PrivateEngine
from tests.verbs.command import call_installed as call
from tests.verbs.command import environment


@pytest.fixture(params=["docker28-overlay2", "docker28-containerd"])
def engine(
    request: pytest.FixtureRequest, docker28_overlay2: PrivateEngine, docker28_containerd: PrivateEngine
) -> PrivateEngine:
    """Docker with each of its image stores."""
    return docker28_overlay2 if request.param == "docker28-overlay2" else docker28_containerd


def documents(engine: PrivateEngine, home: Path, *arguments: str) -> Any:
    done = call(environment(home, engine.host), *arguments, "--json")
    said = [line for line in done.stderr.splitlines() if "no keep rule, and this engine deletes" not in line]
    assert (done.returncode, said) == (Exit.DONE, [])
    return json.loads(done.stdout)


def points_at(engine: PrivateEngine, reference: str) -> str:
    return content.image_id(engine, reference)


def test_acts_and_their_undo_are_told_as_they_were_done(engine: PrivateEngine, tmp_path: Path) -> None:
    one = content.import_tar(engine, "whole:1", {"file": b"one"})
    two = content.import_tar(engine, "whole:2", {"file": b"two"})
    documents(engine, tmp_path, "log")
    tagged = documents(engine, tmp_path, "tag", "--yes", one[7:20], "whole:2")
    assert [step["verb"] for step in tagged["steps"]] == ["tag", "tag"]  # the keep of two, then the tag
    assert points_at(engine, "whole:2") == one
    documents(engine, tmp_path, "undo", "--yes", "whole:2")
    assert points_at(engine, "whole:2") == two
    documents(engine, tmp_path, "untag", "--yes", "whole:1")
    engine.docker("tag", one, "whole:3")
    moves = documents(engine, tmp_path, "log", "whole")
    told = [(move["ref"], move["from"], move["to"], move["cause"], move["actor"]) for move in moves]
    assert told[:4] == [
        ("whole:3", None, one, "tag", "outside"),
        ("whole:1", one, None, "untag", "imgtui"),
        ("whole:2", one, two, "undo", "imgtui"),
        ("whole:2", two, one, "tag", "imgtui"),
    ]
    assert moves[2]["undoes"] == moves[3]["number"]


def test_former_tags_kept_and_gone_are_in_ls(engine: PrivateEngine, tmp_path: Path) -> None:
    one = content.import_tar(engine, "listed:1", {"file": b"1"})
    two = content.import_tar(engine, "listed:2", {"file": b"2"})
    documents(engine, tmp_path, "keep", "--yes", "listed:1")
    engine.docker("tag", two, "listed:1")
    engine.docker("rmi", "listed:2")
    engine.docker("tag", one, "listed:1")
    if two in engine.docker("images", "--all", "--no-trunc", "--quiet"):
        engine.docker("rmi", "--force", two)
    versions = {version["id"]: version for version in documents(engine, tmp_path, "ls", "listed")}
    assert (versions[one]["tags"], versions[one]["kept"]) == (["listed:1"], True)
    gone = versions[two]
    assert (gone["present"], gone["size"], gone["own_size"], gone["tags"]) == (False, None, None, [])
    assert set(gone["former_tags"]) == {"listed:1", "listed:2"}
    table = call(environment(tmp_path, engine.host), "ls", "listed").stdout
    assert [line.split()[-1] for line in table.splitlines()[1:]] in (["kept", "gone"], ["gone", "kept"])


def test_a_log_goes_to_another_state_file(engine: PrivateEngine, tmp_path: Path) -> None:
    content.import_tar(engine, "carried:1", {"file": b"one"})
    documents(engine, tmp_path, "log")
    engine.docker("tag", "carried:1", "carried:2")
    environ = environment(tmp_path, engine.host)
    exported = call(environ, "log", "--export")
    assert exported.returncode == Exit.DONE
    other = ("--state", str(tmp_path / "other"))
    imported = call(environ, "log", "--import", "-", *other, text=exported.stdout)
    assert imported.returncode == Exit.DONE, imported.stderr
    numberless = [
        [{**move, "number": 0} for move in documents(engine, tmp_path, "log", "carried:2", *options)]
        for options in ((), other)
    ]
    assert numberless[0] == numberless[1]
    broken = call(environ, "log", "--import", "-", *other, text=exported.stdout + "{}\n")
    assert broken.returncode == Exit.FAILED
    assert broken.stderr.count("\n") == 1


def test_without_a_usable_state_file_an_act_is_done_and_that_is_said(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    content.import_tar(engine, "stateless:1", {"file": b"one"})
    (tmp_path / "file").touch()
    unusable = ("--state", str(tmp_path / "file"))
    environ = environment(tmp_path, engine.host)
    planned = call(environ, "tag", "--plan", "--json", "stateless:1", "stateless:2", *unusable)
    (risk,) = json.loads(planned.stdout)["risks"]
    assert risk.startswith("it is not written down (the state file ")
    done = call(environ, "tag", "--yes", "stateless:1", "stateless:2", *unusable)
    assert f"RISK: {risk}" in done.stdout
    assert done.returncode == Exit.DONE
    assert done.stderr.count("\n") == 1
    assert "nothing is recorded: " in done.stderr
    assert points_at(engine, "stateless:2") == points_at(engine, "stateless:1")
    for verb in (["log"], ["undo", "--yes"]):
        refused = call(environ, *verb, *unusable)
        assert refused.returncode == Exit.FAILED


def test_an_act_that_cannot_be_written_down_for_now_is_not_done(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    content.import_tar(engine, "locked:1", {"file": b"one"})
    environ = environment(tmp_path, engine.host)
    documents(engine, tmp_path, "log")
    state = tmp_path / "imgtui" / "state.db"
    with closing(sqlite3.connect(state, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = call(environ, "tag", "--yes", "locked:1", "locked:2")
    assert refused.returncode == Exit.FAILED
    assert "nothing was done, as it could not be written down: " in refused.stderr
    assert "try again" in refused.stderr
    assert "locked:2" not in engine.docker("images", "--format", "{{.Repository}}:{{.Tag}}").split()


def test_a_log_with_a_row_that_is_not_understood_is_printed_and_said(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    content.import_tar(engine, "strange:1", {"file": b"one"})
    environ = environment(tmp_path, engine.host)
    documents(engine, tmp_path, "log")
    for tag in ("strange:2", "strange:3"):
        engine.docker("tag", "strange:1", tag)
        documents(engine, tmp_path, "log")
    with closing(sqlite3.connect(tmp_path / "imgtui" / "state.db")) as file:
        file.execute("UPDATE moves SET cause = 'taf' WHERE reference = 'strange:3'")
        file.commit()
    for options in ((), ("--json",)):
        done = call(environ, "log", *options)
        assert done.returncode == Exit.FAILED
        assert "strange:2" in done.stdout
        assert "not understood" in done.stdout
        (line,) = done.stderr.splitlines()
        assert "1 row of the state file is not understood (row " in line
    exported = call(environ, "log", "--export")
    assert exported.returncode == Exit.FAILED
    assert "strange:3" not in exported.stdout
    undone = call(environ, "undo", "--yes", "strange:3")
    assert undone.returncode == Exit.FAILED
    assert "the newest move of strange:3 is not understood" in undone.stderr
    assert points_at(engine, "strange:3")
    assert call(environ, "ls").returncode == Exit.DONE


def test_a_question_without_a_terminal_does_nothing(engine: PrivateEngine, tmp_path: Path) -> None:
    content.import_tar(engine, "asked:1", {"file": b"one"})
    done = call(environment(tmp_path, engine.host), "untag", "asked:1", text="y\n")
    assert done.returncode == Exit.USAGE
    assert done.stderr.count("\n") == 1
    assert points_at(engine, "asked:1")


def test_the_other_verbs_answer_too(engine: PrivateEngine, tmp_path: Path) -> None:
    one = content.import_tar(engine, "other:1", {"file": b"one"})
    two = content.import_tar(engine, "other:2", {"file": b"two"})
    documents(engine, tmp_path, "keep", "--yes", "other:1")
    content.create(engine, "other-api", "other:2")

    (removal,) = documents(engine, tmp_path, "unkeep", "--yes", "other:1")["steps"]
    assert (removal["verb"], removal["image"]) == ("untag", one)
    sites = {site["container"]: site for site in documents(engine, tmp_path, "drift")}
    assert sites["other-api"]["image"] == two
    (changed,) = documents(engine, tmp_path, "diff", "other:1", "other:2", "--files")["files"]
    assert (changed["path"], changed["change"]) == ("/file", "changed")
    assert documents(engine, tmp_path, "files", "other:1")["image"] == one
    assert documents(engine, tmp_path, "rm", one, "--plan")["images"][0]["id"] == one
    (api,) = documents(engine, tmp_path, "rollback", "other-api", "--to", one, "--plan")["containers"]
    assert (api["name"], api["from"], api["to"]) == ("other-api", two, one)
    assert "engine" in {finding["topic"] for finding in documents(engine, tmp_path, "doctor")}
    engine.docker("rm", "other-api")
