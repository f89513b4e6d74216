"""Moves in the lists, and from pane to pane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from imgtui.model.catalog.query import Query
from imgtui.ui.actions import MOVE, PANES, Action
from imgtui.ui.explorer.tabs import TABS, Tab

if TYPE_CHECKING:
    from imgtui.ui.controller import Handlers
    from imgtui.ui.explorer.screen import ExplorerScreen
    from imgtui.ui.features import Features
    from imgtui.ui.widgets.detail import Detail
    from imgtui.ui.widgets.table import Table


class MovingController:
    """The cursor, the panes and the tabs of the detail."""

    def __init__(self, explorer: ExplorerScreen, features: Features) -> None:
        self._explorer = explorer
        self._features = features
        self.handlers: Handlers = {}

    @property
    def _list(self) -> Table | Detail:
        """What a move moves."""
        explorer = self._explorer
        return (explorer.repositories, explorer.versions, explorer.detail)[explorer.pane]

    def down(self) -> None:
        """To the next row."""
        self._list.move(1)

    def up(self) -> None:
        """To the row before."""
        self._list.move(-1)

    def top(self) -> None:
        """To the first row."""
        self._list.move_to(0)

    def bottom(self) -> None:
        """To the last row."""
        moved = self._list
        moved.move_to(moved.length - 1)

    def half_down(self) -> None:
        """Half a page on."""
        self._list.move(max(1, self._list.page // 2))

    def half_up(self) -> None:
        """Half a page back."""
        self._list.move(-max(1, self._list.page // 2))

    def go_in(self) -> None:
        """Into the next pane; from the last one into the whole of what its tab shows a part of."""
        explorer = self._explorer
        last = explorer.pane == len(explorer.PANES) - 1
        if explorer.fold():
            return
        if last and TABS[explorer.detail.tab] is Tab.LOG:
            self._features.log.open_log()
        elif last and TABS[explorer.detail.tab] is Tab.FILES:
            self._features.files.open_files()
        else:
            self.right()

    def back(self) -> None:
        """Take back what was begun: the side A of a compare, the filter, else the pane."""
        explorer, browse = self._explorer, self._explorer.browse
        if not explorer.query("#filter") and self._features.compare.forget_side():
            return
        explorer.close_filter()
        if browse.version_query.terms or browse.repository_query.terms:
            browse.version_query = browse.repository_query = Query()
            explorer.show_rows()
        else:
            self.left()

    def left(self) -> None:
        """To the pane before."""
        self._explorer.go_to(max(0, self._explorer.pane - 1))

    def right(self) -> None:
        """To the pane after."""
        explorer = self._explorer
        explorer.go_to(min(explorer.pane + 1, len(explorer.PANES) - 1))

    def next_pane(self) -> None:
        """To the pane after, round and round."""
        explorer = self._explorer
        explorer.go_to((explorer.pane + 1) % len(explorer.PANES))

    def previous_pane(self) -> None:
        """To the pane before, round and round."""
        explorer = self._explorer
        explorer.go_to((explorer.pane - 1) % len(explorer.PANES))

    def repositories(self) -> None:
        """To the repositories."""
        self._explorer.go_to(0)

    def versions(self) -> None:
        """To the versions."""
        self._explorer.go_to(1)

    def detail(self) -> None:
        """To the detail."""
        self._explorer.go_to(2)

    def next_tab(self) -> None:
        """To the tab after, round and round."""
        self._turn(1)

    def previous_tab(self) -> None:
        """To the tab before, round and round."""
        self._turn(-1)

    def _turn(self, step: int) -> None:
        self._explorer.show_tab(TABS[(self._explorer.detail.tab + step) % len(TABS)])

    def detail_down(self) -> None:
        """Scroll the detail, whatever pane the keys go to."""
        self._explorer.detail.move(1)

    def detail_up(self) -> None:
        """Scroll the detail back."""
        self._explorer.detail.move(-1)

    ACTIONS: ClassVar[Sequence[Action]] = (
        Action("move.down", "j,down", "down", "Next row", MOVE, down, shown="j ↓"),
        Action("move.up", "k,up", "up", "Previous row", MOVE, up, shown="k ↑"),
        Action("move.top", "g,home", "top", "First row", MOVE, top, shown="g home"),
        Action("move.bottom", "G,end", "bottom", "Last row", MOVE, bottom, shown="G end"),
        Action(
            "move.half_down",
            "ctrl+d,pagedown",
            "half a page down",
            "Half a page down",
            MOVE,
            half_down,
            shown="ctrl+d pgdn",
        ),
        Action(
            "move.half_up",
            "ctrl+u,pageup",
            "half a page up",
            "Half a page up",
            MOVE,
            half_up,
            shown="ctrl+u pgup",
        ),
        Action("go.in", "enter", "open", "Into the repository, then into the detail", PANES, go_in, hint=9),
        Action("go.back", "escape", "back", "Clear the filter, else one pane back", PANES, back, shown="esc"),
        Action("pane.left", "h,left", "pane left", "The pane before", PANES, left, shown="h ←"),
        Action("pane.right", "l,right", "pane right", "The pane after", PANES, right, shown="l →"),
        Action("pane.next", "tab", "next pane", "The next pane, round and round", PANES, next_pane),
        Action(
            "pane.previous",
            "shift+tab",
            "previous pane",
            "The previous pane, round and round",
            PANES,
            previous_pane,
        ),
        Action("pane.repositories", "1", "repositories", "Pane 1: repositories", PANES, repositories),
        Action("pane.versions", "2", "versions", "Pane 2: versions of the repository", PANES, versions),
        Action("pane.detail", "3", "detail", "Pane 3: detail of the version", PANES, detail),
        Action(
            "tab.previous",
            "left_square_bracket",
            "tab before",
            "The detail tab before",
            PANES,
            previous_tab,
            shown="[",
        ),
        Action(
            "tab.next",
            "right_square_bracket",
            "tabs",
            "The next detail tab",
            PANES,
            next_tab,
            hint=5,
            shown="]",
        ),
        Action("detail.down", "J", "detail down", "Scroll the detail from the list", PANES, detail_down),
        Action("detail.up", "K", "detail up", "Scroll the detail from the list", PANES, detail_up),
    )
