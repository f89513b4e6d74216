"""How long nothing answers while containers are replaced, each from its stop until it runs again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from imgtui.model.containers.replacement import Replacement, joining
from imgtui.words import plural


class _Doing(NamedTuple):
    """Something that is waited for, and for how many seconds; a start, without words, takes what it takes."""

    words: str
    least: float
    most: float


def downtimes(containers: Sequence[Replacement], settling: float, *, health: bool = True) -> list[str]:
    """A line for each that runs, of containers in the order in which they are replaced.

    `settling` are the seconds for which a new one without a health check is watched before the next one's
    turn; `health` is whether health checks are waited for. What joins another one is stopped before it, and
    started when that is well.
    """
    doings: list[_Doing] = []
    stops: dict[str, int] = {}
    lines: list[str] = []
    for each in containers:
        for one in (*reversed(joining(containers, each.container_id)), each):
            if one.running and not one.stopped and one.container_id not in stops:
                stops[one.container_id] = len(doings)
                doings.append(_Doing(f"{one.name} stops", 0, one.stop_seconds))
        if not each.running:
            continue
        doings.append(_Doing("", 0, 0))
        if each.container_id in stops:
            lines.append(_words(each, doings[stops[each.container_id] :], health=health))
        if health and each.health_seconds is not None:
            doings.append(_Doing(f"{each.name} is healthy", 0, each.health_seconds))
        else:
            doings.append(_Doing(f"{each.name} has run {settling:g} s", settling, settling))
    return lines


def _words(what: Replacement, doings: Sequence[_Doing], *, health: bool) -> str:
    """`doings` are from its stop to its start. A stop ends by a kill when its time is over."""
    until = "has started"
    if health and what.health_seconds is not None:
        until = f"is healthy, for which {what.health_seconds:.0f} s are waited at most"
    waited = [doing for doing in doings if doing.words]
    if len(waited) == 1:
        return (
            f"{what.name}: down from when the old one is stopped (within {what.stop_seconds} s, then it is"
            f" killed) until the new one {until}"
        )
    least, most = (sum(times) for times in ((d.least for d in waited), (d.most for d in waited)))
    parts = [
        doing.words + (f" (within {doing.most:g} s)" if doing.least != doing.most else "") for doing in waited
    ]
    starts = plural(len(doings) - len(waited), "start")
    return (
        f"{what.name}: down from when the old one is stopped until the new one {until}:"
        f" {least:g} to {most:g} s and {starts} ({', '.join(parts)})"
    )
