"""Removing in the explorer: the versions that were chosen, or those that a bulk plan finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from imgtui.model.catalog.catalog import NONE
from imgtui.ui.actions import CHANGE, Action, Needs
from imgtui.ui.explorer.rows import EVERYTHING

if TYPE_CHECKING:  # a start does not pay for what few sessions do
    from imgtui.model.removal.selection import Bulk, BulkSelection
    from imgtui.ui.controller import Handlers
    from imgtui.ui.explorer.screen import ExplorerScreen

LOOKING = "looking at what would be removed …"


class RemovalController:
    """The plan is made from what the engine says then, and arrives as `Proposed`."""

    def __init__(self, explorer: ExplorerScreen) -> None:
        self._explorer = explorer
        self.handlers: Handlers = {}

    def remove(self) -> None:
        """Have a plan made for the marked versions, else the one under the cursor."""
        explorer, catalog = self._explorer, self._explorer.known.catalog
        chosen = explorer.chosen_versions()
        here = tuple(version.image.id for version in chosen if version.image.id in catalog.images)
        if not here:
            explorer.say("the engine does not have these images any more", bad=True)
            return
        explorer.say(LOOKING)
        explorer.ask(lambda session: session.services.removals.propose(catalog, here))

    def prune(self) -> None:
        """Choose what many images have in common, or the build cache."""
        from imgtui.model.removal.selection import Bulk
        from imgtui.ui.removal.screen import CACHE, BulkScreen

        explorer = self._explorer
        name = explorer.browse.repository
        screen = BulkScreen(explorer.known, None if name in {EVERYTHING, NONE} else name)

        def chosen(key: str | None) -> None:
            if key == CACHE:
                explorer.say("asking what the build cache holds …")
                explorer.ask(lambda session: session.services.removals.propose_cache())
            elif key is not None:
                self._ask_amount(Bulk(key), screen.repositories)

        explorer.app.push_screen(screen, chosen)

    def _ask_amount(self, bulk: Bulk, repositories: tuple[str, ...]) -> None:
        """How many, or how long, where that has to be given."""
        from imgtui.model.removal.selection import Bulk, BulkSelection, WrongAmount, read_amount

        if bulk.asks is None:
            self._propose(BulkSelection(bulk, 0, repositories))
            return
        from imgtui.ui.dialogs.asking import AskScreen

        def fault(text: str) -> str | None:
            try:
                read_amount(bulk, text)
            except WrongAmount as error:
                return str(error)
            return None

        def asked(text: str | None) -> None:
            if text is not None:
                self._propose(BulkSelection(bulk, read_amount(bulk, text), repositories))

        what = "" if bulk is Bulk.KEEP_LAST else "what is "
        title = f"remove {what}{bulk.label('…')}"
        self._explorer.app.push_screen(AskScreen(title, bulk.usual, fault), asked)

    def _propose(self, wanted: BulkSelection) -> None:
        explorer, catalog = self._explorer, self._explorer.known.catalog
        explorer.say(LOOKING)
        explorer.ask(lambda session: session.services.removals.propose_bulk(catalog, wanted))

    ACTIONS: ClassVar[Sequence[Action]] = (
        Action(
            "version.remove",
            "d",
            "remove",
            "Remove this version, or the marked ones; the plan says what goes with them and what it frees",
            CHANGE,
            remove,
            needs=Needs.IMAGE,
        ),
        Action(
            "bulk.open",
            "b",
            "prune",
            "Plans to remove many: no tag, no container, all but the last versions, older than, not run for;"
            " and to free the build cache",
            CHANGE,
            prune,
        ),
    )
