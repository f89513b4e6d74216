"""No engine answers, and none ever did here: why, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Static

from imgtui.engine.port.errors import Problem
from imgtui.ui.actions import APP, Action, bindings
from imgtui.ui.dialogs.acting import ActingScreen
from imgtui.ui.explorer.hints import hints
from imgtui.ui.messages import DemoAsked, RefreshAsked
from imgtui.ui.widgets.bar import Bar
from imgtui.ui.widgets.spans import line


class NoEngineScreen(ActingScreen):
    """Stays until an engine answers; it is tried again all the time."""

    CSS = """
    NoEngineScreen {
        align: center middle;
        Vertical { width: 1fr; height: 1fr; align: center middle; }
        Static { width: 90%; max-width: 100; height: auto; }
        .cause { text-style: bold; color: $error; }
        .remedy { margin-top: 1; }
        .where { margin-top: 1; color: $foreground 60%; }
        &:ansi .where { color: ansi_default; text-style: dim; }
    }
    """
    bottom = query_one("#no-engine-keys", Bar)

    def __init__(self, problem: Problem, where: str) -> None:
        super().__init__()
        self._problem = problem
        self._where = where

    def compose(self) -> ComposeResult:
        """Cause, remedy, where."""
        with Vertical():
            yield Static(classes="cause", markup=False)
            yield Static(classes="remedy", markup=False)
            yield Static(Content(f"engine: {self._where}"), classes="where", markup=False)
        yield Bar(id="no-engine-keys")

    def on_mount(self) -> None:
        """Show the problem and the keys."""
        self._show()
        self.bottom.show(hints(self.ACTIONS, self.app.size.width, self.why_not))

    def show_problem(self, problem: Problem) -> None:
        """Show why the engine does not answer now; it is tried all the time, mostly with the same end."""
        if problem != self._problem:
            self._problem = problem
            self._show()

    def _show(self) -> None:
        problem = self._problem
        self.query_one(".cause", Static).update(Content(problem.cause))
        self.query_one(".remedy", Static).update(Content(problem.remedy))

    def say(self, text: str, *, bad: bool = False) -> None:
        """Say something in place of the keys."""
        self.bottom.show(line(f" {text}"))

    def try_again(self) -> None:
        """Ask the engine again."""
        self.post_message(RefreshAsked())

    def demo(self) -> None:
        """Open the built-in engine instead."""
        self.post_message(DemoAsked())

    def leave(self) -> None:
        """Quit."""
        self.app.exit()

    ACTIONS: Sequence[Action] = (
        Action(
            "engine.refresh",
            "R,enter",
            "try again",
            "Ask the engine again",
            APP,
            try_again,
            hint=1,
            shown="R",
        ),
        Action(
            "demo.open",
            "d",
            "demo",
            "The explorer on a built-in engine: nothing is touched",
            APP,
            demo,
            hint=1,
        ),
        Action("app.quit", "q,escape", "quit", "Quit", APP, leave, hint=1, shown="q"),
    )
    BINDINGS = bindings(ACTIONS)
