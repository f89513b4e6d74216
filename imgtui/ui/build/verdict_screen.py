"""What a rebuild has changed, and what one may want to do about it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one

from imgtui.operations.protocol.updates import Rebuilt
from imgtui.ui.build.text import verdict_footer, verdict_heading, verdict_lines
from imgtui.ui.messages import CopyAsked
from imgtui.ui.widgets.bar import Bar
from imgtui.ui.widgets.lines import StyledScreen
from imgtui.ui.widgets.page import Page
from imgtui.ui.widgets.scrolling import scrolling
from imgtui.ui.widgets.spans import Span, line


class VerdictScreen(StyledScreen[str | None]):
    """Ends with what is wanted: `run`, `undo`, `move`, `compare`, or None."""

    CSS_PATH = "verdict.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "end('')", "back"),
        Binding("r", "end('run')", "run it"),
        Binding("z", "end('undo')", "undo"),
        Binding("t", "end('move')", "move the tags"),
        Binding("D", "end('compare')", "compare with the earlier one"),
        Binding("y", "copy", "copy its digest"),
        *scrolling(),
    ]

    said = query_one("#said", Page)

    def __init__(self, rebuilt: Rebuilt) -> None:
        super().__init__()
        self._rebuilt = rebuilt

    def compose(self) -> ComposeResult:
        """Which became which, what differs, what can be done."""
        yield Bar(id="top")
        yield Page(verdict_lines(self._rebuilt.verdict), id="said")
        yield Bar(id="bottom")

    def on_mount(self) -> None:
        """Show it."""
        self.query_one("#top", Bar).show(*verdict_heading(self._rebuilt.build, self._rebuilt.verdict))
        self.query_one("#bottom", Bar).show(verdict_footer(self._rebuilt.verdict))

    def action_end(self, wanted: str) -> None:
        """Go back; where something is wanted, its plan or form is next."""
        self.dismiss(wanted or None)

    def action_copy(self) -> None:
        """Copy the digest of what was built."""
        bottom = self.query_one("#bottom", Bar)
        self.post_message(
            CopyAsked(self._rebuilt.verdict.new, lambda said: bottom.show(line(Span(f" {said}", "warn"))))
        )

    def action_move(self, rows: int) -> None:
        """Scroll."""
        self.said.scroll_to_line(self.said.top + rows)
