"""Two images compared: layers, instructions, configuration at once, files and packages when looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one
from textual.widgets import Input

from imgtui.model.digest import short
from imgtui.model.printable import printable
from imgtui.operations.updates import Compared, FileCompared, FilesCompared, PackagesCompared
from imgtui.ui.compared import SECTIONS, KnownPair, Section
from imgtui.ui.messages import PairAsked, ReadingStopped
from imgtui.ui.present import compare as present
from imgtui.ui.present import compare_files as present_files
from imgtui.ui.present.files import progress
from imgtui.ui.present.spans import Line, Span, line
from imgtui.ui.widgets.bar import Bar
from imgtui.ui.widgets.detail import Detail
from imgtui.ui.widgets.lines import StyledScreen
from imgtui.ui.widgets.page import Page
from imgtui.ui.widgets.table import Table
from imgtui.ui.widgets.typed import FilterLine

if TYPE_CHECKING:
    from imgtui.model.compare_files import FilesTree, Node


OPEN_UP_TO: Final = 300
"""Where not more files differ, all folders are open at first."""
KEYS: Final = " esc back  [ ] sections  x swap  "
KEYS_OF_FILES: Final = " esc back  [ ] sections  x swap  enter diff  / filter  t times  * folders "


@dataclass(frozen=True, slots=True)
class Compares:
    """One of the two images that are compared."""

    image_id: str
    names: str
    """What people call it, for the first line."""


class CompareScreen(StyledScreen[None]):
    """Fills as what is asked for arrives; nothing is picked."""

    CSS_PATH = "compare.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "back"),
        Binding("left_square_bracket", "turn(-1)", "the section before"),
        Binding("right_square_bracket", "turn(1)", "the next section"),
        Binding("x", "swap", "swap the sides"),
        Binding("enter", "pick", "open or close the folder, compare the file"),
        Binding("t", "times", "show what only has another time"),
        Binding("asterisk", "fold_all", "open or close all folders"),
        Binding("slash", "filter", "filter files"),
        Binding("ctrl+x", "stop", "stop reading"),
        Binding("j,down", "move(1)", "down", show=False),
        Binding("k,up", "move(-1)", "up", show=False),
        Binding("ctrl+d,pagedown", "move(10)", "page down", show=False),
        Binding("ctrl+u,pageup", "move(-10)", "page up", show=False),
        Binding("g,home", "move(-1000000)", "top", show=False),
        Binding("G,end", "move(1000000)", "bottom", show=False),
    ]

    sections = query_one("#sections", Detail)
    table = query_one("#differing", Table)
    foot = query_one("#foot", Page)

    def __init__(self, a: Compares, b: Compares) -> None:
        super().__init__()
        self._a = a
        self._b = b
        self.known = KnownPair(a.image_id, b.image_id)
        self._times = False
        self._tree: FilesTree | None = None
        self._opened: set[str] = set()
        self._words: Sequence[str] = ()
        self._said = Span("")

    def compose(self) -> ComposeResult:
        """Which two, the whole in words, one section, the keys."""
        yield Bar(id="top")
        yield Bar(id="words")
        yield Detail(SECTIONS, id="sections")
        yield Table(present_files.COLUMNS, id="differing")
        yield Page(id="foot")
        yield Bar(id="bottom")

    def on_mount(self) -> None:
        """Show that something comes."""
        self.sections.active = True
        self.table.active = True
        self.table.empty = "Nothing to see: t shows what only has another time, / is the filter."
        self.show_all(top=True)

    def on_resize(self) -> None:
        """Side by side, or one below the other."""
        self.call_later(self.show_all)

    # ------------------------------------------------------------------ what is told

    def tell(self, update: Compared | FilesCompared | PackagesCompared | FileCompared) -> None:
        """More is known; what was asked of other images is passed over."""
        if isinstance(update, FileCompared):
            if self.known.is_about(update.pair):
                self._show_file(update)
            return
        if not self.known.take(update):
            return
        if isinstance(update, FilesCompared) and update.found is not None:
            self._make_tree()
        if self.is_mounted:
            self._ask()
            self.show_all()

    def _show_file(self, update: FileCompared) -> None:
        if update.found is not None:
            from imgtui.ui.screens.pager import PagerScreen

            self._say("")
            title = f"/{printable(update.path, 1000)}"
            self.app.push_screen(PagerScreen(title, present_files.difference_lines(update.found)))
        elif update.reading is not None:
            self._say(f"{progress(update.reading)}   ctrl+x: stop")
        else:
            self._say(update.problem, "bad")

    # ------------------------------------------------------------------ what is asked for

    @property
    def section(self) -> Section:
        """What is looked at."""
        return SECTIONS[self.sections.tab]

    def _ask(self, *, again: bool = False) -> None:
        """Have what is looked at read, unless it is known or under way; `again` after a failure too."""
        if self.known.wants(self.section, again=again) and self.known.asked is not None:
            self.post_message(PairAsked(self.known.asked, self.known.files_as_asked))

    # ------------------------------------------------------------------ what is shown

    def show_all(self, *, top: bool = False) -> None:
        """Show everything as it is known now; only what differs is painted."""
        sides = (self._b, self._a) if self.known.swapped else (self._a, self._b)
        self.query_one("#top", Bar).show(
            line(
                Span(" A ", "active"),
                Span(short(sides[0].image_id), "strong"),
                f" {sides[0].names}   ",
                Span(" B ", "active"),
                Span(short(sides[1].image_id), "strong"),
                f" {sides[1].names}",
            )
        )
        self.query_one("#words", Bar).show(self._first_line(), whole=True)
        listing = self.section is Section.FILES and self._tree is not None
        self.set_class(listing, "-files")
        if listing:
            self.sections.show((), wrap=False, top=True)
            self._show_rows()
        else:
            side_by_side = self.section is Section.INSTRUCTIONS and self.size.width >= present.WIDE
            wrap = self.section is not Section.LAYERS and not side_by_side
            self.sections.show(self._lines(), wrap=wrap, top=top)
        self._show_bottom()

    def _first_line(self) -> Line:
        pair = self.known.pair
        if problem := self.known.problems.get(None):
            return line(Span(f" {problem}", "bad"))
        if pair is None:
            return line(Span(" reading the facts of both images…", "dim"))
        return present.words(pair.comparison, self.known.cause)

    def _lines(self) -> Sequence[Line]:
        pair, section, width = self.known.pair, self.section, self.sections.width
        if pair is None:
            return ()
        if section is Section.LAYERS:
            return present.layers(pair.comparison, width)
        if section is Section.INSTRUCTIONS:
            return present.instructions(pair.comparison, width)
        if section is Section.CONFIG:
            return present.configuration(pair.comparison, width)
        return self._lines_of_files(section)

    def _lines_of_files(self, section: Section) -> Sequence[Line]:
        """The packages, once they are known; else how far the reading is, or why it ended."""
        known = self.known
        if section is Section.PACKAGES and known.packages is not None:
            return present.packages(known.packages)
        if problem := known.problems.get(Section.FILES) or known.problems.get(section):
            return [line(Span(f" {problem}", "bad")), line(Span(" enter: try again", "dim"))]
        reading = known.reading
        said = progress(reading) if reading is not None else "reading the layers that are not known yet…"
        return [line(Span(f" {said}   ctrl+x: stop", "dim"))]

    def _make_tree(self) -> None:
        first, files = self._tree is None, self.known.files
        self._tree = self.known.tree(times=self._times)
        if first and self._tree is not None and files is not None:
            few = len(files.difference.content) <= OPEN_UP_TO
            self._opened = self._tree.folders if few else set()

    def _show_rows(self) -> None:
        tree, files = self._tree, self.known.files
        if tree is None or files is None:
            return
        rows = tree.rows(self._opened, self._words)
        flat = bool(self._words)
        self.table.show(
            [node.path for node in rows],
            lambda key: present_files.cells(tree.nodes[key], self._opened, flat=flat),
            title=line(present_files.summary(files.difference, times=self._times)),
        )
        self._show_foot()

    def _show_foot(self) -> None:
        node = self.node
        change = node.change if node is not None else None
        self.foot.show(present_files.details(change) if change is not None else ())

    def _show_bottom(self) -> None:
        bar = self.query_one("#bottom", Bar)
        if self._said.text:
            bar.show(line(" ", self._said), whole=True)
        else:
            bar.show(line(Span(KEYS_OF_FILES if self.has_class("-files") else KEYS, "dim")))

    def _say(self, text: str, style: str = "warn") -> None:
        self._said = Span(text, style)
        self._show_bottom()

    @property
    def node(self) -> Node | None:
        """The row under the cursor."""
        return self._tree.nodes.get(self.table.key) if self._tree is not None and self.table.key else None

    # ------------------------------------------------------------------ what the keys do

    def action_leave(self) -> None:
        """Leave the filter, then the screen; what is read goes on no longer."""
        if self._words or self.query("#filter"):
            self._close_filter()
            self._find("")
            return
        if self.known.is_reading:
            self.post_message(ReadingStopped())
        self.dismiss(None)

    def action_turn(self, step: int) -> None:
        """Look at another section."""
        self.sections.tab = (self.sections.tab + step) % len(SECTIONS)
        self._say("")
        self._ask()
        self.show_all(top=True)

    def action_swap(self) -> None:
        """See both from the other side."""
        self.known.swapped = not self.known.swapped
        self._make_tree()
        self.show_all()

    def action_move(self, rows: int) -> None:
        """Move the cursor, or scroll; what was said is over."""
        if self._said.text:
            self._say("")
        (self.table if self.has_class("-files") else self.sections).move(rows)

    def action_pick(self) -> None:
        """Open or close a folder, compare a file; ask again for what could not be read."""
        node, pair, files = self.node, self.known.pair, self.known.files
        if not self.has_class("-files"):
            self._ask(again=True)
            self.show_all()
        elif node is not None and node.children and not self._words:
            self._opened ^= {node.path}
            self._show_rows()
        elif node is not None and pair is not None and files is not None:
            if reason := present_files.can_be_compared(node.change):
                self._say(reason)
                return
            self._say("reading the file…   ctrl+x: stop")
            self.post_message(PairAsked(pair, files, node.path))

    def action_times(self) -> None:
        """Show or hide what only has another time."""
        if self._tree is not None and self.has_class("-files"):
            self._times = not self._times
            everything = self._opened >= self._tree.folders
            self._make_tree()
            if everything:
                self._opened = self._tree.folders
            self._show_rows()

    def action_fold_all(self) -> None:
        """Open all folders, or close them."""
        if self._tree is not None and self.has_class("-files"):
            folders = self._tree.folders
            self._opened = set() if self._opened >= folders else folders
            self._show_rows()

    def action_stop(self) -> None:
        """Stop what is being read."""
        self.post_message(ReadingStopped())

    def action_filter(self) -> None:
        """Type words that all have to be in a path."""
        if not self.has_class("-files"):
            self._say("the filter is for files")
        elif not self.query("#filter"):
            typed = FilterLine("", "words that all have to be there, !word: not", id="filter")
            self.mount(typed, before="#bottom")
            self.set_focus(typed)

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._find(event.value)

    @on(Input.Submitted, "#filter")
    def _submitted(self, event: Input.Submitted) -> None:
        """The filter stays on; its line goes, so that keys are keys again."""
        event.stop()
        self._close_filter()

    @on(Table.Moved)
    def _moved(self, event: Table.Moved) -> None:
        event.stop()
        self._show_foot()

    @on(Table.Entered)
    def _entered(self, event: Table.Entered) -> None:
        event.stop()
        self.action_pick()

    def _close_filter(self) -> None:
        self.query("#filter").remove()
        self.set_focus(None)

    def _find(self, text: str) -> None:
        self._words = text.lower().split()
        self._show_rows()
