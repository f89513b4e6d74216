"""Saves and loads, told while they go on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final

from imgtui.engine.archive_tags import stamp_of
from imgtui.engine.errors import EngineError
from imgtui.engine.port import Engine
from imgtui.model.job import Bar
from imgtui.model.transfer_plans import LoadPlan, SavePlan
from imgtui.operations.acts import PlanOutdated
from imgtui.operations.following import follow
from imgtui.operations.jobs import Task
from imgtui.operations.whole_file import whole_file
from imgtui.words import size

_PART: Final = 256 * 1024


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
            task.say(f"{size(written)} written", [Bar("archive", "writing", written)])
        check()
    task.write(f"{plan.path}: {size(written)}, {', '.join(plan.names)}")
    return f"{plan.path}, {size(written)}"


def load(engine: Engine, plan: LoadPlan, task: Task) -> str:
    """Have the engine load the file; what it says. Raises Stopped, EngineError."""
    archive, said = plan.archive, ""
    try:
        with Path(archive.path).open("rb") as file:
            if stamp_of(os.fstat(file.fileno())) != archive.stamp:
                raise PlanOutdated(f"{archive.path} is another file by now: nothing was done, look again")
            for line in follow(lambda: engine.load_images(_sent(file, archive.size, task)), task.stop):
                if line is not None:
                    said = line
                    task.write(line)
    except OSError as error:
        raise EngineError(f"{archive.path} cannot be read: {error.strerror or error}") from error
    return said


def _sent(file: IO[bytes], total: int, task: Task) -> Iterator[bytes]:
    """The parts of the file, told as they are sent."""
    sent = 0
    while part := file.read(_PART):
        task.check()
        yield part
        sent += len(part)
        task.say(f"{size(sent)} of {size(total)} sent", [Bar("archive", "sending", sent, total)])
    task.say("the engine has all of it", [Bar("archive", "done", sent, total)])
