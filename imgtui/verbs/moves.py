"""Moves on the command line: as JSON, as cells of a table, as one line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from imgtui.model.catalog.availability import Now, Whereabouts
from imgtui.model.core.clock import SECOND
from imgtui.model.core.digest import short
from imgtui.model.keeps.keep import read_keep
from imgtui.model.taglog.moves import Cause, Move, Provenance

TITLES = ("TIME", "REF", "FROM", "TO", "CAUSE", "HOW", "WHO", "NOW")
NOTHING = "-"


Where = Mapping[str, Whereabouts]
"""Image ID to what has become of it."""


def describe(move: Move, where: Where) -> dict[str, object]:
    """The JSON object of a move: full digests, RFC 3339 times in UTC with nanoseconds.

    `not_before` is null where `at` is exact, and where no earliest time is known: `exact` tells them apart.
    """
    left, reached = _of(move.origin, where), _of(move.target, where)
    return {
        "number": move.number,
        "ref": move.reference,
        "from": move.origin,
        "to": move.target,
        "at": rfc3339(move.at),
        "not_before": rfc3339(move.not_before) if move.not_before else None,
        "exact": move.not_before is None,
        "cause": move.cause.value,
        "known": move.known.value,
        "evidence": move.source if move.known is Provenance.EVIDENCE else move.known.value,
        "actor": move.actor,
        "undoes": move.undoes,
        "rule": move.source if move.cause is Cause.RELEASE else None,
        "from_now": left and left.now.value,
        "to_now": reached and reached.now.value,
        "from_pull": left and left.pull,
        "to_pull": reached and reached.pull,
    }


def cells(move: Move, where: Where, zone: tzinfo | None = None) -> tuple[str, ...]:
    """The cells under `TITLES`; times in a zone, None for that of the machine.

    What is still here is said of the image that the tag came to, else of the one that it was taken from.
    """
    place = _of(move.target or move.origin, where)
    return (
        when(move, zone) if move.at or move.known is not Provenance.UNREAD else NOTHING,
        _name(move) or NOTHING,
        short(move.origin) if move.origin else NOTHING,
        short(move.target) if move.target else NOTHING,
        move.cause.value,
        _how(move),
        move.actor,
        place.words if place else "",
    )


def line(move: Move, zone: tzinfo | None = None) -> str:
    """One line for a log file: words without spaces in them, but for the last, and full digests."""
    at = _local(move.at, zone).isoformat(timespec="milliseconds")
    if move.not_before is not None:
        earliest = _local(move.not_before, zone).isoformat(timespec="milliseconds")
        at = f"{earliest if move.not_before else ''}~{at}"
    ends = f"{move.origin or NOTHING} -> {move.target or NOTHING}"
    if move.known is Provenance.UNREAD:
        return f"{at if move.at else NOTHING} {move.reference or NOTHING} {ends} unknown {_how(move)}"
    return f"{at} {_name(move)} {ends} {move.cause.value} {_how(move)}"


def rfc3339(nanoseconds: int) -> str:
    """Nanoseconds since the epoch as a time in UTC, to the nanosecond."""
    seconds, rest = divmod(nanoseconds, SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09}+00:00"


def _name(move: Move) -> str:
    """The tag; of a release the repository, as the keep that it was of is nobody's name for anything."""
    keep = read_keep(move.reference) if move.cause is Cause.RELEASE else None
    return keep.repository or NOTHING if keep is not None else move.reference


def _of(image_id: str | None, where: Where) -> Whereabouts | None:
    """Of an image that neither engine nor log has, that it is gone."""
    return None if image_id is None else where.get(image_id, Whereabouts(Now.GONE))


def _how(move: Move) -> str:
    return f"{move.known.value}: {move.source}" if move.source else move.known.value


def when(move: Move, zone: tzinfo | None = None) -> str:
    """`A` to the second; `A ~ B` for some time between, the day said once; `until B` for no known A."""
    at = _local(move.at, zone)
    until = f"{at:%Y-%m-%d %H:%M:%S}"
    if move.not_before is None:
        return until
    if move.not_before == 0:
        return f"until {until}"
    earliest = _local(move.not_before, zone)
    since = f"{earliest:%Y-%m-%d %H:%M:%S}"
    if since == until:
        return until
    return f"{since} ~ {f'{at:%H:%M:%S}' if earliest.date() == at.date() else until}"


def _local(nanoseconds: int, zone: tzinfo | None) -> datetime:
    return datetime.fromtimestamp(nanoseconds / SECOND, UTC).astimezone(zone)
