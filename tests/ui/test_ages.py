"""Ages and health move by themselves, for a few bytes, and only where somebody looks."""

from __future__ import annotations

import pytest
from textual._compositor import ChopsUpdate

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.wire.container_status import Since, health_of, health_told, since_of
from imgtui.model.core.event import Event
from imgtui.model.core.image import Container
from imgtui.ui.compositor import ExactCompositor
from imgtui.ui.containers.text import state_words
from imgtui.ui.dialogs.aging import LINES
from tests.operations.listening import made
from tests.ui.robot import NOW, Robot, exploring


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


async def older(robot: Robot, clock: Clock, seconds: float) -> None:
    """Let time go by, and the timer of the ages be over."""
    clock.now += seconds
    screen = robot.app.screen
    screen._age()  # type: ignore[attr-defined]
    await robot.pilot.pause()


def painted(robot: Robot) -> int:
    """Lines of the lists and the detail that were painted because they had changed."""
    explorer = robot.explorer
    return sum(lines.painted for lines in (explorer.repositories, explorer.versions, explorer.detail))


async def test_many_ages_have_their_turn_a_few_at_a_time() -> None:
    clock = Clock()
    engine = MemoryEngine()
    for number in range(10):
        engine.load(made(str(number), age=11), f"web:{number}")
    async with exploring(engine, clock=clock) as robot:
        await robot.open_repository("web")
        await robot.until(lambda: robot.explorer.settled, "the detail")
        before = painted(robot)
        await older(robot, clock, 10)
        assert painted(robot) - before == LINES
        for _ in range(6):
            await older(robot, clock, 0)
        await robot.misses("11 s")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_of_lines_whose_ages_move_the_ages_alone_are_sent(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    clock, sent = Clock(), list[str]()
    engine = MemoryEngine()
    for number in range(10):
        engine.load(made(str(number), age=11), f"web:{number}")
    paint = ExactCompositor.render_partial_update
    async with exploring(engine, clock=clock, size=size) as robot:
        await robot.open_repository("web")
        await robot.until(lambda: robot.explorer.settled, "the detail")

        def watched(compositor: ExactCompositor) -> ChopsUpdate | None:
            if (update := paint(compositor)) is not None:
                sent.append(update.render_segments(robot.app.console))
            return update

        monkeypatch.setattr(ExactCompositor, "render_partial_update", watched)
        await older(robot, clock, 12)
        await robot.until(lambda: bool(sent), "ages on their way to the terminal")
    assert "23" in "".join(sent)
    assert "web" not in "".join(sent)
    assert len("".join(sent)) <= 200 - len("\x1b[?2026h\x1b[?2026l")


async def test_no_line_waits_for_ever_while_those_above_it_change_each_time() -> None:
    clock = Clock()
    engine = MemoryEngine()
    for number in range(8):
        engine.load(made(str(number), age=11), f"web:{number}")
    async with exploring(engine, clock=clock) as robot:
        await robot.open_repository("web")
        await robot.until(lambda: robot.explorer.settled, "the detail")
        for _ in range(9):
            await older(robot, clock, 4)
        await robot.misses("11 s")


async def test_ages_in_lists_and_detail_go_on_and_nothing_else_is_painted() -> None:
    clock = Clock()
    engine = MemoryEngine()
    engine.load(made("one", age=11), "web:1")
    async with exploring(engine, clock=clock) as robot:
        await robot.open_repository("web")
        await robot.until(lambda: robot.explorer.settled, "the detail")
        await robot.sees("11 s", "11 seconds ago")
        before = painted(robot)
        await older(robot, clock, 0)
        assert painted(robot) == before
        await older(robot, clock, 9)
        assert painted(robot) - before == LINES
        await older(robot, clock, 0)
        await robot.sees("20 s", "20 seconds ago")
        await older(robot, clock, 45)
        await robot.sees(" 1 m")


async def test_while_another_screen_is_before_it_or_nobody_looks_no_timer_runs() -> None:
    async with exploring() as robot:
        assert robot.explorer._aging is not None
        await robot.do("app.help")
        await robot.until(lambda: robot.explorer._aging is None, "no timer under the help")
        await robot.press("escape")
        await robot.until(lambda: robot.explorer._aging is not None, "the timer again")
        robot.app.app_focus = False
        await robot.until(lambda: robot.explorer._aging is None, "no timer while nobody looks")
        robot.app.app_focus = True
        await robot.until(lambda: robot.explorer._aging is not None, "the timer again")


async def test_the_list_of_containers_counts_on_and_follows_health() -> None:
    clock = Clock()
    engine = MemoryEngine()
    engine.load(made("one"), "web:1")
    name = engine.run("api", "web:1", status="Up 9 seconds (health: starting)", listed=NOW)
    async with exploring(engine, clock=clock) as robot:
        await robot.do("pane.containers")
        await robot.sees("running 9 s, starting")
        await older(robot, clock, 31)
        await robot.sees("running 40 s, starting")
        engine._send(Event("container", "health_status: healthy", name, health="healthy"))
        await robot.sees("running 40 s, healthy")


@pytest.mark.parametrize(
    ("status", "since"),
    [
        ("Up 9 seconds (healthy)", Since(NOW - 9, exact=True)),
        ("Up Less than a second (health: starting)", Since(NOW, exact=True)),
        ("Up About a minute", Since(NOW - 60, exact=False)),
        ("Up 2 hours (Paused)", Since(NOW - 7200, exact=False)),
        ("Exited (137) 3 weeks ago", Since(NOW - 21 * 86_400, exact=False)),
        ("Created", Since(0, exact=True)),
        ("", Since(0, exact=True)),
    ],
)
def test_a_list_tells_since_when(status: str, since: Since) -> None:
    assert since_of(status, NOW) == since


def test_health_of_lists_and_events() -> None:
    assert health_of("Up 9 seconds (health: starting)") == "starting"
    assert health_of("Up 9 seconds (unhealthy)") == "unhealthy"
    assert health_of("Up 9 seconds") == ""
    assert health_told("health_status: unhealthy") == "unhealthy"
    assert health_told("health_status") == ""
    assert health_told("start") is None


def test_a_state_in_words_is_counted_from_when_it_began() -> None:
    container = Container("1", "api", "sha256:1", state="exited", status="Exited (3) 5 minutes ago")
    assert state_words(container, NOW) == "exited (3)"
    ended = Container(
        "1", "api", "sha256:1", state="exited", status="Exited (3) 1 second ago", since=NOW - 300
    )
    assert state_words(ended, NOW) == "exited (3) 5 m ago"
    about = Container("1", "api", "sha256:1", state="running", since=NOW - 7200, since_exact=False)
    assert state_words(about, NOW) == "running ~2 h"
