"""Which change is the newest: of tags, of keeps, of containers; also after it was undone and done again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imgtui.model.acts.changes import (
    PastAct,
    RemovedForGood,
    RolledBack,
    UnreadAct,
    in_repository,
    newest,
    newest_undone,
    of_containers,
    of_service,
    of_tag,
    read_act,
    stands,
    title_of,
    why_final,
)
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.containers.replacement import Journey, Progress, Stage, TagToMove
from imgtui.model.core.clock import SECOND
from imgtui.model.core.image import Container, Image
from imgtui.model.taglog.moves import IMGTUI, Cause, Move, Provenance

A, B = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
NOW = 1_760_000_000


def move(number: int, at: int, tag: str = "web:latest", **changes: object) -> Move:
    known = Move(tag, A, B, at * SECOND, None, Cause.BUILD, Provenance.EVENT, number=number)
    return replace(known, **changes)  # type: ignore[arg-type]


def act(
    number: int, at: int, after: int | None, *, undoes: int | None = None, redo: bool = False
) -> RolledBack:
    progress = Progress("old", "api", True, B, A, {}, "api-bbbbbbbbbbbb", Stage.DONE, "new")
    return RolledBack(number, at * SECOND, Journey((progress,), None, undoes, redo), after)


def here(reference: str) -> str:
    return B if reference else A


def test_an_act_is_newer_than_what_was_recorded_before_it_ended_whatever_the_clock_says() -> None:
    done = act(1, 10, after=7)
    assert newest([move(7, 99)], [done], here, lambda _: True) is done
    later = move(8, 5)
    assert newest([later, move(7, 99)], [done], here, lambda _: True) is later


def test_where_it_is_not_written_down_the_time_decides() -> None:
    done = act(1, 10, after=None)
    assert newest([move(7, 9)], [done], here, lambda _: True) is done
    assert newest([move(7, 11)], [done], here, lambda _: True) == move(7, 11)


def test_what_is_undone_is_no_change_until_it_is_done_again() -> None:
    first, undo = act(1, 10, 7), act(2, 20, 7, undoes=1)
    again = act(3, 30, 8, undoes=1, redo=True)
    moves = [move(7, 1)]
    assert newest(moves, [undo, first], here, lambda _: True) == moves[0]
    assert newest_undone(moves, [undo, first], lambda _: True) is undo
    moves = [move(8, 25, "web:1"), move(7, 1)]
    assert newest(moves, [again, undo, first], here, lambda _: True) is again
    assert newest_undone(moves, [again, undo, first], lambda _: True) is None


def test_a_move_that_was_done_again_is_as_new_as_that() -> None:
    undo = move(3, 30, origin=B, target=A, cause=Cause.UNDO, undoes=1, actor=IMGTUI)
    redo = move(4, 40, cause=Cause.REDO, undoes=1, actor=IMGTUI)
    other = move(2, 20, "web:1")
    first = move(1, 10)
    assert newest([redo, undo, other, first], (), here, lambda _: True) == first
    assert newest([undo, other, first], (), here, lambda _: True) == other


def test_what_stands_no_more_is_passed_over() -> None:
    assert newest([move(7, 1)], [act(1, 10, 7)], here, lambda _: False) == move(7, 1)
    assert newest([move(7, 1, target=A)], [], here, lambda _: False) is None


def test_a_container_stands_as_long_as_what_was_made_has_its_name() -> None:
    catalog = Catalog({}, {"new": Container("new", "api", A)})
    assert stands(catalog, act(1, 10, 7))
    renamed = catalog.with_containers([Container("new", "other", A)])
    assert stands(renamed, act(1, 10, 7))
    assert not stands(renamed.with_containers([Container("third", "api", A)]), act(1, 10, 7))
    assert not stands(catalog.with_containers([], ["new"]), act(1, 10, 7))


def test_a_place_that_is_empty_is_for_the_one_before() -> None:
    aside = Catalog({}, {"old": Container("old", "api-bbbbbbbbbbbb", B)})
    assert stands(aside, act(1, 10, 7))
    assert not stands(aside.with_containers([Container("third", "api", A)]), act(1, 10, 7))


def test_where_all_are_gone_it_counts_for_who_names_it_and_the_journal_has_its_configuration() -> None:
    done = act(1, 10, 7)
    (progress,) = done.journey.containers
    kept = replace(done, journey=Journey((replace(progress, configuration={"Config": {}}),)))
    assert not stands(Catalog(), kept)
    assert stands(Catalog(), kept, gone=True)
    assert not stands(Catalog(), done, gone=True)


def test_the_removal_of_a_container_of_a_roll_back_is_passed_over_where_it_can_be_undone() -> None:
    done = act(1, 10, 7)
    for gone in (
        RemovedForGood(5, 20 * SECOND, "x", (), "api-bbbbbbbbbbbb", 7),
        RemovedForGood(5, 20 * SECOND, "x", (), "renamed", 7, "old"),
    ):
        assert newest([move(7, 1)], [gone, done], here, lambda _: True) is done
        assert newest([move(7, 1)], [gone, done], here, lambda _: False) is gone
    other = RemovedForGood(5, 20 * SECOND, "x", (), "api-bbbbbbbbbbbb", 7, "another")
    assert newest([move(7, 1)], [other, done], here, lambda _: True) is other


def test_the_acts_of_a_container_are_found_by_its_names_and_ids_and_by_its_service() -> None:
    done = act(1, 10, 7)
    assert of_containers([done], "api") == [done]
    assert of_containers([done], "other", ["new"]) == [done]
    assert of_containers([done], "other", ["third"]) == []
    labels = {"com.docker.compose.project": "shop", "com.docker.compose.service": "web"}
    (progress,) = done.journey.containers
    known = replace(progress, configuration={"Config": {"Labels": labels}})
    of_shop = replace(done, journey=Journey((known,)))
    assert of_service([done, of_shop], "shop/web") == [of_shop]
    assert of_service([done, of_shop], "shop/db") == []


def test_a_removal_is_the_newest_and_says_that_nothing_brings_it_back() -> None:
    gone = RemovedForGood(5, NOW * SECOND, "remove aaaaaaaaaaaa (no tag)", ("web",), None, 9)
    assert newest([move(7, 1)], [gone], here, lambda _: True) is gone
    assert why_final(gone, NOW + 4) == (
        "the newest change cannot be undone: remove aaaaaaaaaaaa (no tag) (by you 4 s ago);"
        " nothing brings back what no registry has"
    )
    assert read_act(5, NOW * SECOND, 9, "done", gone.to_json()) == gone


def test_acts_are_read_from_what_they_wrote_of_themselves() -> None:
    done = act(3, 10, 7, undoes=1, redo=True)
    assert read_act(3, 10 * SECOND, 7, "done", done.journey.to_json()) == done
    assert read_act(3, 10 * SECOND, 7, "failed: no", done.journey.to_json()) is None
    for text in ("", "{}", "[]", "4", '{"containers": [1], "tag": null}', '{"removed": "x", "places": 3}'):
        with pytest.raises(ValueError, match=r"not the progress of|Expecting value"):
            read_act(3, 10, None, "done", text)


def test_nothing_is_undone_past_an_act_that_is_not_understood_whatever_it_was_about() -> None:
    unread, older = UnreadAct(5, 50 * SECOND, "row 5 of acts", 7), act(4, 40, 6)
    moves = [move(8, 60, "web:1"), move(7, 1)]
    acts: list[PastAct] = [unread, older]
    assert newest(moves, acts, here, lambda _: True) == moves[0]
    assert newest(moves[1:], acts, here, lambda _: True) is unread
    assert newest_undone(moves, acts, lambda _: True) is unread
    for seen in (of_tag(acts, "any:1"), of_containers(acts), of_containers(acts, "any")):
        assert unread in seen
    assert in_repository(Catalog(), acts, "any") == [unread]
    assert why_final(unread, NOW) == (
        "the newest act is not understood (row 5 of acts): what it changed is not known"
    )


def test_a_journey_of_an_earlier_version_is_read() -> None:
    text = (
        '{"containers":[{"container_id":"old","name":"api","running":true,"origin":"o","target":"t",'
        '"restart":{},"retired":"r","stage":"done","made":"new","spare":null}],'
        '"tag":{"reference":"web:latest","origin":"o","target":"t"}}'
    )
    read = Journey.from_json(text)
    assert read.tag == TagToMove("web:latest", "o", "t", Cause.ROLLBACK)
    assert read.containers[0].before == "old"


def test_what_is_in_view() -> None:
    catalog = Catalog({A: Image(A, ("web:1",)), B: Image(B)}, {"new": Container("new", "api", A, "shop:2")})
    done = act(1, 10, 7)
    tagged = replace(done, number=2, journey=replace(done.journey, tag=TagToMove("blog:1", A, B)))
    assert in_repository(catalog, [done, tagged], "web") == [done, tagged]
    assert in_repository(catalog, [done, tagged], "shop") == [done, tagged]
    assert in_repository(catalog, [done, tagged], "blog") == [tagged]
    assert of_tag([done, tagged], "blog:1") == [tagged]
    assert of_containers([done, tagged], "api") == [done, tagged]
    assert of_containers([done], "other") == []


def test_the_title_says_which_when_and_by_whom() -> None:
    done = replace(act(1, 10, 7), at=NOW * SECOND)
    assert title_of(done, NOW + 20) == "Put api back on bbbbbbbbbbbb (rolled back by you 20 s ago)"
    undone = replace(done, journey=replace(done.journey, undoes=1))
    assert title_of(undone, NOW + 20) == "Roll api back again to bbbbbbbbbbbb (put back by you 20 s ago)"
