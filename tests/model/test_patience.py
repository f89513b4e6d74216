"""When what no rule wants may be released: after its grace time, by clocks that can be believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.core.clock import SECOND, MonotonicTime
from imgtui.model.keeps.patience import STEADY_SECONDS, STEP_SECONDS, ClockMark, Notice, look_at_clock, parted

NOW = 1_760_000_000 * SECOND
DAY = 86_400.0
HOUR = 3600.0


def after(seconds: float, *, boot: str = "one", jumped: float = 0.0) -> tuple[int, MonotonicTime]:
    """Wall clock and steady clock so many seconds later, the wall clock having jumped by some."""
    return NOW + int((seconds + jumped) * SECOND), MonotonicTime(boot, 1000.0 + seconds)


NOTICE = Notice(*after(0))


def test_the_grace_time_is_over_when_it_has_passed() -> None:
    assert NOTICE.remaining(DAY, *after(DAY - 1)) == pytest.approx(1)
    assert NOTICE.remaining(DAY, *after(DAY)) == pytest.approx(0)


@pytest.mark.parametrize("jumped", [60 * DAY, -60 * DAY])
def test_a_clock_that_jumps_shortens_nothing(jumped: float) -> None:
    assert NOTICE.remaining(DAY, *after(HOUR, jumped=jumped)) >= DAY - HOUR


def test_over_a_restart_of_the_machine_only_the_wall_clock_tells() -> None:
    now, _ = after(DAY + 1)
    assert NOTICE.remaining(DAY, now, MonotonicTime("two", 5.0)) == pytest.approx(-1)
    now, _ = after(-DAY)
    assert NOTICE.remaining(DAY, now, MonotonicTime("two", 5.0)) == pytest.approx(2 * DAY)


@given(
    st.lists(st.tuples(st.floats(0, 10 * DAY), st.floats(-100 * DAY, 100 * DAY), st.booleans()), max_size=12)
)
def test_nothing_is_released_within_its_grace_time_or_an_hour_after_a_jump(
    looks: list[tuple[float, float, bool]],
) -> None:
    """Looks: so long after the one before, the wall clock jumping by so much, the machine restarted."""
    wall, boot, up, true = NOW, 0, 1000.0, 0.0
    mark = look_at_clock(None, wall, MonotonicTime("0", up))
    notice = Notice(wall, MonotonicTime("0", up))
    trouble = -STEADY_SECONDS
    restarted = False
    for waited, jump, restart in looks:
        true += waited
        up += waited
        wall += int((waited + jump) * SECOND)
        if restart:
            boot, up, trouble, restarted = boot + 1, 5.0, true, True
        if abs(jump) > STEP_SECONDS:
            trouble = true
        at = MonotonicTime(str(boot), up)
        mark = look_at_clock(mark, wall, at)
        if mark.steady_in(at) <= 0 and notice.remaining(DAY, wall, at) <= 0:
            assert true - trouble >= STEADY_SECONDS - 1
            assert restarted or true >= DAY - 1


def test_the_first_look_of_all_believes_the_clock_and_a_slow_drift_is_no_jump() -> None:
    mark = look_at_clock(None, *after(0))
    assert mark.steady_in(after(0)[1]) <= 0
    for day in range(1, 40):
        mark = look_at_clock(mark, *after(day * DAY, jumped=day * 40.0))
        assert mark.steady_in(after(day * DAY)[1]) <= 0


@pytest.mark.parametrize("jumped", [STEP_SECONDS + 1, -STEP_SECONDS - 1, 60 * DAY])
def test_after_a_jump_an_hour_has_to_pass(jumped: float) -> None:
    mark = look_at_clock(look_at_clock(None, *after(0)), *after(10, jumped=jumped))
    assert mark.steady_in(after(10)[1]) == STEADY_SECONDS
    mark = look_at_clock(mark, *after(10 + HOUR - 1, jumped=jumped))
    assert mark.steady_in(after(10 + HOUR - 1)[1]) == pytest.approx(1)
    mark = look_at_clock(mark, *after(10 + HOUR, jumped=jumped))
    assert mark.steady_in(after(10 + HOUR)[1]) <= 0


def test_a_machine_that_started_has_an_hour_too() -> None:
    mark = look_at_clock(look_at_clock(None, *after(0)), NOW + SECOND, MonotonicTime("two", 5.0))
    assert mark == ClockMark("two", NOW + SECOND - 5 * SECOND, 5.0)


def test_clocks_that_differ_by_more_than_a_step_have_parted() -> None:
    assert parted(NOW + 30 * SECOND, NOW) == 0
    assert parted(NOW + 3600 * SECOND, NOW) == 3600
    assert parted(NOW - 3600 * SECOND, NOW) == -3600
    assert parted(0, NOW) == 0
