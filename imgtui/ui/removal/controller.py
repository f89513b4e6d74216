"""Removing in the explorer: the versions that were chosen, or those that a bulk plan finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgtui.model.catalog.catalog import NONE
from imgtui.ui.build.controller import ExplorerRebuild
from imgtui.ui.explorer.rows import EVERYTHING
from imgtui.ui.messages import CacheAsked, RemovalAsked

if TYPE_CHECKING:  # a start does not pay for what few sessions do
    from imgtui.model.jobs.plans import TransferPlan
    from imgtui.model.removal.selection import Bulk, Wanted
    from imgtui.operations.protocol.updates import Act


class ExplorerRemoval(ExplorerRebuild):
    """What is removed is looked at first: the plan is made from what the engine says then."""

    def do_version_remove(self) -> None:
        catalog = self.known.catalog
        here = tuple(v.image.id for v in self._chosen_versions() if v.image.id in catalog.images)
        if not here:
            self.say("the engine does not have these images any more", bad=True)
            return
        self._ask_for_removal(here)

    def do_bulk_open(self) -> None:
        from imgtui.model.removal.selection import Bulk
        from imgtui.ui.removal.screen import CACHE, BulkScreen

        name = self.browse.repository
        screen = BulkScreen(self.known, None if name in {EVERYTHING, NONE} else name)

        def chosen(key: str | None) -> None:
            if key == CACHE:
                self.say("asking what the build cache holds …")
                self.post_message(CacheAsked())
            elif key is not None:
                self._ask_amount(Bulk(key), screen.repositories)

        self.app.push_screen(screen, chosen)

    def _act(self, act: Act | TransferPlan) -> None:
        """What is removed is marked no longer."""
        from imgtui.model.removal.plan import Removal

        if isinstance(act, Removal):
            self.versions.marks.clear()
        super()._act(act)

    def _ask_amount(self, bulk: Bulk, repositories: tuple[str, ...]) -> None:
        """How many, or how long, where that has to be given."""
        from imgtui.model.removal.selection import Bulk, Wanted, WrongAmount, read_amount

        if bulk.asks is None:
            self._ask_for_removal(Wanted(bulk, 0, repositories))
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
                self._ask_for_removal(Wanted(bulk, read_amount(bulk, text), repositories))

        title = (
            f"remove what is {bulk.label('…')}" if bulk is not Bulk.KEEP_LAST else f"remove {bulk.label('…')}"
        )
        self.app.push_screen(AskScreen(title, bulk.usual, fault), asked)

    def _ask_for_removal(self, wanted: tuple[str, ...] | Wanted) -> None:
        self.say("looking at what would be removed …")
        self.post_message(RemovalAsked(self.known.catalog, wanted))
