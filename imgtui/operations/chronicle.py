"""What a session remembers: it has its recorder write, and tells what that changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from imgtui.model.identity import Doubt
from imgtui.model.image import EngineInfo
from imgtui.model.moves import Move
from imgtui.model.past import Past, past_of
from imgtui.operations.recording import Recorder
from imgtui.operations.updates import Publish, Remembered
from imgtui.store.tag_log import Recorded

Watched = Callable[[str], bool]
"""Whether a recorder without a screen watches the engine of this log."""
_State = tuple[str | None, bool, str | None, str | None, str, Doubt | None]
"""What is told of the state file: problem, recorder, unwritten, remark, machine and doubt of `Remembered`."""


class Chronicle:
    """The log of the engine that is followed, read again only when it has changed."""

    def __init__(self, recorder: Recorder, publish: Publish, watched: Watched) -> None:
        self.past = Past()
        self._recorder = recorder
        self._publish = publish
        self._watched = watched
        self._log: Sequence[Move] = ()
        self._told_log: Sequence[Move] = self._log
        self._told: _State = (None, False, None, None, "", None)

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
        self._log = self._recorder.guarded(log.moves) or ()
        images = self._recorder.guarded(log.images) or {}
        proved = self._recorder.guarded(pulls.all) or {}
        info = self._recorder.info
        self.past = past_of(self._log, images, info.store if info else None, proved)

    def _tell(self, moves: tuple[Move, ...], problem: str | None) -> None:
        key, unwritten = self._recorder.key, self._recorder.problem
        watched = key is not None and self._watched(key)
        said, well = self._recorder.machine_said
        remark, machine = self._recorder.remark, said if well else ""
        state = unwritten or problem, watched, unwritten, remark, machine, self._recorder.doubt
        if moves or state != self._told or self._told_log is not self._log:
            self._told, self._told_log = state, self._log
            self._publish(Remembered(moves, state[0], self._log, *state[1:]))
        if self._recorder.problem is not None:
            self._recorder.told_unwritten = True  # the screen says so as long as it is so
