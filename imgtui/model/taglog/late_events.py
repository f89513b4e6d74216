"""Events that arrive when a snapshot has already shown what they tell.

An event and the answer to a question race: at full speed a snapshot shows the next move before its event is
read, of this program or of another one that records into the same log, and Podman 4.3 writes an event up to
0.1 s after the act. What was recorded from the snapshot is then told again, exactly, in place of itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from imgtui.model.core.clock import SECOND
from imgtui.model.core.event import Event
from imgtui.model.taglog.moves import Move, Provenance
from imgtui.model.taglog.observation import IN_FLIGHT

SKEW: Final = SECOND // 20
"""Nanoseconds by which the engine's clock may be ahead of what is taken for it."""


ACTING: Final = 600 * SECOND
"""Nanoseconds that an act of imgtui's may take, with all that it moves."""


def told_anew(
    newest: Mapping[str, Sequence[Move]], events: Sequence[Event], after: Mapping[str, str | None]
) -> dict[str, list[Move]]:
    """The last moves of tags, seen in snapshots alone, that these events tell better; oldest first.

    `newest` are the last moves of each tag in the log, oldest first; `after` is where tags point now, without
    those that were looked at before the last of these moves was recorded.
    """
    of_images = [event for event in events if event.kind == "image"]
    found = {}
    for reference, moves in newest.items():
        run = _seen_only(moves)
        told = [event for event in of_images if event.reference == reference and _names_both(event)]
        if run and (count := _told(run, told) or _hinted(run[-1], of_images, after)):
            found[reference] = run[-count:]
    return found


def taken_already(events: Sequence[Event], gone: Mapping[str, tuple[str, int]], since: int) -> dict[str, str]:
    """Names that are recorded as gone, and whose untagging these events tell only now, with their images.

    On graph drivers an untagging names the image alone: it would be taken for that of another of its names.
    `gone` are names that were seen to be gone and of which no event has told it: the image they were on and
    when they were gone. `since` is when the recorded tags were true (nanoseconds since the epoch).
    """
    told = [(event.id, event.time_ns) for event in events if event.action == "untag" and not event.reference]
    return {
        reference: image_id
        for reference, (image_id, at) in gone.items()
        if any(told_of == image_id and since - IN_FLIGHT <= when <= at + SKEW for told_of, when in told)
    }


def retold(found: Sequence[Move], seen: Sequence[Move], *, looked: bool) -> list[Move]:
    """The moves of one tag from where `seen` began, with the numbers of those whose place they take.

    `found` is what events tell now, and where the tag is if that is elsewhere; of `seen` stays what is later
    than the last of these events, and what is not told better. A snapshot is true at some time between the
    question and the answer: one whose move is among the events may be older than the last of them. `looked`
    is whether the tag was looked at since: else nothing says where it is after them.
    """
    exact = [move for move in found if move.not_before is None]
    rest = found[-1] if found and found[-1].not_before is not None else None
    better = rest is not None and rest.known is Provenance.EVENT and rest.target == seen[-1].target
    if exact:
        told = max((n for n, move in enumerate(seen, 1) if _is_among(move, exact)), default=0)
        rest = None if told == len(seen) and not looked else rest
        later = [move for move in seen[told:] if move.at >= exact[-1].at]
        later = later[1:] if later and later[0].target == exact[-1].target else later
        later = later if rest is not None else []
    else:
        later = list(seen[:-1] if better else seen)
    chain = list(exact)
    for move in [*later, *([rest] if rest is not None else [])]:
        origin = chain[-1].target if chain else seen[0].origin
        if move.target != origin:
            chain.append(replace(move, origin=origin))
    numbers = [move.number for move in seen] + [0] * len(chain)
    return [replace(move, number=number) for move, number in zip(chain, numbers, strict=False)]


def _is_among(seen: Move, exact: Sequence[Move]) -> bool:
    return any(move.target == seen.target and _within(move.at, seen) for move in exact)


def is_stale(event: Event, newest: Mapping[str, Sequence[Move]]) -> bool:
    """Whether an event is of the time before the last one of its tag, not of a clock that stepped back.

    So is one of before an act of imgtui's that moved the tag: where that was then is recorded.
    """
    moves = newest.get(event.reference or "", ())
    if moves and moves[-1].known is Provenance.ACT and _names_both(event):
        return -SKEW <= moves[-1].at - event.time_ns <= ACTING
    exact = [move.at for move in moves if move.not_before is None and move.known is Provenance.EVENT]
    return _names_both(event) and bool(exact) and 0 < exact[-1] - event.time_ns <= IN_FLIGHT


def is_untagging(event: Event, loss: Move) -> bool:
    """Whether an event that names an image alone can be that of a tag's loss by an act of imgtui's."""
    nameless = event.action == "untag" and not event.reference and event.id == loss.origin
    return nameless and -SKEW <= loss.at - event.time_ns <= ACTING


def _seen_only(moves: Sequence[Move]) -> list[Move]:
    """The last moves of which no event has told the time."""
    run: list[Move] = []
    for move in reversed(moves):
        if move.not_before is None or move.known not in {Provenance.SNAPSHOT, Provenance.EVENT}:
            break
        run.insert(0, move)
    return run


def _told(run: Sequence[Move], told: Sequence[Event]) -> int:
    """How many moves at the end were seen no earlier than the first of these events happened."""
    for place, move in enumerate(run if told else ()):
        happened = told[0].time_ns
        led_there = any(_target(event) == move.target and _within(event.time_ns, move) for event in told)
        if (move.not_before or 0) <= happened <= move.at + (SKEW if led_there else 0):
            return len(run) - place
    return 0


def _hinted(move: Move, events: Sequence[Event], after: Mapping[str, str | None]) -> int:
    """Whether an event that names the tag or the image alone, or nothing, is about this move."""
    if move.known is not Provenance.SNAPSHOT or after.get(move.reference, move.target) != move.target:
        return 0
    about = {move.reference, move.origin if move.target is None else move.target}
    return int(
        any(
            not _names_both(event)
            and _within(event.time_ns, move)
            and (event.id or event.reference) in {*about, None}
            for event in events
        )
    )


def _names_both(event: Event) -> bool:
    # Podman tells a removal of a name as `untag` and as `delete` of it (4.3).
    return bool(event.reference and event.id and event.action in {"tag", "untag", "delete"})


def _target(event: Event) -> str | None:
    return event.id if event.action == "tag" else None


def _within(at: int, move: Move) -> bool:
    return (move.not_before or 0) <= at <= move.at + SKEW
