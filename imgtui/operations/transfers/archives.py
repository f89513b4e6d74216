"""Saves and loads, told while they go on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final

from imgtui.engine.archive.tags import stamp_of
from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError
from imgtui.model.jobs.job import JobBar
from imgtui.model.jobs.plans import LoadPlan, SavePlan
from imgtui.operations.acts.acts import PlanOutdated
from imgtui.operations.protocol.cancellation import Stopped
from imgtui.operations.tasks.atomic_file import whole_file
from imgtui.operations.tasks.following import StillGoing, follow
from imgtui.operations.tasks.jobs import Task
from imgtui.words import size

_PART: Final = 256 * 1024
_FILLED_UP: Final = 10_240
"""Bytes that tar fills the end of an archive up to: an engine can do without them."""


def save(engine: Engine, plan: SavePlan, task: Task, check: Callable[[], None]) -> str:
    """Write the file; what it holds. `check` is whether the tags point where the plan says.

    An engine is asked by tags: they are looked at before and after. Raises Stopped, EngineError.
    """
    written = 0
    task.say("the engine is asked")
    with whole_file(Path(plan.path), replace=plan.replaces) as file:
        for part in follow(lambda: engine.save_images(plan.names), task.stop):
            if part is not None:
                file.write(part)
                written += len(part)
            task.say(f"{size(written)} written", [JobBar("archive", "writing", written)])
        check()
    task.write(f"{plan.path}: {size(written)}, {', '.join(plan.names)}")
    return f"{plan.path}, {size(written)}"


def load(engine: Engine, plan: LoadPlan, task: Task) -> str:
    """Have the engine load the file; what it says. Raises Stopped, EngineError.

    It is StillGoing where the engine had all that it needs: nothing keeps it from loading that.
    """
    archive, said = plan.archive, ""
    sending = _Sending(archive.size, task)
    try:
        with Path(archive.path).open("rb") as file:
            if stamp_of(os.fstat(file.fileno())) != archive.stamp:
                raise PlanOutdated(f"{archive.path} is another file by now: nothing was done, look again")
            for line in follow(lambda: engine.load_images(sending.parts(file)), task.stop):
                if line is None:
                    task.say(task.job.line)  # what came too fast to be told is told now
                else:
                    said = line
                    task.write(line)
    except Stopped:
        if sending.sent > archive.size - _FILLED_UP:
            raise StillGoing("stopped by hand when the engine had it: it may load it yet") from None
        raise
    except OSError as error:
        raise EngineError(f"{archive.path} cannot be read: {error.strerror or error}") from error
    return said


class _Sending:
    """A file that is sent part by part, and told as it is."""

    def __init__(self, total: int, task: Task) -> None:
        self.sent = 0
        self._total = total
        self._task = task

    def parts(self, file: IO[bytes]) -> Iterator[bytes]:
        """Its parts. Raises Stopped."""
        while part := file.read(_PART):
            self._task.check()
            self.sent += len(part)
            yield part
            self._tell(f"{size(self.sent)} of {size(self._total)} sent", "sending")
        self._tell("the engine has all of it", "done")

    def _tell(self, line: str, state: str) -> None:
        self._task.say(line, [JobBar("archive", state, self.sent, self._total)])
