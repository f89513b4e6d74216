"""A screen that shows how long ago things were: the ages move by themselves, for a few bytes.

Nothing is asked of an engine, and nothing runs while another screen stands before it or the terminal is not
looked at (where that tells it).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from textual.screen import Screen, ScreenResultType

from imgtui.ui.widgets.bar import Bar
from imgtui.ui.widgets.lines import Allowance, Lines

if TYPE_CHECKING:
    from textual.timer import Timer

SECONDS: Final = 10.0
"""The time after which ages are looked at again."""
LINES: Final = 2
"""Lines that may be painted anew in that time, about 80 bytes each: the others have their turn after it."""


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
        allowance, limited = Allowance(LINES), self._all_lines
        for lines in limited:
            lines.allowance = allowance
        self.show_ages()
        for lines in limited:
            lines.allowance = None
        allowance.spend()
        self._aging = self.set_timer(SECONDS, self._age)

    def _rest(self) -> None:
        if self._aging is not None:
            self._aging.stop()
            self._aging = None

    @property
    def _all_lines(self) -> Sequence[Lines]:
        """But for bars, which paint only what they are given anew."""
        return [each for each in self.query() if isinstance(each, Lines) and not isinstance(each, Bar)]
