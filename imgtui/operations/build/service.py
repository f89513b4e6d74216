"""Rebuilds: the form is prepared, the build is a job, and what it changed is told."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError
from imgtui.model.build.build import Build
from imgtui.model.build.form import BuildHost, RebuildDraft
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.clock import SECOND
from imgtui.model.jobs.plans import keep_first
from imgtui.model.keeps.keep import KeptBy
from imgtui.model.plans.plan import NotPossible
from imgtui.model.taglog.moves import Move
from imgtui.operations.build.job import Rebuilder
from imgtui.operations.build.recipes import RecipeRequest, find_recipe
from imgtui.operations.protocol.updates import Proposed, Publish, RebuildDrafted, Rebuilt
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.tasks.jobs import Jobs
from imgtui.threads import ends_by_itself, in_background


class Rebuilds:
    """Rebuilds on the engine that a recorder follows.

    `moved` hears of moves that no event tells of, `judged` what came of each rebuild.
    """

    def __init__(
        self,
        engine: Engine,
        recorder: Recorder,
        jobs: Jobs,
        publish: Publish,
        moved: Callable[[tuple[Move, ...]], None],
        judged: Callable[[Rebuilt], None],
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._engine = engine
        self._recorder = recorder
        self._jobs = jobs
        self._publish = publish
        self._environ = environ
        self._rebuilder = Rebuilder(engine, recorder, moved, judged)

    def draft(self, catalog: Catalog, wanted: RecipeRequest) -> None:
        """Look for how a version was built, in a thread: `RebuildDrafted` has it, `Proposed` why not."""

        def prepare() -> None:
            try:
                builder = self._engine.builder()
                recipe = find_recipe(self._engine, self._recorder, catalog, wanted)
            except EngineError as error:
                self._publish(Proposed(None, str(error)))
                return
            keeps = _kept_first(catalog, recipe.values("tags"), self._recorder.now // SECOND)
            draft = RebuildDraft(wanted.image_id, wanted.repository, recipe, builder, keeps)
            ground = BuildHost(self._environ, os.path.isdir, os.path.isfile)
            self._publish(RebuildDrafted(draft, ground))

        in_background("recipe", prepare, lambda error: self._publish(Proposed(None, error)), ends_by_itself)

    def begin(self, build: Build) -> int:
        """Begin a job that builds; its number."""
        return self._jobs.begin(build.title, partial(self._rebuilder.run, build))


def _kept_first(catalog: Catalog, tags: tuple[str, ...], now: int) -> tuple[str, ...]:
    try:
        plan, _ = keep_first(catalog, tags, now, KeptBy.REBUILD)
    except NotPossible:
        return ()
    return tuple(step.image_id for step in plan.steps) if plan is not None else ()
