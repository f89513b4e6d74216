"""Keys that arrive together, as over a slow link: each is done once, none is an error."""

from __future__ import annotations

import pytest
from textual.command import CommandPalette
from textual.events import Key

from imgtui.ui.dialogs.asking import AskScreen
from imgtui.ui.dialogs.form import FormScreen
from imgtui.ui.plans.screen import PlanScreen
from tests.ui.robot import NARROW, Robot, exploring


def at_once(robot: Robot, *keys: str) -> None:
    """Press keys without waiting for what each does."""
    for key in keys:
        robot.app.post_message(Key(key, key if len(key) == 1 else None))


@pytest.mark.parametrize("key", ["pageup", "pagedown", "down", "end"])
async def test_a_key_that_comes_together_with_that_of_the_palette_is_no_error(key: str) -> None:
    async with exploring(size=NARROW) as robot:
        at_once(robot, "ctrl+p", key, key)
        await robot.until(lambda: isinstance(robot.app.screen, CommandPalette), "the palette")
        await robot.back()
        await robot.do("pane.versions")
        await robot.until(lambda: robot.explorer.pane == 1, "a key that is done")


async def test_a_command_is_done_once_where_enter_is_pressed_twice() -> None:
    async with exploring(size=NARROW) as robot:
        await robot.press("ctrl+p")
        await robot.type("freeze")
        await robot.sees("Hold the list still")
        at_once(robot, "enter", "enter", "enter")
        await robot.until(lambda: robot.explorer.frozen is not None, "the list frozen")
        assert robot.app.screen_stack == [robot.explorer]


async def test_a_line_is_taken_once_where_enter_is_pressed_twice() -> None:
    async with exploring(size=NARROW) as robot:
        await robot.open_repository("myapp")
        await robot.do("version.retag")
        await robot.until(lambda: isinstance(robot.app.screen, AskScreen), "the line")
        await robot.type("twice")
        at_once(robot, "enter", "enter", "enter")
        await robot.until(lambda: isinstance(robot.app.screen, PlanScreen), "the plan")
        assert len(robot.app.screen_stack) == 2
        await robot.back()
        assert robot.app.screen_stack == [robot.explorer]


async def test_a_form_is_taken_once_where_enter_is_pressed_twice() -> None:
    async with exploring(size=NARROW) as robot:
        await robot.open_repository("myapp")
        await robot.do("version.run")
        await robot.until(lambda: isinstance(robot.app.screen, FormScreen), "the form")
        at_once(robot, "enter", "enter", "enter")
        await robot.until(lambda: robot.explorer in robot.app.screen_stack, "the explorer")
        await robot.until(lambda: not isinstance(robot.app.screen, FormScreen), "what comes of it")
        assert robot.explorer in robot.app.screen_stack
