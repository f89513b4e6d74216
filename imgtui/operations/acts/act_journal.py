"""Acts written down while they are done, so that what was in the middle of one is known after a break."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Final, TypeVar

from imgtui.engine.port.errors import EngineError
from imgtui.model.core.printable import printable
from imgtui.model.plans.plan import Step
from imgtui.model.taglog.moves import Cause
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.journal import Journal, Open, Unfinished
from imgtui.store.presence import PAUSE, AlreadyHeld, Presence, Role, hold, is_held
from imgtui.store.state import StateUnusable

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from imgtui.model.acts.begun import Begun
    from imgtui.model.acts.changes import PastAct

Found = TypeVar("Found")
PATIENCE_TRIES: Final = int(30 / PAUSE)
"""How long an act waits while another imgtui puts right what was interrupted."""


class NotWrittenDown(EngineError):
    """An act could not be written down: it does not begin, or does not go on."""


class NotReadable(EngineError):
    """The journal cannot be read."""


class ActJournal:
    """Writes acts into the journal of the engine that a recorder follows.

    What is not written down is not done: each write returns when it is on the disk, or raises. Only where
    somebody has agreed to that, an act begins without: its number is None, and nothing is written of it.
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
        begun_as: Begun | None = None,
        unwritten: bool | None = None,
        harmless: bool = False,
    ) -> int | None:
        """Write down what is about to be done, as `Journal.begin` does; the number of the act.

        `unwritten` is whether who asked for it was told that it cannot be written down, and agreed; None is
        for acts of which it is known by `Recorder.told_unwritten`. A file that is only locked is worth
        another try: then nothing is done either way, but for what is `harmless`. Nothing is done where it is
        not clear which engine this is.

        Raises NotWrittenDown.
        """
        if self._recorder.doubt is not None:
            raise NotWrittenDown(f"nothing is done: {self._recorder.doubt.words}")
        try:
            return self._use(
                lambda journal, now: journal.begin(
                    title,
                    commands,
                    now,
                    steps=steps,
                    expected=expected,
                    progress=progress,
                    begun_as=begun_as.to_json() if begun_as is not None else None,
                ),
                writes=True,
            )
        except StateUnusable as error:
            agreed = self._recorder.told_unwritten if unwritten is None else unwritten
            if harmless or (agreed and not error.locked):
                return None
            raise NotWrittenDown(f"nothing was done, as it could not be written down: {error}") from error

    def note(self, number: int | None, progress: str) -> None:
        """Write down how far an act has come. Raises NotWrittenDown: then it must not go on."""
        if number is None:
            return
        try:
            self._use(lambda journal, _: journal.note(number, progress), writes=True)
        except StateUnusable as error:
            raise NotWrittenDown(str(error)) from error

    def give_up(self, number: int) -> None:
        """Write down that an act is over, whatever is there. Raises NotWrittenDown."""
        try:
            self._use(lambda journal, now: journal.end(number, now, "given up by hand"), writes=True)
        except StateUnusable as error:
            raise NotWrittenDown(f"it could not be written down: {error}") from error

    def end(
        self,
        number: int | None,
        outcome: str,
        *,
        progress: str | None = None,
        unrecorded: Collection[str] = (),
    ) -> None:
        """Write down how an act ended, as `Journal.end` does.

        Where that cannot be, it stays open, as `Recorder.problem` says.
        """
        if number is None:
            return
        try:
            self._use(
                lambda journal, now: journal.end(
                    number, now, outcome, progress=progress, unrecorded=unrecorded
                ),
                writes=True,
            )
        except StateUnusable:
            return

    def at_work(self) -> AbstractContextManager[object]:
        """Meanwhile nobody takes what is done for interrupted. It is let go however the program ends.

        Raises NotWrittenDown where another imgtui takes too long to put right what was interrupted.
        """
        try:
            return self._hold(together=True, tries=PATIENCE_TRIES) or nullcontext()
        except AlreadyHeld:
            raise NotWrittenDown(
                "another imgtui puts right what was interrupted: nothing was done, try again"
            ) from None
        except OSError:  # a folder in which nothing can be written: `begin` says so
            return nullcontext()

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether no act is under way, here or in another imgtui; none begins meanwhile.

        Of a journal in memory that is not known, and nobody finds there what another one left.
        """
        try:
            held = self._hold()
        except (AlreadyHeld, OSError):
            held = None
        with held or nullcontext():
            yield held is not None

    def _hold(self, *, together: bool = False, tries: int = 1) -> Presence | None:
        """None where there is no file that another imgtui could have too."""
        state, key = self._recorder.state, self._recorder.key
        if state is None or state.path is None or key is None:
            return None
        return hold(state.path.parent, key, Role.ACTS, together=together, tries=tries)

    def open(self) -> Sequence[Open]:
        """Acts that have not ended, as `Journal.open`; none where they cannot be read."""
        try:
            return self._use(lambda journal, _: journal.open())
        except StateUnusable:
            return ()

    def interrupted(self) -> Sequence[str]:
        """Titles of roll backs that can be taken up; none while one is under way, or none can be read."""
        state, key = self._recorder.state, self._recorder.key
        if state is None or state.path is None or key is None:
            return ()
        try:
            found = self.unfinished()
        except NotReadable:
            return ()  # the state file's problem is told by itself
        if found and is_held(state.path.parent, key, Role.CONTAINERS):
            return ()
        return tuple(printable(each.title) for each in found)

    def unfinished(self) -> Sequence[Unfinished]:
        """Acts that were interrupted and can be gone on with. Raises NotReadable."""
        try:
            return self._use(lambda journal, _: journal.unfinished())
        except StateUnusable as error:
            raise NotReadable(f"it is not known what was interrupted: {error}") from error

    def over(self) -> Sequence[PastAct] | None:
        """Acts that are over, as `Journal.over`; None where they cannot be read: `Recorder.problem`."""
        try:
            return self._use(lambda journal, _: journal.over())
        except StateUnusable:
            return None

    def _use(self, use: Callable[[Journal, int], Found], *, writes: bool = False) -> Found:
        """Raises StateUnusable."""
        recorder = self._recorder
        state, key = recorder.state, recorder.key
        if state is None or key is None:
            raise recorder.trouble  # it is known already: it is no new trouble with the file
        return recorder.attempt(lambda: use(Journal(state, key), recorder.now), writes=writes)
