"""Filter, order, marks, and holding the lists still."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar

from imgtui.model.catalog.order import RepositoryOrder, VersionOrder
from imgtui.model.catalog.query import Query
from imgtui.ui.actions import LIST, LOOK, Action
from imgtui.ui.explorer.browse import REPOSITORY_ORDERS, VERSION_ORDERS
from imgtui.ui.widgets.typed import FilterLine

if TYPE_CHECKING:
    from imgtui.ui.controller import Handlers
    from imgtui.ui.explorer.screen import ExplorerScreen

Order = TypeVar("Order", RepositoryOrder, VersionOrder)
FILTER_HINT = "words  !not  ~fuzzy  sha:  tag:  used:  drift:  kept:  gone:"


class ListsController:
    """What the two lists show, in which order, and what is marked."""

    def __init__(self, explorer: ExplorerScreen) -> None:
        self._explorer = explorer
        self._anchor: str | None = None
        """Where a range of marks begins."""
        self._filtered = "versions"
        """The list that is filtered."""
        self.handlers: Handlers = {}

    def open_filter(self) -> None:
        """Have a filter typed, for the list that keys go to."""
        explorer = self._explorer
        if open_already := list(explorer.query("#filter")):
            open_already[0].focus()
            return
        self._filtered = explorer.PANES[min(explorer.pane, 1)]
        query = explorer.browse.repository_query if explorer.pane == 0 else explorer.browse.version_query
        line = FilterLine(query.text, FILTER_HINT, id="filter")
        explorer.mount(line, before="#bottom")
        explorer.set_focus(line)

    def filter_by(self, text: str) -> None:
        """Show what matches what was typed so far."""
        explorer, query = self._explorer, Query.parse(text)
        if self._filtered == "repositories":
            explorer.browse.repository_query = query
            explorer.show_repositories()
        else:
            explorer.browse.version_query = explorer.browse.last_query = query
            explorer.show_versions()

    def next_match(self) -> None:
        """To the next match of the last filter."""
        self._to_match(1)

    def previous_match(self) -> None:
        """To the match before."""
        self._to_match(-1)

    def _to_match(self, step: int) -> None:
        versions = self._explorer.versions
        key = self._explorer.browse.next_match(versions.keys, versions.key, step)
        if key is None or not versions.select(key):
            self._explorer.say("no version here matches the last filter")

    def why_no_match(self) -> str | None:
        """Why there is no match to go to."""
        return None if self._explorer.browse.last_query.terms else "nothing was filtered for yet"

    def sort(self) -> None:
        """Order the list that keys go to by the next key."""
        explorer, browse = self._explorer, self._explorer.browse
        if explorer.pane == 0:
            browse.repository_order = following(REPOSITORY_ORDERS, browse.repository_order)
            explorer.show_repositories()
            explorer.say(f"repositories by {browse.repository_order.value}")
        else:
            browse.version_order = following(VERSION_ORDERS, browse.version_order)
            explorer.show_versions()

    def reverse(self) -> None:
        """Reverse the order of the list that keys go to."""
        explorer, browse = self._explorer, self._explorer.browse
        if explorer.pane == 0:
            browse.repositories_reversed = not browse.repositories_reversed
            explorer.show_repositories()
        else:
            browse.versions_reversed = not browse.versions_reversed
            explorer.show_versions()

    def mark(self) -> None:
        """Mark the version under the cursor, or no longer."""
        explorer = self._explorer
        if explorer.version is None:
            explorer.versions.move(1)
        else:
            explorer.versions.toggle_mark()
        explorer.show_bottom()

    def mark_range(self) -> None:
        """Begin a range of marks, or mark up to here."""
        explorer = self._explorer
        if self._anchor is None:
            self._anchor = explorer.versions.key
            explorer.say("range: move, then v again")
            return
        explorer.versions.mark_between(self._anchor)
        explorer.versions.mark(explorer.versions.marks & explorer.rows.keys())
        self._anchor = None
        explorer.show_bottom()

    def mark_all(self) -> None:
        """Mark all versions that are shown, or none."""
        explorer = self._explorer
        every = set(explorer.rows)
        explorer.versions.mark(() if explorer.versions.marks == every else every)
        explorer.show_bottom()

    def freeze(self) -> None:
        """Hold the lists still, or go on with what came meanwhile."""
        self._explorer.freeze()

    ACTIONS: ClassVar[Sequence[Action]] = (
        Action(
            "filter.open",
            "slash",
            "filter",
            "Filter: words, !not, ~fuzzy, sha: tag: used: drift: gone:",
            LIST,
            open_filter,
            hint=8,
            shown="/",
        ),
        Action(
            "filter.next", "n", "next match", "Next match of the last filter", LIST, next_match, why_no_match
        ),
        Action(
            "filter.previous",
            "N",
            "previous match",
            "Previous match of the last filter",
            LIST,
            previous_match,
            why_no_match,
        ),
        Action("list.sort", "s", "sort", "Sort by the next key", LIST, sort, hint=1),
        Action("list.reverse", "S", "reverse", "Reverse the order", LIST, reverse),
        Action("mark.toggle", "space", "mark", "Mark this version and go on", LIST, mark),
        Action(
            "mark.range", "v", "mark range", "Start a range here; again: mark up to here", LIST, mark_range
        ),
        Action("mark.all", "asterisk", "mark all", "Mark all shown, or none", LIST, mark_all, shown="*"),
        Action(
            "list.freeze",
            "f",
            "freeze",
            "Hold the list still while the engine changes; again: go on",
            LOOK,
            freeze,
        ),
    )


def following(orders: Sequence[Order], order: Order) -> Order:
    """The order after this one, round and round."""
    return orders[(orders.index(order) + 1) % len(orders)]
