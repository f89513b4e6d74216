"""What events tell of moves, where only their order tells it."""

from __future__ import annotations

import pytest

from imgtui.model.core.event import Event
from imgtui.model.taglog.moves import Cause, Move, moves_between

NEW, NAMES = "sha256:" + "a" * 64, ("web:before", "web:built", "web:after")
MILLISECOND = 1_000_000


def told(*events: Event, after: dict[str, str | None], create_first: bool | None = None) -> dict[str, Move]:
    """The move of each tag; what disappears was on the new image."""
    before = {tag: NEW for tag, target in after.items() if target is None}
    found = moves_between(before, events, after, since=0, now=10**10, created={}, create_first=create_first)
    return {move.reference: move for move in found}


@pytest.mark.parametrize(
    ("create_first", "order", "of_build"),
    [
        (True, "before create built after", ["web:built", "web:after"]),
        (False, "before built create after", ["web:before", "web:built"]),
        (None, "before built create after", ["web:before", "web:built", "web:after"]),
    ],
)
def test_a_name_on_the_other_side_of_a_builds_own_event_is_none_of_the_build(
    create_first: bool | None, order: str, of_build: list[str]
) -> None:
    """Docker 28.5, somebody naming the image while it is exported: the order of both image stores."""
    events = [
        Event("image", "create", NEW, None, at * MILLISECOND)
        if word == "create"
        else Event("image", "tag", NEW, f"web:{word}", at * MILLISECOND)
        for at, word in enumerate(order.split(), 10**12)
    ]
    moves = told(*events, after=dict.fromkeys(NAMES, NEW), create_first=create_first)
    assert [tag for tag in NAMES if moves[tag].cause is Cause.BUILD] == of_build
    assert {move.cause for move in moves.values()} <= {Cause.BUILD, Cause.TAG}
    assert all(move.not_before is None for move in moves.values())


def test_of_names_that_go_one_right_after_the_other_none_has_an_exact_time() -> None:
    """A graph driver names the image alone; 1 to 14 ms were measured between two names."""
    first, last = 100 * MILLISECOND, 103 * MILLISECOND
    events = [Event("image", "untag", NEW, None, at) for at in (first, last)]
    moves = told(*events, after={"web:1": None, "web:2": None})
    assert {(move.not_before, move.at) for move in moves.values()} == {(first, last)}
