"""Acts that were interrupted, put right: by `kill -9`, an engine that was lost, a machine that went down.

Each ends as done or as before, and the journal says which. Of roll backs people are asked first: they are put
back, or finished, by what does them (`imgtui.operations.containers.rollback`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, ReadOnly, raise_if_lost
from imgtui.engine.wire.answers import NAME_LIMIT
from imgtui.engine.wire.translate import mapping, text
from imgtui.model.acts.begun import Begun, NewContainer, OldContainer
from imgtui.model.acts.changes import DONE, RemovedForGood
from imgtui.model.containers.pending import Pending
from imgtui.model.core.clock import SECOND
from imgtui.model.core.digest import short
from imgtui.model.core.printable import printable
from imgtui.model.plans.plan import Step
from imgtui.model.removal.plan import Removal
from imgtui.model.taglog.moves import Move
from imgtui.operations.acts.act_journal import ActJournal
from imgtui.operations.acts.acts import Acts
from imgtui.operations.acts.names import Names
from imgtui.operations.containers.health import NEVER_RAN
from imgtui.operations.containers.replacing import Watch
from imgtui.operations.containers.rollback import Rollbacks
from imgtui.operations.launch.launching import launched, run_again
from imgtui.operations.protocol.cancellation import Tell
from imgtui.operations.removal.execute import final_of
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.journal import Open
from imgtui.words import plural

AS_IT_WAS: Final = "everything is as it was"
CREATED_WITHIN: Final = 60
"""Seconds after which a container is there that an engine was asked to make, if ever."""
TRANSFERRED_WITHIN: Final = 600
"""Seconds after which an engine no longer loads or pulls for somebody who has gone."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How an act ended that was interrupted."""

    said: str
    final: str | None = None
    """What the journal keeps of it."""


class Interruptions:
    """Puts right what was interrupted on the engine that a recorder follows.

    `moved` hears of moves that were made by it.
    """

    def __init__(
        self, engine: Engine, recorder: Recorder, moved: Callable[[tuple[Move, ...]], None] = lambda _: None
    ) -> None:
        self._engine = engine
        self._recorder = recorder
        self._journal = ActJournal(recorder)
        self._names = Names(engine)
        self._moved = moved
        self._rollbacks = Rollbacks(engine, recorder, Acts(engine, recorder), moved)

    def pending(self) -> list[Pending]:
        """The roll backs among them, of which people are asked. Raises NotReadable."""
        return self._rollbacks.pending()

    @property
    def not_understood(self) -> tuple[str, ...]:
        """What `pending` found that this version does not understand: nothing is done about it."""
        return self._rollbacks.not_understood

    def take_up(self, pending: Pending, tell: Tell, watch: Watch) -> str:
        """Finish a roll back, or put it back; as `Rollbacks.take_up`."""
        return self._rollbacks.take_up(pending, tell, watch)

    def give_up(self) -> list[str]:
        """Leave all roll backs as they are; as `Rollbacks.give_up`."""
        return self._rollbacks.give_up()

    def settle(self) -> tuple[str, ...]:
        """Put right all that nobody is at any more and that needs no question; a line for each act.

        What cannot be put right now stays open for the next time. Raises Unavailable.
        """
        if not self._journal.open():
            return ()
        said: list[str] = []
        with self._journal.alone() as alone:
            for act in self._journal.open() if alone else ():  # those that are open still
                try:
                    outcome = self._settle(act)
                except ReadOnly:
                    continue
                except EngineError as error:
                    raise_if_lost(error)
                    said.append(f"{printable(act.title)} was interrupted, and is not put right: {error}")
                    continue
                if outcome is None:
                    continue
                how = outcome.said if outcome.said == DONE else f"interrupted: {outcome.said}"
                self._journal.end(act.number, how, progress=outcome.final)
                said.append(f"{printable(act.title)} was interrupted: {outcome.said}")
        return tuple(said)

    def _settle(self, act: Open) -> _Outcome | None:
        """None where it is not clear yet, or was written down by an earlier imgtui. Raises EngineError."""
        begun = act.begun_as
        if begun is None:
            return None
        outcome: _Outcome | None = _Outcome("what it changed is in the tag log")
        if begun.removal is not None:
            outcome = self._removal(begun.removal)
        elif begun.launched is not None:
            outcome = self._launched(begun.launched, act)
        elif begun.discarded is not None:
            outcome = self._discarded(begun.discarded)
        elif begun.pulls:
            outcome = self._pulled(begun.pulls, act)
        elif begun.origins or begun.keeps:
            outcome = self._transferred(begun, act)
        elif begun.steps:
            outcome = self._steps(begun.steps)
        return outcome

    def _steps(self, steps: tuple[Step, ...]) -> _Outcome:
        if self._names.are_done(steps):
            return _Outcome(DONE)
        self._put_back(steps)
        return _Outcome(AS_IT_WAS)

    def _put_back(self, steps: tuple[Step, ...]) -> None:
        """Raises EngineError where something could not be put back: it is tried again the next time."""
        _, left = self._names.put_back(steps)
        self._moved(self._recorder.look_at([step.reference for step in steps]).moves)
        if left:
            raise EngineError(left)

    def _removal(self, removal: Removal) -> _Outcome:
        """What is gone is gone; of the rest each has its names again."""
        gone = [image.image_id for image in removal.images if self._engine.image(image.image_id) is None]
        if len(gone) == len(removal.images):
            return _Outcome(DONE, final_of(removal.part(gone)))
        self._put_back(
            tuple(step for image in removal.images if image.image_id not in gone for step in image.steps)
        )
        part = removal.part(gone)
        removed = f"{plural(len(part.versions), 'version')} removed, the rest is as it was"
        return _Outcome(removed if part.versions else AS_IT_WAS, final_of(part))

    def _launched(self, wanted: NewContainer, act: Open) -> _Outcome | None:
        """One that never ran goes again: nobody waits for it any more."""
        found = launched(self._engine, wanted)
        if found is not None:
            if text(mapping(found.get("State")).get("Status")) not in NEVER_RAN:
                return _Outcome(DONE)
            identifier = text(found.get("Id"), NAME_LIMIT)
            self._engine.remove_container(identifier, volumes=True)
            if self._engine.inspect_container(identifier) is not None:
                raise EngineError("its container was not removed, though the engine took it")
            return _Outcome("its container was never started, and is removed")
        if not self._is_old(act, CREATED_WITHIN):
            return None  # the engine may be making it
        return _Outcome("no container is left of it")

    def _discarded(self, wanted: OldContainer) -> _Outcome:
        """One that was only stopped runs again."""
        if self._engine.inspect_container(wanted.container_id) is None:
            final = RemovedForGood(
                0, 0, wanted.title, (), wanted.name, container_id=wanted.container_id
            ).to_json()
            return _Outcome(DONE, final)
        return _Outcome(run_again(self._engine, wanted) or AS_IT_WAS)

    def _transferred(self, begun: Begun, act: Open) -> _Outcome | None:
        """Tags that it moved stay where they are; what has not lost its tag is kept no longer."""
        here = {tag: self._names.point_at(tag) for tag in begun.origins}
        # A tag that neither was nor is there may be one that the engine calls otherwise (Podman).
        tags = [tag for tag, origin in begun.origins.items() if {origin, here[tag]} != {None}]
        moved = [tag for tag in tags if here[tag] != begun.origins[tag]]
        if not (moved and len(moved) == len(tags)) and not self._is_old(act, TRANSFERRED_WITHIN):
            return None  # the engine may be at it
        for step in begun.keeps:
            image = self._engine.image(step.image_id)
            if image is not None and image.tags and step.reference in image.keeps:
                self._engine.untag(step.reference)
        if not moved:
            return _Outcome("no tag has moved")
        shown = (f"{tag} points at {short(here[tag] or 'nothing')}" for tag in moved)
        return _Outcome(DONE if len(moved) == len(tags) else "; ".join(shown))

    def _pulled(self, reference: str, act: Open) -> _Outcome | None:
        if self._engine.image(reference) is not None:
            return _Outcome(DONE)
        return _Outcome("it is not here") if self._is_old(act, TRANSFERRED_WITHIN) else None

    def _is_old(self, act: Open, seconds: int) -> bool:
        return self._recorder.now - act.begun > seconds * SECOND
