"""The list of keys and the palette: everything can be found, done, or is told why not."""

from __future__ import annotations

from textual.command import CommandPalette

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.ui.explorer.help import HelpScreen
from imgtui.ui.features import EXPLORER
from tests.ui.robot import NARROW, WIDE, exploring


async def test_the_help_has_every_action_with_its_keys() -> None:
    async with exploring() as robot:
        await robot.do("app.help")
        shown: set[str] = set()
        for key in ("home", *["j"] * len(EXPLORER)):
            await robot.press(key)
            shown |= {action.id for action in EXPLORER for line in robot.lines if action.tooltip[:30] in line}
    assert shown == {action.id for action in EXPLORER}


async def test_enter_in_the_help_does_the_action_under_the_cursor() -> None:
    async with exploring() as robot:
        await robot.do("app.help")
        index = [action.id for action in EXPLORER].index("list.freeze")
        await robot.press(*["j"] * index, "enter")
        await robot.sees("frozen")
        assert robot.explorer.frozen is not None


async def test_the_help_is_left_without_doing_anything() -> None:
    for key in ("escape", "q", "question_mark"):
        async with exploring(size=NARROW) as robot:
            await robot.do("app.help")
            await robot.press("j", "j", key)
            assert robot.app.screen is robot.explorer
            assert robot.repository == "*"


async def test_the_help_says_why_an_action_is_not_possible_now() -> None:
    async with exploring(MemoryEngine(), size=(160, 50)) as robot:
        await robot.do("app.help")
        await robot.sees("not now: there is no version under the cursor", "not now: nothing was filtered")


async def test_a_key_that_is_not_possible_now_says_why() -> None:
    async with exploring(MemoryEngine(), size=WIDE) as robot:
        for action_id in ("image.copy", "image.used_by", "secrets.reveal"):
            await robot.do(action_id)
            await robot.sees("there is no version under the cursor")
        await robot.do("filter.next")
        await robot.sees("nothing was filtered for yet")


async def test_the_help_names_each_action_once() -> None:
    async with exploring() as robot:
        await robot.do("app.help")
        await robot.until(lambda: isinstance(robot.app.screen, HelpScreen), "the keys")
        assert robot.text.count("Last row") == 1


async def test_the_palette_offers_every_action_that_is_no_move() -> None:
    async with exploring() as robot:
        offered = {command.title for command in robot.app.get_system_commands(robot.explorer)}
    for action in EXPLORER:
        assert (f"{action.label} ({action.key_text})" in offered) is not action.id.startswith("move.")


async def test_a_theme_is_chosen_in_the_palette() -> None:
    async with exploring() as robot:
        await robot.press("ctrl+p")
        await robot.type("theme")
        await robot.sees("Choose the colours")
        await robot.press("enter")
        await robot.sees("imgtui-light")
        await robot.type("imgtui-light")
        await robot.press("enter")
        await robot.until(lambda: robot.app.theme == "imgtui-light", "the light theme")
        await robot.until(lambda: not isinstance(robot.app.screen, CommandPalette), "the palette gone")
