"""What the keys do that build."""

from __future__ import annotations

from imgtui.model.core.digest import short
from tests.ui.keys.changes import tag
from tests.ui.keys.scenarios import does
from tests.ui.robot import Robot


async def rebuild(robot: Robot, key: str) -> str:
    """Build the newest version of myapp anew, and wait for the verdict; the digest before."""
    await robot.open_repository("myapp")
    before = str(robot.version)
    await robot.press(key)
    await robot.sees(f"Rebuild {short(before)}", "buildx history", "docker buildx build", "enter build")
    await robot.press("enter")
    await robot.sees("the content differs", "1 layer,", "reused")
    return before


@does("version.rebuild")
async def big_b_builds_a_version_anew_from_its_recipe_and_the_verdict_says_what_changed(
    robot: Robot, key: str
) -> None:
    before = await rebuild(robot, key)
    now = str(tag(robot, "myapp:latest"))
    assert now != before
    assert robot.memory.image(before) is not None
    await robot.sees(f"{short(before)} -> {short(now)}", "moved", "z undo", "r run it")
    await robot.press("z")
    await robot.sees("undo the rebuild", short(before), "enter: do it")
    await robot.press("escape")
    assert tag(robot, "myapp:latest") == now


@does("verdict.open")
async def big_v_shows_the_last_verdict_again(robot: Robot, key: str) -> None:
    await robot.press(key)
    await robot.sees("no tag of this engine is known to have moved")
    before = await rebuild(robot, "B")
    await robot.press("escape")
    await robot.misses("the content differs")
    await robot.press(key)
    await robot.sees("the content differs", short(before))
    await robot.press("r")
    await robot.sees(f"Run {short(str(tag(robot, 'myapp:latest')))}")
