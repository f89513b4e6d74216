"""Keep rules in the explorer: what is said of them, and their screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from imgtui.operations.protocol.updates import Phase, RulesUpdated
from imgtui.ui.actions import LOOK, Action, by_id

if TYPE_CHECKING:
    from imgtui.ui.controller import Handlers
    from imgtui.ui.explorer.screen import ExplorerScreen


class RulesController:
    """Shows the keep rules, and has the offer of a first one answered."""

    def __init__(self, explorer: ExplorerScreen) -> None:
        self._explorer = explorer
        self.handlers: Handlers = {RulesUpdated: self._take}

    def _take(self, told: RulesUpdated) -> None:
        """It stands otherwise with keep rules: the header marks it, and what is new is said."""
        explorer = self._explorer
        before, explorer.known.rules = explorer.known.rules, told
        if explorer.is_composed:
            explorer.show_top()
        if told.said:
            explorer.say(told.said)
        elif told.problem is not None and told.problem != before.problem:
            explorer.say(told.problem, bad=True)
        if told.offered and not before.offered:
            key = by_id(explorer.ACTIONS, "rules.open").key_text
            explorer.offer = (
                f"This engine deletes what a rebuild replaces. {key}: keep the last 5 of every repository"
            )
        elif not told.offered:
            explorer.offer = ""
        if explorer.is_composed and told.offered != before.offered:
            explorer.show_bottom()

    def open_rules(self) -> None:
        """Show the rules in force; where there are none, offer a first one."""
        from imgtui.ui.rules.screen import RulesScreen

        explorer = self._explorer

        def answered(agreed: bool | None) -> None:
            if agreed is not None:
                explorer.say("writing the rule …" if agreed else "…")
                explorer.ask(lambda session: session.answer_offer(agreed=agreed))

        live = explorer.known.state.phase is Phase.LIVE
        screen = RulesScreen(explorer.known, answerable=live and not explorer.read_only)
        explorer.app.push_screen(screen, answered)

    ACTIONS: ClassVar[Sequence[Action]] = (
        Action(
            "rules.open",
            "M",
            "keep rules",
            "The keep rules in force, and what they hold; where there are none: have the last 5 of every"
            " repository kept, and what containers run",
            LOOK,
            open_rules,
        ),
    )
