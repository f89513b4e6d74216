"""The progress of BuildKit, one JSON object a line: `docker buildx build --progress=rawjson`.

Each is a `SolveStatus` (BuildKit `client/graph.go`): vertexes are steps, statuses what a step moves, logs
what it says. A step is told of again whenever something of it changes, and may begin several times.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from imgtui.engine.wire.traces import SECOND
from imgtui.engine.wire.translate import items, mapping, nanoseconds, text
from imgtui.model.build.build import BuildProgress
from imgtui.model.jobs.job import JobBar
from imgtui.model.safety.mask import MASK

MOST_STEPS: Final = 500
"""Steps that are told; a Dockerfile of a thousand lines is none that anybody reads."""
LONGEST_LINE: Final = 2_000
_SHORTEST_SECRET: Final = 4
"""Characters of a value that is looked for in what a builder says: shorter ones are all over it."""


class Hiding:
    """Takes out of what a builder says what must not be seen: known values, and what looks secret."""

    def __init__(self, values: Sequence[str]) -> None:
        self._values = sorted({v for v in values if len(v) >= _SHORTEST_SECRET}, key=len, reverse=True)

    def __call__(self, line: str) -> str:
        """A line without them."""
        from imgtui.model.safety.secrets import mask_instruction

        for value in self._values:
            line = line.replace(value, MASK)
        return mask_instruction(line)


@dataclass(slots=True)
class _Step:
    number: int
    name: str = ""
    started: int = 0
    completed: int = 0
    cached: bool = False
    error: str = ""
    rest: str = ""
    """The beginning of a line that has no end yet."""
    told: str = field(default="waiting")

    @property
    def state(self) -> str:
        if self.error:
            return "failed"
        if self.cached:
            return "cached"
        if self.completed:
            return "done"
        return "running" if self.started else "waiting"

    @property
    def seconds(self) -> float | None:
        if not self.started or not self.completed:
            return None
        return max(0, self.completed - self.started) / SECOND


class SolveProgress:
    """Puts together what the lines tell. Text becomes printable here, and secrets are hidden."""

    def __init__(self, hide: Hiding) -> None:
        self._hide = hide
        self._steps: dict[str, _Step] = {}

    def take(self, line: str) -> BuildProgress | None:
        """Hear one line; None for one that is no status."""
        try:
            status = mapping(json.loads(line))
        except (ValueError, RecursionError):
            return None
        if not status.keys() & {"vertexes", "statuses", "logs", "warnings"}:
            return None
        lines = [
            *(said for raw in items(status.get("vertexes")) for said in self._vertex(mapping(raw))),
            *(said for raw in items(status.get("logs")) for said in self._log(mapping(raw))),
            *(said for raw in items(status.get("warnings")) for said in self._warning(mapping(raw))),
        ]
        return BuildProgress(self.bars, tuple(lines))

    @property
    def bars(self) -> tuple[JobBar, ...]:
        """The steps in the order in which they were told of."""
        return tuple(JobBar(step.name, step.state, seconds=step.seconds) for step in self._steps.values())

    @property
    def error(self) -> str:
        """Why a step failed; empty where none did."""
        failed = [
            step for step in self._steps.values() if step.error and "context canceled" not in step.error
        ]
        return f"{failed[0].name}: {failed[0].error}" if failed else ""

    def _step(self, raw: object) -> _Step | None:
        digest = str(raw)[:200]
        if digest not in self._steps:
            if len(self._steps) >= MOST_STEPS:
                return None
            self._steps[digest] = _Step(len(self._steps) + 1)
        return self._steps[digest]

    def _vertex(self, raw: Mapping[str, object]) -> Iterator[str]:
        step = self._step(raw.get("digest"))
        if step is None:
            return
        first = not step.name
        step.name = text(self._hide(str(raw.get("name") or "")), 300) or step.name
        step.started = nanoseconds(raw.get("started")) or step.started
        completed = nanoseconds(raw.get("completed"))
        step.completed = completed if completed >= step.started else 0
        step.cached = raw.get("cached") is True
        step.error = text(self._hide(str(raw.get("error") or "")), LONGEST_LINE)
        if first:
            yield f"#{step.number} {step.name}"
        if step.state != step.told and step.state in {"cached", "done", "failed"}:
            step.told = step.state
            if step.rest:
                yield self._said(step, step.rest)
                step.rest = ""
            yield f"#{step.number} {_ended(step)}"

    def _log(self, raw: Mapping[str, object]) -> Iterator[str]:
        step = self._step(raw.get("vertex"))
        if step is None:
            return
        whole = step.rest + _bytes(raw.get("data")).decode(errors="replace")
        *lines, step.rest = whole.split("\n")
        if len(step.rest) > LONGEST_LINE:
            lines, step.rest = [*lines, step.rest], ""
        for line in lines:
            yield self._said(step, line)

    def _warning(self, raw: Mapping[str, object]) -> Iterator[str]:
        short = _bytes(raw.get("short")).decode(errors="replace")
        if short:
            yield text(f"WARNING: {self._hide(short)}", LONGEST_LINE)

    def _said(self, step: _Step, line: str) -> str:
        # A bar that is drawn again and again on one line: what stands there in the end counts.
        shown = line.rstrip("\r").rpartition("\r")[2]
        return text(f"#{step.number} {self._hide(shown[:LONGEST_LINE])}", LONGEST_LINE)


def _ended(step: _Step) -> str:
    if step.error:
        return f"ERROR: {step.error}"
    if step.cached:
        return "CACHED"
    return "DONE" if step.seconds is None else f"DONE {step.seconds:.1f}s"


def _bytes(value: object) -> bytes:
    try:
        return base64.b64decode(value) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        return b""
