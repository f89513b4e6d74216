"""The files of an image as a tree: at each layer, what it added, changed and removed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.getters import query_one

from imgtui.model.core.printable import printable
from imgtui.model.files.changes import Change
from imgtui.model.files.entries import Kind
from imgtui.model.files.view import view_of
from imgtui.model.jobs.job import Job, JobState, extraction_title
from imgtui.operations.files.updates import FilesAnswered, FilesUpdated
from imgtui.ui.controller import Ask
from imgtui.ui.dialogs.filtering import FilteringScreen
from imgtui.ui.files.text import FILE_COLUMNS, file_cells, file_lines, layer_text, percent, progress
from imgtui.ui.messages import CopyAsked
from imgtui.ui.widgets.page import Page
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.words import size

if TYPE_CHECKING:
    from imgtui.model.core.image import ImageFacts
    from imgtui.model.files.tree import FileTree
    from imgtui.model.files.view import FilesView

HIDDEN_BY = {"a": Change.ADDED, "r": Change.REMOVED, "m": Change.CHANGED, "u": Change.UNCHANGED}
"""Keys, as dive has them, that show or hide what was changed so."""


class FilesScreen(FilteringScreen):
    """Only to be looked at, and taken from: nothing is picked."""

    FOOT = 6
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "fold", "open or close the folder"),
        Binding("l,right", "open", "open", show=False),
        Binding("h,left", "close", "close, or to the folder above", show=False),
        Binding("asterisk", "fold_all", "open or close all folders"),
        *(Binding(key, f"show('{key}')", f"show or hide {HIDDEN_BY[key].value}") for key in HIDDEN_BY),
        Binding("tab", "aggregate", "changes of this layer, or of all above the first", priority=True),
        Binding("left_square_bracket", "layer(-1)", "the layer below"),
        Binding("right_square_bracket", "layer(1)", "the layer above"),
        Binding("s", "sort", "by name, or by bytes"),
        Binding("y", "copy", "copy the path"),
        Binding("o", "look", "look at the file"),
        Binding("X", "extract", "extract to the disk"),
        Binding("ctrl+x", "stop", "stop reading or extracting"),
    ]

    page = query_one("#foot", Page)

    def __init__(self, name: str, told: FilesUpdated, facts: ImageFacts | None, ask: Ask) -> None:
        """`ask` asks the session that reads the files."""
        self._ask = ask
        self._image = name
        self._told = told
        self._facts = facts
        self._layer: int | None = None
        """The number of the layer that is looked at, from 0; None for the last."""
        self._aggregated = False
        self._by_size = False
        self._hidden: set[Change] = set()
        self._opened: set[str] = set()
        self._all_open = False
        self._said: Line = ()
        self._extracting: Job | str | None = None
        """The job that takes something out, or its title, as long as it has not told."""
        super().__init__(FILE_COLUMNS, ())

    def on_mount(self) -> None:
        """Show what was read by now; Textual calls the handler of the base too, which shows the same keys."""
        self.table.empty = "Nothing to see: a r m u show what is hidden, / is the filter."
        self.show_rows()

    # ------------------------------------------------------------------ what is told

    def tell(self, told: FilesUpdated) -> None:
        """More was read, or the end has come."""
        if told.image_id != self._told.image_id:
            return
        grown = told.tree is not self._told.tree
        self._told = told
        if self.is_mounted and grown:
            self.show_rows()
        elif self.is_mounted:
            self._show_heading()

    def answer(self, answered: FilesAnswered) -> None:
        """What was asked of a file."""
        if answered.content is not None:
            from imgtui.ui.files.content import content_lines
            from imgtui.ui.files.pager import PagerScreen

            self._say("")
            title = f"{printable('/' + answered.content.path, 1000)}  {size(answered.content.size)}"
            self.app.push_screen(PagerScreen(title, content_lines(answered.content)))
        elif answered.reading is not None:
            self._say(progress(answered.reading), "warn")
        else:
            self._say(answered.problem, "bad")

    def take_job(self, job: Job) -> None:
        """How it goes with what is taken out from here."""
        title = self._extracting if isinstance(self._extracting, str) else None
        number = self._extracting.number if isinstance(self._extracting, Job) else None
        if job.title != title and job.number != number:
            return
        self._extracting = job if job.running else None
        if job.running:
            self._say(f"extracting: {job.line}   ctrl+x: stop", "warn")
        else:
            self._say(job.line, "good" if job.state is JobState.DONE else "bad")

    # ------------------------------------------------------------------ what is shown

    @property
    def files(self) -> FileTree:
        """The tree as far as it was read."""
        if self._told.tree is None:
            from imgtui.model.files.tree import FileTree

            return FileTree(())
        return self._told.tree

    @property
    def shown_layer(self) -> int:
        """The number of the layer that is looked at, from 0."""
        last = len(self.files.layers) - 1
        return last if self._layer is None else min(self._layer, last)

    @property
    def view(self) -> FilesView:
        """What is seen of the tree at this layer."""
        return view_of(self.files, self.shown_layer, aggregated=self._aggregated)

    @property
    def node(self) -> int | None:
        """The node under the cursor."""
        return self.files.node(self.table.key) if self.table.key is not None else None

    def show_rows(self) -> None:
        """Show what is open, not hidden, and has the words."""
        view, tree = self.view, self.files
        opened = None if self._all_open else self._opened_nodes()
        shown = [change for change in Change if change not in self._hidden]
        nodes = view.rows(opened, shown, self._words, by_size=self._by_size)
        every = None if self._words else opened
        paths = tree.paths
        self.show_heading(self.heading(len(nodes), view.files))
        self._keys = [paths[node] for node in nodes]
        self.table.show(self._keys, lambda path: file_cells(view, tree.node(path) or 0, every))
        self.show_foot()
        if self._told.reading is None:
            self.call_after_refresh(self._ask, lambda session: session.services.files.look_ahead(view))

    def heading(self, shown: int, known: int) -> str:
        """Which layer, what is marked, and how well the image uses its bytes."""
        if self._told.reading is not None:
            return f"{self._image}  {progress(self._told.reading)}"
        marks = "all above the first" if self._aggregated else "this layer"
        hidden = "".join(key for key, change in HIDDEN_BY.items() if change in self._hidden)
        parts = [
            f"{self._image}  layer {self.shown_layer + 1}/{len(self.files.layers)}",
            f"changes of {marks}",
            *([f"hidden {hidden}"] if hidden else []),
            *(["by bytes"] if self._by_size else []),
        ]
        if (found := self._told.efficiency) is not None:
            parts.append(f"efficiency {percent(found.score)}, {size(found.reclaimable_bytes)} reclaimable")
        return "  ".join([*parts, layer_text(self.shown_layer, self._facts)])

    def cells(self, key: str) -> Sequence[Span]:
        """A row of the tree."""
        return file_cells(self.view, self.files.node(key) or 0, self._opened_nodes())

    def text_of(self, key: str) -> str:
        """Its path."""
        return key.lower()

    def foot(self, key: str) -> Sequence[Line]:
        """The node under the cursor in full, what was said last, and the keys."""
        node = self.files.node(key)
        lines = [] if node is None else file_lines(self.view, node, self._facts)
        said = self._said or ([Span(f" {self._told.problem}", "bad")] if self._told.problem else ())
        return [*lines, said or line(Span(_KEYS, "dim"))]

    def _show_heading(self) -> None:
        self.show_heading(self.heading(len(self.table.keys), 0))
        self.show_foot()

    def show_foot(self) -> None:
        """Show the node under the cursor, or at least the keys."""
        self.page.show(self.foot(self.table.key) if self.table.key is not None else self.foot(""))

    def _opened_nodes(self) -> set[int]:
        found = (self.files.node(path) for path in self._opened)
        return {node for node in found if node is not None}

    def _say(self, text: str, style: str = "") -> None:
        self._said = line(Span(f" {text}", style)) if text else ()
        self.show_foot()

    # ------------------------------------------------------------------ what the keys do

    def action_pick(self) -> None:
        """Open or close a folder, look at a file."""
        node = self.node
        if node is not None and self.view.is_folder(node):
            self.action_fold()
        else:
            self.action_look()

    def action_move(self, rows: int) -> None:
        """Move the cursor; what was said is over."""
        self._said = ()
        super().action_move(rows)

    def action_fold(self) -> None:
        """Open or close the folder under the cursor."""
        if self.table.key is not None:
            self._fold(self.table.key, close=self.table.key in self._opened or self._all_open)

    def action_open(self) -> None:
        """Open the folder under the cursor; in one that is open, to its first row."""
        key, node = self.table.key, self.node
        if key is None or node is None or not self.files.has_children(node):
            return
        if key in self._opened or self._all_open or self._words:
            self.action_move(1)
        else:
            self._fold(key, close=False)

    def action_close(self) -> None:
        """Close the folder under the cursor; else to the folder that it is in."""
        key = self.table.key
        if key is None:
            return
        if (
            (key in self._opened or self._all_open)
            and self.files.has_children(self.node or 0)
            and not self._words
        ):
            self._fold(key, close=True)
        elif folder := key.rpartition("/")[0]:
            self.table.select(folder)
            self.show_foot()

    def action_fold_all(self) -> None:
        """Open all folders, or close them."""
        self._all_open = not self._all_open
        self._opened.clear()
        self.show_rows()

    def action_show(self, key: str) -> None:
        """Show or hide what was changed so."""
        self._hidden ^= {HIDDEN_BY[key]}
        self.show_rows()

    def action_aggregate(self) -> None:
        """Mark the changes of this layer alone, or of all above the first."""
        self._aggregated = not self._aggregated
        self.show_rows()

    def action_layer(self, step: int) -> None:
        """Look at another layer."""
        self._layer = max(0, min(self.shown_layer + step, len(self.files.layers) - 1))
        self.show_rows()

    def action_sort(self) -> None:
        """By name, or the largest first."""
        self._by_size = not self._by_size
        self.show_rows()

    def action_copy(self) -> None:
        """Copy the path under the cursor."""
        if self.table.key is not None:
            path = printable("/" + self.table.key)
            self.post_message(CopyAsked(path, lambda said: self._say(said, "good")))

    def action_look(self) -> None:
        """Look at the file under the cursor, or at what it is a hard link to."""
        node = self.node
        if node is None:
            return
        found = self.files.file(self.files.paths[node], self.shown_layer) or self.files.at(
            node, self.shown_layer - 1
        )
        files = self.files.layers[found[0]] if found is not None else None
        if found is None or files is None or found[1].kind is not Kind.FILE:
            self._say("this is no file", "bad")
            return
        self._say("reading the file…   ctrl+x: stop", "warn")
        image_id, diff_id, path = self._told.image_id, files.diff_id, found[1].path
        self._ask(lambda session: session.services.files.read(image_id, diff_id, path))

    def action_extract(self) -> None:
        """Ask where to, then extract what is under the cursor."""
        from imgtui.operations.files.extracting import NotExtracted, plan_extraction
        from imgtui.ui.dialogs.asking import AskScreen

        node = self.node
        if node is None:
            return
        try:
            wanted = plan_extraction(self._told.image_id, self.view, node)
        except NotExtracted as error:
            self._say(str(error), "bad")
            return

        def asked(text: str | None) -> None:
            if text is not None:
                self._extracting = extraction_title(wanted.path)
                target = Path(text).expanduser()
                self._ask(lambda session: session.services.extract(wanted, target))

        title = f"extract /{printable(wanted.path, 200)}, {size(wanted.bytes)}, to the new file or folder"
        here = printable(str(Path.cwd() / wanted.name), 4096)
        self.app.push_screen(AskScreen(title, here, target_fault), asked)

    def action_stop(self) -> None:
        """Stop what is taken out, else whatever is being read."""
        if isinstance(self._extracting, Job):
            number = self._extracting.number
            self._ask(lambda session: session.services.jobs.stop(number))
        else:
            self._ask(lambda session: session.services.stop_reading())

    def _fold(self, key: str, *, close: bool) -> None:
        if self._all_open:
            self._all_open = False
            tree = self.files
            self._opened = {path for node, path in enumerate(tree.paths) if tree.has_children(node)}
        if close:
            self._opened.discard(key)
        else:
            self._opened.add(key)
        self.show_rows()


def target_fault(text: str) -> str | None:
    """What is wrong with a place for something new; None where nothing is."""
    path = Path(text).expanduser()
    if not text or not path.name or path.name == "..":
        return "a name is wanted"
    if not path.parent.is_dir():
        return f"there is no folder {printable(path.parent, 300)}"
    if path.exists() or path.is_symlink():
        return "this is there already: nothing is overwritten"
    return None


_KEYS = " o look  X extract  [ ] layer  tab all  a r m u hide  s bytes  / filter"
