"""Which engine this is: asked where that is not clear, as nothing is recorded until it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from imgtui.ui.actions import Action
    from imgtui.ui.controller import Handlers
    from imgtui.ui.explorer.screen import ExplorerScreen


class IdentityController:
    """Has no actions: the question comes by itself."""

    ACTIONS: ClassVar[Sequence[Action]] = ()

    def __init__(self, explorer: ExplorerScreen) -> None:
        self._explorer = explorer
        self.handlers: Handlers = {}

    def ask(self) -> None:
        """Ask, where it is not clear."""
        doubt = self._explorer.known.doubt
        if doubt is None:
            return
        from imgtui.ui.rules.whose_log_screen import AS_NEW, LATER, WhoseLogScreen

        explorer = self._explorer

        def answered(key: str | None) -> None:
            if explorer.known.doubt is None:
                return  # somebody has said it elsewhere
            if key in {None, LATER}:
                explorer.say("nothing is recorded until you say which engine this is: R asks again", bad=True)
            else:
                explorer.ask(lambda session: session.answer(None if key == AS_NEW else key))

        explorer.app.push_screen(WhoseLogScreen(doubt), answered)

    def stop_asking(self) -> None:
        """It is clear by now: an answer would say something else."""
        from imgtui.ui.rules.whose_log_screen import WhoseLogScreen

        if isinstance(asking := self._explorer.app.screen, WhoseLogScreen):
            asking.dismiss(None)
