"""The command line: verbs, JSON, exit statuses, one line for an error."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from imgtui.verbs.console.output import Exit
from tests.engines.waiting import PATIENCE

FIELDS = {
    "id", "repository", "tags", "former_tags", "repo_digests", "manifest", "created", "size", "own_size",
    "shared_size", "layers", "containers", "kept", "present",
}  # fmt: skip
LISTS = ("tags", "former_tags", "repo_digests", "layers", "containers")


def imgtui(*arguments: str, environ: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    base = {key: value for key, value in os.environ.items() if not key.startswith("DOCKER_")}
    return subprocess.run(
        [sys.executable, "-m", "imgtui", *arguments],
        env=base | {"TERM": "xterm-256color"} | dict(environ or {}),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=PATIENCE,
    )


def one_line(text: str) -> str:
    assert text.startswith("imgtui: ")
    assert text.count("\n") == 1, text
    return text


def test_ls_prints_one_object_for_each_image_in_each_repository() -> None:
    versions = json.loads(imgtui("ls", "--demo", "--json").stdout)
    assert len(versions) > 40
    for version in versions:
        assert set(version) >= FIELDS
        assert all(isinstance(version[name], list) for name in LISTS)
        assert version["id"].startswith("sha256:")
        assert len(version["id"]) == 71
        assert datetime.fromisoformat(version["created"]).tzinfo is not None
        assert version["size"] >= 0
        assert version["own_size"] >= 0
        assert all(tag.startswith(f"{version['repository']}:") for tag in version["tags"])
        assert all(digest.startswith(f"{version['repository']}@") for digest in version["repo_digests"])
    assert any(version["repository"] is None for version in versions)
    assert len({(version["id"], version["repository"]) for version in versions}) == len(versions)


def test_ls_of_a_repository_prints_only_that_one_in_any_form_of_its_name() -> None:
    short = json.loads(imgtui("ls", "--demo", "--json", "redis").stdout)
    whole = json.loads(imgtui("ls", "--demo", "--json", "docker.io/library/redis").stdout)
    assert {version["repository"] for version in short} == {"redis"}
    assert [version["tags"] for version in short] == [version["tags"] for version in whole]


def test_ls_for_people_has_a_line_for_each_version() -> None:
    done = imgtui("ls", "--demo", "myapp")
    assert done.returncode == Exit.DONE
    lines = done.stdout.splitlines()
    assert lines[0].split()[:3] == ["REPOSITORY", "DIGEST", "TAGS"]
    assert len(lines) == 15
    assert any("(drift)" in line for line in lines)


def test_a_repository_that_is_not_here_is_said_in_one_line() -> None:
    done = imgtui("ls", "--demo", "nothing")
    assert done.returncode == Exit.FAILED
    assert "nothing" in one_line(done.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        ["ls", "--demo", "UPPER"],
        ["nonsense"],
        ["--nonsense"],
        ["-H"],
        ["rollback", "--demo", "myapp", "--plan", "--to", ""],
        ["rollback", "--demo", "myapp", "--plan", "--to", " "],
        ["rollback", "--demo", "myapp", "--plan", "--with", ""],
        ["rollback", "--demo", "", "--plan"],
    ],
)
def test_wrong_usage_is_one_line_and_status_2(arguments: list[str]) -> None:
    done = imgtui(*arguments)
    assert done.returncode == Exit.USAGE
    one_line(done.stderr)


@pytest.mark.parametrize(
    "arguments",
    [["-H", "unix:///nowhere.sock", "ls"], ["-c", "nowhere", "ls"], ["-c", "a", "-H", "tcp://b", "ls"]],
)
def test_no_engine_is_one_line_with_its_remedy_and_status_3(arguments: list[str], tmp_path: Path) -> None:
    done = imgtui(*arguments, environ={"DOCKER_CONFIG": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)})
    assert done.returncode == Exit.NO_ENGINE
    one_line(done.stderr)
    assert done.stdout == ""


@pytest.mark.parametrize(("term", "says"), [("dumb", "imgtui ls"), ("", "imgtui ls"), ("xterm", "terminal")])
def test_the_explorer_is_refused_where_there_is_no_screen_for_it(term: str, says: str) -> None:
    done = imgtui("--demo", environ={"TERM": term})
    assert done.returncode == Exit.USAGE
    assert says in one_line(done.stderr)


def found(home: Path, *arguments: str, **environ: str) -> dict[str, dict[str, Any]]:
    """What doctor finds, by topic, where no engine answers."""
    homes = dict.fromkeys(("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"), str(home))
    done = imgtui("doctor", "--json", "-H", "unix:///nowhere.sock", *arguments, environ=homes | environ)
    assert done.returncode == Exit.NO_ENGINE
    return {finding["topic"]: finding for finding in json.loads(done.stdout)}


def test_doctor_says_what_it_found_and_what_to_do(tmp_path: Path) -> None:
    findings = found(tmp_path, TERM="dumb")
    assert not findings["engine"]["ok"]
    assert findings["engine"]["remedy"]
    assert not findings["terminal"]["ok"]
    assert imgtui("doctor", "--demo", environ={"XDG_CACHE_HOME": str(tmp_path)}).returncode == Exit.DONE


def test_doctor_looks_into_the_files_of_imgtui(tmp_path: Path) -> None:
    findings = found(tmp_path)
    for topic, file in (("tag log", "state.db"), ("settings", "config.toml"), ("cache", "cache.db")):
        assert findings[topic]["ok"], findings[topic]
        assert str(tmp_path / "imgtui" / file) in findings[topic]["found"]
    (tmp_path / "imgtui/config.toml").write_text("nonsense = 1\n")
    (tmp_path / "imgtui/state.db").write_bytes(b"nonsense" * 1000)
    findings = found(tmp_path)
    assert not findings["settings"]["ok"]
    assert "line 1" in findings["settings"]["found"]
    assert "[[keep]]" in findings["settings"]["remedy"]
    assert not findings["tag log"]["ok"]
    assert "damaged" in findings["tag log"]["found"]
    assert "set aside" in findings["tag log"]["remedy"]


VERBS = ("ls", "log", "drift", "keep", "unkeep", "tag", "untag", "undo", "record", "doctor")


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_help_has_exit_statuses_and_environment(verb: str) -> None:
    done = imgtui(*([verb] if verb else []), "--help")
    assert done.returncode == Exit.DONE
    for text in (
        "exit status: 0 done, 1 failed, 2 usage, 3 no engine, 4 where a verb says so",
        "DOCKER_HOST",
        "IMGTUI_STATE",
        "--state",
    ):
        assert text in done.stdout
    if not verb:
        assert all(f"    {name} " in done.stdout for name in VERBS)


@pytest.mark.parametrize(
    "arguments",
    [
        ["keep"],
        ["keep", "myapp", "--demo"],
        ["keep", "myapp", "--demo", "--yes", "--plan"],
        ["untag", "myapp:latest", "--demo", "--json"],
        ["log", "--demo", "--export", "--json"],
        ["log", "--demo", "--export", "myapp"],
        ["log", "--demo", "--export", "--import", "-"],
        ["record", "--demo"],
        ["record", "--user"],
        ["record", "--once", "--print-unit"],
        ["record", "--json"],
    ],
)
def test_calls_that_make_no_sense_are_usage_errors(arguments: list[str]) -> None:
    done = imgtui(*arguments)
    assert done.returncode == Exit.USAGE
    assert done.stdout == ""
    one_line(done.stderr)


def test_a_plan_of_the_demo_is_printed_as_json() -> None:
    plan = json.loads(imgtui("tag", "--demo", "myapp:2.0", "myapp:latest", "--plan", "--json").stdout)
    assert [step["verb"] for step in plan["steps"]][-1] == "tag"
    assert plan["steps"][-1]["command"].endswith(" myapp:latest")


def test_an_act_that_is_refused_is_one_line_and_status_1() -> None:
    done = imgtui("untag", "--demo", "--read-only", "--yes", "myapp:latest")
    assert done.returncode == Exit.FAILED
    assert "read-only" in one_line(done.stderr)
    done = imgtui("undo", "--demo", "--yes", "redis:nothing")
    assert done.returncode == Exit.FAILED
    assert "redis:nothing" in one_line(done.stderr)


def test_the_demo_keeps_and_says_what_it_did() -> None:
    done = imgtui("keep", "--demo", "--yes", "--json", "myapp:latest", "myapp:2.0")
    assert done.returncode == Exit.DONE
    assert [act["done"] for act in json.loads(done.stdout)] == [True, True]


def test_the_version_is_printed() -> None:
    assert imgtui("--version").stdout.startswith("imgtui 0.")


def by_shell(redirected: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A call whose streams a shell has redirected; nothing of the machine's own Docker is asked."""
    words = shlex.join([sys.executable, "-m", "imgtui", *arguments])
    return subprocess.run(
        ["bash", "-c", f"{words} {redirected}"],
        env=os.environ | {"TERM": "xterm-256color"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


@pytest.mark.parametrize("arguments", [["tag", "--demo", "myapp:2.0", "myapp:x"], ["--demo"]])
def test_without_a_standard_input_a_question_is_a_usage_error(arguments: list[str]) -> None:
    done = by_shell("<&-", *arguments)
    assert done.returncode == Exit.USAGE
    one_line(done.stderr)


def test_a_log_from_a_closed_standard_input_is_none() -> None:
    done = by_shell("<&-", "log", "--demo", "--import", "-")
    assert done.returncode == Exit.FAILED
    assert "there is no log" in one_line(done.stderr)


@pytest.mark.parametrize("verb", ["log", "ls", "doctor"])
@pytest.mark.parametrize(
    ("redirected", "says"), [(">&-", "standard output is closed"), (">/dev/full", "No space left on device")]
)
def test_an_output_that_cannot_be_written_is_one_line_and_status_1(
    verb: str, redirected: str, says: str
) -> None:
    done = by_shell(redirected, verb, "--demo")
    assert done.returncode == Exit.FAILED
    assert says in one_line(done.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["ls", "--demo", "--json"],
        ["log", "--demo", "--export"],
        ["record", "--print-unit"],
        ["tag", "--demo", "--yes", "myapp:2.0", "myapp:x"],
    ],
)
def test_whatever_is_printed_may_not_be_written(arguments: list[str]) -> None:
    done = by_shell(">/dev/full", *arguments)
    assert done.returncode == Exit.FAILED
    assert "No space left on device" in one_line(done.stderr)


@pytest.mark.parametrize("redirected", ["2>/dev/full", "2>&-"])
def test_the_exit_status_stands_where_errors_cannot_be_written(redirected: str) -> None:
    assert by_shell(redirected, "ls", "--demo", "nothing").returncode == Exit.FAILED
    assert by_shell(redirected, "nonsense").returncode == Exit.USAGE


@pytest.mark.parametrize(("ref", "shown"), [("\x1b[31mred", "␛[31mred"), ("a\nb", "a↵b")])
def test_what_was_typed_is_repeated_safely_for_a_terminal(ref: str, shown: str) -> None:
    done = imgtui("log", "--demo", ref)
    assert done.returncode == Exit.FAILED
    assert shown in one_line(done.stderr)
    assert "\x1b" not in done.stderr


def test_a_closed_pipe_ends_ls_in_silence() -> None:
    command = f"{sys.executable} -m imgtui ls --demo | head -1"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.stderr == ""
