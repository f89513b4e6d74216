"""A tag moved by somebody else: how soon it shows, and what finding it out costs the engine."""

import re
import statistics
import time
from collections import defaultdict

from tests.bench.engine_api import EngineApi, EngineImage
from tests.bench.report import Section, figure, single
from tests.bench.subject import Subject
from tests.bench.terminal import TerminalSession
from tests.bench.traffic import EngineProxy, Request, table_of

TAG = "0z"
"""Short and first in order, so that a narrow column shows it; `z` is in no digest."""
_MOVES = 3
_SECONDS = 15.0
_QUIET_SECONDS = 1.0


def _repository(image: EngineImage) -> str:
    return image.tags[0].rpartition(":")[0]


def _in_view(engine: EngineApi, lines: list[str]) -> list[EngineImage]:
    """Images of one repository that can be seen: by digest, or by name where a program shows none."""
    screen = "\n".join(lines)
    tagged = [image for image in engine.images() if image.tags]
    seen = [image for image in tagged if image.short in screen]
    seen = seen or [image for image in tagged if _repository(image) in screen]
    groups = defaultdict[str, list[EngineImage]](list)
    for image in seen:
        groups[_repository(image)].append(image)
    return max(groups.values(), key=len, default=[])[:_MOVES]


def _tag_out_of_view(engine: EngineApi, in_view: list[EngineImage]) -> None:
    """Give the tag to another image of the repository, so that already the first change is a move."""
    for image in engine.images():
        if image.tags and image not in in_view and _repository(image) == _repository(in_view[0]):
            engine.tag(image.id, _repository(image), TAG)
            return


def _shows(pattern: str, image: EngineImage) -> re.Pattern[str]:
    known = {"{digest}": image.short, "{repository}": _repository(image), "{tag}": TAG}
    for name, value in known.items():
        pattern = pattern.replace(name, re.escape(value))
    return re.compile(pattern)


def _move(
    session: TerminalSession, engine: EngineApi, image: EngineImage, shows: re.Pattern[str]
) -> float | None:
    """Move the tag to the image; ms from the request to the screen that shows it, None when none does."""

    def on_screen(lines: list[str]) -> bool:
        return any(shows.search(line) for line in lines)

    session.receive()
    session.show()
    if on_screen(session.screen.lines):
        return None
    began = time.monotonic_ns()
    engine.tag(image.id, _repository(image), TAG)
    shown = session.wait_until(on_screen, _SECONDS)
    return (shown.at - began) / 1e6 if shown else None


def retag(
    session: TerminalSession, subject: Subject, engine: EngineApi, proxy: EngineProxy, pattern: str
) -> Section:
    """Move one tag over images in view, as `docker tag` does, and take it away again."""
    times, costs, asked = list[float](), list[int](), list[Request]()
    session.show()
    images = _in_view(engine, session.screen.lines)
    try:
        if images:
            _tag_out_of_view(engine, images)
        session.wait_quiet(_QUIET_SECONDS, _SECONDS, proxy.is_busy)
        for image in images:
            began = time.monotonic_ns()
            if (shown := _move(session, engine, image, _shows(pattern, image))) is not None:
                times.append(shown)
            session.wait_quiet(_QUIET_SECONDS, _SECONDS, proxy.is_busy)
            requests = proxy.requests(began)
            costs.append(len(requests))
            asked += requests
    finally:
        if images:
            engine.untag(f"{_repository(images[0])}:{TAG}")
    session.wait_quiet(_QUIET_SECONDS, _SECONDS, proxy.is_busy)
    full = sum(request.is_full_list for request in asked)
    note = f"{len(times)} of {len(images)} moves showed within {_SECONDS:.0f} s"
    return Section(
        "A tag moved outside",
        (
            figure("from the request to the screen", times, "ms", "≤ 500", "" if len(times) > 1 else note),
            single("moves that showed", len(times), f"of {len(images)}"),
            single("requests for each", statistics.median(costs) if costs else None, ""),
            single("full lists among them", full, "", "0"),
        ),
        table_of(asked),
    )
