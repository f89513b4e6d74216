"""What the key that compares does."""

from __future__ import annotations

from imgtui.model.core.digest import short
from imgtui.ui.compare.screen import CompareScreen
from tests.ui.keys.scenarios import does
from tests.ui.robot import Robot


@does("version.compare")
async def big_d_marks_a_and_then_compares_it_with_b(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    a = str(robot.version)
    await robot.press(key)
    await robot.sees("[A]", f"A is {short(a)}")
    await robot.press("escape")
    await robot.misses("[A]")
    assert robot.explorer.pane == 1
    await robot.press(key, key)
    await robot.sees("this is A")
    await robot.do("move.down")
    b = str(robot.version)
    await robot.press(key)
    await robot.until(lambda: isinstance(robot.app.screen, CompareScreen), "the compare screen")
    await robot.sees(short(a), short(b), "layers differ from", "stored once", "Instructions")
    await robot.press("escape")
    await robot.until(lambda: robot.app.screen is robot.explorer, "the explorer")
    assert "[A]" not in robot.text
    await robot.do("move.top")
    await robot.do("mark.toggle")
    await robot.do("mark.toggle")
    await robot.press(key)
    await robot.until(lambda: isinstance(robot.app.screen, CompareScreen), "the compare screen")
    older, newer = sorted((a, b), key=lambda each: robot.explorer.rows[each].image.created)
    await robot.sees(f"A {short(older)}", f"B {short(newer)}")
