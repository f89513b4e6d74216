"""Jobs in the explorer: what begins them, where they are seen, and how they end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar

from imgtui.model.catalog.catalog import NONE
from imgtui.model.core.digest import short
from imgtui.model.core.reference import repository_of
from imgtui.model.plans.plan import NotPossible
from imgtui.operations.protocol.updates import JobLogRead, JobUpdated
from imgtui.ui.actions import CHANGE, LOOK, PANES, Action, Needs
from imgtui.ui.explorer.rows import EVERYTHING

if TYPE_CHECKING:
    from textual.timer import Timer

    from imgtui.model.catalog.catalog import Version
    from imgtui.model.jobs.job import Job
    from imgtui.ui.controller import Handlers
    from imgtui.ui.explorer.screen import ExplorerScreen
    from imgtui.ui.features import Features
    from imgtui.ui.jobs.log_screen import JobLogScreen
    from imgtui.ui.jobs.screen import JobsScreen

JOBS_SECONDS = 0.2
"""However many jobs run, they are shown at most five times a second."""


class JobsController:
    """Pull, push, save and load; the list of jobs and the log of one."""

    def __init__(self, explorer: ExplorerScreen, features: Features) -> None:
        self._explorer = explorer
        self._features = features
        self._screen: JobsScreen | None = None
        """The jobs, while they are looked at."""
        self._log: JobLogScreen | None = None
        """The log of a job, while it is looked at."""
        self._showing: Timer | None = None
        self.handlers: Handlers = {JobUpdated: self._take, JobLogRead: self._take_log}

    # ------------------------------------------------------------------ what begins one

    def pull(self) -> None:
        """Ask what to pull, and show the plan."""
        from imgtui.model.jobs.plans import plan_pull_of
        from imgtui.ui.dialogs.asking import AskScreen

        explorer, known = self._explorer, self._explorer.known
        catalog = known.catalog

        def fault(text: str) -> str | None:
            if not text:
                return "a tag or a digest is wanted: web:latest, web@sha256:…"
            try:
                plan_pull_of(catalog, text, 0)
            except NotPossible as error:
                return str(error)
            return None

        def asked(text: str | None) -> None:
            if text is not None:
                self._features.plans.propose(lambda: plan_pull_of(known.catalog, text, int(known.now)))

        explorer.app.push_screen(AskScreen("pull a tag or a digest", self._pullable(), fault), asked)

    def push(self) -> None:
        """Push a tag of the version under the cursor; of several, which one is asked."""
        version = self._explorer.version
        if version is None:
            return
        tags = self._explorer.tags_of(version)
        if len(tags) == 1:
            self._push(version, tags[0])
            return
        from imgtui.ui.dialogs.choice import ChoiceScreen

        screen = ChoiceScreen("Push", [("tag", tag) for tag in tags])
        self._explorer.app.push_screen(screen, partial(self._push, version))

    def why_no_tag(self) -> str | None:
        """Why there is no tag to push."""
        return self._explorer.why_no_tag()

    def save(self) -> None:
        """Ask for a file, and have the plan made that writes the versions into it."""
        explorer = self._explorer
        versions = tuple(explorer.chosen_versions())
        if not versions:
            return
        from imgtui.ui.dialogs.asking import AskScreen
        from imgtui.ui.widgets.paths import PathSuggester

        def asked(path: str | None) -> None:
            if path is not None:
                catalog = explorer.known.catalog
                explorer.ask(lambda session: session.services.transfers.propose_save(catalog, versions, path))

        what = short(versions[0].image.id) if len(versions) == 1 else f"{len(versions)} versions"
        title, name = f"save {what} to the file", _file_name(versions)
        explorer.app.push_screen(AskScreen(title, name, _no_path, suggester=PathSuggester()), asked)

    def load(self) -> None:
        """Ask for an archive, and have the plan made that loads it."""
        from imgtui.ui.dialogs.asking import AskScreen
        from imgtui.ui.widgets.paths import PathSuggester

        explorer = self._explorer

        def asked(path: str | None) -> None:
            if path is not None:
                catalog = explorer.known.catalog
                explorer.say(f"looking into {path} …")
                explorer.ask(lambda session: session.services.transfers.propose_load(catalog, path))

        screen = AskScreen("load the archive", "", _no_path, suggester=PathSuggester())
        explorer.app.push_screen(screen, asked)

    def _push(self, version: Version, tag: str | None) -> None:
        from imgtui.model.jobs.plans import plan_push

        if tag is not None:
            known = self._explorer.known
            self._features.plans.propose(lambda: plan_push(known.catalog, tag, version.image.id))

    def _pullable(self) -> str:
        """What is under the cursor: a tag, or by which digest something that is gone may be had again."""
        explorer, version = self._explorer, self._explorer.version
        name = explorer.browse.repository
        repository = "" if name in {EVERYTHING, NONE} else f"{name}:"
        if version is None or explorer.pane == 0:
            return repository
        if version.image.id not in explorer.known.catalog.images:
            return explorer.known.where(version.image.id).pull or repository
        return next(iter(explorer.tags_of(version)), repository)

    # ------------------------------------------------------------------ where they are seen

    def open_jobs(self) -> None:
        """Show the jobs."""
        from imgtui.ui.jobs.screen import JobsScreen

        screen = self._screen = JobsScreen(self._explorer.known, self.stop)
        self._explorer.app.push_screen(screen, partial(self._left, screen))

    def stop(self, number: int) -> None:
        """Stop a job."""
        self._explorer.ask(lambda session: session.services.jobs.stop(number))

    def _take(self, told: JobUpdated) -> None:
        """A job is further, or over."""
        explorer, job = self._explorer, told.job
        explorer.known.take_job(job)
        if not job.running:
            explorer.say(f"{job.title}: {job.line or job.state.value}", bad=job.state.value == "failed")
            self._show()
        elif self._showing is None:
            # Not a timer of the explorer: Textual 8.2 repaints all of the screen before it for each message.
            self._showing = explorer.app.set_timer(JOBS_SECONDS, self._show)

    def _take_log(self, read: JobLogRead) -> None:
        if self._log is not None:
            self._log.take(read)

    def _show(self) -> None:
        explorer = self._explorer
        if self._showing is not None:
            self._showing.stop()
            self._showing = None
        if explorer.app.screen is explorer:
            explorer.show_top()
        if self._screen is not None:
            self._screen.tell()
        if self._log is not None:
            self._log.tell(explorer.known.jobs.get(self._log.job.number, self._log.job))

    def _left(self, screen: JobsScreen, number: str | None) -> None:
        self._screen = None
        if screen.pane is not None and screen.pane < len(self._explorer.PANES):
            self._explorer.go_to(screen.pane)
        elif screen.pane is not None:
            self._features.containers.open_containers()
        elif number is not None:
            self._read_log(self._explorer.known.jobs[int(number)])

    def _read_log(self, job: Job) -> None:
        from imgtui.ui.jobs.log_screen import JobLogScreen

        def read(number: int, after: int) -> None:
            self._explorer.ask(lambda session: session.services.read_job_log(number, after))

        def left(_: None) -> None:
            self._log = None
            self.open_jobs()

        self._log = JobLogScreen(job, read, self.stop)
        self._explorer.app.push_screen(self._log, left)

    ACTIONS: ClassVar[Sequence[Action]] = (
        Action(
            "pane.jobs",
            "5",
            "jobs",
            "Pane 5: the jobs: what each does, its log, and stop it",
            PANES,
            open_jobs,
        ),
        Action(
            "version.pull",
            "p",
            "pull",
            "Pull a tag or a digest of any repository: a version that is gone by its digest, where one is"
            " known. What loses its tag by it is kept",
            CHANGE,
            pull,
        ),
        Action(
            "version.push",
            "P",
            "push",
            "Push a tag of this version to the registry it names",
            CHANGE,
            push,
            why_no_tag,
            Needs.IMAGE,
        ),
        Action(
            "version.save",
            "w",
            "save",
            "Write this version, or the marked ones, into an archive for docker load",
            LOOK,
            save,
            needs=Needs.IMAGE,
        ),
        Action(
            "image.load",
            "W",
            "load",
            "Load images and tags from an archive. What loses its tag by it is kept",
            CHANGE,
            load,
        ),
    )


def _no_path(text: str) -> str | None:
    return None if text else "a path is wanted"


def _file_name(versions: tuple[Version, ...]) -> str:
    """`web-1.0.tar`, `web.tar` for several."""
    first = versions[0]
    names = [tag for tag in first.image.tags if first.repository in {None, repository_of(tag)}]
    repository = first.repository or (repository_of(names[0]) if names else None) or "image"
    stem = PurePath(repository).name.replace(":", "-")
    tag = names[0].rpartition(":")[2] if names else short(first.image.id)
    return f"{stem}-{tag}.tar" if len(versions) == 1 else f"{stem}.tar"
