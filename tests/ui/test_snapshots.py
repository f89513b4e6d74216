"""How the program looks. After a change: look at the report, then --snapshot-update."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from imgtui.engine.demo.engine import demo_engine
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.store.state import State
from imgtui.store.tag_log import TagLog
from imgtui.ui.app import ImgtuiApp
from tests.ui.robot import NOW, Robot, explorer_app

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
os.environ["TZ"] = "UTC"
time.tzset()

Compare = Callable[..., bool]


def keys(*pressed: str, lost: bool = False) -> Callable[[Pilot[None]], Awaitable[None]]:
    """What is done before the picture is taken."""

    async def before(pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app, ImgtuiApp)
        robot = Robot(pilot.app, pilot, demo_engine(NOW))
        if lost:
            await robot.sees("R try again")
            return
        await robot.live()
        await robot.until(lambda: robot.explorer.settled, "at rest")
        for key in pressed:
            await robot.press(key)
            await robot.until(lambda: robot.explorer.settled, "at rest")

    return before


def watched() -> State:
    """The log of somebody who has watched the demo of late."""
    engine, state = demo_engine(NOW), State(None)
    TagLog(state, engine.connect().id).restore(engine.diary)
    return state


@pytest.mark.parametrize("theme", ["imgtui-dark", "imgtui-light", "imgtui-16"])
def test_the_explorer_at_120_columns(snap_compare: Compare, theme: str) -> None:
    app = explorer_app(demo_engine(NOW), theme=theme)
    assert snap_compare(app, terminal_size=(120, 36), run_before=keys("j", "j", "enter", "j"))


@pytest.mark.parametrize("pane", ["1", "2", "3"])
def test_one_pane_at_a_time_at_80_columns(snap_compare: Compare, pane: str) -> None:
    app = explorer_app(demo_engine(NOW), theme="imgtui-16")
    assert snap_compare(app, terminal_size=(80, 24), run_before=keys("j", "j", "j", pane))


def test_the_map_of_layers_shows_where_versions_part(snap_compare: Compare) -> None:
    app = explorer_app(demo_engine(NOW))
    before = keys("j", "j", "enter", "j", "right_square_bracket")
    assert snap_compare(app, terminal_size=(120, 36), run_before=before)


def test_the_keys_are_listed_from_the_registry(snap_compare: Compare) -> None:
    app = explorer_app(demo_engine(NOW))
    assert snap_compare(app, terminal_size=(100, 50), run_before=keys("question_mark"))


@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["120x36", "80x24"])
def test_the_tag_log_of_a_repository(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = explorer_app(demo_engine(NOW), open_state=watched)
    assert snap_compare(app, terminal_size=size, run_before=keys("j", "j", "enter", "L", "j"))


@pytest.mark.parametrize("theme", ["imgtui-dark", "imgtui-16"])
def test_the_plan_of_an_undo_at_80_columns(snap_compare: Compare, theme: str) -> None:
    app = explorer_app(demo_engine(NOW), theme=theme, open_state=watched)
    assert snap_compare(app, terminal_size=(80, 24), run_before=keys("j", "j", "enter", "z"))


def test_without_an_engine_cause_and_remedy_are_said(snap_compare: Compare) -> None:
    engine = MemoryEngine()
    engine.stop_answering()
    app = explorer_app(engine)
    assert snap_compare(app, terminal_size=(80, 24), run_before=keys(lost=True))
