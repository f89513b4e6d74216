"""Builds by the engine's own builder: `POST /build`, whose answer is what it says, as text for people.

Docker: `Step 2/4 : COPY app /`, ` ---> Using cache`, at the end `{"aux": {"ID": …}}`. Podman 4.3:
`[1/2] STEP 2/4: COPY app /`, `--> Using cache <id>`. An error is the last message of the answer.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from imgtui.engine.build.rawjson import LONGEST_LINE, MOST_STEPS, Hiding
from imgtui.engine.port.errors import EngineError
from imgtui.engine.wire.translate import image_id, mapping, text
from imgtui.model.build.build import BuildProgress
from imgtui.model.core.digest import is_digest
from imgtui.model.jobs.job import JobBar

if TYPE_CHECKING:
    from imgtui.engine.docker.client import Answer

_STEP: Final = re.compile(
    r"(?:\[(?P<stage>\d{1,4})/\d{1,4}\] )?(?:Step|STEP) (?P<number>\d{1,4})/(?P<of>\d{1,4}) ?: ?(?P<name>.*)",
    re.DOTALL,
)
_CACHED: Final = re.compile(r"\s*-+> Using cache\b")
_MADE: Final = re.compile(r"Successfully built ([0-9a-f]{12,64})")


@dataclass(slots=True)
class _ClassicStep:
    name: str
    began: float = 0.0
    state: str = "waiting"
    seconds: float | None = None


class ClassicProgress:
    """Puts together what the messages tell. Text becomes printable here, and secrets are hidden."""

    def __init__(self, hide: Hiding, clock: Callable[[], float] = time.monotonic) -> None:
        self._hide = hide
        self._clock = clock
        self._steps: dict[tuple[str, int], _ClassicStep] = {}
        self._now: _ClassicStep | None = None
        self._rest = ""
        self.made = ""
        """What it has made: an image ID, or the beginning of one."""
        self.error = ""

    def take(self, raw: object) -> BuildProgress | None:
        """Hear one message; None where it tells nothing for people."""
        message = mapping(raw)
        if aux := mapping(message.get("aux")):
            self.made = image_id(aux.get("ID")) or self.made
        if "error" in message or "errorDetail" in message:
            told = mapping(message.get("errorDetail")).get("message") or message.get("error")
            self.error = text(self._hide(str(told).strip()), LONGEST_LINE) or "the build failed"
            if self._now is not None:
                self._end(self._now, "failed")
            return BuildProgress(self.bars, (f"ERROR: {self.error}",))
        if isinstance(stream := message.get("stream"), str):
            return self._say(stream)
        status = text(message.get("status"), 200)
        if not status or message.get("progressDetail"):
            return None
        name = text(message.get("id"), 100)
        return BuildProgress(self.bars, (f"{name}: {status}" if name else status,))

    def finish(self) -> BuildProgress:
        """The answer is over: so is the last step."""
        lines = [self._line(self._rest)] if self._rest else []
        self._rest = ""
        if self._now is not None:
            self._end(self._now, "done")
        return BuildProgress(self.bars, tuple(lines))

    @property
    def bars(self) -> tuple[JobBar, ...]:
        """The steps in their order, those that are still to come too."""
        return tuple(JobBar(step.name, step.state, seconds=step.seconds) for step in self._steps.values())

    def _say(self, stream: str) -> BuildProgress:
        *lines, self._rest = (self._rest + stream).split("\n")
        if len(self._rest) > LONGEST_LINE:
            lines, self._rest = [*lines, self._rest], ""
        return BuildProgress(self.bars, tuple(self._line(line) for line in lines if self._look_at(line)))

    def _look_at(self, line: str) -> bool:
        """What a line says of the steps; whether it is one to be shown."""
        if found := _STEP.fullmatch(line.rstrip()):
            self._begin(found["stage"] or "", int(found["number"]), int(found["of"]), found["name"])
        elif _CACHED.match(line) and self._now is not None:
            self._now.state = "cached"
        elif found := _MADE.search(line):
            self.made = self.made or found[1]
        return bool(line.strip())

    def _line(self, line: str) -> str:
        shown = line.rstrip("\r").rpartition("\r")[2]
        return text(self._hide(shown[:LONGEST_LINE]), LONGEST_LINE)

    def _begin(self, stage: str, number: int, of: int, name: str) -> None:
        if self._now is not None:
            self._end(self._now, "done")
        place = f"{stage}:" if stage else ""
        for each in range(1, min(of, MOST_STEPS) + 1):
            if len(self._steps) < MOST_STEPS:
                self._steps.setdefault((stage, each), _ClassicStep(f"[{place}{each}/{of}]"))
        step = self._steps.get((stage, number))
        if step is None:
            return
        step.name = f"[{place}{number}/{of}] {text(self._hide(name), 300)}"
        step.state, step.began = "running", self._clock()
        self._now = step

    def _end(self, step: _ClassicStep, state: str) -> None:
        if step.state == "running":
            step.state = state
        step.seconds = max(0.0, self._clock() - step.began)
        self._now = None


class ClassicBuilding:
    """A build by the engine itself, which ends it when nobody listens any more."""

    def __init__(
        self, answer: Answer, failures: Callable[[], AbstractContextManager[None]], hide: Hiding
    ) -> None:
        self._answer = answer
        self._failures = failures
        self._progress = ClassicProgress(hide)
        self._closed = False

    def __iter__(self) -> Iterator[BuildProgress]:
        """Until the answer is over. Raises EngineError where the build failed."""
        try:
            with self._failures():
                for raw in self._answer:
                    news = self._progress.take(raw)
                    if news is not None:
                        yield news
        except EngineError:
            if not self._closed:
                raise
        finally:
            self._answer.release()
        if self._closed:
            return
        if self._progress.error:
            raise EngineError(self._progress.error)
        yield self._progress.finish()

    def close(self) -> None:
        """Shut the connection."""
        self._closed = True
        self._answer.close()

    @property
    def image_id(self) -> str:
        """What the builder says that it has made, or the beginning of it."""
        made = self._progress.made
        return made if is_digest(made) else made.removeprefix("sha256:")
