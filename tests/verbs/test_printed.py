"""Whatever an engine says, no verb writes what a terminal would obey, and none ends in a traceback."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path

import pytest

from imgtui import cli, wiring
from imgtui.arguments import parser
from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.engine import Engine
from imgtui.model.core.printable import safe_for_terminal
from imgtui.verbs.console.output import aside, in_place, print_error, print_unforeseen, put
from tests.operations.listening import made
from tests.ui.hostile import CLEAN, EVERYTHING, TEXTS, HostileEngine

PLANS = ("--plan",)
CALLS: dict[str, list[tuple[str, ...]]] = {
    "ls": [("ls",), ("ls", "web"), ("ls", "--json")],
    "log": [("log",), ("log", "web"), ("log", "--json"), ("log", "--export"), ("log", "--engines")],
    "drift": [("drift",), ("drift", "--json"), ("drift", "--registry")],
    "files": [("files", "web:latest"), ("files", CLEAN)],
    "diff": [("diff", "web:latest", CLEAN), ("diff", CLEAN, "sha256:" + "b" * 64)],
    "keep": [("keep", CLEAN, "--plan"), ("keep", CLEAN, "--yes"), ("keep", "--rules", "--plan")],
    "unkeep": [("unkeep", CLEAN, "--plan")],
    "tag": [("tag", CLEAN, "web:2", "--plan"), ("tag", CLEAN, "web:latest", "--yes")],
    "untag": [("untag", "web:latest", "--plan"), ("untag", "web:latest", "--yes")],
    "undo": [("undo", "--plan"), ("undo", "--yes")],
    "rm": [("rm", CLEAN, "--plan"), ("rm", "--dangling", "--plan"), ("rm", "--dangling", "--yes")],
    "rollback": [("rollback", "gone", "--plan"), ("rollback", "web:latest", "--plan")],
    "record": [("record", "--print-unit")],
    "doctor": [("doctor",)],
    "help": [("help",), ("help", "keeps"), ("help", "x\x1b[31m")],
}
ARGUMENTS = [
    ("\x1b]0;x\x07",),
    ("ls", "\x1b[31m"),
    ("--\x1b]52;c;eA==\x07",),
    ("untag", "\ud800", "--plan"),
    ("rm",),
]


def call(engine: Engine, home: Path, *words: str) -> tuple[int, str]:
    """Call imgtui as a shell does; its status and what it wrote."""
    out, err = io.BytesIO(), io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", io.TextIOWrapper(out, "utf-8", write_through=True))
        patch.setattr(sys, "stderr", io.TextIOWrapper(err, "utf-8", write_through=True))
        endpoint = Endpoint("unix:///run/x.sock", "-H", None, None, home)
        patch.setattr(wiring, "endpoint", lambda *_: endpoint)
        patch.setattr(wiring, "engine", lambda *_: engine)
        patch.setattr(sys, "excepthook", sys.excepthook)
        for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "HOME", "DOCKER_CONFIG"):
            patch.setenv(name, str(home))
        try:
            status = cli.main([*words])
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        return status, (out.getvalue() + err.getvalue()).decode()


def is_drawn(written: str) -> bool:
    return safe_for_terminal(written, newlines=True) and not re.search("[\ud800-\udfff]", written)


def test_nothing_but_the_exit_writes_to_a_terminal() -> None:
    folder = Path(cli.__file__).parent
    writers = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.py")
        if re.search(r"sys\.(?:__)?std(?:out|err)(?:__)?\.(?:write|buffer)", path.read_text())
    }
    assert writers == {"verbs/console/output.py"}


def test_every_verb_is_called_here() -> None:
    verbs = next(action.choices for action in parser()._actions if isinstance(action.choices, dict))
    assert CALLS.keys() == verbs.keys()


@pytest.mark.parametrize("name", ["everything", "surrogate"])
@pytest.mark.parametrize("verb", CALLS)
def test_what_a_verb_writes_is_only_drawn(verb: str, name: str, tmp_path: Path) -> None:
    text = TEXTS.get(name, EVERYTHING)
    for words in CALLS[verb]:
        status, written = call(HostileEngine(text), tmp_path, *words)
        assert status in {0, 1, 2, 3, 4}, written
        assert "Traceback" not in written
        assert is_drawn(written), (words, [line for line in written.split("\n") if not is_drawn(line)][:3])
        if "--json" in words and status == 0:
            json.loads(written)


@pytest.mark.parametrize("name", ["everything", "surrogate"])
def test_the_plan_of_a_rollback_is_only_drawn(name: str, tmp_path: Path) -> None:
    text = TEXTS.get(name, EVERYTHING)
    engine = MemoryEngine()
    before = engine.load(made("one"), "web:latest")
    engine.load(made("two"), "web:latest")
    body = {
        "Image": "web:latest",
        "Env": [f"X={text}", text],
        "Cmd": [text],
        "Labels": {text: text, "a": text},
        "Hostname": text,
        "User": text,
        "HostConfig": {"Binds": [f"/a:/{text}"], "ExtraHosts": [text]},
    }
    engine.start_container(engine.create_container("web", body))
    for words in (("--plan",), ("--plan", "--json"), ("--yes",)):
        status, written = call(engine, tmp_path, "rollback", "web", "--to", before, *words)
        assert status == 0, written
        assert is_drawn(written), words


@pytest.mark.parametrize("words", ARGUMENTS)
def test_what_was_typed_is_only_drawn(words: tuple[str, ...], tmp_path: Path) -> None:
    status, written = call(MemoryEngine(), tmp_path, *words)
    assert status in {1, 2}
    assert is_drawn(written)
    assert written.count("\n") == 1


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_exits_draw_whatever_comes_in_any_encoding(
    text: str, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, err = io.BytesIO(), io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding, write_through=True))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(err, encoding, write_through=True))
    put(f"{text}\n", now=True)
    aside(f"{text}\n")
    print_error(text)
    error = ValueError(text)
    print_unforeseen(ValueError, error, None)
    for stream in (out, err):
        assert is_drawn(stream.getvalue().decode(encoding))
    err.truncate(err.seek(0))
    in_place(text, 40)
    line = err.getvalue().decode(encoding)
    assert (line[0], line[-1]) == ("\r", "\r")
    assert is_drawn(line[1:-1])
