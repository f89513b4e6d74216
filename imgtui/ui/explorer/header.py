"""The first line: which engine, how much is here, and whether it is true now."""

from __future__ import annotations

from imgtui.model.core.image import EngineInfo
from imgtui.operations.protocol.updates import EngineState, Phase
from imgtui.ui.explorer.knowledge import Knowledge
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.words import ago, count, plural, size

ROOM_FOR_AMOUNTS = "  Docker 28.5   10,000 images · 999.9 GB"
"""What is told besides the engine's name, at least."""


def header(known: Knowledge, *, read_only: bool, frozen: bool, where: str, width: int) -> tuple[Line, Line]:
    """What stands at the left, and what at the right, in so many words as fit the width."""
    state = known.state
    flags = [Span(" read-only ", "warn")] if read_only else []
    flags += [Span(" frozen ", "warn")] if frozen else []
    flags += [Span(" NOT RECORDING ", "bad")] if known.unwritten else []
    flags += [Span(f" {no_rule(known)} ", "warn")] if known.rules.offered else []
    flags += [Span(" recorder ", "dim")] if known.recorder else []
    jobs = _jobs(known) if known.jobs else None
    right = [*([jobs] if jobs is not None else []), *flags, phase(state, known.now)]
    room = width - sum(len(span.text) for span in right) - 1
    name = Span(f" {called(state.info, where, max(0, room - len(ROOM_FOR_AMOUNTS)))}", "strong")
    if state.info is None:
        return [name], right
    for words in (
        f"  {engine(state.info)} · {state.info.store.label}   {amount(known)}",
        f"  {engine(state.info)} · {state.info.store.label}   {amount(known, brief=True)}",
        f"  {engine(state.info)}   {amount(known, brief=True)}",
    ):
        if len(name.text) + len(words) <= room:
            return line(name, words), right
    return line(name, f"   {plural(len(known.catalog.images), 'image')}"), right


def called(info: EngineInfo | None, where: str, room: int) -> str:
    """`prod: web-01`: docker context or address, and the name of the engine; that alone in little room."""
    if info is None:
        return where
    both = f"{info.host}: {info.name}" if info.host and info.name else info.host or info.name
    return both if len(both) <= room or not info.name else info.name


def no_rule(known: Knowledge) -> str:
    """`no keep rule`, and how many digests were lost so."""
    lost = known.lost_by_builds()
    return f"no keep rule, {count(lost)} lost" if lost else "no keep rule"


def engine(info: EngineInfo) -> str:
    """`Docker 29.1`."""
    version = ".".join(info.version.split("+")[0].split(".")[:2])
    return f"{info.product} {version}"


def amount(known: Knowledge, *, brief: bool = False) -> str:
    """`1,204 images · 38.2 GB (12.1 GB reclaimable)`; bytes when all layers are known."""
    images = plural(len(known.catalog.images), "image")
    if not known.catalog.images:
        return images
    if not known.complete:
        return f"{images} · reading layers {count(len(known.tree))}/{count(len(known.catalog.images))}"
    total = f"{images} · {size(known.tree.total)}"
    total += f" · {known.kept} kept" if known.kept else ""
    return total if brief else f"{total} ({size(known.reclaimable())} reclaimable)"


def phase(state: EngineState, now: float) -> Span:
    """Whether what is shown is true now, or of when it was."""
    known = f"as of {ago(state.as_of, now)}" if state.as_of is not None else ""
    if state.phase is Phase.LIVE:
        return Span("live ", "good")
    if state.phase is Phase.LOST:
        return Span(f"STALE, {known} " if known else "no engine ", "bad")
    doing = "listing" if state.phase is Phase.LISTING else "connecting"
    if state.phase is Phase.LISTING and state.expected:
        doing = f"listing {count(state.arrived)} of {count(state.expected)}"
    return Span(f"{doing}, {known} " if known else f"{doing} ", "warn")


def _jobs(known: Knowledge) -> Span | None:
    from imgtui.ui.jobs.text import jobs_word  # a start does not pay for what few sessions do

    return jobs_word(known.jobs.values())
