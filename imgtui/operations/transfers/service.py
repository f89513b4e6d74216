"""Transfers as jobs: pulls, pushes, saves and loads, checked, written down, done, and recorded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from imgtui.engine.archive.tags import read_archive
from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, raise_if_lost
from imgtui.model.acts.begun import Begun
from imgtui.model.catalog.catalog import Catalog, Version
from imgtui.model.core.clock import SECOND
from imgtui.model.core.digest import short
from imgtui.model.core.image import Store
from imgtui.model.core.printable import printable
from imgtui.model.jobs.plans import LoadPlan, PullPlan, PushPlan, SavePlan, TransferPlan, plan_load, plan_save
from imgtui.model.plans.plan import NotPossible, Plan, Step, Verb
from imgtui.model.taglog.moves import Cause, Move
from imgtui.operations.acts.act_journal import ActJournal
from imgtui.operations.acts.acts import Acts, PlanOutdated
from imgtui.operations.acts.names import Names
from imgtui.operations.protocol.updates import Proposed, Publish
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.tasks.following import StillGoing
from imgtui.operations.tasks.jobs import Jobs, Task
from imgtui.operations.transfers.archives import load, save
from imgtui.operations.transfers.registries import pull, push
from imgtui.threads import ends_by_itself, in_background


class Transfers:
    """Begins transfers as jobs. `moved` hears of what is written down that no event tells of."""

    def __init__(
        self,
        engine: Engine,
        recorder: Recorder,
        jobs: Jobs,
        publish: Publish,
        moved: Callable[[tuple[Move, ...]], None],
    ) -> None:
        self._engine = engine
        self._recorder = recorder
        self._journal = ActJournal(recorder)
        self._acts = Acts(engine, recorder)
        self._names = Names(engine)
        self._jobs = jobs
        self._publish = publish
        self._moved = moved

    def begin(self, plan: TransferPlan) -> int:
        """Begin a job that does exactly a plan; its number."""
        return self._jobs.begin(plan.title, partial(self._run, plan))

    def propose_save(self, catalog: Catalog, versions: Sequence[Version], typed: str) -> None:
        """Look at a path, in a thread; `Proposed` has the plan to save there, or says why there is none."""

        def make() -> SavePlan:
            path = path_of(typed)
            if path.is_dir() or not path.parent.is_dir():
                raise NotPossible(f"{path} is a folder" if path.is_dir() else f"there is no {path.parent}")
            return plan_save(catalog, versions, str(path), replaces=path.exists())

        self._propose(make)

    def propose_load(self, catalog: Catalog, typed: str) -> None:
        """Look into an archive, in a thread; `Proposed` has its plan, or says why there is none."""

        def make() -> LoadPlan:
            info = self._recorder.info
            store = info.store if info is not None else None
            return plan_load(catalog, read_archive(path_of(typed)), store, self._recorder.now // SECOND)

        self._propose(make)

    def _propose(self, make: Callable[[], TransferPlan]) -> None:
        def prepare() -> None:
            try:
                self._publish(Proposed(make()))
            except (EngineError, NotPossible) as error:
                self._publish(Proposed(None, str(error)))
            except (OSError, ValueError) as error:  # no permission, a name that no file can have
                self._publish(Proposed(None, printable(str(error), 500)))

        in_background("path", prepare, lambda error: self._publish(Proposed(None, error)), ends_by_itself)

    def _run(self, plan: TransferPlan, task: Task) -> str:
        task.write(plan.command)
        try:
            return self._perform(plan, task)
        except EngineError as error:
            task.write(str(error))
            raise

    def _perform(self, plan: TransferPlan, task: Task) -> str:
        """Raises PlanOutdated where nothing was done, Stopped, EngineError."""
        with self._journal.at_work():
            self._check(plan.origins)
            return self._perform_now(plan, task, self._begin(plan))

    def _perform_now(self, plan: TransferPlan, task: Task, number: int | None) -> str:
        try:
            if plan.keeping is not None:
                self._acts.perform(plan.keeping, undoable=False)
                for note in plan.notes:
                    task.write(note)
            said = self._do(plan, task)
        except StillGoing:
            raise  # whether it is done shows later: the act stays open, and what was kept is kept
        except EngineError as error:
            raise_if_lost(error)
            became = "done, but its answer says" if self._is_done(plan) else "failed"
            self._end(plan, number, f"{became}: {error}")
            raise
        self._end(plan, number, "done" if isinstance(plan, SavePlan) else f"done: {said}")
        return said

    def _is_done(self, plan: TransferPlan) -> bool:
        """Whether all tags that it is about have moved, whatever was answered. Raises EngineError."""
        if plan.cause is None or not plan.origins:
            return False
        here = self._where(plan.origins)
        return all(tag in here and here[tag] != origin for tag, origin in plan.origins.items())

    def _end(self, plan: TransferPlan, number: int | None, outcome: str) -> None:
        """Record what it moved, and let go what was kept for nothing; else the next imgtui does."""
        with suppress(EngineError):
            unrecorded = self._record(plan)
            self._let_go(plan)
            self._journal.end(number, outcome, unrecorded=unrecorded)

    def _do(self, plan: TransferPlan, task: Task) -> str:
        if isinstance(plan, PullPlan):
            return pull(self._engine, plan, task, self._prove)
        if isinstance(plan, PushPlan):
            return self._push(plan, task)
        if isinstance(plan, SavePlan):
            return save(self._engine, plan, task, lambda: self._check(plan.origins))
        if isinstance(plan, LoadPlan):
            return load(self._engine, plan, task)
        raise TypeError(plan)

    def _push(self, plan: PushPlan, task: Task) -> str:
        """Where the containerd store has not all of an index, it pushes one platform of it (Docker 28.5).

        By the digest of that another image is pulled than the one that was pushed.
        """
        name = push(self._engine, plan, task, lambda: self._check(plan.origins))
        info = self._recorder.info
        if info is not None and info.store is Store.CONTAINERD and not name.endswith(f"@{plan.image_id}"):
            task.write(f"that is one platform of {plan.image_id}: the engine does not have the others")
        elif "@" in name:
            self._prove(plan.image_id, name)
        return name

    def _check(self, origins: Mapping[str, str | None]) -> None:
        """Whether the tags still point where the plan says. Raises PlanOutdated."""
        here = self._where(origins)
        for tag, origin in origins.items():
            if here.get(tag) != origin:
                shown = short(here[tag]) if tag in here else "nothing"
                raise PlanOutdated(f"{tag} points at {shown} by now: look again")

    def _where(self, tags: Iterable[str]) -> dict[str, str]:
        found = self._engine.find_images(list(tags))
        return {tag: image.id for image in found for tag in image.tags}

    def _let_go(self, plan: TransferPlan) -> None:
        """Keep no longer what has not lost its tag."""
        here = self._where(plan.origins) if plan.keeping is not None else {}
        for step in plan.keeping.steps if plan.keeping is not None else ():
            if step.image_id in here.values() and self._names.point_at(step.reference) is not None:
                back = Step(Verb.UNTAG, step.reference, step.image_id, step.image_id, Cause.UNTAG)
                title = f"stop keeping {short(step.image_id)}: its tag has not moved"
                self._acts.perform(Plan(title, (back,)), undoable=False)

    # ------------------------------------------------------------------ what is written down

    def _begin(self, plan: TransferPlan) -> int | None:
        cause = plan.cause
        expected = dict.fromkeys(plan.origins, cause) if cause is not None else None
        keeps = plan.keeping.steps if plan.keeping is not None else ()
        pulls = plan.reference if isinstance(plan, PullPlan) and cause is None else ""
        begun = Begun(origins=plan.origins if cause is not None else {}, pulls=pulls, keeps=keeps)
        return self._journal.begin(plan.title, [plan.command], expected=expected, begun_as=begun)

    def _prove(self, image_id: str, name: str) -> None:
        """A registry has an image as `repository@digest`."""
        pulls = self._recorder.pulls
        if pulls is not None:
            self._recorder.guarded(lambda: pulls.add(image_id, name))
            self._moved(())

    def _record(self, plan: TransferPlan) -> Collection[str]:
        """The tags of which it could not be recorded where they are now. Raises EngineError."""
        if plan.cause is None:
            return ()
        recorded = self._recorder.look_at(plan.origins)
        self._moved(recorded.moves)
        return recorded.unsettled


def path_of(typed: str) -> Path:
    """A path as a person types it: `~` is home. Raises NotPossible."""
    try:
        return Path(typed).expanduser().absolute()
    except RuntimeError as error:  # the home of nobody
        raise NotPossible(str(error)) from None
