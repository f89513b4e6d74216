"""Acts written down while they are done, so that what was in the middle of one is known after a break."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from imgtui.engine.errors import EngineError
from imgtui.model.moves import Cause
from imgtui.model.plan import Step
from imgtui.operations.recording import Recorder
from imgtui.store.journal import Journal, Unfinished

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
        """Write down what is about to be done, as `Journal.begin` does; the number of the act.

        Raises EngineError where it is not clear which engine this is: what nobody writes down is not done.
        """
        if self._recorder.doubt is not None:
            raise EngineError(f"nothing is done: {self._recorder.doubt.words}")
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

    def _use(self, use: Callable[[Journal, int], Found]) -> Found | None:
        state, key = self._recorder.state, self._recorder.key
        if state is None or key is None:
            return None
        journal = Journal(state, key)
        return self._recorder.guarded(lambda: use(journal, self._recorder.now))
