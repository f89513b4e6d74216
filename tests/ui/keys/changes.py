"""What the keys that change something do, and undo."""

from __future__ import annotations

from imgtui.model.core.digest import short
from tests.ui.keys.scenarios import does
from tests.ui.robot import Robot


def tag(robot: Robot, name: str) -> str | None:
    """Where a tag points on the engine."""
    found = robot.memory.find_images([name])
    return found[0].id if found else None


async def moved_outside(robot: Robot) -> None:
    """Somebody else points `latest` at another version, and it is seen."""
    robot.memory.tag("myapp:2.0", "myapp:latest")
    now = tag(robot, "myapp:latest")
    await robot.until(lambda: robot.explorer.known.catalog.tags["myapp:latest"] == now, "the move")
    await robot.until(lambda: robot.explorer.known.log, "the log")


@does("version.keep")
async def m_keeps_the_version_after_its_plan_and_again_no_longer(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    await robot.press(key)
    await robot.sees("keep 9b94b5201a3b of myapp", "docker tag sha256:9b94b5201a3b", "enter: do it")
    assert robot.memory.image(str(robot.version)).keeps == ()  # type: ignore[union-attr]
    await robot.press("enter")
    await robot.sees("done", "1 kept")
    await robot.misses("imgtui.invalid")
    await robot.filter("kept:")
    await robot.until(lambda: robot.explorer.versions.keys == [robot.version], "the kept one alone")
    await robot.press(key)
    await robot.sees("stop keeping 9b94b5201a3b")
    await robot.press("enter")
    await robot.misses("1 kept")


@does("version.retag")
async def t_points_a_tag_at_the_digest_and_keeps_what_would_lose_its_last_name(
    robot: Robot, key: str
) -> None:
    await robot.open_repository("myapp")
    await robot.do("move.down")
    digest = str(robot.version)
    await robot.press(key)
    await robot.sees(f"tag {short(digest)} as", "myapp:")
    await robot.type("3.0")
    await robot.press("enter")
    await robot.sees(f"myapp:3.0  9b94b5201a3b -> {short(digest)}", "enter: do it")
    await robot.press("enter")
    await robot.until(lambda: tag(robot, "myapp:3.0") == digest, "the tag moved")
    await robot.sees("done")


@does("version.untag")
async def big_t_takes_a_tag_away_and_the_image_stays(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    await robot.do("move.down")
    digest = str(robot.version)
    await robot.press(key)
    await robot.sees("untag myapp:2.0", f"keep {short(digest)}", "it is kept first")
    await robot.press("enter")
    await robot.until(lambda: tag(robot, "myapp:2.0") is None, "the tag gone")
    assert robot.memory.image(digest) is not None
    await robot.sees("2.0 0 s ago")


@does("log.undo")
async def z_puts_back_what_was_done_outside_too(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    before = tag(robot, "myapp:latest")
    await moved_outside(robot)
    await robot.press(key)
    await robot.sees("Move myapp:latest back to 9b94b5201a3b (was moved")
    await robot.press("escape")
    assert tag(robot, "myapp:latest") != before
    await robot.press(key)
    await robot.sees("enter: do it")
    await robot.press("enter")
    await robot.until(lambda: tag(robot, "myapp:latest") == before, "the tag back")
    await robot.sees("done")
    await robot.press(key)
    await robot.sees("there is nothing to undo in myapp")


@does("log.redo")
async def big_z_does_again_what_was_undone(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    await robot.press(key)
    await robot.sees("there is nothing to redo in myapp")
    await moved_outside(robot)
    moved = tag(robot, "myapp:latest")
    await robot.do("log.undo")
    await robot.sees("enter: do it")
    await robot.press("enter")
    await robot.until(lambda: tag(robot, "myapp:latest") != moved, "the undo")
    await robot.sees("done")
    await robot.press(key)
    await robot.sees("Move myapp:latest to", "again (was moved")
    await robot.press("enter")
    await robot.until(lambda: tag(robot, "myapp:latest") == moved, "the redo")


@does("log.open")
async def big_l_shows_every_move_the_newest_first(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    robot.memory.tag("myapp:2.0", "myapp:latest")
    robot.memory.tag("myapp:2.0", "myapp:stable")
    await robot.sees("stable")
    await robot.press(key)
    await robot.sees("Tag log of myapp", "2 moves", "myapp:latest", "myapp:stable", "9b94b5201a3b", "outside")
    await robot.press("slash")
    await robot.type("latest")
    await robot.sees("1 of 2 moves")
    await robot.press("enter", "enter")
    await robot.misses("Tag log of myapp")
    assert short(str(robot.version)) == "9b94b5201a3b"
