"""Whichever verb is called first on an engine, the log is the same: no verb throws the past away."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from imgtui.cli import main
from imgtui.model.keeps.keep import is_keep
from imgtui.model.taglog.proofs import PODMAN
from imgtui.verbs.console.output import Exit
from tests.engines import content
from tests.engines.private import PrivateEngine
from tests.engines.waiting import wait_until
from tests.verbs.command import environment

pytestmark = pytest.mark.in_turn

Environ = Mapping[str, str]

FIRST = {
    "ls": ["ls"],
    "log": ["log"],
    "export": ["log", "--export"],
    "drift": ["drift"],
    "doctor": ["doctor"],
    "diff": ["diff", "{old}", "{new}"],
    "files": ["files", "{new}"],
    "record": ["record", "--once"],
    "keep": ["keep", "{old}", "--plan"],
    "unkeep": ["unkeep", "{old}", "--plan"],
    "tag": ["tag", "{old}", "{name}:tagged", "--plan"],
    "untag": ["untag", "{name}:latest", "--plan"],
    "undo": ["undo", "{name}:latest", "--plan"],
    "rm": ["rm", "{old}", "--plan"],
    "rollback": ["rollback", "{name}-web", "--to", "{old}", "--plan"],
    "kept": ["keep", "{old}", "--yes"],
    "unfinished": ["rollback", "--unfinished", "--yes"],
}
"""What is called, by its name in the test."""


class Shell:
    """Somebody who calls imgtui with a state folder of his own."""

    def __init__(
        self, patch: pytest.MonkeyPatch, printed: pytest.CaptureFixture[str], environ: Environ
    ) -> None:
        for name, value in environ.items():
            patch.setenv(name, value)
        patch.delenv("IMGTUI_STATE", raising=False)
        self._printed = printed

    def call(self, *arguments: str) -> str:
        """What a call prints; it is one that is understood."""
        status = main(arguments)
        out, err = self._printed.readouterr()
        assert status not in {Exit.USAGE, Exit.NO_ENGINE}, err
        return out

    def log(self, name: str) -> list[dict[str, Any]]:
        """What `imgtui log --json` tells of the tags of a name, without what differs between two files."""
        moves: list[dict[str, Any]] = json.loads(self.call("log", "--json"))
        for move in moves:
            del move["number"], move["from_now"], move["to_now"]
            if move["evidence"] == PODMAN:  # it has no time but "before the first look"
                del move["at"], move["exact"]
        return [move for move in moves if f"{name}:" in move["ref"] and not is_keep(move["ref"])]


def in_the_next_second() -> None:
    """Go on in another second: an image tells no more exactly when it was made."""
    second = int(time.time())
    wait_until(lambda: int(time.time()) > second, "the next second")


def test_each_verb_as_the_first_one_leaves_the_same_log(
    own_engine: PrivateEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = f"first-{own_engine.kind}"
    old = content.build(own_engine, f"{name}:latest", version="old")
    own_engine.docker("tag", old, f"{name}:1")
    in_the_next_second()
    content.build(own_engine, f"{name}:latest", version="middle")
    content.run(own_engine, f"{name}-web", f"{name}:latest")
    in_the_next_second()
    new = content.build(own_engine, f"{name}:latest", version="new")
    words = {"old": old, "new": new, "name": name}
    logs = {}
    try:
        for verb, arguments in FIRST.items():
            (tmp_path / verb).mkdir()
            shell = Shell(monkeypatch, capsys, environment(tmp_path / verb, own_engine.host))
            shell.call(*(argument.format(**words) for argument in arguments))
            logs[verb] = shell.log(name)
    finally:
        own_engine.docker("rm", "--force", f"{name}-web")
    latest = [move for move in logs["log"] if move["ref"] == f"{name}:latest"]
    assert latest[0]["to"] == new
    assert {move["to"] for move in latest} >= {old, new}
    for verb, found in logs.items():
        assert found == logs["log"], verb
