"""Two images compared: layers, instructions, configuration at once, files and packages when looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one

from imgtui.model.core.digest import short
from imgtui.model.core.printable import printable
from imgtui.operations.compare.updates import Compared, FileCompared, FilesCompared, PackagesCompared
from imgtui.ui.compare import files_text as present_files
from imgtui.ui.compare import text as present
from imgtui.ui.compare.compared import SECTIONS, KnownPair, Section
from imgtui.ui.compare.files_screen import ComparedFilesScreen
from imgtui.ui.controller import Ask
from imgtui.ui.files.text import progress
from imgtui.ui.widgets.bar import Bar
from imgtui.ui.widgets.detail import Detail
from imgtui.ui.widgets.page import Page
from imgtui.ui.widgets.scrolling import scrolling
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.ui.widgets.table import Table

KEYS: Final = " esc back  [ ] sections  x swap  "
KEYS_OF_FILES: Final = " esc back  [ ] sections  x swap  enter diff  / filter  t times  * folders "


@dataclass(frozen=True, slots=True)
class Compares:
    """One of the two images that are compared."""

    image_id: str
    names: str
    """What people call it, for the first line."""


class CompareScreen(ComparedFilesScreen):
    """Fills as what is asked for arrives; nothing is picked."""

    CSS_PATH = "screen.tcss"
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
        *scrolling(),
    ]

    sections = query_one("#sections", Detail)

    def __init__(self, a: Compares, b: Compares, ask: Ask) -> None:
        """`ask` asks the session that compares."""
        super().__init__(KnownPair(a.image_id, b.image_id))
        self._ask_session = ask
        self._a = a
        self._b = b
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
            self.make_tree()
        if self.is_mounted:
            self._ask()
            self.show_all()

    def _show_file(self, update: FileCompared) -> None:
        if update.found is not None:
            from imgtui.ui.files.pager import PagerScreen

            self.say("")
            title = f"/{printable(update.path, 1000)}"
            self.app.push_screen(PagerScreen(title, present_files.difference_lines(update.found)))
        elif update.reading is not None:
            self.say(f"{progress(update.reading)}   ctrl+x: stop")
        else:
            self.say(update.problem, "bad")

    # ------------------------------------------------------------------ what is asked for

    @property
    def section(self) -> Section:
        """What is looked at."""
        return SECTIONS[self.sections.tab]

    def _ask(self, *, again: bool = False) -> None:
        """Have what is looked at read, unless it is known or under way; `again` after a failure too."""
        if self.known.wants(self.section, again=again) and self.known.asked is not None:
            pair, files = self.known.asked, self.known.files_as_asked
            if files is None:
                self._ask_session(lambda session: session.services.comparing.files(pair))
            else:
                self._ask_session(lambda session: session.services.comparing.packages(pair, files))

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
            self.show_rows()
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

    def _show_bottom(self) -> None:
        bar = self.query_one("#bottom", Bar)
        if self._said.text:
            bar.show(line(" ", self._said), whole=True)
        else:
            bar.show(line(Span(KEYS_OF_FILES if self.has_class("-files") else KEYS, "dim")))

    def say(self, text: str, style: str = "warn") -> None:
        """Tell it instead of the keys, until the next move."""
        self._said = Span(text, style)
        self._show_bottom()

    # ------------------------------------------------------------------ what the keys do

    def action_leave(self) -> None:
        """Leave the filter, then the screen; what is read goes on no longer."""
        if self._words or self.query("#filter"):
            self.close_filter()
            self.find("")
            return
        if self.known.is_reading:
            self._ask_session(lambda session: session.services.stop_reading())
        self.dismiss(None)

    def action_turn(self, step: int) -> None:
        """Look at another section."""
        self.sections.tab = (self.sections.tab + step) % len(SECTIONS)
        self.say("")
        self._ask()
        self.show_all(top=True)

    def action_swap(self) -> None:
        """See both from the other side."""
        self.known.swapped = not self.known.swapped
        self.make_tree()
        self.show_all()

    def action_move(self, rows: int) -> None:
        """Move the cursor, or scroll; what was said is over."""
        if self._said.text:
            self.say("")
        if self.has_class("-files"):
            self.table.move(rows)
            self.show_foot()
        else:
            self.sections.move(rows)

    def action_pick(self) -> None:
        """Open or close a folder, compare a file; ask again for what could not be read."""
        node, pair, files = self.node, self.known.pair, self.known.files
        if not self.has_class("-files"):
            self._ask(again=True)
            self.show_all()
        elif node is not None and node.children and not self._words:
            self._opened ^= {node.path}
            self.show_rows()
        elif node is not None and pair is not None and files is not None:
            if reason := present_files.can_be_compared(node.change):
                self.say(reason)
                return
            self.say("reading the file…   ctrl+x: stop")
            path = node.path
            self._ask_session(lambda session: session.services.comparing.file(pair, files, path))

    def action_stop(self) -> None:
        """Stop what is being read."""
        self._ask_session(lambda session: session.services.stop_reading())

    @on(Table.Entered)
    def _entered(self, event: Table.Entered) -> None:
        event.stop()
        self.action_pick()
