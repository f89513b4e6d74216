"""Acts on an engine, done one after the other in a thread, and what is told of them meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.plans.plan import NotPossible, Plan
from imgtui.model.taglog.moves import Move
from imgtui.operations.acts.act_journal import ActJournal, NotReadable
from imgtui.operations.acts.acts import Acts
from imgtui.operations.protocol.cancellation import Tell
from imgtui.operations.protocol.updates import (
    ActEnded,
    ActProgress,
    Failed,
    Interrupted,
    Proposed,
    Publish,
    Settled,
)
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.config.settings import RollbackSettings
from imgtui.threads import ends_by_itself, in_background, in_one_line

if TYPE_CHECKING:  # a start does not pay for what few sessions do
    from imgtui.model.acts.changes import RolledBack
    from imgtui.model.containers.pending import Pending
    from imgtui.model.containers.rollback import Rollback
    from imgtui.model.removal.build_cache import CacheRemoval
    from imgtui.model.removal.plan import Removal
    from imgtui.operations.containers.replacing import Watch
    from imgtui.operations.containers.rollback import Rollbacks
    from imgtui.operations.launch.service import LaunchService
    from imgtui.operations.protocol.updates import Act
    from imgtui.operations.recovery.interrupted import Interruptions

TELL_SECONDS = 0.2
"""At most five lines a second are told of an act: a slow terminal paints each."""


class ActRunner:
    """Does what is asked for. `moved` hears of moves that no event tells of, `ended` how acts went."""

    def __init__(
        self,
        engine: Engine,
        recorder: Recorder,
        publish: Publish,
        moved: Callable[[tuple[Move, ...]], None],
        ended: Callable[[ActEnded], None],
        *,
        rollback: RollbackSettings | None = None,
    ) -> None:
        self._publish = publish
        self._moved = moved
        self._ended = ended
        self.rollback = rollback or RollbackSettings()
        """How containers are rolled back."""
        self._acts = Acts(engine, recorder)
        self._engine = engine
        self._recorder = recorder
        self._acting = threading.Lock()
        self._stop = threading.Event()
        self._closed = threading.Event()
        self.under_way: str | None = None
        """The title of the act that is under way."""
        self._told = 0.0
        self._interrupted = False

    def act(self, act: Act, *, by_itself: bool = False) -> None:
        """Do it; `ActProgress` tells how it goes, `ActEnded` how it ended. `by_itself`: nobody asked."""

        def perform() -> None:
            error, said = None, ""
            with self._acting:
                self._stop.clear()
                if self._closed.is_set():  # looked at after the line before: `close` sets both
                    return
                self.under_way = act.title
                try:
                    said = self._do(act)
                except EngineError as refused:
                    error = str(refused)
                except Exception as unforeseen:  # somebody waits for the end of the act
                    error = in_one_line(unforeseen)
                finally:
                    self.under_way = None
            self._ended(ActEnded(act, error, said, by_itself))
            self.look_for_interrupted()

        in_background("act", perform, lambda error: self._publish(Failed(error)), self.stop)

    def stop(self) -> None:
        """Have the act that is under way stop, and put back what it has done."""
        self._stop.set()

    def close(self, seconds: float) -> None:
        """Begin nothing any more; have what is under way stop and put back what it has done.

        It is waited for so long at most: the journal has what is needed to take it up later.
        """
        self._closed.set()
        self._stop.set()
        if self._acting.acquire(timeout=seconds):
            self._acting.release()

    def propose_rollback(
        self, catalog: Catalog, container_ids: Sequence[str], target: str, tag: str | None
    ) -> None:
        """Make the plan of a roll back, as `propose` does."""

        def make() -> Plan | Rollback:
            from imgtui.operations.containers.rollback_plan import plan_rollback

            return plan_rollback(
                self._engine, self._recorder, catalog, container_ids, target, tag, watch=self._watch()
            )

        self.propose(make)

    def propose_back(self, catalog: Catalog, moves: Sequence[Move], act: RolledBack) -> None:
        """Make the plan that undoes the roll back of containers, or does it again, as `propose` does."""

        def make() -> Rollback:
            from imgtui.operations.containers.undoing import plan_back

            return plan_back(self._engine, self._recorder, catalog, moves, act, self._watch())

        self.propose(make)

    def propose(self, make: Callable[[], Plan | Rollback | Removal | CacheRemoval]) -> None:
        """Make a plan that takes questions to the engine; `Proposed` has it, or says why there is none."""

        def prepare() -> None:
            try:
                self._publish(Proposed(make()))
            except (EngineError, NotPossible) as error:
                self._publish(Proposed(None, str(error)))

        in_background("plan", prepare, lambda error: self._publish(Proposed(None, error)), ends_by_itself)

    def look_for_interrupted(self) -> None:
        """Tell of interrupted acts that can be taken up; that there are none, where there were some."""
        pending = self._pending()
        if pending or self._interrupted:
            self._interrupted = bool(pending)
            self._publish(Interrupted(pending))

    def _pending(self) -> Sequence[Pending]:
        try:
            return self._interruptions.pending() if ActJournal(self._recorder).unfinished() else ()
        except NotReadable:
            return ()  # the screen says that the state file cannot be used

    def _do(self, act: Act) -> str:
        def tell(line: str) -> None:
            now = time.monotonic()
            if now - self._told >= TELL_SECONDS:
                self._told = now
                self._publish(ActProgress(act.title, line))

        if isinstance(act, Plan):
            self._moved(self._acts.perform(act, tell=tell, stop=self._stop).moves)
            return ""
        from imgtui.model.containers.rollback import Rollback
        from imgtui.model.launch.launch import Discard, Launch, Shell
        from imgtui.model.removal.build_cache import CacheRemoval
        from imgtui.model.removal.plan import Removal

        if isinstance(act, Launch | Shell | Discard):
            return self.launches.perform(act, tell)
        if isinstance(act, Removal | CacheRemoval):
            return self._remove(act, tell)
        watch = self._watch()
        if isinstance(act, Rollback):
            return self._rollbacks.perform(act, tell, watch)
        return self._interruptions.take_up(act, tell, watch)

    def _watch(self) -> Watch:
        from imgtui.operations.containers.replacing import SETTLING_SECONDS, Watch

        return Watch(self.rollback.settle or SETTLING_SECONDS, self._stop)

    def _remove(self, act: Removal | CacheRemoval, tell: Tell) -> str:
        from imgtui.model.removal.plan import Removal
        from imgtui.operations.removal.execute import Removing
        from imgtui.words import size

        removing = Removing(self._engine, self._recorder, self._moved)
        if not isinstance(act, Removal):
            return f"{size(removing.free_cache(act))} of the build cache freed"
        done = removing.perform(act, tell, self._stop)
        if not done.whole:
            raise EngineError(done.words)
        return done.words

    def tidy(self, catalog: Catalog) -> None:
        """Put right what was interrupted; remove what has had its time.

        That is: shells of an imgtui that was ended, containers before roll backs.
        """
        with suppress(EngineError):  # it is tried again when the engine is back
            self._settle()
        from imgtui.model.launch.launch import SHELL_NAME

        if any(container.name.startswith(SHELL_NAME) for container in catalog.containers.values()):
            self.launches.tidy(catalog)
        days = self.rollback.remove_after
        if days is None or not any(container.replaces for container in catalog.containers.values()):
            return
        from imgtui.operations.containers.retired import overdue

        with suppress(EngineError):  # it is looked for again when the engine is back
            for act in overdue(self._engine, catalog, self._recorder.now, days):
                self.act(act, by_itself=True)

    def _settle(self) -> None:
        """Put right what was interrupted and is no roll back; `Settled` tells what. Raises Unavailable."""
        if not ActJournal(self._recorder).open():
            return
        if lines := self._interruptions.settle():
            self._publish(Settled(lines))

    def _perform(self, plan: Plan) -> None:
        self._moved(self._acts.perform(plan).moves)

    @cached_property
    def launches(self) -> LaunchService:
        """What prepares launches, does them, and looks at what was launched."""
        from imgtui.operations.launch.service import LaunchService

        return LaunchService(self._engine, self._recorder, self._publish, self._perform)

    @property
    def _interruptions(self) -> Interruptions:
        from imgtui.operations.recovery.interrupted import Interruptions

        return Interruptions(self._engine, self._recorder, self._moved)

    @property
    def _rollbacks(self) -> Rollbacks:
        from imgtui.operations.containers.rollback import Rollbacks

        return Rollbacks(self._engine, self._recorder, self._acts, self._moved)
