"""Several proofs of one move tell it once, in an order that ends where the tags pointed at first sight."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.core.clock import SECOND
from imgtui.model.taglog.moves import Cause, Move, Provenance, in_order
from imgtui.model.taglog.proofs import EVENT, HERE, LAST_TAG_TIME, PODMAN, FirstSight, each_once

A, B, C = (f"sha256:{digit * 64}" for digit in "abc")
TAG = "web:latest"
NOW = 10_000 * SECOND


def proof(target: str | None, at: int, source: str, not_before: int | None = 0) -> Move:
    """A proof of the tag, at seconds."""
    earliest = None if not_before is None else not_before * SECOND
    return Move(TAG, None, target, at * SECOND, earliest, Cause.UNKNOWN, Provenance.EVIDENCE, source)


def told(*proofs: Move, here: str | None = A, there: Sequence[Move] = ()) -> list[tuple[str | None, str]]:
    """Target and source of what is told, oldest first."""
    new = each_once(there, proofs, {TAG: FirstSight(here, NOW)}, {A: 100, B: 200, C: 300})
    return [(move.target, move.source) for move in in_order([*there, *new])[::-1]]


def test_a_container_and_the_event_of_the_same_build_are_one_move() -> None:
    built = proof(A, 1000, EVENT, None)
    assert told(built, proof(A, 1001, "container web")) == [(A, EVENT)]
    assert told(proof(A, 1001, "container web"), there=[built]) == [(A, EVENT)]


def test_of_several_proofs_of_one_move_the_earliest_is_told() -> None:
    late, early = proof(A, 2000, "container late"), proof(A, 1000, LAST_TAG_TIME)
    assert told(late, early) == [(A, LAST_TAG_TIME)]


def test_a_tag_that_came_back_is_told_twice() -> None:
    proofs = [proof(target, at, f"container {at}") for target, at in ((A, 1000), (B, 2000), (A, 3000))]
    assert [target for target, _ in told(*proofs)] == [A, B, A]


def test_names_without_a_time_are_older_than_what_the_tag_points_at() -> None:
    """Podman's first look: three builds of one tag."""
    names = [proof(B, 10_000, PODMAN, 200), proof(C, 10_000, PODMAN, 300)]
    assert [target for target, _ in told(*names, proof(A, 5000, EVENT, 100))] == [B, C, A]
    assert told(*names) == [(B, PODMAN), (C, PODMAN), (A, HERE)]


def test_what_is_proved_later_than_it_came_here_was_here_before_it_left_again() -> None:
    """An image that was tagged long ago, and got this tag by a pull after a container was made."""
    moves = told(proof(A, 1000, LAST_TAG_TIME), proof(B, 2000, "container web"))
    assert moves == [(B, "container web"), (A, HERE)]


def test_what_was_observed_needs_no_proof() -> None:
    sight = {TAG: FirstSight(A, 1500 * SECOND)}
    proofs = [proof(A, 1000, LAST_TAG_TIME), proof(B, 2000, "container web"), proof(C, 9000, PODMAN, 300)]
    found = each_once((), proofs, sight, {})
    assert [(move.target, move.source) for move in in_order(found)[::-1]] == [(C, PODMAN), (A, LAST_TAG_TIME)]
    assert all(move.at < 1500 * SECOND for move in found)


proofs = st.builds(
    proof,
    st.sampled_from([A, B, C]),
    st.integers(1, 9_999),
    st.sampled_from([EVENT, LAST_TAG_TIME, "container web", "container api"]),
    st.sampled_from([None, 0]),
)
names = st.builds(proof, st.sampled_from([B, C]), st.just(10_000), st.just(PODMAN), st.integers(0, 300))


@given(st.lists(st.one_of(proofs, names), max_size=8), st.sampled_from([A, B, C]))
def test_whatever_is_proved_the_newest_is_where_the_tag_points(found: list[Move], here: str) -> None:
    moves = in_order(each_once((), found, {TAG: FirstSight(here, NOW)}, {A: 100, B: 200, C: 300}))
    assert not found or moves[0].target == here
    assert all((move.not_before or 0) <= move.at < NOW for move in moves)
    assert {move.target for move in found} <= {move.target for move in moves}
