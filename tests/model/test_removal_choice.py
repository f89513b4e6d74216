"""Which images a bulk plan is about."""

from __future__ import annotations

import pytest

from imgtui.engine.blueprint import digest_of
from imgtui.model.catalog import Catalog
from imgtui.model.image import Container, Image
from imgtui.model.moves import SECOND, Known, Move
from imgtui.model.past import FormerName, Past
from imgtui.model.removal_choice import Bulk, Wanted, WrongAmount, choose, notes_of, read_amount

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
    return choose(here or catalog(), Wanted(bulk, amount, repositories), (), NOW)


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
    moves = [Move("web:1", OTHER, MIDDLE, (NOW - 2 * DAY) * SECOND, known=Known.EVENT)]
    wanted = Wanted(Bulk.NOT_RUN_FOR, 30 * DAY)
    assert choose(catalog(), wanted, moves, NOW) == [OLD]
    used = catalog(Container("c", "api", OLD, state="exited"))
    assert choose(used, wanted, moves, NOW) == []
    assert "left no trace" in notes_of(wanted)[0]


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
