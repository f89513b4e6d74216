"""A screen whose keys are actions: one gate for all of them."""

from __future__ import annotations

from collections.abc import Sequence

from imgtui.ui.actions import Action, by_id
from imgtui.ui.widgets.lines import StyledScreen


class ActingScreen(StyledScreen[None]):
    """Does an action, unless `why_not` has a reason against it."""

    ACTIONS: Sequence[Action] = ()
    """What its keys do: with the keys that a person has bound anew."""

    def action_act(self, action_id: str) -> None:
        """What every binding calls."""
        self.act(by_id(self.ACTIONS, action_id))

    def act(self, action: Action) -> None:
        """Do an action, or say why not; what was said before is over."""
        self.quieten()
        reason = self.why_not(action)
        if reason is not None:
            self.say(f"{action.label}: {reason}", bad=True)
            return
        action.do(self.owner(action))

    def owner(self, action: Action) -> object:
        """Whose method does an action: that of the screen itself."""
        return self

    def why_not(self, action: Action) -> str | None:
        """Why an action is not possible now; None when it is."""
        return None

    def quieten(self) -> None:
        """Take back what was said."""

    def say(self, text: str, *, bad: bool = False) -> None:
        """Tell a person something in one line. A toast would cost 33 KB over a slow link."""
        raise NotImplementedError
