"""Which images a bulk plan is about."""

from __future__ import annotations

import pytest

from imgtui.engine.memory.blueprint import digest_of
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.clock import SECOND
from imgtui.model.core.image import Container, Image
from imgtui.model.removal.selection import (
    Bulk,
    BulkSelection,
    WrongAmount,
    choose,
    notes_of,
    read_amount,
    undated,
)
from imgtui.model.taglog.history import FormerName, Past
from imgtui.model.taglog.moves import Move, Provenance

NOW = 1_760_000_000
DAY = 86_400
OLD, MIDDLE, NEW, OTHER = (digest_of(name) for name in ("old", "middle", "new", "other"))


def catalog(*containers: Container) -> Catalog:
    """Three versions of web, of which the oldest has lost its tag, and another image without a name."""
    images = (
        Image(OLD, created=NOW - 90 * DAY),
        Image(MIDDLE, tags=("web:1",), created=NOW - 40 * DAY),
        Image(NEW, tags=("web:latest",), created=NOW - DAY),
        Image(OTHER, created=NOW - 60 * DAY),
    )
    past = Past(names={OLD: (FormerName("web", "latest", NOW - 40 * DAY),)})
    return Catalog({image.id: image for image in images}, {c.id: c for c in containers}, past)


def chosen(bulk: Bulk, amount: int = 0, *repositories: str, here: Catalog | None = None) -> list[str]:
    return choose(here or catalog(), BulkSelection(bulk, amount, repositories), (), NOW)


def test_without_a_tag_the_oldest_first() -> None:
    assert chosen(Bulk.DANGLING) == [OLD, OTHER]


def test_without_a_container_stopped_ones_count() -> None:
    here = catalog(Container("c", "api", MIDDLE, state="exited"))
    assert chosen(Bulk.UNUSED, here=here) == [OLD, OTHER, NEW]


@pytest.mark.parametrize(("last", "found"), [(1, [OLD, MIDDLE]), (2, [OLD]), (3, [])])
def test_all_but_the_last_of_each_repository_tags_first(last: int, found: list[str]) -> None:
    assert chosen(Bulk.KEEP_LAST, last) == found


def test_what_another_repository_still_wants_is_not_among_them() -> None:
    here = catalog()
    past = Past(names={OLD: (*here.past.names[OLD], FormerName("shop", "old", NOW))})
    shared = Catalog(here.images, {}, past)
    assert chosen(Bulk.KEEP_LAST, 1, here=shared) == [MIDDLE]
    assert chosen(Bulk.DANGLING, 0, "web", here=shared) == []
    assert chosen(Bulk.DANGLING, 0, "web", "shop", here=shared) == [OLD]


def test_older_than_a_time_and_what_does_not_say_is_not_old() -> None:
    assert chosen(Bulk.OLDER_THAN, 50 * DAY) == [OLD, OTHER]
    unsaid = Catalog({OLD: Image(OLD)})
    assert chosen(Bulk.OLDER_THAN, DAY, here=unsaid) == []


def test_not_run_for_leaves_what_containers_and_tags_know_of() -> None:
    moves = [Move("web:1", OTHER, MIDDLE, (NOW - 2 * DAY) * SECOND, known=Provenance.EVENT)]
    wanted = BulkSelection(Bulk.NOT_RUN_FOR, 30 * DAY)
    assert choose(catalog(), wanted, moves, NOW) == [OLD]
    used = catalog(Container("c", "api", OLD, state="exited"))
    assert choose(used, wanted, moves, NOW) == []
    assert "left no trace" in notes_of(wanted)[0]


NO_DATES = [0, 1, 315_532_800, NOW + 40 * DAY]
"""The year 1 (which engines tell as 0), 1970, 1980, and a day that has not come."""


def three(created: int) -> Catalog:
    """Three tags of a repository, all built on the same day, which is none."""
    tags = {OLD: "web:1", MIDDLE: "web:2", NEW: "web:3"}
    return Catalog({image_id: Image(image_id, (tag,), created=created) for image_id, tag in tags.items()})


def arrival(image_id: str, tag: str, ago: int, number: int, known: Provenance = Provenance.EVENT) -> Move:
    return Move(tag, None, image_id, (NOW - ago) * SECOND, known=known, number=number)


@pytest.mark.parametrize("created", [*NO_DATES, NOW - 300 * DAY])
@pytest.mark.parametrize("last", [1, 2])
def test_no_survivor_is_chosen_by_a_date_that_says_nothing(created: int, last: int) -> None:
    """Also not where the date is an honest one that all have."""
    here, wanted = three(created), BulkSelection(Bulk.KEEP_LAST, last)
    assert choose(here, wanted, (), NOW) == []
    honest = created == NOW - 300 * DAY
    assert undated(here, wanted, (), NOW) == ([] if honest else sorted([OLD, MIDDLE, NEW]))


@pytest.mark.parametrize("created", [*NO_DATES, NOW - 300 * DAY])
def test_the_tag_log_says_which_came_last_and_then_what_the_engine_was_told(created: int) -> None:
    here, wanted = three(created), BulkSelection(Bulk.KEEP_LAST, 1)
    moves = [
        arrival(OLD, "web:1", 60, 3),
        arrival(MIDDLE, "web:2", 20, 1),
        arrival(NEW, "web:3", 1, 0, Provenance.EVIDENCE),
    ]
    assert set(choose(here, wanted, moves, NOW)) == {MIDDLE, NEW}
    last_tags = {OLD: NOW - 50, MIDDLE: NOW - 10, NEW: NOW - 40}
    assert set(choose(here, wanted, (), NOW, last_tags)) == {OLD, NEW}
    assert undated(here, wanted, (), NOW, last_tags) == []


def test_what_has_no_date_is_left_out_and_takes_no_place() -> None:
    images = {**three(NOW - 9 * DAY).images, NEW: Image(NEW, ("web:3",), created=1)}
    images[OLD] = Image(OLD, ("web:1",), created=NOW - 20 * DAY)
    wanted = BulkSelection(Bulk.KEEP_LAST, 1)
    assert choose(Catalog(images), wanted, (), NOW) == [OLD]
    assert undated(Catalog(images), wanted, (), NOW) == [NEW]
    (note,) = notes_of(wanted, [NEW])
    assert NEW[7:19] in note
    assert "says nothing" in note


@pytest.mark.parametrize("bulk", [Bulk.OLDER_THAN, Bulk.NOT_RUN_FOR])
@pytest.mark.parametrize("created", [*NO_DATES, NOW - 300 * DAY])
def test_what_came_a_minute_ago_is_not_old_whenever_it_was_built(bulk: Bulk, created: int) -> None:
    here, wanted = three(created), BulkSelection(bulk, 30 * DAY)
    moves = [arrival(OLD, "web:1", 90 * DAY, 1), arrival(MIDDLE, "web:2", 60, 2)]
    last_tags = {NEW: NOW - 50 * DAY}
    assert set(choose(here, wanted, moves, NOW, last_tags)) == {OLD, NEW}
    honest = created == NOW - 300 * DAY
    assert undated(here, wanted, moves, NOW) == ([] if honest else [NEW])


@pytest.mark.parametrize(("text", "seconds"), [("12h", 12 * 3600), ("30d", 30 * DAY), ("4w", 28 * DAY)])
def test_times_are_read(text: str, seconds: int) -> None:
    assert read_amount(Bulk.OLDER_THAN, text) == seconds


@pytest.mark.parametrize("text", ["", "30", "d", "-3d", "3 years", "³d"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(WrongAmount, match="12h, 30d or 4w"):
        read_amount(Bulk.NOT_RUN_FOR, text)


@pytest.mark.parametrize("text", ["", "0", "-1", "ten", "²"])
def test_what_is_no_number_of_versions_is_refused(text: str) -> None:
    with pytest.raises(WrongAmount, match="1 or more"):
        read_amount(Bulk.KEEP_LAST, text)


def test_plans_that_ask_for_nothing_take_nothing() -> None:
    assert read_amount(Bulk.DANGLING, "") == read_amount(Bulk.UNUSED, "") == 0
