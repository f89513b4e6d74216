"""What the classic builders of Docker and Podman tell, as it was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from imgtui.engine.build.rawjson import LONGEST_LINE, Hiding
from imgtui.engine.docker.classic_build import ClassicProgress
from imgtui.model.core.printable import safe_for_terminal
from imgtui.model.safety.mask import MASK

MADE: Final = f"sha256:{'a' * 64}"
DOCKER: Final = (
    {"stream": "Step 1/3 : FROM scratch"},
    {"stream": "\n"},
    {"stream": " ---> \n"},
    {"stream": "Step 2/3 : COPY busybox /b"},
    {"stream": "\n"},
    {"stream": " ---> Using cache\n"},
    {"stream": " ---> 7a33d5cd9750\n"},
    {"stream": "Step 3/3 : RUN make"},
    {"stream": "\n"},
    {"stream": " ---> Running in 2744fef5dd1c\n"},
    {"stream": "building hunter2-of-it\n"},
    {"aux": {"ID": MADE}},
    {"stream": "Successfully built aaaaaaaaaaaa\n"},
)
PODMAN: Final = (
    {"stream": "[1/2] STEP 1/1: FROM scratch AS base\n"},
    {"stream": "[2/2] STEP 1/2: FROM 038297483751 AS final\n"},
    {"stream": "[2/2] STEP 2/2: COPY app.txt /app.txt\n"},
    {"stream": "--> Using cache 3f0a\n"},
    {"stream": "Successfully built a7c1b6028b8b\n"},
)


def ticking() -> Iterator[float]:
    """A clock that goes on by a second whenever it is looked at."""
    number = 0.0
    while True:
        number += 1
        yield number


def heard(*messages: object, secrets: tuple[str, ...] = ()) -> tuple[ClassicProgress, list[str]]:
    clock = ticking()
    progress = ClassicProgress(Hiding(secrets), lambda: next(clock))
    lines: list[str] = []
    for message in messages:
        found = progress.take(message)
        lines += found.lines if found is not None else ()
    return progress, lines


def test_docker_tells_steps_cache_and_what_it_made() -> None:
    progress, lines = heard(*DOCKER, secrets=("hunter2-of-it",))
    assert [bar.state for bar in progress.bars] == ["done", "cached", "running"]
    assert progress.bars[2].name == "[3/3] RUN make"
    progress.finish()
    assert [bar.state for bar in progress.bars] == ["done", "cached", "done"]
    assert all(bar.seconds == 1 for bar in progress.bars)
    assert progress.made == MADE
    assert f"building {MASK}" in lines
    assert "Step 3/3 : RUN make" in lines


def test_steps_that_are_to_come_are_waiting() -> None:
    progress, _ = heard({"stream": "Step 1/3 : FROM scratch\n"})
    assert [bar.state for bar in progress.bars] == ["running", "waiting", "waiting"]


def test_podman_tells_stages_and_only_the_beginning_of_what_it_made() -> None:
    progress, _ = heard(*PODMAN)
    progress.finish()
    assert [bar.name.partition("]")[0] for bar in progress.bars] == ["[1:1/1", "[2:1/2", "[2:2/2"]
    assert progress.bars[2].state == "cached"
    assert progress.made == "a7c1b6028b8b"


def test_an_error_ends_the_step_and_is_one_line() -> None:
    progress, lines = heard(
        *DOCKER[:9],
        {"errorDetail": {"code": 1, "message": "The command \x1b[31mmake\x1b[0m\nreturned 1"}, "error": "x"},
    )
    assert progress.bars[2].state == "failed"
    assert progress.error.startswith("The command")
    assert "\n" not in progress.error
    assert safe_for_terminal(progress.error)
    assert lines[-1] == f"ERROR: {progress.error}"


def test_progress_of_a_pull_is_no_line() -> None:
    progress, lines = heard(
        {"status": "Downloading", "progressDetail": {"current": 1, "total": 2}, "id": "abc"},
        {"status": "Pull complete", "progressDetail": {}, "id": "abc"},
    )
    assert lines == ["abc: Pull complete"]
    assert progress.bars == ()


def test_a_line_without_an_end_is_held_only_so_long() -> None:
    progress, lines = heard(*({"stream": "x" * 1_000} for _ in range(20)))
    assert lines
    assert all(len(line) <= LONGEST_LINE for line in lines)
    assert len(progress._rest) <= LONGEST_LINE


@given(
    st.lists(st.fixed_dictionaries({}, optional={"stream": st.text(), "error": st.text(), "aux": st.text()}))
)
def test_whatever_comes_is_safe(messages: list[dict[str, str]]) -> None:
    progress, lines = heard(*messages)
    assert all(map(safe_for_terminal, (*lines, progress.error, *(bar.name for bar in progress.bars))))
