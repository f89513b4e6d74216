"""Acts written down while they are done, so that what was in the middle of one is known after a break."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from imgtui.model.moves import Cause
from imgtui.model.plan import Step
from imgtui.operations.recording import Recorder
from imgtui.store.journal import Journal, Unfinished

if TYPE_CHECKING:
    from imgtui.model.changes import PastAct

Found = TypeVar("Found")


class ActJournal:
    """Writes acts into the journal of the engine that a recorder follows.

    Where the state file cannot be used they go on without it, as `Recorder.problem` says: the number of such
    an act is None, and nothing is written of it.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def begin(
        self,
        title: str,
        commands: Sequence[str],
        *,
        steps: Sequence[Step] = (),
        expected: Mapping[str, Cause] | None = None,
        progress: str | None = None,
    ) -> int | None:
        """Write down what is about to be done, as `Journal.begin` does; the number of the act."""
        return self._use(
            lambda journal, now: journal.begin(
                title, commands, now, steps=steps, expected=expected, progress=progress
            )
        )

    def note(self, number: int | None, progress: str) -> None:
        """Write down how far an act has come."""
        if number is not None:
            self._use(lambda journal, _: journal.note(number, progress))

    def end(self, number: int | None, outcome: str) -> None:
        """Write down how an act ended."""
        if number is not None:
            self._use(lambda journal, now: journal.end(number, now, outcome))

    def unfinished(self) -> Sequence[Unfinished]:
        """Acts that were cut off and can be gone on with."""
        return self._use(lambda journal, _: journal.unfinished()) or ()

    def over(self) -> Sequence[PastAct]:
        """Acts that are over, as `Journal.over`."""
        return self._use(lambda journal, _: journal.over()) or ()

    def _use(self, use: Callable[[Journal, int], Found]) -> Found | None:
        state, info = self._recorder.state, self._recorder.info
        if state is None or info is None:
            return None
        journal = Journal(state, info.id)
        return self._recorder.guarded(lambda: use(journal, self._recorder.now))
