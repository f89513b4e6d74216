"""A screen that shows how long ago things were: the ages move by themselves, for a few bytes.

Nothing is asked of an engine, and nothing runs while another screen stands before it or the terminal is not
looked at (where that tells it).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from textual.screen import Screen, ScreenResultType

from imgtui.ui.widgets.lines import Lines

if TYPE_CHECKING:
    from textual.timer import Timer

SECONDS: Final = 10.0
"""The time after which ages are looked at again."""
LINES: Final = 5
"""Lines that may be painted anew in that time, about 30 bytes each: after more of them it waits longer."""


class AgingScreen(Screen[ScreenResultType]):
    """Has its ages painted anew; `show_ages` does it."""

    _aging: Timer | None = None

    def show_ages(self) -> None:
        """Paint the ages that are others by now."""
        for lines in self._all_lines:
            lines.repaint()

    def on_mount(self) -> None:
        """Hear whether the terminal is looked at."""
        self.watch(self.app, "app_focus", self._age_while_looked_at, init=False)

    def on_screen_resume(self) -> None:
        """It is looked at: what has become older meanwhile is shown."""
        self._age()

    def on_screen_suspend(self) -> None:
        """Another screen stands before it."""
        self._rest()

    def _age_while_looked_at(self, looked_at: bool) -> None:
        if looked_at and self.is_current:
            self._age()
        else:
            self._rest()

    def _age(self) -> None:
        self._rest()
        before = self._lines_painted
        self.show_ages()
        painted = self._lines_painted - before
        self._aging = self.set_timer(SECONDS * max(1.0, painted / LINES), self._age)

    def _rest(self) -> None:
        if self._aging is not None:
            self._aging.stop()
            self._aging = None

    @property
    def _all_lines(self) -> Sequence[Lines]:
        return [widget for widget in self.query() if isinstance(widget, Lines)]

    @property
    def _lines_painted(self) -> int:
        return sum(lines.painted for lines in self._all_lines)
