"""A rebuild as a job: what would be lost is kept, then it is built, looked at, written down and judged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress

from imgtui.engine.port.builds import Building
from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError
from imgtui.engine.wire.facts import read_facts
from imgtui.model.acts.begun import Begun
from imgtui.model.build.build import Build, BuildProgress
from imgtui.model.build.verdict import Side, TagEnd, Verdict, verdict_of
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.clock import SECOND
from imgtui.model.core.digest import short
from imgtui.model.core.image import Image
from imgtui.model.core.printable import printable
from imgtui.model.core.reference import repository_of
from imgtui.model.jobs.job import JobBar
from imgtui.model.jobs.plans import keep_first
from imgtui.model.keeps.keep import KeptBy
from imgtui.model.plans.plan import NotPossible, Plan, Step, Verb, plan_keep
from imgtui.model.taglog.moves import Cause, Move
from imgtui.operations.acts.act_journal import ActJournal
from imgtui.operations.acts.acts import Acts
from imgtui.operations.protocol.updates import Rebuilt
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.tasks.following import follow
from imgtui.operations.tasks.jobs import Task
from imgtui.store.recipes import Recipes
from imgtui.words import plural, size


class Rebuilder:
    """Does builds, each in the thread of its job."""

    def __init__(
        self,
        engine: Engine,
        recorder: Recorder,
        moved: Callable[[tuple[Move, ...]], None],
        judged: Callable[[Rebuilt], None],
    ) -> None:
        self._engine = engine
        self._recorder = recorder
        self._journal = ActJournal(recorder)
        self._moved = moved
        self._judged = judged
        self._acts = Acts(engine, recorder)

    def run(self, build: Build, task: Task) -> str:
        """Do it; what there is to say of it. Raises Stopped, EngineError: tags and digests are as before.

        An image that would lose its last name is kept before anything is built, and no longer where its tags
        have not moved.
        """
        task.write(build.command)
        with self._journal.at_work():
            return self._run(build, task)

    def _run(self, build: Build, task: Task) -> str:
        before = self._images_of(build.tags)
        old = self._side(before.get(build.tags[0]) or self._engine.image(build.image_id))
        keeping = None if build.look_first else self._keep_first(build.tags, before, task)
        number = self._begin(build)
        try:
            made = self._build(build, task)
        except EngineError as error:
            task.write(printable(str(error), 2_000))
            with suppress(EngineError):  # what has changed is seen by whoever follows the engine
                self._record(build)
            self._journal.end(number, f"failed: {error}")
            with suppress(EngineError):  # why it failed is what people want to know
                self._let_go(keeping)
            raise
        kept = self._keep_result(build, made) if build.look_first else None
        unrecorded = self._record(build)
        verdict = self._judge(build, old, made, before, kept)
        said = summary(build, verdict)
        self._journal.end(number, f"done: {said}", unrecorded=unrecorded)
        self._write_down(build, made)
        self._let_go(keeping)
        self._judged(Rebuilt(build, verdict, task.job.number))
        return said

    # ------------------------------------------------------------------ before and while it is built

    def _keep_first(self, tags: Sequence[str], before: Mapping[str, Image], task: Task) -> Plan | None:
        """Keep what would lose its last name. Raises EngineError where it cannot be kept."""
        whole = [self._engine.image(image.id) for image in before.values()]
        catalog = Catalog({image.id: image for image in whole if image is not None})
        try:
            plan, notes = keep_first(catalog, tags, self._now, KeptBy.REBUILD)
        except NotPossible as error:
            raise EngineError(f"nothing was built: {error}") from error
        for note in notes:
            task.write(note)
        if plan is not None:
            self._acts.perform(plan, undoable=False)
        return plan

    def _build(self, build: Build, task: Task) -> Image:
        """Raises Stopped, EngineError."""
        under_way: list[Building] = []

        def begin() -> Building:
            under_way.append(self._engine.start_build(build))
            return under_way[0]

        known = BuildProgress(())
        for news in follow(begin, task.stop):
            known = news or known
            for line in news.lines if news is not None else ():
                task.write(line)
            task.say(_line(known.steps) if known.steps else f"{build.kind.value} is asked", known.steps)
        found = self._engine.image(under_way[0].image_id) if under_way[0].image_id else None
        if found is None and not build.look_first:
            found = self._images_of(build.tags).get(build.tags[0])  # another builder names it otherwise
        if found is None:
            raise EngineError("the build is done, but its result is not on this engine")
        return found

    # ------------------------------------------------------------------ afterwards

    def _keep_result(self, build: Build, made: Image) -> str | None:
        """Keep what has no name yet, in the repository that it is for; the keep."""
        image = self._engine.image(made.id)
        if image is None or image.tags or image.keeps:
            return None
        try:
            plan = plan_keep(
                Catalog({image.id: image}), image.id, _repository(build), self._now, by=KeptBy.BUILT
            )
        except NotPossible as error:
            raise EngineError(f"{short(image.id)} is built, but cannot be kept: {error}") from error
        self._acts.perform(plan, undoable=False)
        return plan.references[0]

    def _let_go(self, keeping: Plan | None) -> None:
        """Keep no longer what has another name still."""
        for step in keeping.steps if keeping is not None else ():
            image = self._engine.image(step.image_id)
            if image is not None and image.tags:
                back = Step(Verb.UNTAG, step.reference, step.image_id, step.image_id, Cause.UNTAG)
                title = f"stop keeping {short(step.image_id)}: its tag has not moved"
                self._acts.perform(Plan(title, (back,)), undoable=False)

    def _judge(
        self, build: Build, old: Side | None, made: Image, before: Mapping[str, Image], kept: str | None
    ) -> Verdict:
        after = self._images_of([*build.tags, *([kept] if kept else [])])
        listed = next((image for image in after.values() if image.id == made.id), made)
        new = self._side(listed)
        if new is None:
            raise EngineError(f"{short(made.id)} is built, but gone by now")
        ends = [TagEnd(tag, _id(before.get(tag)), _id(after.get(tag))) for tag in build.tags]
        return verdict_of(old, new, ends, kept)

    def _side(self, image: Image | None) -> Side | None:
        """The facts of an image with its values: only of what differs is told, by name."""
        document = self._engine.document(image.id, reveal=True) if image is not None else None
        if image is None or document is None:
            return None
        return Side(image.id, read_facts(document), image.manifest)

    def _images_of(self, references: Iterable[str]) -> dict[str, Image]:
        """The image that each tag or keep points at, as a list tells it."""
        found = self._engine.find_images(list(references))
        return {name: image for image in found for name in (*image.tags, *image.keeps)}

    # ------------------------------------------------------------------ what is written down

    @property
    def _now(self) -> int:
        return self._recorder.now // SECOND

    def _record(self, build: Build) -> Collection[str]:
        """The tags of which it could not be recorded where they are now. Raises EngineError."""
        recorded = self._recorder.look_at(build.tags)
        self._moved(recorded.moves)
        return recorded.unsettled

    def _write_down(self, build: Build, made: Image) -> None:
        state, key = self._recorder.state, self._recorder.key
        if state is not None and key is not None:
            recipes, now = Recipes(state, key), self._recorder.now
            self._recorder.guarded(lambda: recipes.keep(_repository(build), made.id, build.words, now))

    def _begin(self, build: Build) -> int | None:
        expected = {} if build.look_first else dict.fromkeys(build.tags, Cause.BUILD)
        return self._journal.begin(build.title, [build.command], expected=expected, begun_as=Begun())


def summary(build: Build, verdict: Verdict) -> str:
    """A verdict in one line."""
    old = short(verdict.old) if verdict.old else "nothing"
    if verdict.same is not None:
        what = f"identical: {verdict.same.value}"
    else:
        fresh = sum(layer.size for layer in verdict.fresh)
        what = f"{plural(len(verdict.reused), 'layer')} reused, {len(verdict.fresh)} new ({size(fresh)})"
    ends = f"{old} -> {short(verdict.new)}" if verdict.old != verdict.new else short(verdict.new)
    where = ", its tags not moved yet" if build.look_first else ""
    return f"{build.tags[0]} {ends}, {what}{where}"


def _line(steps: Sequence[JobBar]) -> str:
    """`3 of 8 steps: RUN make`."""
    over = sum(step.state in {"done", "cached"} for step in steps)
    running = [step.name for step in steps if step.state in {"running", "failed"}]
    return f"{over} of {plural(len(steps), 'step')}" + (f": {running[-1]}" if running else "")


def _repository(build: Build) -> str | None:
    return build.repository or repository_of(build.tags[0])


def _id(image: Image | None) -> str | None:
    return image.id if image is not None else None
