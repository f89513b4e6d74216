"""How far a job is: by bytes where they are known, else by its parts, else it is not said."""

from __future__ import annotations

import pytest

from imgtui.model.jobs.job import Job, JobBar, JobState


def job(*bars: JobBar, speed: float = 0.0, state: JobState = JobState.RUNNING) -> Job:
    return Job(1, "pull web", state, bars=bars, speed=speed, begun=100.0)


def layer(state: str, done: int = 0, total: int = 0) -> JobBar:
    return JobBar("layer", state, done, total)


@pytest.mark.parametrize(
    ("bars", "fraction"),
    [
        ((), None),
        ((layer("downloading", 25, 100), layer("downloading", 0, 100)), 0.125),
        ((layer("done", 100, 100), layer("waiting")), 0.5),
        ((layer("done"), layer("done"), layer("downloading", 50, 100), layer("waiting")), 0.625),
        ((layer("waiting"), layer("waiting")), 0.0),
        ((layer("cached"), layer("done")), 1.0),
        ((layer("writing", 500),), None),
        ((layer("downloading", 300, 100), layer("waiting")), 0.5),
    ],
)
def test_how_much_is_done(bars: tuple[JobBar, ...], fraction: float | None) -> None:
    assert job(*bars).fraction == fraction


def test_what_is_left_is_known_by_bytes_and_speed_else_by_how_long_it_took_so_far() -> None:
    assert job(layer("downloading", 25, 100), speed=25.0).left(110.0) == 3.0
    assert job(layer("done"), layer("waiting"), speed=5.0).left(110.0) == 10.0
    assert job(layer("waiting"), layer("waiting")).left(110.0) is None
    assert job(layer("writing", 500), speed=5.0).left(110.0) is None
    assert job(layer("downloading", 25, 100), speed=25.0, state=JobState.DONE).left(110.0) is None
