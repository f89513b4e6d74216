"""The journal: what imgtui changed, as long as it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from imgtui.operations.protocol.updates import ActEnded, JournalRead, Settled
from imgtui.ui.actions import LOOK, Action

if TYPE_CHECKING:
    from imgtui.ui.controller import Handlers
    from imgtui.ui.explorer.screen import ExplorerScreen
    from imgtui.ui.plans.journal_screen import JournalScreen


class JournalController:
    """Has the journal read when it is opened, and after each act."""

    def __init__(self, explorer: ExplorerScreen) -> None:
        self._explorer = explorer
        self._screen: JournalScreen | None = None
        """The journal, while it is looked at."""
        self.handlers: Handlers = {
            JournalRead: self._take,
            ActEnded: lambda _: self._read(),
            Settled: lambda _: self._read(),
        }

    def open_journal(self) -> None:
        """Show every change that imgtui made."""
        from imgtui.ui.plans.journal_screen import JournalScreen

        self._screen = JournalScreen(self._explorer.known)
        self._explorer.app.push_screen(self._screen, self._left)
        self._read()

    def _read(self) -> None:
        if self._screen is not None:
            self._explorer.ask(lambda session: session.services.read_journal())

    def _take(self, read: JournalRead) -> None:
        self._explorer.known.journal = read
        if self._screen is not None:
            self._screen.show_known()

    def _left(self, _: str | None) -> None:
        self._screen = None

    ACTIONS: ClassVar[Sequence[Action]] = (
        Action(
            "journal.open",
            "at",
            "journal",
            "Every change that imgtui made to this engine, as docker commands, with its outcome",
            LOOK,
            open_journal,
            shown="@",
        ),
    )
