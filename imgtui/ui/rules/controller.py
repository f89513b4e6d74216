"""Keep rules in the explorer: what is said of them, and their screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgtui.operations.protocol.updates import Phase, RulesTold
from imgtui.ui.actions import by_id
from imgtui.ui.compare.controller import ExplorerCompare
from imgtui.ui.messages import OfferAnswered


class ExplorerRules(ExplorerCompare):
    """Shows the keep rules, and has the offer of a first one answered."""

    read_only: bool
    offer: str = ""
    """The offer of a first rule, until a key is pressed where it is seen; all that is said goes before it."""
    _composed: bool

    if TYPE_CHECKING:

        def show_top(self) -> None: ...
        def show_bottom(self) -> None: ...

    def take_rules(self, told: RulesTold) -> None:
        """It stands otherwise with keep rules: the header marks it, and what is new is said."""
        before, self.known.rules = self.known.rules, told
        if self._composed:
            self.show_top()
        if told.said:
            self.say(told.said)
        elif told.problem is not None and told.problem != before.problem:
            self.say(told.problem, bad=True)
        if told.offered and not before.offered:
            key = by_id(self.ACTIONS, "rules.open").key_text
            self.offer = (
                f"This engine deletes what a rebuild replaces. {key}: keep the last 5 of every repository"
            )
        elif not told.offered:
            self.offer = ""
        if self._composed and told.offered != before.offered:
            self.show_bottom()

    def do_rules_open(self) -> None:
        from imgtui.ui.rules.screen import RulesScreen

        def answered(agreed: bool | None) -> None:
            if agreed is not None:
                self.say("writing the rule …" if agreed else "…")
                self.post_message(OfferAnswered(agreed))

        live = self.known.state.phase is Phase.LIVE
        self.app.push_screen(RulesScreen(self.known, answerable=live and not self.read_only), answered)
