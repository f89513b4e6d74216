"""The explorer: repositories, their versions, and the detail of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Resize
from textual.geometry import Size
from textual.getters import query_one
from textual.timer import Timer
from textual.widgets import Input

from imgtui.model.catalog.catalog import Version
from imgtui.model.core.digest import short
from imgtui.model.core.reference import repository_of
from imgtui.operations.protocol.updates import EngineState, FactsReady, Phase, Update
from imgtui.ui.actions import CHANGE, Action, Needs, bindings, by_id
from imgtui.ui.dialogs.acting import ActingScreen
from imgtui.ui.dialogs.aging import AgingScreen
from imgtui.ui.explorer.browse import Browse
from imgtui.ui.explorer.header import header
from imgtui.ui.explorer.hints import hints
from imgtui.ui.explorer.knowledge import Knowledge, View
from imgtui.ui.explorer.rows import (
    EVERYTHING,
    GONE,
    REPOSITORY_COLUMNS,
    VERSION_COLUMNS,
    fold_cells,
    repositories_title,
    repository_cells,
    version_cells,
    versions_title,
)
from imgtui.ui.explorer.tabs import CUT, TABS, WITH_AGES, Tab, tab_lines
from imgtui.ui.features import EXPLORER, Features
from imgtui.ui.launch.attach import with_news
from imgtui.ui.widgets.bar import Bar
from imgtui.ui.widgets.detail import Detail
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.ui.widgets.table import Table

if TYPE_CHECKING:
    from imgtui.operations.session.session import Session
    from imgtui.ui.dialogs.wanting import WantingScreen

Asks = Callable[["Session"], object]
"""Asks something of a session."""
NARROW = 100
"""Below this width one pane is shown at a time."""
SMALLEST = (60, 16)
PAUSE = 0.1
"""Seconds without a move after which what follows the cursor is painted: over ssh a held key would
else repaint everything behind it thirty times a second."""
PATIENCE = 0.25
"""Seconds that facts may take before the detail is painted without them."""


class ExplorerScreen(ActingScreen, AgingScreen[None]):
    """The main screen: two lists, a detail, a footer, and the features whose actions work on them."""

    ACTIONS: Sequence[Action] = EXPLORER
    BINDINGS = bindings(EXPLORER)
    AUTO_FOCUS = ""
    PANES: ClassVar[tuple[str, ...]] = ("repositories", "versions", "detail")

    repositories = query_one("#repositories", Table)
    versions = query_one("#versions", Table)
    detail = query_one("#detail", Detail)
    top = query_one("#top", Bar)
    bottom = query_one("#bottom", Bar)
    too_small = query_one("#too-small", Bar)

    def __init__(
        self,
        known: Knowledge,
        where: str,
        *,
        read_only: bool,
        no_terminal: Callable[[], str | None] = lambda: None,
        actions: Sequence[Action] = EXPLORER,
    ) -> None:
        super().__init__()
        self.ACTIONS = actions
        self.known = known
        self.browse = Browse(known)
        self.where = where
        self.read_only = read_only
        self.no_terminal = no_terminal
        """Says why no container can run in this terminal."""
        self.revealed = False
        """Whether masked values of the version under the cursor are shown."""
        self.frozen: list[Update] | None = None
        """What came while the lists are held still."""
        self.pane = 0
        """The number of the pane that keys go to."""
        self.is_composed = False
        """Whether there is anything to show something on."""
        self.actions_done = 0
        """How many actions were done, or refused."""
        self.offer = ""
        """The offer of a first keep rule, until a key is pressed where it is seen."""
        self.list_before: WantingScreen | None = None
        """The list that stands before the panes: the containers, or the tag log."""
        self._session: Session | None = None
        self._wanted: list[Asks] = []
        """What was asked before there was a session."""
        self.features = Features(self)
        self._rows: dict[str, Version] = {}
        self._listed = EVERYTHING
        """The repository whose versions are listed: the one under the cursor, when moves pause."""
        self._following: Timer | None = None
        self._waiting: Timer | None = None
        self._painted: tuple[str, int, bool] | None = None
        """Image, tab, and whether with its facts, of the detail that is on the screen."""
        self._said = Span("")
        self._fitted = Size(0, 0)

    def compose(self) -> ComposeResult:
        """Header, panes, footer; laid out for the size of the terminal from the beginning."""
        self._fit(self.app.size)
        yield Bar(id="top")
        with Container(id="panes"):
            yield Table(REPOSITORY_COLUMNS, id="repositories")
            with Container(id="side"):
                yield Table(VERSION_COLUMNS, id="versions")
                yield Detail(TABS, id="detail")
        yield Bar(id="too-small")
        yield Bar(id="bottom")

    def on_mount(self) -> None:
        """Show what is known, which may be nothing yet."""
        self.is_composed = True
        self.versions.empty = "No version matches."
        self.go_to(0)
        self.show_all()
        self.features.identity.ask()

    def show_all(self) -> None:
        """Show everything as it is known now; only what differs is painted."""
        if self.is_composed:
            self.show_rows()
            self.show_detail(top=False)

    def show_ages(self) -> None:
        """Show the ages that are others by now; what the detail says is of now where it has any."""
        if not self.is_composed:
            return
        self.show_top()
        self.versions.repaint()
        self.repositories.repaint()
        if TABS[self.detail.tab] in WITH_AGES and self._following is None:
            self.show_detail(top=False)

    def show_rows(self) -> None:
        """Show header and both lists."""
        self.show_top()
        self.show_repositories()
        self.show_versions()

    def show_repositories(self) -> None:
        """Show the repositories."""
        keys = self.browse.repositories()
        title = repositories_title(self.known.catalog, self.browse.gone_repositories)
        self.repositories.show(keys, self._repository_cells, title=title)
        self.show_bottom()

    def show_versions(self) -> None:
        """Show the versions of the repository that is chosen."""
        another = self._listed != self.browse.repository
        self._rows = self.browse.versions(None if another else self.versions.key)
        first = next(iter(self._rows), None) if another else None
        self._listed = self.browse.repository
        keys = [*self._rows, *([GONE] if self.browse.gone else [])]
        if first is None and self.versions.key not in keys:
            first = self._neighbour(keys)
        self.versions.show(keys, self._version_cells, select=first, title=self._versions_title())
        self._ask_for_those_in_view()
        self.show_bottom()

    def show_top(self) -> None:
        """Show the header."""
        if self.has_class("-small"):
            smallest = f"{SMALLEST[0]}x{SMALLEST[1]}"
            here = f"{self._fitted.width}x{self._fitted.height}"
            self.too_small.show(line(f" imgtui needs {smallest} cells; this terminal has {here}"))
        self.top.show(
            *header(
                self.known,
                read_only=self.read_only,
                frozen=self.frozen is not None,
                where=self.where,
                width=self.size.width,
            )
        )

    def show_bottom(self) -> None:
        """Show what was said last, else why no engine answers, else what was interrupted, else the keys.

        That a filter hides rows is shown in any case.
        """
        filtered = line(Span("filtered ", "dim")) if self._is_filtered else ()
        problem, interrupted = self.known.state.problem, next(iter(self.known.interrupted), None)
        if self._said.text:
            self.bottom.show(line(" ", self._said), filtered, whole=True)
        elif problem is not None:
            said = line(Span(f" {problem.cause}: {problem.remedy}", "bad"))
            self.bottom.show(said, filtered, whole=True)
        elif interrupted is not None:
            said = line(Span(f" ! {interrupted.words}", "bad"))
            self.bottom.show(said, filtered, whole=True)
        elif self.offer:
            self.bottom.show(line(Span(f" {self.offer}", "warn")), filtered, whole=True)
        else:
            listing = self._listing()
            room = self.size.width - sum(len(span.text) for span in listing)
            self.bottom.show(hints(self.ACTIONS, room, self.why_not), listing)

    def show_detail(self, *, top: bool) -> None:
        """Show the detail of the version under the cursor; without its facts after some patience."""
        version = self.version
        if version is None:
            self.detail.show([], wrap=True, top=True)
            return
        image_id = version.image.id
        ready = self.known.facts(image_id, reveal=self.reveals(image_id))
        if ready is None:
            self.ask_facts(image_id)
            if self._painted is None or self._painted[:2] != (image_id, self.detail.tab):
                self._wait(version)
                return
        self._paint_detail(version, ready, top=top)

    def _neighbour(self, keys: Sequence[str]) -> str | None:
        """The version that takes the place of the one under the cursor, which is not listed any more."""
        before, rows = self.versions.keys, [key for key in keys if key != GONE]
        if self.versions.key not in before or not rows:
            return None
        return rows[min(before.index(self.versions.key), len(rows) - 1)]

    def _ask_for_those_in_view(self) -> None:
        seen = tuple(key for key in self.versions.keys_in_view() if key in self._rows)
        self.ask(lambda session: session.services.facts.in_view(seen))

    def fold(self) -> bool:
        """Show or hide what is gone, where the cursor stands on the row for that; whether it does."""
        if self.pane == 0 and self.repositories.key == GONE:
            self.browse.gone_repositories_shown = not self.browse.gone_repositories_shown
            self.show_repositories()
        elif self.pane == 1 and self.versions.key == GONE:
            self.browse.gone_shown = not self.browse.gone_shown
            self.show_versions()
        else:
            return False
        return True

    def select_version(self, image_id: str) -> bool:
        """Put the cursor on a version, also one that is folded; whether it is in the list."""
        if self.versions.select(image_id):
            return True
        if not self.browse.gone or self.browse.gone_shown:
            return False
        self.browse.gone_shown = True
        self.show_versions()
        return self.versions.select(image_id)

    @property
    def version(self) -> Version | None:
        """The version under the cursor."""
        return self._rows.get(self.versions.key or "")

    @property
    def rows(self) -> Mapping[str, Version]:
        """The versions that are shown, by image ID."""
        return self._rows

    @property
    def settled(self) -> bool:
        """Whether everything shown follows the cursor: no move is waited for, no fact is under way."""
        version = self.version
        if self._following is not None or self.features.state.gathering is not None:
            return False
        return version is None or self._painted == (version.image.id, self.detail.tab, True)

    # ------------------------------------------------------------------ what actions are about

    def chosen_versions(self) -> Sequence[Version]:
        """The marked versions, else the one under the cursor."""
        marked = [version for key, version in self.rows.items() if key in self.versions.marks]
        return marked or ([self.version] if self.version is not None else [])

    def repository_of(self, version: Version) -> str | None:
        """The repository that a version is listed in, else the first that it had a name in."""
        if version.repository is not None:
            return version.repository
        names = [*version.image.tags, *version.image.repo_digests, *version.former_tags]
        return next((found for found in map(repository_of, names) if found), None)

    def tags_of(self, version: Version) -> list[str]:
        """The tags of a version in its repository."""
        image = self.known.catalog.images.get(version.image.id, version.image)
        return [tag for tag in image.tags if version.repository in {None, repository_of(tag)}]

    def why_no_tag(self) -> str | None:
        """Why the version under the cursor has no tag that something can be done with."""
        if self.version is None or self.version.tags:
            return None
        return "no tag of this repository points at this version"

    @property
    def view_now(self) -> View:
        """What is looked at: the repository under the cursor, or all."""
        return View(None if self.browse.repository == EVERYTHING else self.browse.repository)

    def place(self, view: View) -> str:
        """What is looked at, in words."""
        if view.containers:
            return "the containers and their tags"
        return view.repository or "this engine"

    def reveals(self, image_id: str) -> bool:
        """Whether masked values of an image are shown: of one that is gone nobody has them any more."""
        return self.revealed and image_id in self.known.catalog.images

    # ------------------------------------------------------------------ the session

    def serve(self, session: Session) -> None:
        """From now on this session is asked; what was asked before there was one is asked now."""
        self._session = session
        wanted, self._wanted = self._wanted, []
        for asks in wanted:
            asks(session)

    def ask(self, asks: Asks) -> None:
        """Ask something of the session; what comes of it is told as an update."""
        if self._session is None:
            self._wanted.append(asks)
        else:
            asks(self._session)

    def ask_facts(self, image_id: str) -> None:
        """Ask for the facts of an image."""
        reveal = self.reveals(image_id)
        self.ask(lambda session: session.services.facts.ask(image_id, reveal=reveal))

    def take(self, update: Update) -> None:
        """Something new is known; while the lists are held still, only what was asked for is shown."""
        if self.frozen is not None and update.WAITS:
            self._hold(self.frozen, update)
        else:
            self.features.take(update)

    def freeze(self) -> None:
        """Hold the lists still, or go on with what came meanwhile."""
        if self.frozen is None:
            self.frozen = []
        else:
            waiting, self.frozen = self.frozen, None
            for update in waiting:
                self.take(update)
        self.show_top()

    def _hold(self, held: list[Update], update: Update) -> None:
        """While frozen: keep the last of what comes; only that the engine is lost is said."""
        self.frozen = with_news(held, update)
        if isinstance(update, EngineState) and update.phase is Phase.LOST:
            lost = replace(self.known.state, phase=Phase.LOST, problem=update.problem, as_of=update.as_of)
            self.known.take_state(lost)
            self.show_top()
            self.show_bottom()

    # ------------------------------------------------------------------ actions, and screens before this one

    def act(self, action: Action) -> None:
        """Do an action, or say why not."""
        self.actions_done += 1
        super().act(action)

    def owner(self, action: Action) -> object:
        """The controller that has an action."""
        return self.features.owner(action)

    def open_list(self, screen: WantingScreen, left: Callable[[str | None], None]) -> None:
        """Open a list before the panes, which is kept up to date; `left` hears how it ended."""

        def ended(key: str | None) -> None:
            self.list_before = None
            self.quieten()  # what was said was read there
            left(key)

        self.list_before = screen
        self.app.push_screen(screen, ended)

    def show_list(self) -> None:
        """Show what is known now, where a list stands before the panes."""
        if self.list_before is not None and self.list_before.is_mounted:
            self.list_before.tell()

    def on_screen_resume(self) -> None:
        """What was not painted while another screen stood before this one."""
        if self.is_mounted:
            self.show_top()

    def show_tab(self, tab: Tab) -> None:
        """Show a tab of the detail."""
        self.detail.tab = TABS.index(tab)
        self.show_detail(top=True)

    # ------------------------------------------------------------------ the filter line

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        self.features.lists.filter_by(event.value)

    @on(Input.Submitted, "#filter")
    def close_filter(self) -> None:
        """Leave the filter line; what was typed stays on."""
        self.query("#filter").remove()
        self.set_focus(None)

    # ------------------------------------------------------------------ what follows the cursor

    @on(Table.Moved)
    def _moved(self, event: Table.Moved) -> None:
        """What depends on the cursor follows when the moves pause."""
        event.stop()
        if event.table is self.repositories and event.key is not None:
            if event.key in {self.browse.repository, GONE}:
                return
            self.browse.repository = event.key
            self.browse.gone_shown = False
            self.versions.marks.clear()
        if self._following is not None:
            self._following.stop()
        self._following = self.set_timer(PAUSE, self._follow)

    @on(Table.Entered)
    def _entered(self, event: Table.Entered) -> None:
        event.stop()
        self.features.moving.go_in()

    def _follow(self) -> None:
        self._following = None
        self._hide_revealed()
        if self._listed != self.browse.repository:
            self.show_versions()
        else:
            self._ask_for_those_in_view()
        self.show_detail(top=True)
        self.show_bottom()

    def _wait(self, version: Version) -> None:
        if self._waiting is not None:
            self._waiting.stop()
        self._waiting = self.set_timer(PATIENCE, lambda: self._paint_late(version))

    def _paint_late(self, version: Version) -> None:
        if self.version is version:
            ready = self.known.facts(version.image.id, reveal=self.reveals(version.image.id))
            self._paint_detail(version, ready, top=True)

    def _paint_detail(self, version: Version, ready: FactsReady | None, *, top: bool) -> None:
        if self._waiting is not None:
            self._waiting.stop()
        tab = TABS[self.detail.tab]
        image_id = version.image.id
        top = top or self._painted is None or self._painted[:2] != (image_id, self.detail.tab)
        gone = image_id not in self.known.catalog.images
        self._painted = (image_id, self.detail.tab, gone or ready is not None)
        family, width = self.browse.family(version), self.detail.width
        lines = tab_lines(tab, version, ready, family, self.known, width, self.key_of)
        self.detail.show(lines, wrap=tab not in CUT, top=top, title=short(image_id))
        self.features.files.show()

    def _hide_revealed(self) -> None:
        if self.revealed:
            self.revealed = False
            self.known.hide()

    def _listing(self) -> list[Span]:
        """What order and filter are on, at the right of the footer."""
        order = self.browse.version_order.value + (" reversed" if self.browse.versions_reversed else "")
        marked = f"{len(self.versions.marks)} marked  " if self.versions.marks else ""
        filtered = "filtered  " if self._is_filtered else ""
        side_a = [Span(f"A {short(self.known.side_a)}  ", "accent")] if self.known.side_a is not None else []
        return [*side_a, Span(f"{filtered}{marked}by {order} ", "dim")]

    @property
    def _is_filtered(self) -> bool:
        return bool(self.browse.version_query.terms or self.browse.repository_query.terms)

    def _versions_title(self) -> Line:
        folded = 0 if self.browse.gone_shown else self.browse.gone
        here, shown = self.known.catalog.images, len(self._rows) + folded
        return versions_title(self.browse.repository, self.browse.siblings(), shown, here)

    def _repository_cells(self, key: str) -> Sequence[Span]:
        if key == GONE:
            shown = self.browse.gone_repositories_shown
            return fold_cells(self.browse.gone_repositories, "", shown=shown)
        return repository_cells(
            key, None if key == EVERYTHING else self.browse.repository_of(key), self.known
        )

    def _version_cells(self, key: str) -> Sequence[Span]:
        if key == GONE:
            return fold_cells(self.browse.gone, "version", shown=self.browse.gone_shown)
        return version_cells(self._rows[key], self.known)

    # ------------------------------------------------------------------ the size of the terminal

    def on_resize(self, event: Resize) -> None:
        """Three panes, one pane, or a word."""
        if event.size != self._fitted:
            self._fit(event.size)
        self.call_later(self._laid_out)

    def _laid_out(self) -> None:
        """The panes have their sizes: show what they can hold."""
        self.show_all()
        self.call_later(self.ask, lambda session: session.proceed())

    def _fit(self, size: Size) -> None:
        self._fitted = size
        self.set_class(size.width < SMALLEST[0] or size.height < SMALLEST[1], "-small")
        self.set_class(size.width < NARROW, "-narrow")
        self._show_one_pane()

    def go_to(self, pane: int) -> None:
        """Have keys go to a pane; in a narrow terminal it is the one that is shown."""
        self.pane = pane
        for index, lines in enumerate((self.repositories, self.versions, self.detail)):
            lines.active = index == pane
        self._show_one_pane()

    def _show_one_pane(self) -> None:
        if not self.has_class("-narrow"):
            return
        for index, name in enumerate(self.PANES):
            self.set_class(index == self.pane, f"-pane-{name}")

    # ------------------------------------------------------------------ one line for people

    def say(self, text: str, *, bad: bool = False) -> None:
        """Say something in the footer until the next key."""
        self._said = Span(text, "bad" if bad else "warn")
        if self.list_before is not None:
            self.list_before.say(text)
        if self.is_composed:
            self.show_bottom()

    def quieten(self) -> None:
        """Take back what was said."""
        if self._said.text:
            self._said = Span("")
            self.show_bottom()
            if self.list_before is not None:
                self.list_before.say("")
        elif self.offer and self.known.state.problem is None and not self.known.interrupted:
            self.offer = ""
            self.show_bottom()

    def key_of(self, action_id: str) -> str | None:
        """The key of an action that is possible now: every text that speaks of a key asks here."""
        action = by_id(self.ACTIONS, action_id)
        return action.key_text.split()[0] if self.why_not(action) is None else None

    def why_not(self, action: Action) -> str | None:
        """Why an action is not possible now."""
        version = self.version
        if action.needs is not Needs.NOTHING and version is None:
            return "there is no version under the cursor"
        if action.group == CHANGE and (reason := self.why_unchangeable()):
            return reason
        here = version is None or version.image.id in self.known.catalog.images
        if action.needs is Needs.IMAGE and not here:
            return "the engine does not have this image any more"
        return action.why_not(self.features.owner(action)) if action.why_not is not None else None

    def why_unchangeable(self) -> str | None:
        """Why nothing can be changed now; None when something can."""
        if self.read_only:
            return "imgtui runs read-only"
        if self.known.state.phase is not Phase.LIVE:
            return "the engine does not answer yet"
        return None
