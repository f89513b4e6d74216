"""What a session remembers: it has its recorder write, and tells what that changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from imgtui.model.core.image import EngineInfo
from imgtui.model.taglog.history import Past, past_of
from imgtui.model.taglog.identity import Doubt
from imgtui.model.taglog.moves import Move
from imgtui.operations.acts.act_journal import ActJournal
from imgtui.operations.protocol.updates import Publish, Remembered
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.state import State, StateUnusable
from imgtui.store.tag_log import Recorded

if TYPE_CHECKING:
    from imgtui.model.acts.changes import PastAct

Watched = Callable[[str, EngineInfo], bool]
"""Whether a recorder without a screen watches the engine of the log under a key."""
_State = tuple[str | None, bool, str | None, str | None, str, Doubt | None]
"""What is told of the state file: problem, recorder, unwritten, remark, machine and doubt of `Remembered`."""


class LogCache:
    """The log of the engine that is followed, read again when anybody has changed the state file."""

    def __init__(self, recorder: Recorder, publish: Publish, watched: Watched) -> None:
        self.past = Past()
        self._recorder = recorder
        self._publish = publish
        self._watched = watched
        self._log: Sequence[Move] = ()
        self._acts: Sequence[PastAct] = ()
        self._journal = ActJournal(recorder)
        self._read_anew = False
        self._told: _State = (None, False, None, None, "", None)
        self._read_at: object = None
        """Which version of the state file was read last."""
        self._read_of: object = None
        """Whose log was read last, as `Recorder.whose`."""

    def begin(self, info: EngineInfo) -> int:
        """Remember of this engine; since when what it did is not recorded (its clock, nanoseconds)."""
        since = self._recorder.follow(info)
        self._read_at = None
        self._read()
        self._tell(())
        return since

    def add(self, recorded: Recorded) -> None:
        """Tell what was recorded, by whomever."""
        self._read()
        self._tell(recorded.moves)

    def complain(self, problem: str) -> None:
        """Tell what was asked for and could not be done; what was told before stays."""
        self._publish(
            Remembered((), problem, self._log, self._acts, *self._told[1:5], doubt=self._recorder.doubt)
        )

    @property
    def is_old(self) -> bool:
        """Whether somebody has changed the state file since it was read: asking costs microseconds."""
        state = self._recorder.state
        return state is not None and self._version(state) not in {None, self._read_at}

    def _version(self, state: State) -> object:
        """Which version of the state file is there; None where that cannot be asked."""
        try:
            return state.version
        except StateUnusable:
            return None  # whoever writes next says why

    def _read(self) -> None:
        """Read what has changed; where that fails, what was known stays, and it is tried again."""
        self._forget_others()
        state = self._recorder.state
        version = None if state is None else self._version(state)
        if version is None or version == self._read_at:
            return
        if self._read_all():
            self._read_at = version

    def _forget_others(self) -> None:
        """What is known of one engine is never shown of another."""
        whose = self._recorder.whose
        if whose == self._read_of:
            return
        self._read_anew |= bool(self._log or self._acts)
        self._log, self._acts, self.past = (), (), Past()
        self._read_of, self._read_at = whose, None

    def _read_all(self) -> bool:
        """Whether all that there is to read was read."""
        log, pulls, info = self._recorder.log, self._recorder.pulls, self._recorder.info
        if log is None or pulls is None:
            return True  # it is not clear whose log that would be
        acts = self._journal.over()
        if acts is None:
            return False
        # All of it at once: a read that succeeds ends the problem that one before it has told.
        found = self._recorder.guarded(lambda: (log.moves(), log.images(), pulls.all()))
        if found is None:
            return False
        moves, images, proved = found
        before = self._log, self._acts
        self._log = self._log if moves == self._log else moves
        self._acts = acts
        self._read_anew |= (self._log, self._acts) != before
        self.past = past_of(self._log, images, info.store if info else None, proved)
        return True

    def _tell(self, moves: tuple[Move, ...]) -> None:
        key, info, problem = self._recorder.key, self._recorder.info, self._recorder.problem
        watched = key is not None and info is not None and self._watched(key, info)
        said, well = self._recorder.machine_said
        remark, machine = self._recorder.remark, said if well else ""
        state = problem, watched, problem, remark, machine, self._recorder.doubt
        if moves or state != self._told or self._read_anew:
            self._told, self._read_anew = state, False
            self._publish(Remembered(moves, state[0], self._log, self._acts, *state[1:]))
        if self._recorder.problem is not None:
            self._recorder.told_unwritten = True  # the screen says so as long as it is so
