"""Events that come after a snapshot has shown what they tell are told in its place, and never twice."""

from __future__ import annotations

from imgtui.model.core.clock import SECOND, MonotonicTime
from imgtui.model.core.event import Event
from imgtui.model.core.image import Image
from imgtui.model.taglog.late_events import told_anew
from imgtui.model.taglog.moves import Cause, Move, Provenance
from imgtui.model.taglog.observation import Observation
from imgtui.store.state import State
from imgtui.store.tag_log import TagLog

A, B, C, D = (f"sha256:{digit * 64}" for digit in "abcd")
TAG = "web:latest"


class Recording:
    """A log whose tag points at A; each call is something that a program saw, at seconds of one clock."""

    def __init__(self) -> None:
        self.log = TagLog(State(None), "engine")
        self.see(A, 0.0, whole=True)

    def see(
        self, target: str | None, at: float, *events: Event, asked: float | None = None, whole: bool = False
    ) -> None:
        """Where the tag pointed: asked for at some time, else at once."""
        tags = {} if whole and target is None else {TAG: target}
        images = {target: Image(target, (TAG,))} if target else {}
        asked_at = MonotonicTime("boot", at if asked is None else asked)
        told = Observation(
            tags, asked_at, MonotonicTime("boot", at), ns(at), whole, events, images, builds_told=True
        )
        self.log.record(told)

    @property
    def targets(self) -> list[str | None]:
        return [move.target for move in self.moves]

    @property
    def moves(self) -> list[Move]:
        return self.log.moves()[::-1]


def ns(seconds: float) -> int:
    return 1000 * SECOND + int(seconds * SECOND)


def tag(image_id: str, at: float) -> Event:
    return Event("image", "tag", image_id, TAG, ns(at))


def test_events_that_come_after_the_snapshot_that_they_led_to_take_its_place() -> None:
    seen = Recording()
    seen.see(C, 10.0)
    assert [(move.target, move.known) for move in seen.moves] == [(C, Provenance.SNAPSHOT)]
    seen.see(C, 10.2, tag(B, 9.9), tag(C, 9.95))
    assert [(m.origin, m.target, m.at, m.not_before, m.cause) for m in seen.moves] == [
        (A, B, ns(9.9), None, Cause.TAG),
        (B, C, ns(9.95), None, Cause.TAG),
    ]


def test_what_follows_the_late_events_goes_on_from_there() -> None:
    seen = Recording()
    seen.see(C, 10.0)
    seen.see(A, 10.5, tag(B, 9.9), tag(C, 9.95), tag(D, 10.1), tag(A, 10.2))
    assert seen.targets == [B, C, D, A]
    assert {move.known for move in seen.moves} == {Provenance.EVENT}


def test_a_snapshot_that_was_answered_late_is_not_told_once_more_after_later_events() -> None:
    for now, targets in ((C, [B, C]), (B, [B, C, B])):
        seen = Recording()
        seen.see(B, 10.0)
        seen.see(C, 9.97, tag(B, 9.85), tag(C, 9.95))  # looked before the other one was answered
        assert seen.targets == [B, C]
        seen.see(now, 10.1)
        assert seen.targets == targets


def test_snapshots_of_two_programs_are_both_told_anew() -> None:
    seen = Recording()
    seen.see(B, 10.0)
    seen.see(D, 10.1)
    seen.see(D, 10.2, tag(B, 9.9), tag(C, 10.05), tag(D, 10.08))
    assert seen.targets == [B, C, D]


def test_of_late_events_that_are_still_under_way_the_rest_stays_open() -> None:
    seen = Recording()
    seen.see(C, 10.0)
    seen.see(C, 10.05, tag(B, 9.9))
    assert [(m.target, m.known) for m in seen.moves] == [(B, Provenance.EVENT), (C, Provenance.SNAPSHOT)]
    seen.see(C, 10.1, tag(C, 9.95))
    assert [(m.target, m.known) for m in seen.moves] == [(B, Provenance.EVENT), (C, Provenance.EVENT)]


def test_late_events_of_who_looked_before_the_snapshot_are_told_before_it() -> None:
    seen = Recording()
    seen.see(C, 10.0)
    seen.see(B, 9.93, tag(B, 9.9))
    assert seen.targets == [B, C]
    seen.see(C, 10.1, tag(C, 9.95))
    assert [(m.target, m.known) for m in seen.moves] == [(B, Provenance.EVENT), (C, Provenance.EVENT)]


def test_an_event_of_the_first_of_two_snapshots_leaves_the_second_as_it_is() -> None:
    seen = Recording()
    seen.see(B, 10.0)
    seen.see(D, 10.1)
    seen.see(D, 10.2, tag(B, 9.9))
    assert [(m.target, m.known) for m in seen.moves] == [(B, Provenance.EVENT), (D, Provenance.SNAPSHOT)]
    seen.see(D, 10.3, tag(C, 10.05))
    seen.see(D, 10.4, tag(D, 10.08))
    assert [(m.origin, m.target) for m in seen.moves] == [(A, B), (B, C), (C, D)]
    assert {move.known for move in seen.moves} == {Provenance.EVENT}


def test_the_second_snapshot_stays_what_is_recorded_when_late_events_tell_the_first() -> None:
    """Told by who looked before the second one was answered: that answer says nothing of now."""
    seen = Recording()
    seen.see(B, 10.0)
    seen.see(D, 10.1)
    seen.see(C, 10.2, tag(B, 9.9), asked=10.05)
    assert (seen.targets, seen.log.tags()) == ([B, D], {TAG: D})
    seen.see(D, 10.3)
    assert [(m.origin, m.target) for m in seen.moves] == [(A, B), (B, D)]


def test_an_older_answer_that_agrees_lets_no_older_one_in_that_does_not() -> None:
    seen = Recording()
    seen.see(B, 10.0, tag(B, 9.9))
    seen.see(B, 9.8, asked=9.7)  # the tag was there before, too
    seen.see(C, 9.95, asked=9.85)
    assert seen.targets == [B]


def test_what_only_a_snapshot_showed_stays_between_late_events() -> None:
    seen = Recording()
    seen.see(C, 10.0)
    seen.see(D, 10.1)
    seen.see(D, 10.2, tag(B, 9.9))
    assert [(m.origin, m.target) for m in seen.moves] == [(A, B), (B, C), (C, D)]


def test_an_event_that_names_only_the_image_gives_the_move_its_time_and_cause() -> None:
    seen = Recording()
    seen.see(B, 10.0)
    seen.see(B, 10.1, Event("image", "load", B, None, ns(9.9)))
    (move,) = seen.moves
    assert (move.target, move.cause, move.at, move.not_before) == (B, Cause.LOAD, ns(9.9), None)


def test_events_of_another_image_or_of_long_ago_change_nothing() -> None:
    seen = Recording()
    seen.see(B, 10.0)
    before = seen.moves
    seen.see(B, 10.1, Event("image", "load", C, None, ns(9.9)), Event("image", "load", B, None, ns(-5.0)))
    assert seen.moves == before


def test_a_tag_that_moves_after_the_snapshot_is_a_new_move() -> None:
    seen = Recording()
    seen.see(B, 10.0)
    seen.see(C, 12.0, tag(C, 11.9))
    assert [(m.target, m.known) for m in seen.moves] == [(B, Provenance.SNAPSHOT), (C, Provenance.EVENT)]


def test_after_a_clock_has_stepped_back_events_are_of_new_moves() -> None:
    seen = Recording()
    seen.see(B, 10.0)
    seen.see(C, 20.0, tag(C, -3600.0))
    assert seen.targets == [B, C]


def test_a_list_is_sure_up_to_when_it_was_asked_for() -> None:
    seen = Recording()
    seen.log.record(
        Observation({TAG: A}, MonotonicTime("boot", 10.0), MonotonicTime("boot", 16.0), ns(16.0), whole=True)
    )
    assert seen.log.confirmed() == ns(10.0)


def test_an_event_that_is_older_than_the_last_one_of_its_tag_moves_nothing() -> None:
    seen = Recording()
    seen.see(C, 10.0, tag(C, 9.9))
    seen.see(C, 10.1, tag(B, 9.8))
    assert seen.targets == [C]


def test_what_was_seen_of_one_tag_says_nothing_of_others_that_were_on_their_way() -> None:
    seen = Recording()
    seen.see(B, 20.0)
    assert seen.log.confirmed() == ns(15.0)


def test_a_move_of_imgtuis_own_is_not_told_anew() -> None:
    act = Move(TAG, A, B, ns(1.0), ns(0.0), Cause.TAG, Provenance.ACT)
    assert told_anew({TAG: [act]}, [tag(B, 0.9)], {TAG: B}) == {}


def test_an_answer_that_was_asked_for_before_what_is_recorded_moves_nothing() -> None:
    seen = Recording()
    seen.see(B, 10.0)
    for whole in (False, True):
        seen.see(A, 10.5, asked=9.9, whole=whole)
        assert seen.targets == [B], "a slow answer is no news"
    assert seen.log.recorded()[TAG][0] == B

    other = MonotonicTime("another boot", 1.0)
    seen.log.record(Observation({TAG: A}, other, other, ns(20.0), whole=True))
    assert seen.targets == [B, A], "after a boot the clock begins anew"
