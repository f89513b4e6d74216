"""The program: keys, commands, asking the engine again, quitting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from imgtui.ui.actions import APP, LOOK, Action
from imgtui.ui.messages import QuitAsked
from imgtui.ui.widgets.spans import line

if TYPE_CHECKING:
    from imgtui.ui.controller import Handlers
    from imgtui.ui.explorer.screen import ExplorerScreen
    from imgtui.ui.features import Features


MARGIN = 3
"""Cells beside a text that fills the screen: a space before it, and the scroll bar."""


class ProgramController:
    """What is about no image and no container."""

    def __init__(self, explorer: ExplorerScreen, features: Features) -> None:
        self._explorer = explorer
        self._features = features
        self.handlers: Handlers = {}

    def refresh(self) -> None:
        """Ask the engine again; and which one it is, where that is not clear."""
        self._explorer.say("asking the engine again")
        self._explorer.ask(lambda session: session.refresh())
        self._features.identity.ask()

    def palette(self) -> None:
        """Every action by its name."""
        self._explorer.app.action_command_palette()

    def show_keys(self) -> None:
        """Every key."""
        from imgtui.ui.explorer.help import HelpScreen

        explorer = self._explorer
        explorer.app.push_screen(HelpScreen(explorer.ACTIONS, explorer.why_not), self._chosen)

    def _chosen(self, action_id: str | None) -> None:
        if action_id is not None:
            self._explorer.action_act(action_id)

    def show_topics(self) -> None:
        """Choose a topic of the manual, and read it."""
        from imgtui import help as manual
        from imgtui.ui.dialogs.choice import ChoiceScreen
        from imgtui.ui.files.pager import PagerScreen

        app = self._explorer.app

        def chosen(about: str | None) -> None:
            for topic in manual.topics():
                if topic.about == about:
                    lines = [line(f" {text}") for text in topic.lines(app.size.width - MARGIN)[2:]]
                    app.push_screen(PagerScreen(topic.title, lines))

        app.push_screen(ChoiceScreen("Manual", [(each.name, each.about) for each in manual.topics()]), chosen)

    def leave(self) -> None:
        """Back; at the top, quit."""
        if self._explorer.pane > 0:
            self._explorer.go_to(self._explorer.pane - 1)
        else:
            self._explorer.post_message(QuitAsked())

    ACTIONS: ClassVar[Sequence[Action]] = (
        Action("engine.refresh", "R", "refresh", "Ask the engine again", LOOK, refresh),
        Action(
            "app.palette",
            "colon,ctrl+p",
            "commands",
            "Command palette: every action and theme by name",
            APP,
            palette,
            shown=": ctrl+p",
        ),
        Action(
            "app.help",
            "question_mark",
            "keys",
            "All keys; Enter does one",
            APP,
            show_keys,
            hint=10,
            shown="?",
        ),
        Action("app.topics", "i", "manual", "The manual, by topic", APP, show_topics),
        Action("app.quit", "q", "quit", "Back; at the top, quit", APP, leave),
    )
