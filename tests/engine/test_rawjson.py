"""What BuildKit tells while it builds, as it was recorded from Docker 28.5, and as nobody should tell it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtui.engine.build.rawjson import LONGEST_LINE, MOST_STEPS, Hiding, SolveProgress
from imgtui.model.build.build import BuildProgress
from imgtui.model.core.printable import safe_for_terminal
from imgtui.model.safety.mask import MASK

RECORDED: Final = Path(__file__).with_name("recorded")
DIGEST: Final = f"sha256:{'1' * 64}"


def told(name: str, *secrets: str) -> tuple[list[BuildProgress], list[str], SolveProgress]:
    """What is told of a recorded build, its whole log, and who told it."""
    progress = SolveProgress(Hiding(secrets))
    lines = (RECORDED / name).read_text(encoding="utf-8").splitlines()
    news = [found for line in lines if (found := progress.take(line)) is not None]
    return news, [line for each in news for line in each.lines], progress


def log(data: str) -> str:
    """A line of a step's log."""
    encoded = base64.b64encode(data.encode()).decode()
    return json.dumps({"logs": [{"vertex": DIGEST, "stream": 1, "data": encoded}]})


def vertex(**more: object) -> str:
    """A step."""
    return json.dumps({"vertexes": [{"digest": DIGEST, "name": "RUN make", **more}]})


def test_a_recorded_build_tells_its_steps_with_state_and_time() -> None:
    news, lines, _ = told("buildkit.rawjson")
    steps = {bar.name: bar for bar in news[-1].steps}
    assert [bar.state for bar in steps.values()].count("cached") >= 1
    assert {bar.state for bar in steps.values()} <= {"done", "cached"}
    exported = steps["exporting to image"]
    assert exported.seconds is not None
    assert 0 < exported.seconds < 60
    assert any(line.endswith("CACHED") for line in lines)
    assert any("100+0 records in" in line for line in lines)
    assert all(safe_for_terminal(line) for line in lines)


def test_a_step_that_failed_is_told_with_its_reason() -> None:
    news, lines, progress = told("buildkit-failed.rawjson")
    assert [bar.state for bar in news[-1].steps].count("failed") == 1
    assert "exit code: 3" in progress.error
    assert any(line.endswith("hello") for line in lines)
    assert any("ERROR:" in line and "exit code: 3" in line for line in lines)


def test_a_step_is_waiting_running_and_done() -> None:
    progress = SolveProgress(Hiding(()))
    states = []
    for line in (
        vertex(),
        vertex(started="2026-11-25T04:28:28.5Z"),
        vertex(started="2026-11-25T04:28:28.5Z", completed="2026-11-25T04:28:30Z"),
    ):
        assert progress.take(line) is not None
        states.append((progress.bars[0].state, progress.bars[0].seconds))
    assert states == [("waiting", None), ("running", None), ("done", 1.5)]


def test_lines_are_put_together_and_what_is_drawn_over_is_left_out() -> None:
    progress = SolveProgress(Hiding(()))
    progress.take(vertex())
    lines = [
        found.lines for text in ("ab", "c\n10 %\r50 %\r100 %\nrest") if (found := progress.take(log(text)))
    ]
    assert lines == [(), ("#1 abc", "#1 100 %")]
    ended = progress.take(vertex(started="2026-11-25T04:28:28Z", completed="2026-11-25T04:28:29Z"))
    assert ended is not None
    assert ended.lines == ("#1 rest", "#1 DONE 1.0s")


def test_known_values_and_what_looks_secret_are_hidden_everywhere() -> None:
    progress = SolveProgress(Hiding(["hunter2-of-the-build"]))
    first = progress.take(
        json.dumps({"vertexes": [{"digest": DIGEST, "name": "RUN x hunter2-of-the-build"}]})
    )
    second = progress.take(log("value=hunter2-of-the-build\nPASSWORD=other\n"))
    assert first is not None
    assert second is not None
    assert first.lines == (f"#1 RUN x {MASK}",)
    assert second.lines == (f"#1 value={MASK}", f"#1 PASSWORD={MASK}")
    assert first.steps[0].name == f"RUN x {MASK}"


def test_controls_of_a_terminal_are_shown_and_lines_are_bounded() -> None:
    progress = SolveProgress(Hiding(()))
    progress.take(vertex(name="RUN \x1b[2J\x9b"))
    found = progress.take(log("\x1b]52;c;AAAA\x07" + "x" * 10_000 + "\n"))
    assert found is not None
    assert all(safe_for_terminal(line) and len(line) <= LONGEST_LINE for line in found.lines)
    assert safe_for_terminal(progress.bars[0].name)


def test_a_line_without_an_end_is_held_only_so_long() -> None:
    progress = SolveProgress(Hiding(()))
    progress.take(vertex())
    for _ in range(50):
        progress.take(log("x" * 1_000))
    assert len(next(iter(progress._steps.values())).rest) <= LONGEST_LINE


def test_there_is_a_limit_of_steps() -> None:
    progress = SolveProgress(Hiding(()))
    for number in range(MOST_STEPS + 10):
        progress.take(json.dumps({"vertexes": [{"digest": f"sha256:{number}", "name": "x"}]}))
    assert len(progress.bars) == MOST_STEPS


@pytest.mark.parametrize("line", ["", "ERROR: x", "[]", "null", "{}", '{"other": 1}', "[" * 100_000])
def test_what_is_no_status_is_not_taken_for_one(line: str) -> None:
    assert SolveProgress(Hiding(())).take(line) is None


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["digest", "name", "started", "completed", "cached", "error", "vertex", "data", "short"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(st.fixed_dictionaries({"vertexes": JSON, "logs": JSON, "warnings": JSON, "statuses": JSON}))
def test_whatever_comes_is_safe(status: object) -> None:
    progress = SolveProgress(Hiding(()))
    found = progress.take(json.dumps(status))
    assert found is not None
    assert all(safe_for_terminal(text) for text in (*found.lines, *(bar.name for bar in found.steps)))
