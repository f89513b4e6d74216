"""The bulk plans: what each would remove, and what that would free."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from imgtui.model.core.image import Store
from imgtui.model.removal.plan import why_kept
from imgtui.model.removal.selection import Bulk, BulkSelection, choose, read_amount
from imgtui.ui.dialogs.picking import PickingScreen
from imgtui.ui.explorer.knowledge import Knowledge
from imgtui.ui.removal.text import BULK_COLUMNS, bulk_cells
from imgtui.ui.widgets.spans import Span
from imgtui.words import size

CACHE: Final = "build-cache"
"""The key of the row that is about no image."""


class BulkScreen(PickingScreen):
    """Ends with a `Bulk` or `CACHE`, or None; `repositories` says of which repositories."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "scope", "this repository, or all")]

    def __init__(self, known: Knowledge, repository: str | None) -> None:
        self._known = known
        self._repository = repository
        self.repositories: tuple[str, ...] = ()
        super().__init__(self._heading(), BULK_COLUMNS, [*Bulk, CACHE])

    def cells(self, key: str) -> Sequence[Span]:
        """A plan with what is usually given with it."""
        if key == CACHE:
            return Span("the build cache"), Span(""), Span("asked then", "dim"), Span("")
        bulk = Bulk(key)
        catalog = self._known.catalog
        wanted = BulkSelection(bulk, read_amount(bulk, bulk.usual), self.repositories)
        found = choose(catalog, wanted, self._known.log, int(self._known.now))
        going = [
            image_id
            for image_id in found
            if image_id not in catalog.in_use and why_kept(catalog.images[image_id]) is None
        ]
        return bulk_cells(bulk.label(bulk.usual), len(going), self._freed(going), len(found) - len(going))

    def action_scope(self) -> None:
        """Look at the repository that is chosen, or at all."""
        if self._repository is not None:
            self.repositories = () if self.repositories else (self._repository,)
            self.query_one(".title", Static).update(Content(self._heading()))
            self.table.show(self._keys, self.cells)

    def _freed(self, going: Sequence[str]) -> str:
        """Of layers alone: what compressed content the containerd store frees besides is in the plan."""
        if not going or not self._known.complete:
            return "" if not going else "…"
        info = self._known.state.info
        more = "≥ " if info is not None and info.store is Store.CONTAINERD else ""
        return f"{more}{size(self._known.tree.freed(going))}"

    def _heading(self) -> str:
        if self._repository is None:
            return "Remove   enter: its plan   esc: back"
        here, other = ("all", self._repository) if not self.repositories else (self._repository, "all")
        return f"Remove from {here}   space: from {other}   enter: its plan   esc: back"
