"""Where the tag of a container points now, since when, and how many moves ago."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from imgtui.model.catalog.catalog import Catalog
from imgtui.model.catalog.drift import Drift, Standing, drifts, untold_words
from imgtui.model.core.image import Container, Image
from imgtui.model.keeps.keep import keep_of
from imgtui.model.taglog.moves import Cause, Move, Provenance, in_order

A, B, C = (f"sha256:{letter * 64}" for letter in "abc")
TAG = "web:latest"


def runs(
    image_id: str,
    created_from: str | None = TAG,
    name: str = "site",
    *,
    manifest: str | None = None,
    replaces: str | None = None,
) -> Container:
    """A running container."""
    return Container(
        f"id of {name}", name, image_id, created_from, "running", manifest=manifest, replaces=replaces
    )


def holds(tag_now: str | None, *containers: Container, **manifests: str) -> Catalog:
    """An engine whose tag points at an image; `a` and `b` may have platform manifests."""
    images = [
        Image(image_id, (TAG,) if image_id == tag_now else (), manifest=manifests.get(image_id[7]))
        for image_id in (A, B, C)
    ]
    return Catalog().with_images(images).with_containers(containers)


def moved(*ends: str | None, reference: str = TAG, known: Provenance = Provenance.EVENT) -> list[Move]:
    """The moves of a tag that pointed at these images, oldest first, as a log has them."""
    pairs = enumerate(pairwise(ends), 1)
    return [
        Move(reference, one, other, 100 * number, None, Cause.TAG, known, number=number)
        for number, (one, other) in pairs
    ]


def only(catalog: Catalog, moves: Sequence[Move]) -> Drift:
    (found,) = drifts(catalog, in_order(moves))
    return found


def test_a_container_whose_tag_points_at_what_it_runs_is_current() -> None:
    found = only(holds(A, runs(A)), moved(None, B, A))
    assert (found.standing, found.tag_now, found.left, found.behind) == (Standing.CURRENT, A, None, 0)
    assert not found.drifted


def test_a_tag_that_moved_once_is_one_move_ahead_since_then() -> None:
    moves = moved(None, A, B)
    found = only(holds(B, runs(A)), moves)
    assert found.drifted
    assert (found.standing, found.tag_now, found.left, found.behind) == (Standing.DRIFT, B, moves[-1], 1)


def test_every_move_since_the_tag_left_is_counted_and_the_first_of_them_is_since_when() -> None:
    moves = moved(None, A, B, C, B)
    found = only(holds(B, runs(A)), moves)
    assert (found.left, found.behind) == (moves[1], 3)


def test_a_tag_that_came_back_and_left_again_left_the_last_time() -> None:
    moves = moved(None, A, B, A, C)
    found = only(holds(C, runs(A)), moves)
    assert (found.left, found.behind) == (moves[-1], 1)


def test_a_tag_that_is_gone_is_no_drift_and_left_when_it_left() -> None:
    moves = moved(None, A, B, None)
    found = only(holds(None, runs(A)), moves)
    assert not found.drifted
    assert (found.standing, found.tag_now, found.left, found.behind) == (
        Standing.TAG_GONE, None, moves[1], 2,
    )  # fmt: skip


@pytest.mark.parametrize(
    "moves",
    [
        [],
        moved(None, A, B, known=Provenance.EVIDENCE),
        moved(C, B),
        moved(None, A, B, reference="web:other"),
        moved(None, A, C),  # where the tag points now nobody recorded
    ],
    ids=["no log", "evidence", "a later move", "another tag", "a log that is behind"],
)
def test_where_the_log_does_not_reach_back_neither_time_nor_number_is_known(moves: list[Move]) -> None:
    found = only(holds(B, runs(A)), moves)
    assert (found.standing, found.left, found.behind) == (Standing.DRIFT, None, None)


def test_evidence_is_not_counted_among_moves() -> None:
    moves = moved(None, A, B)
    proof = Move(TAG, None, C, 150, 0, known=Provenance.EVIDENCE, source="container site", number=9)
    found = only(holds(B, runs(A)), [*moves, proof])
    assert (found.left, found.behind) == (moves[-1], 1)


@pytest.mark.parametrize("created_from", [None, keep_of(A, "web", 1).reference])
def test_an_image_id_and_a_keep_have_no_tag_to_drift_from(created_from: str | None) -> None:
    found = only(holds(B, runs(A, created_from)), moved(None, A, B))
    assert (found.standing, found.tag_now, found.behind) == (Standing.NO_TAG, None, None)


def test_of_a_container_whose_tag_is_not_told_nothing_is_said_but_that() -> None:
    user = replace(runs(A, None), untold="the engine says no")
    found = only(holds(B, user), moved(None, A, B))
    assert (found.standing, found.drifted, found.tag_now) == (Standing.UNKNOWN, False, None)
    assert untold_words([user]) == ["what container site was created from is not known: the engine says no"]


def test_a_tag_beside_a_digest_is_pinned_and_never_drifts() -> None:
    container = replace(runs(A, None), pinned=TAG)
    found = only(holds(B, container), moved(None, A, B))
    assert (found.standing, found.tag_now, found.left, found.behind) == (Standing.PINNED, B, None, None)
    assert not found.drifted


def test_another_index_of_the_same_platform_manifest_is_rebuilt_and_no_drift() -> None:
    moves = moved(None, A, B)
    found = only(holds(B, runs(A), a="sha256:m", b="sha256:m"), moves)
    assert not found.drifted
    assert (found.standing, found.left, found.behind) == (Standing.REBUILT, moves[-1], 1)


def test_a_rebuild_is_known_by_what_the_engine_says_of_the_container_where_its_image_is_gone() -> None:
    catalog = holds(B, runs(A, manifest="sha256:m"), b="sha256:m").without_images([A])
    assert only(catalog, ()).standing is Standing.REBUILT


def test_images_without_platform_manifests_are_not_taken_for_equal() -> None:
    assert only(holds(B, runs(A)), ()).standing is Standing.DRIFT


def test_other_platform_manifests_are_other_content() -> None:
    assert only(holds(B, runs(A), a="sha256:m", b="sha256:n"), ()).standing is Standing.DRIFT


def test_a_stopped_container_in_whose_place_another_was_put_is_no_drift() -> None:
    spare = replace(runs(A, name="spare"), state="exited")
    catalog = holds(B, spare, runs(B, name="site", replaces=spare.id))
    assert {found.container.name: found.standing for found in drifts(catalog, ())} == {
        "site": Standing.CURRENT,
        "spare": Standing.REPLACED,
    }
    started = holds(B, replace(spare, state="running"), runs(B, name="site", replaces=spare.id))
    assert drifts(started, ())[0].drifted


def test_those_that_drift_come_first_then_by_urgency_and_name() -> None:
    users = (
        runs(A, None, "e"), runs(A, "web:gone", "d"), runs(B, name="c"), runs(A, name="b"), runs(A, name="a"),
    )  # fmt: skip
    assert [found.container.name for found in drifts(holds(B, *users), ())] == ["a", "b", "d", "c", "e"]
