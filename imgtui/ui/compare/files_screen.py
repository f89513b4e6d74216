"""The files that differ between two images as rows: their tree, the folders that are open, the filter."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from textual import on
from textual.getters import query_one
from textual.widgets import Input

from imgtui.ui.compare import files_text as present_files
from imgtui.ui.compare.compared import KnownPair
from imgtui.ui.widgets.lines import StyledScreen
from imgtui.ui.widgets.page import Page
from imgtui.ui.widgets.spans import line
from imgtui.ui.widgets.table import Table
from imgtui.ui.widgets.typed import FilterLine

if TYPE_CHECKING:
    from imgtui.model.compare.files import FilesTree, Node

OPEN_UP_TO: Final = 300
"""Where not more files differ, all folders are open at first."""


class ComparedFilesScreen(StyledScreen[None]):
    """The part of the compare screen that has rows, while its class is `-files`."""

    table = query_one("#differing", Table)
    foot = query_one("#foot", Page)

    def __init__(self, known: KnownPair) -> None:
        """`known` is what is known of both images."""
        super().__init__()
        self.known = known
        self._times = False
        self._tree: FilesTree | None = None
        self._opened: set[str] = set()
        self._words: Sequence[str] = ()

    @abstractmethod
    def say(self, text: str, style: str = "warn") -> None:
        """Tell people something in one line."""

    @property
    def node(self) -> Node | None:
        """The row under the cursor."""
        return self._tree.nodes.get(self.table.key) if self._tree is not None and self.table.key else None

    def make_tree(self) -> None:
        """Take the tree from what is known; of few files all folders are open at first."""
        first, files = self._tree is None, self.known.files
        self._tree = self.known.tree(times=self._times)
        if first and self._tree is not None and files is not None:
            few = len(files.difference.content) <= OPEN_UP_TO
            self._opened = self._tree.folders if few else set()

    def show_rows(self) -> None:
        """Show what is in open folders, or has the words."""
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
        self.show_foot()

    def show_foot(self) -> None:
        """Show the row under the cursor in full."""
        node = self.node
        change = node.change if node is not None else None
        self.foot.show(present_files.details(change) if change is not None else ())

    def action_times(self) -> None:
        """Show or hide what only has another time."""
        if self._tree is not None and self.has_class("-files"):
            self._times = not self._times
            everything = self._opened >= self._tree.folders
            self.make_tree()
            if everything:
                self._opened = self._tree.folders
            self.show_rows()

    def action_fold_all(self) -> None:
        """Open all folders, or close them."""
        if self._tree is not None and self.has_class("-files"):
            folders = self._tree.folders
            self._opened = set() if self._opened >= folders else folders
            self.show_rows()

    def action_filter(self) -> None:
        """Type words that all have to be in a path."""
        if not self.has_class("-files"):
            self.say("the filter is for files")
        elif not self.query("#filter"):
            typed = FilterLine("", "words that all have to be there, !word: not", id="filter")
            self.mount(typed, before="#bottom")
            self.set_focus(typed)

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.find(event.value)

    @on(Input.Submitted, "#filter")
    def _submitted(self, event: Input.Submitted) -> None:
        """The filter stays on; its line goes, so that keys are keys again."""
        event.stop()
        self.close_filter()

    @on(Table.Moved)
    def _moved(self, event: Table.Moved) -> None:
        event.stop()
        self.show_foot()

    def close_filter(self) -> None:
        """Take the line of the filter away."""
        self.query("#filter").remove()
        self.set_focus(None)

    def find(self, text: str) -> None:
        """Show only what has all these words in its path."""
        self._words = text.lower().split()
        self.show_rows()
