"""What a session remembers: it has its recorder write, and tells what that changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from imgtui.model.image import EngineInfo
from imgtui.model.moves import Move
from imgtui.model.past import Past, past_of
from imgtui.operations.act_journal import ActJournal
from imgtui.operations.recording import Recorder
from imgtui.operations.updates import Publish, Remembered
from imgtui.store.tag_log import Recorded

if TYPE_CHECKING:
    from imgtui.model.changes import PastAct

Watched = Callable[[str], bool]
"""Whether a recorder without a screen watches the engine of this ID."""


class Chronicle:
    """The log of the engine that is followed, read again only when it has changed."""

    def __init__(self, recorder: Recorder, publish: Publish, watched: Watched) -> None:
        self.past = Past()
        self._recorder = recorder
        self._publish = publish
        self._watched = watched
        self._log: Sequence[Move] = ()
        self._acts: Sequence[PastAct] = ()
        self._journal = ActJournal(recorder)
        self._read_anew = False
        self._told: tuple[str | None, bool] = (None, False)

    def begin(self, info: EngineInfo) -> int:
        """Remember of this engine; since when what it did is not recorded (its clock, nanoseconds)."""
        since = self._recorder.follow(info)
        self._read()
        self._tell((), None)
        return since

    def add(self, recorded: Recorded, *, more: bool = False, problem: str | None = None) -> None:
        """Tell what was recorded, and what else went wrong. `more` is whether something else was written."""
        if recorded.moves or recorded.first_sight or more:
            self._read()
        self._tell(recorded.moves, problem)

    def _read(self) -> None:
        log, pulls = self._recorder.log, self._recorder.pulls
        if log is None or pulls is None:
            return
        before = self._log, self._acts
        self._log = self._recorder.guarded(log.moves) or ()
        self._acts = self._journal.over()
        self._read_anew |= (self._log, self._acts) != before
        images = self._recorder.guarded(log.images) or {}
        proved = self._recorder.guarded(pulls.all) or {}
        info = self._recorder.info
        self.past = past_of(self._log, images, info.store if info else None, proved)

    def _tell(self, moves: tuple[Move, ...], problem: str | None) -> None:
        info = self._recorder.info
        state = self._recorder.problem or problem, info is not None and self._watched(info.id)
        if moves or state != self._told or self._read_anew:
            self._told, self._read_anew = state, False
            self._publish(Remembered(moves, state[0], self._log, self._acts, state[1]))
