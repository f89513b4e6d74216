"""Transfers as jobs on an engine of the contract, with a tag log and a journal in memory."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import replace

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.image import Image
from imgtui.model.jobs.job import Job
from imgtui.model.jobs.plans import TransferPlan
from imgtui.model.taglog.moves import Move
from imgtui.operations.protocol.updates import JobUpdated, Update
from imgtui.operations.taglog.reconcile import merge_parts
from imgtui.operations.taglog.recording import Recorder, moment
from imgtui.operations.tasks.jobs import Jobs
from imgtui.operations.transfers.service import Transfers
from imgtui.store.journal import Journal, JournalEntry
from imgtui.store.state import State
from tests.engine.contract.hands import Hands, MemoryHands
from tests.engine.contract.source import image
from tests.engines.registry import Registry, login
from tests.engines.waiting import PATIENCE, wait_until

SECONDS = PATIENCE
_MANIFESTS = (
    "docker.distribution.manifest.v2",
    "docker.distribution.manifest.list.v2",
    "oci.image.manifest.v1",
    "oci.image.index.v1",
)


class Desk:
    """Begins jobs and waits for their ends."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._told = threading.Condition()
        self.updates: list[Update] = []
        self.state = State(None)
        self.recorder = Recorder(engine, lambda: self.state)
        self.info = engine.connect()
        self.recorder.follow(self.info)
        self.recorder.take_all(self.catalog(), moment(), ())
        self.jobs = Jobs(self._hear)
        self.transfers = Transfers(engine, self.recorder, self.jobs, self._hear, lambda _: None)

    def catalog(self) -> Catalog:
        """What the engine holds now."""
        images: dict[str, Image] = {}
        for part in self._engine.list_images():
            merge_parts(images, part.images)
        return Catalog(images)

    def run(self, plan: TransferPlan) -> Job:
        """Do a plan to its end."""
        return self.end(self.transfers.begin(plan))

    def end(self, number: int) -> Job:
        """Wait for the end of a job."""
        return self.until(number, lambda job: not job.running)

    def until(self, number: int, holds: Callable[[Job], object]) -> Job:
        """Wait for something to be told of a job."""

        def found() -> Job | None:
            told = [update.job for update in self.updates if isinstance(update, JobUpdated)]
            return next((job for job in reversed(told) if job.number == number and holds(job)), None)

        with self._told:
            assert self._told.wait_for(found, SECONDS), self.updates[-3:]
        job = found()
        assert job is not None
        return job

    def wait_for(self, event: threading.Event, number: int) -> None:
        """Wait for an event while a job runs; a job that is over is told: nothing is waited for then."""
        wait_until(
            lambda: event.is_set() or any(self._over(number)), what=f"the event, or the end of job {number}"
        )
        assert event.is_set(), self._over(number)

    def _over(self, number: int) -> list[Job]:
        told = [update.job for update in self.updates if isinstance(update, JobUpdated)]
        return [job for job in told if job.number == number and not job.running]

    def moves(self) -> list[Move]:
        """The log, the newest first."""
        assert self.recorder.log is not None
        return self.recorder.log.moves()

    def journal(self) -> list[JournalEntry]:
        """The acts, the newest first."""
        return list(Journal(self.state, self.info.id).entries())

    def _hear(self, update: Update) -> None:
        with self._told:
            self.updates.append(update)
            self._told.notify_all()


class Target:
    """One repository that no other test uses, which the engine pushes to; `locked` wants a password."""

    def __init__(self, hands: Hands, registry: Registry | None, name: str, *, locked: bool = False) -> None:
        self.hands = hands
        self._registry = registry
        self._locked = locked
        self.repository = f"{registry.address if registry else '127.0.0.1:5000'}/{name}"

    def tag(self, tag: str) -> str:
        """A tag of the repository."""
        return f"{self.repository}:{tag}"

    def make(self, tag: str, text: str) -> str:
        """Have an image on the engine, as if it was built; its ID."""
        return self.hands.load(replace(image(f"{self.repository} {text}"), tags=[self.tag(tag)]))

    def refuse(self, tag: str) -> None:
        """Have an engine in memory refused, as a locked registry does."""
        if isinstance(self.hands, MemoryHands):
            self.hands.engine.publish(self.tag(tag), EngineError("no basic auth credentials"))

    def digest(self, tag: str) -> str | None:
        """Where the registry says that a tag points; None for one that it does not have."""
        if isinstance(self.hands, MemoryHands):
            try:
                return self.hands.engine.remote_tag(self.tag(tag)).digest
            except EngineError:
                return None
        assert self._registry is not None
        address, _, name = self.repository.partition("/")
        accepted = ", ".join(f"application/vnd.{kind}+json" for kind in _MANIFESTS)
        headers = {"Accept": accepted} | ({"Authorization": f"Basic {login()}"} if self._locked else {})
        request = urllib.request.Request(
            f"http://{address}/v2/{name}/manifests/{tag}", headers=headers, method="HEAD"
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return str(answer.headers["Docker-Content-Digest"])
        except urllib.error.HTTPError:
            return None
