"""What the explorer's keys do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import on
from textual.widgets import Input

from imgtui.model.catalog.order import RepositoryOrder, VersionOrder
from imgtui.model.catalog.query import Query
from imgtui.ui.dialogs.acting import ActingScreen
from imgtui.ui.explorer.browse import REPOSITORY_ORDERS, VERSION_ORDERS
from imgtui.ui.explorer.copying import choices
from imgtui.ui.explorer.tabs import TABS, Tab
from imgtui.ui.messages import CopyAsked, QuitAsked, RefreshAsked
from imgtui.ui.widgets.detail import Detail
from imgtui.ui.widgets.table import Table
from imgtui.ui.widgets.typed import FilterLine

if TYPE_CHECKING:
    from imgtui.model.catalog.catalog import Version
    from imgtui.operations.protocol.updates import Update
    from imgtui.ui.explorer.browse import Browse
    from imgtui.ui.explorer.knowledge import Knowledge

Order = TypeVar("Order", RepositoryOrder, VersionOrder)
FILTER_HINT = "words  !not  ~fuzzy  sha:  tag:  used:  drift:  kept:  gone:"


class ExplorerActions(ActingScreen):
    """The actions of the registry `EXPLORER`, on the parts that the explorer has."""

    PANES: ClassVar[tuple[str, ...]]
    browse: Browse
    known: Knowledge
    revealed: bool
    frozen: list[Update] | None
    pane = 0
    """The number of the pane that keys go to."""
    _anchor: str | None = None
    _filtered = "versions"

    if TYPE_CHECKING:

        @property
        def repositories(self) -> Table: ...
        @property
        def versions(self) -> Table: ...
        @property
        def detail(self) -> Detail: ...
        @property
        def version(self) -> Version | None: ...
        @property
        def rows(self) -> Mapping[str, Version]: ...
        def show_rows(self) -> None: ...
        def ask_whose_log(self) -> None: ...
        def show_repositories(self) -> None: ...
        def show_versions(self) -> None: ...
        def show_all(self) -> None: ...
        def show_top(self) -> None: ...
        def show_bottom(self) -> None: ...
        def show_detail(self, *, top: bool) -> None: ...
        def fold(self) -> bool: ...
        def select_version(self, image_id: str) -> bool: ...
        def go_to(self, pane: int) -> None: ...
        def take(self, update: Update) -> None: ...

    # ------------------------------------------------------------------ moves

    @property
    def moving(self) -> Table | Detail:
        """What a move moves."""
        return (self.repositories, self.versions, self.detail)[self.pane]

    def do_move_down(self) -> None:
        self.moving.move(1)

    def do_move_up(self) -> None:
        self.moving.move(-1)

    def do_move_top(self) -> None:
        self.moving.move_to(0)

    def do_move_bottom(self) -> None:
        moving = self.moving
        moving.move_to(moving.length - 1)

    def do_move_half_down(self) -> None:
        self.moving.move(max(1, self.moving.page // 2))

    def do_move_half_up(self) -> None:
        self.moving.move(-max(1, self.moving.page // 2))

    def do_detail_down(self) -> None:
        self.detail.move(1)

    def do_detail_up(self) -> None:
        self.detail.move(-1)

    def do_log_open(self) -> None:
        raise NotImplementedError

    def do_files_open(self) -> None:
        raise NotImplementedError

    # ------------------------------------------------------------------ panes and tabs

    def do_go_in(self) -> None:
        if self.fold():
            return
        if self.pane == len(self.PANES) - 1 and TABS[self.detail.tab] is Tab.LOG:
            self.do_log_open()
            return
        if self.pane == len(self.PANES) - 1 and TABS[self.detail.tab] is Tab.FILES:
            self.do_files_open()
            return
        self.go_to(min(self.pane + 1, len(self.PANES) - 1))

    def do_go_back(self) -> None:
        self.close_filter()
        if self.browse.version_query.terms or self.browse.repository_query.terms:
            self.browse.version_query = self.browse.repository_query = Query()
            self.show_rows()
        else:
            self.go_to(max(0, self.pane - 1))

    def do_pane_left(self) -> None:
        self.go_to(max(0, self.pane - 1))

    def do_pane_right(self) -> None:
        self.go_to(min(self.pane + 1, len(self.PANES) - 1))

    def do_pane_next(self) -> None:
        self.go_to((self.pane + 1) % len(self.PANES))

    def do_pane_previous(self) -> None:
        self.go_to((self.pane - 1) % len(self.PANES))

    def do_pane_repositories(self) -> None:
        self.go_to(0)

    def do_pane_versions(self) -> None:
        self.go_to(1)

    def do_pane_detail(self) -> None:
        self.go_to(2)

    def do_tab_next(self) -> None:
        self._turn(1)

    def do_tab_previous(self) -> None:
        self._turn(-1)

    def _turn(self, step: int) -> None:
        self.detail.tab = (self.detail.tab + step) % len(TABS)
        self.show_detail(top=True)

    def do_image_used_by(self) -> None:
        self.detail.tab = TABS.index(Tab.CONTAINERS)
        self.go_to(2)
        self.show_detail(top=True)

    # ------------------------------------------------------------------ lists

    def do_filter_open(self) -> None:
        if open_already := list(self.query("#filter")):
            open_already[0].focus()
            return
        self._filtered = self.PANES[min(self.pane, 1)]
        query = self.browse.repository_query if self.pane == 0 else self.browse.version_query
        line = FilterLine(query.text, FILTER_HINT, id="filter")
        self.mount(line, before="#bottom")
        self.set_focus(line)

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        query = Query.parse(event.value)
        if self._filtered == "repositories":
            self.browse.repository_query = query
            self.show_repositories()
        else:
            self.browse.version_query = self.browse.last_query = query
            self.show_versions()

    @on(Input.Submitted, "#filter")
    def close_filter(self) -> None:
        """Leave the filter line; what was typed stays on."""
        self.query("#filter").remove()
        self.set_focus(None)

    def do_filter_next(self) -> None:
        self._to_match(1)

    def do_filter_previous(self) -> None:
        self._to_match(-1)

    def _to_match(self, step: int) -> None:
        key = self.browse.next_match(self.versions.keys, self.versions.key, step)
        if key is None or not self.versions.select(key):
            self.say("no version here matches the last filter")

    def do_list_sort(self) -> None:
        browse = self.browse
        if self.pane == 0:
            browse.repository_order = following(REPOSITORY_ORDERS, browse.repository_order)
            self.show_repositories()
            self.say(f"repositories by {browse.repository_order.value}")
        else:
            browse.version_order = following(VERSION_ORDERS, browse.version_order)
            self.show_versions()

    def do_list_reverse(self) -> None:
        if self.pane == 0:
            self.browse.repositories_reversed = not self.browse.repositories_reversed
            self.show_repositories()
        else:
            self.browse.versions_reversed = not self.browse.versions_reversed
            self.show_versions()

    def do_mark_toggle(self) -> None:
        if self.version is None:
            self.versions.move(1)
        else:
            self.versions.toggle_mark()
        self.show_bottom()

    def do_mark_range(self) -> None:
        if self._anchor is None:
            self._anchor = self.versions.key
            self.say("range: move, then v again")
            return
        self.versions.mark_between(self._anchor)
        self.versions.mark(self.versions.marks & self.rows.keys())
        self._anchor = None
        self.show_bottom()

    def do_mark_all(self) -> None:
        every = set(self.rows)
        self.versions.mark(() if self.versions.marks == every else every)
        self.show_bottom()

    def do_list_freeze(self) -> None:
        if self.frozen is None:
            self.frozen = []
            self.show_top()
            return
        waiting, self.frozen = self.frozen, None
        for update in waiting:
            self.take(update)
        self.show_top()

    # ------------------------------------------------------------------ looking

    def do_image_copy(self) -> None:
        version = self.version
        if version is None:
            return
        from imgtui.ui.dialogs.choice import ChoiceScreen

        found = choices(version, self.known.catalog)
        self.app.push_screen(ChoiceScreen("Copy", found), self._copied)

    def _copied(self, text: str | None) -> None:
        if text is not None:
            self.post_message(CopyAsked(text, self.say))

    def reveals(self, image_id: str) -> bool:
        """Whether masked values of an image are shown: of one that is gone nobody has them any more."""
        return self.revealed and image_id in self.known.catalog.images

    def do_secrets_reveal(self) -> None:
        self.revealed = not self.revealed
        if not self.revealed:
            self.known.hide()
        self.show_detail(top=False)

    def do_engine_refresh(self) -> None:
        self.say("asking the engine again")
        self.post_message(RefreshAsked())
        self.ask_whose_log()  # where that is not clear

    # ------------------------------------------------------------------ the program

    def do_app_palette(self) -> None:
        self.app.action_command_palette()

    def do_app_help(self) -> None:
        from imgtui.ui.explorer.help import HelpScreen

        self.app.push_screen(HelpScreen(self.ACTIONS, self.why_not), self._chosen)

    def _chosen(self, action_id: str | None) -> None:
        if action_id is not None:
            self.action_act(action_id)

    def do_app_quit(self) -> None:
        if self.pane > 0:
            self.go_to(self.pane - 1)
        else:
            self.post_message(QuitAsked())


def following(orders: Sequence[Order], order: Order) -> Order:
    """The order after this one, round and round."""
    return orders[(orders.index(order) + 1) % len(orders)]
