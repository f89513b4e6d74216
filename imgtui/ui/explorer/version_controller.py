"""What is looked at of the version under the cursor: copy, its containers, its masked values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from imgtui.ui.actions import LOOK, Action, Needs
from imgtui.ui.explorer.copying import choices
from imgtui.ui.explorer.tabs import Tab
from imgtui.ui.messages import CopyAsked

if TYPE_CHECKING:
    from imgtui.ui.controller import Handlers
    from imgtui.ui.explorer.screen import ExplorerScreen


class VersionController:
    """Looks at one version, and changes nothing."""

    def __init__(self, explorer: ExplorerScreen) -> None:
        self._explorer = explorer
        self.handlers: Handlers = {}

    def copy(self) -> None:
        """Copy its digest, a tag, or a docker command."""
        version = self._explorer.version
        if version is None:
            return
        from imgtui.ui.dialogs.choice import ChoiceScreen

        found = choices(version, self._explorer.known.catalog)
        self._explorer.app.push_screen(ChoiceScreen("Copy", found), self._copied)

    def _copied(self, text: str | None) -> None:
        if text is not None:
            self._explorer.post_message(CopyAsked(text, self._explorer.say))

    def used_by(self) -> None:
        """Show the containers that were created from it."""
        self._explorer.go_to(2)
        self._explorer.show_tab(Tab.CONTAINERS)

    def reveal(self) -> None:
        """Show its masked values, or mask them again."""
        explorer = self._explorer
        explorer.revealed = not explorer.revealed
        if not explorer.revealed:
            explorer.known.hide()
        explorer.show_detail(top=False)

    ACTIONS: ClassVar[Sequence[Action]] = (
        Action(
            "image.copy",
            "y",
            "copy",
            "Copy digest, repo@digest, tag or a docker command (OSC 52)",
            LOOK,
            copy,
            needs=Needs.VERSION,
            hint=2,
        ),
        Action(
            "image.used_by",
            "u",
            "used by",
            "The containers created from this image",
            LOOK,
            used_by,
            needs=Needs.VERSION,
        ),
        Action(
            "secrets.reveal",
            "x",
            "reveal",
            "Show the masked values of this image, or mask them again",
            LOOK,
            reveal,
            needs=Needs.VERSION,
        ),
    )
