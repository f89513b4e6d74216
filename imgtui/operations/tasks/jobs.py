"""Jobs: builds, pulls, pushes, saves and loads, which run beside each other while one looks elsewhere."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import count, islice
from typing import Final

from imgtui.engine.port.errors import EngineError
from imgtui.model.core.printable import printable
from imgtui.model.jobs.job import Job, JobBar, JobState
from imgtui.operations.protocol.cancellation import Stopped
from imgtui.operations.protocol.updates import JobUpdated, Publish
from imgtui.threads import in_background

TELL_SECONDS: Final = 0.2
"""At most five times a second a job is told of: a slow terminal paints each time."""
LOG_LINES: Final = 5_000
"""Lines of its log that a job keeps: the newest."""
JOBS_KEPT: Final = 100
"""Jobs that are over, the newest, whose log can be read."""
SPEED_SECONDS: Final = 5.0
"""How far back the speed of a job is measured."""

Work = Callable[["Task"], str]
"""Does a job, in a thread of its own; what there is to say of it in the end. Raises EngineError, Stopped."""


class Task:
    """A job as the work that is done for it sees it."""

    def __init__(self, job: Job, publish: Publish, clock: Callable[[], float]) -> None:
        self.stop = threading.Event()
        """Set when somebody wants it stopped."""
        self._lock = threading.Lock()
        self._job = job
        self._publish = publish
        self._clock = clock
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self._told = 0.0
        self._counted: deque[tuple[float, int]] = deque()

    @property
    def job(self) -> Job:
        """How it stands."""
        return self._job

    def say(self, line: str, bars: Sequence[JobBar] | None = None) -> None:
        """Tell what it does now; with bars, how far each is."""
        with self._lock:
            self._job = replace(self._job, line=line, bars=self._job.bars if bars is None else tuple(bars))
            self._measure()
        self._tell()

    def write(self, line: str) -> None:
        """Add a line to its log: text from a builder or a registry is made printable here."""
        with self._lock:
            self._log.append(printable(line, 2_000))
            self._job = replace(self._job, logged=self._job.logged + 1)
        self._tell()

    def log(self, after: int = 0) -> tuple[str, ...]:
        """The lines of its log after so many that somebody has, as far as they are kept; the oldest first."""
        with self._lock:
            gone = self._job.logged - len(self._log)
            return tuple(islice(self._log, max(0, after - gone), None))

    def check(self) -> None:
        """Raises Stopped where somebody wants it."""
        if self.stop.is_set():
            raise Stopped("stopped by hand")

    def end(self, state: JobState, line: str) -> None:
        """It is over."""
        with self._lock:
            self._job = replace(self._job, state=state, line=line, speed=0.0, ended=self._clock())
        self._publish(JobUpdated(self._job))

    def _tell(self) -> None:
        now = time.monotonic()
        with self._lock:
            if now - self._told < TELL_SECONDS:
                return
            self._told = now
        self._publish(JobUpdated(self._job))

    def _measure(self) -> None:
        """The speed of the last seconds."""
        now = time.monotonic()
        self._counted.append((now, self._job.done))
        while now - self._counted[0][0] > SPEED_SECONDS:
            self._counted.popleft()
        began, before = self._counted[0]
        if (passed := now - began) > 0:
            self._job = replace(self._job, speed=max(0.0, (self._job.done - before) / passed))


class Jobs:
    """All jobs of a session. `publish` is called from their threads: `JobUpdated` at every change."""

    def __init__(self, publish: Publish, clock: Callable[[], float] = time.time) -> None:
        self._publish = publish
        self._clock = clock
        self._numbers = count(1)
        self._tasks: dict[int, Task] = {}

    def begin(self, title: str, work: Work) -> int:
        """Begin a job; its number."""
        number = next(self._numbers)
        self._forget()
        task = self._tasks[number] = Task(Job(number, title, begun=self._clock()), self._publish, self._clock)
        self._publish(JobUpdated(task.job))
        in_background(
            "job", partial(self._run, task, work), partial(task.end, JobState.FAILED), task.stop.set
        )
        return number

    def stop(self, number: int) -> None:
        """Have a job stop; it tells when it has."""
        if number in self._tasks:
            self._tasks[number].stop.set()

    def stop_all(self) -> None:
        """Have all of them stop."""
        for task in self._tasks.values():
            task.stop.set()

    def log(self, number: int, after: int = 0) -> tuple[str, ...]:
        """The newest lines of the log of a job, those after so many; also when it is over."""
        task = self._tasks.get(number)
        return task.log(after) if task is not None else ()

    @property
    def running(self) -> list[Job]:
        """Those that go on."""
        return [task.job for task in list(self._tasks.values()) if task.job.running]

    def wait(self, seconds: float) -> bool:
        """Wait until none goes on, at most so long; whether none does."""
        deadline = time.monotonic() + seconds
        while self.running and time.monotonic() < deadline:
            time.sleep(0.01)
        return not self.running

    def _forget(self) -> None:
        """What was over long ago is known no more: a session may have very many jobs."""
        over = [number for number, task in self._tasks.items() if not task.job.running]
        for number in over[: max(0, len(over) - JOBS_KEPT)]:
            del self._tasks[number]

    def _run(self, task: Task, work: Work) -> None:
        try:
            task.end(JobState.DONE, work(task))
        except Stopped as stopped:
            task.end(JobState.STOPPED, str(stopped))
        except EngineError as error:
            task.end(JobState.FAILED, str(error))
