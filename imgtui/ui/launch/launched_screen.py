"""A container that was launched: its state, its log, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one

from imgtui.model.launch.launch import Discard
from imgtui.operations.protocol.updates import ContainerSeen
from imgtui.ui.launch.text import launched_footer, launched_heading, log_lines
from imgtui.ui.messages import CopyAsked
from imgtui.ui.widgets.bar import Bar
from imgtui.ui.widgets.lines import StyledScreen
from imgtui.ui.widgets.page import Page
from imgtui.ui.widgets.scrolling import END, scrolling
from imgtui.ui.widgets.spans import Span, line

LOOK_SECONDS: Final = 2.0
LOOKS: Final = 5
"""As often as that it is looked at after its start: what does not work mostly ends then."""


class LaunchedScreen(StyledScreen[Discard | None]):
    """Ends with the container, where it is to be stopped and removed."""

    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "leave", "back"),
        Binding("R", "look", "look again"),
        Binding("d", "discard", "stop and remove"),
        Binding("y", "copy", "copy its ID"),
        *scrolling(),
    ]

    said = query_one("#said", Page)

    def __init__(self, seen: ContainerSeen, look: Callable[[ContainerSeen], None]) -> None:
        """`look` has it looked at again."""
        super().__init__()
        self._look = look
        self.seen = seen
        self._looks = 0

    def compose(self) -> ComposeResult:
        """What it is, what it said, what can be done."""
        yield Bar(id="top")
        yield Page(id="said")
        yield Bar(id="bottom")

    def on_mount(self) -> None:
        """Show it, and what becomes of it."""
        self.show(self.seen)
        self._timer = self.set_interval(LOOK_SECONDS, self._look_again)

    def _look_again(self) -> None:
        """Until it has run for a while, and its health check has come to an end."""
        self._looks += 1
        if self.seen.undecided or (self._looks <= LOOKS and not self.seen.gone):
            self.action_look()
        else:
            self._timer.stop()

    def on_resize(self) -> None:
        """The newest lines are what counts."""
        self.call_later(self.action_move, END)

    def show(self, seen: ContainerSeen) -> None:
        """Show it as it is now, with the end of its log."""
        self.seen = seen
        self.query_one("#top", Bar).show(*launched_heading(seen))
        self.query_one("#bottom", Bar).show(launched_footer(seen))
        self.said.show(log_lines(seen))
        self.action_move(END)

    def action_leave(self) -> None:
        """Leave it as it is."""
        self.dismiss(None)

    def action_look(self) -> None:
        """Look at it again."""
        self._look(self.seen)

    def action_copy(self) -> None:
        """Copy its ID."""
        bottom = self.query_one("#bottom", Bar)
        self.post_message(
            CopyAsked(self.seen.container_id, lambda said: bottom.show(line(Span(f" {said}", "warn"))))
        )

    def action_move(self, rows: int) -> None:
        """Scroll by rows."""
        self.said.scroll_to_line(self.said.top + rows)

    def action_discard(self) -> None:
        """Stop and remove it, after the plan."""
        if self.seen.gone:
            return
        from imgtui.ui.plans.screen import PlanScreen

        what = Discard(self.seen.container_id, self.seen.name)

        def answered(yes: bool | None) -> None:
            if yes:
                self.dismiss(what)

        self.app.push_screen(PlanScreen(what), answered)
