"""Calls of verbs on an engine in memory, one after the other, with one state file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.core.image import Store
from imgtui.operations.taglog.recording import Gather, Recorder
from imgtui.store.state import State
from imgtui.verbs import acts, log, undo
from imgtui.verbs.console.asking import Manner
from imgtui.verbs.console.output import Exit
from imgtui.verbs.plans import Planner
from imgtui.verbs.rollback import RollbackArguments
from tests.operations.listening import made

YES = Manner(yes=True)
AT_ONCE = RollbackArguments(None, settle=0)


@dataclass
class Caller:
    """Somebody at a terminal, or a script."""

    capsys: pytest.CaptureFixture[str]
    engine: MemoryEngine = field(default_factory=lambda: MemoryEngine(store=Store.CONTAINERD))
    state: State = field(default_factory=lambda: State(None))
    gather: Gather | None = None

    @property
    def recorder(self) -> Recorder:
        """That of one call."""
        return Recorder(self.engine, lambda: self.state, gather=self.gather)

    def load(self, text: str, *tags: str) -> str:
        """Bring an image; its ID."""
        return self.engine.load(made(text), *tags)

    def log(self, ref: str | None = None) -> list[dict[str, Any]]:
        """What `log --json` prints."""
        status = log.run(self.engine, self.recorder, ref, as_json=True)
        out, err = self.capsys.readouterr()
        assert (status, err) == (Exit.DONE, "")
        moves: list[dict[str, Any]] = json.loads(out)
        return moves

    def table(self, ref: str | None = None) -> list[str]:
        """What `log` prints for people, by line."""
        assert log.run(self.engine, self.recorder, ref, as_json=False) is Exit.DONE
        return self.capsys.readouterr().out.splitlines()

    def no_log(self, ref: str | None) -> str:
        """The line that `log` prints where it fails."""
        assert log.run(self.engine, self.recorder, ref, as_json=True) is Exit.FAILED
        return self.failure()

    def act(self, *planners: Planner, manner: Manner = YES) -> Exit:
        """Act; the exit status."""
        return acts.run(self.engine, self.recorder, planners, manner)

    def done(self, *planners: Planner, manner: Manner = YES) -> str:
        """What an act prints that is done."""
        status = self.act(*planners, manner=manner)
        out, err = self.capsys.readouterr()
        assert (status, err) == (Exit.DONE, "")
        return out

    def refused(self, *planners: Planner, manner: Manner = YES) -> str:
        """The line that is printed where nothing could be done."""
        assert self.act(*planners, manner=manner) is Exit.FAILED
        return self.failure()

    def undo(self, text: str | None = None, *, redo: bool = False) -> str:
        """What `undo` prints where it is done."""
        status = undo.run(self.engine, self.recorder, text, YES, redo=redo, wanted=AT_ONCE)
        out, err = self.capsys.readouterr()
        assert status is Exit.DONE, err
        return out

    def no_undo(self, text: str | None = None, *, redo: bool = False) -> str:
        """The line that `undo` prints where nothing could be done."""
        assert undo.run(self.engine, self.recorder, text, YES, redo=redo, wanted=AT_ONCE) is Exit.FAILED
        return self.failure()

    def failure(self) -> str:
        """What was printed on standard error: one line."""
        line = self.capsys.readouterr().err
        assert line.startswith("imgtui: ")
        assert line.count("\n") == 1, line
        return line


@pytest.fixture
def caller(capsys: pytest.CaptureFixture[str]) -> Caller:
    """Somebody who has called nothing yet."""
    return Caller(capsys)
