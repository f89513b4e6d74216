"""Jobs in the explorer: what begins them, where they are seen, and how they end."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING

from imgtui.model.catalog.catalog import NONE
from imgtui.model.core.digest import short
from imgtui.model.core.reference import repository_of
from imgtui.model.plans.plan import NotPossible
from imgtui.operations.protocol.updates import JobLogRead, JobTold
from imgtui.ui.explorer.rows import EVERYTHING
from imgtui.ui.launch.controller import ExplorerLaunching
from imgtui.ui.messages import LoadAsked, SaveAsked

if TYPE_CHECKING:
    from textual.timer import Timer

    from imgtui.model.catalog.catalog import Version
    from imgtui.model.jobs.job import Job
    from imgtui.ui.jobs.log_screen import JobLogScreen
    from imgtui.ui.jobs.screen import JobsScreen

JOBS_SECONDS = 0.2
"""However many jobs run, they are shown at most five times a second."""


class ExplorerJobs(ExplorerLaunching):
    """Pull, push, save and load; the list of jobs and the log of one."""

    _jobs: JobsScreen | None = None
    """The jobs, while they are looked at."""
    _job_log: JobLogScreen | None = None
    """The log of a job, while it is looked at."""
    _showing_jobs: Timer | None = None

    # ------------------------------------------------------------------ what begins one

    def do_version_pull(self) -> None:
        from imgtui.model.jobs.plans import plan_pull_of
        from imgtui.ui.dialogs.asking import AskScreen

        catalog = self.known.catalog

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
                self._propose(lambda: plan_pull_of(self.known.catalog, text, int(self.known.now)))

        self.app.push_screen(AskScreen("pull a tag or a digest", self._pullable(), fault), asked)

    def do_version_push(self) -> None:
        version = self.version
        if version is None:
            return
        tags = self._tags_of(version)
        if len(tags) == 1:
            self._push(version, tags[0])
            return
        from imgtui.ui.dialogs.choice import ChoiceScreen

        choices = [("tag", tag) for tag in tags]
        self.app.push_screen(ChoiceScreen("Push", choices), partial(self._push, version))

    def do_version_save(self) -> None:
        versions = tuple(self._chosen_versions())
        if not versions:
            return
        from imgtui.ui.dialogs.asking import AskScreen
        from imgtui.ui.widgets.paths import PathSuggester

        def asked(path: str | None) -> None:
            if path is not None:
                self.post_message(SaveAsked(self.known.catalog, versions, path))

        what = short(versions[0].image.id) if len(versions) == 1 else f"{len(versions)} versions"
        title, name = f"save {what} to the file", _file_name(versions)
        self.app.push_screen(AskScreen(title, name, _no_path, suggester=PathSuggester()), asked)

    def do_image_load(self) -> None:
        from imgtui.ui.dialogs.asking import AskScreen
        from imgtui.ui.widgets.paths import PathSuggester

        def asked(path: str | None) -> None:
            if path is not None:
                self.say(f"looking into {path} …")
                self.post_message(LoadAsked(self.known.catalog, path))

        screen = AskScreen("load the archive", "", _no_path, suggester=PathSuggester())
        self.app.push_screen(screen, asked)

    def _push(self, version: Version, tag: str | None) -> None:
        from imgtui.model.jobs.plans import plan_push

        if tag is not None:
            self._propose(lambda: plan_push(self.known.catalog, tag, version.image.id))

    def _pullable(self) -> str:
        """What is under the cursor: a tag, or by which digest something that is gone may be had again."""
        version = self.version
        repository = "" if self.browse.repository in {EVERYTHING, NONE} else f"{self.browse.repository}:"
        if version is None or self.pane == 0:
            return repository
        if version.image.id not in self.known.catalog.images:
            return self.known.where(version.image.id).pull or repository
        return next(iter(self._tags_of(version)), repository)

    def _tags_of(self, version: Version) -> list[str]:
        """The tags of a version in its repository."""
        image = self.known.catalog.images.get(version.image.id, version.image)
        return [tag for tag in image.tags if version.repository in {None, repository_of(tag)}]

    # ------------------------------------------------------------------ where they are seen

    def do_pane_jobs(self) -> None:
        from imgtui.ui.jobs.screen import JobsScreen

        screen = self._jobs = JobsScreen(self.known)
        self.app.push_screen(screen, partial(self._left_jobs, screen))

    def on_screen_resume(self) -> None:
        """What was not painted while another screen stood before this one.

        Textual 8.2 repaints all of that screen for whatever message comes to the one under it: a timer of
        this screen would cost 20 KB a second.
        """
        if self.is_mounted:
            self.show_top()

    def take_job(self, update: JobTold | JobLogRead) -> None:
        """A job is further, or over, or more of its log was asked for."""
        if isinstance(update, JobLogRead):
            if self._job_log is not None:
                self._job_log.take(update)
            return
        job = update.job
        self.known.take_job(job)
        if not job.running:
            self.say(f"{job.title}: {job.line or job.state.value}", bad=job.state.value == "failed")
            self._show_jobs()
        elif self._showing_jobs is None:
            self._showing_jobs = self.app.set_timer(JOBS_SECONDS, self._show_jobs)

    def _show_jobs(self) -> None:
        if self._showing_jobs is not None:
            self._showing_jobs.stop()
            self._showing_jobs = None
        if self.app.screen is self:
            self.show_top()
        if self._jobs is not None:
            self._jobs.tell()
        if self._job_log is not None:
            self._job_log.tell(self.known.jobs.get(self._job_log.job.number, self._job_log.job))

    def _left_jobs(self, screen: JobsScreen, number: str | None) -> None:
        self._jobs = None
        if screen.pane is not None and screen.pane < len(self.PANES):
            self.go_to(screen.pane)
        elif screen.pane is not None:
            self.do_pane_containers()
        elif number is not None:
            self._read_log(self.known.jobs[int(number)])

    def _read_log(self, job: Job) -> None:
        from imgtui.ui.jobs.log_screen import JobLogScreen

        self._job_log = JobLogScreen(job)
        self.app.push_screen(self._job_log, self._left_log)

    def _left_log(self, _: None) -> None:
        self._job_log = None
        self.do_pane_jobs()


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
