"""What acts on an engine, or looks into it, for the person before the screen; each made when it is wanted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from imgtui.engine.port.engine import Engine
from imgtui.model.jobs.job import extraction_title
from imgtui.model.taglog.moves import Move
from imgtui.operations.acts.journal import read_journal
from imgtui.operations.files.service import FilesService
from imgtui.operations.protocol.updates import (
    ActEnded,
    Failed,
    JobLogRead,
    JournalRead,
    Publish,
    Rebuilt,
    RegistryAnswered,
)
from imgtui.operations.session.act_runner import ActRunner
from imgtui.operations.session.facts_service import FactsService
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.remembering import Remembering
from imgtui.operations.tasks.jobs import Jobs
from imgtui.store.cached.cache import Cache
from imgtui.store.config.settings import RollbackSettings
from imgtui.threads import ends_by_itself, in_background

if TYPE_CHECKING:  # a start does not pay for what few sessions do
    from pathlib import Path

    from imgtui.operations.build.service import Rebuilds
    from imgtui.operations.compare.service import CompareService
    from imgtui.operations.files.extracting import Extraction
    from imgtui.operations.removal.planning import RemovalsService
    from imgtui.operations.transfers.service import Transfers

Moved = Callable[[tuple[Move, ...]], None]
"""Hears of what was written into the log that no event tells of."""
Ended = Callable[[ActEnded | Rebuilt], None]
"""Hears that an act is over."""


class Services:
    """All that is asked of a session, besides to follow its engine. `publish` is called from threads."""

    def __init__(
        self,
        engine: Engine,
        cache: Cache,
        recorder: Recorder,
        publish: Publish,
        moved: Moved,
        ended: Ended,
        *,
        rollback: RollbackSettings | None,
        headless: bool,
        clock: Callable[[], float],
    ) -> None:
        self.recorder = recorder
        self._publish = publish
        self.remembering = Remembering(
            engine, recorder, cache, asks=headless, tell=self.complaint("facts of images were not kept")
        )
        self.facts = FactsService(engine, cache, publish, self.remembering)
        self.files = FilesService(engine, cache.layer_lists, publish)
        self.acts = ActRunner(engine, recorder, publish, moved, ended, rollback=rollback)
        self.jobs = Jobs(publish, clock)
        self._engine = engine
        self._cache = cache
        self._moved = moved
        self._ended = ended
        self._registries_left = threading.Event()
        """Set when nobody wants to know any more where tags point in their registries."""

    @cached_property
    def comparing(self) -> CompareService:
        """What compares images."""
        from imgtui.operations.compare.service import CompareService

        return CompareService(self._engine, self._cache, self._publish, self.recorder)

    @cached_property
    def rebuilds(self) -> Rebuilds:
        """What prepares rebuilds, and begins them."""
        from imgtui.operations.build.service import Rebuilds

        return Rebuilds(
            self._engine,
            self.recorder,
            self.jobs,
            self._publish,
            self._moved,
            self._ended,
        )

    @cached_property
    def transfers(self) -> Transfers:
        """What begins pulls, pushes, saves and loads."""
        from imgtui.operations.transfers.service import Transfers

        return Transfers(
            self._engine,
            self.recorder,
            self.jobs,
            self._publish,
            self._moved,
        )

    @cached_property
    def removals(self) -> RemovalsService:
        """What makes plans of removals."""
        from imgtui.operations.removal.planning import RemovalPlans, RemovalsService

        return RemovalsService(RemovalPlans(self._engine, self.recorder, self._cache), self.acts.propose)

    def extract(self, wanted: Extraction, target: Path) -> int:
        """Begin a job that takes something of an image out to a new file or folder; its number."""
        from imgtui.operations.files.extracting import extracting

        work = partial(extracting, self._engine, wanted, target)
        return self.jobs.begin(extraction_title(wanted.path), work)

    def close(self) -> None:
        """Have all stop that only asks, or reads."""
        self._registries_left.set()
        self.remembering.close()
        self.facts.close()
        self.stop_reading()

    def stop_reading(self) -> None:
        """Have what is read of images stop: what was read stays known."""
        self.files.stop()
        if "comparing" in vars(self):
            self.comparing.stop()

    def read_job_log(self, number: int, after: int) -> None:
        """Have the lines of a job's log that follow so many; `JobLogRead` tells them."""
        self._publish(JobLogRead(number, after, self.jobs.log(number, after)))

    def read_journal(self) -> None:
        """Read the journal of acts, in a thread; `JournalRead` tells what it says."""

        def read() -> None:
            self._publish(read_journal(self.recorder))

        in_background(
            "journal", read, lambda error: self._publish(JournalRead(problem=error)), ends_by_itself
        )

    def ask_registries(self, references: Sequence[str]) -> None:
        """Ask where tags point in their registries, in threads; `RegistryAnswered` tells each answer."""

        def ask() -> None:
            from imgtui.operations.transfers.registry_tags import remote_tags

            for tag in remote_tags(self._engine, references):
                if self._registries_left.is_set():
                    return
                self._publish(RegistryAnswered(tag))

        in_background(
            "registries", ask, self.complaint("registries were not asked"), self._registries_left.set
        )

    def complaint(self, what: str) -> Callable[[str], None]:
        """Has an error told, with what could not be done because of it."""
        return lambda error: self._publish(Failed(f"{what} ({error})"))
