"""The first line: which engine, how much is here, and whether it is true now."""

from __future__ import annotations

from imgtui.model.image import EngineInfo
from imgtui.operations.updates import EngineState, Phase
from imgtui.ui.knowledge import Knowledge
from imgtui.ui.present.spans import Line, Span, line
from imgtui.words import ago, count, plural, size


def header(known: Knowledge, *, read_only: bool, frozen: bool, where: str) -> tuple[Line, Line]:
    """What stands at the left, and what at the right."""
    state = known.state
    left = line(Span(f" {state.info.name or where}" if state.info else f" {where}", "strong"))
    if state.info is not None:
        left = [*left, Span(f"  {engine(state.info)}"), Span(f"   {amount(known)}")]
    flags = [Span(" read-only ", "warn")] if read_only else []
    flags += [Span(" frozen ", "warn")] if frozen else []
    return left, [*flags, phase(state, known.now)]


def engine(info: EngineInfo) -> str:
    """`Docker 29.1 · containerd store`."""
    version = ".".join(info.version.split("+")[0].split(".")[:2])
    store = "" if info.product == info.store.label else f" · {info.store.label}"
    return f"{info.product} {version}{store}"


def amount(known: Knowledge) -> str:
    """`1,204 images · 38.2 GB (12.1 GB reclaimable)`; bytes when all layers are known."""
    images = plural(len(known.catalog.images), "image")
    if not known.catalog.images:
        return images
    if not known.complete:
        return f"{images} · reading layers {count(len(known.tree))}/{count(len(known.catalog.images))}"
    return f"{images} · {size(known.tree.total)} ({size(known.reclaimable())} reclaimable)"


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
