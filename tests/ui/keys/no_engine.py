"""What the keys do while no engine answers."""

from __future__ import annotations

from imgtui.ui.explorer.no_engine import NoEngineScreen
from tests.ui.keys.scenarios import WITHOUT_AN_ENGINE, does
from tests.ui.robot import Robot


@does("engine.refresh", WITHOUT_AN_ENGINE)
async def it_is_tried_again_at_once(robot: Robot, key: str) -> None:
    robot.memory.answer_again()
    await robot.press(key)
    await robot.live()
    assert not isinstance(robot.app.screen, NoEngineScreen)
    await robot.sees("live", "web-01")


@does("demo.open", WITHOUT_AN_ENGINE)
async def the_demo_is_one_key_away(robot: Robot, key: str) -> None:
    await robot.press(key)
    await robot.live()
    await robot.sees("demo", "live", "myapp")
    assert not isinstance(robot.app.screen, NoEngineScreen)
    await robot.misses("web-01")


@does("app.quit", WITHOUT_AN_ENGINE)
async def it_can_be_left(robot: Robot, key: str) -> None:
    await robot.press(key)
    await robot.until(lambda: robot.app.return_code == 0, "the end")
