"""What the keys do about images that are pulled again."""

from __future__ import annotations

import threading

from imgtui.model.core.digest import short
from tests.operations.listening import made
from tests.ui.keys.changes import tag
from tests.ui.keys.scenarios import does
from tests.ui.robot import Robot

TOOL = "registry.example.com:5000/tool:1"


async def removed(robot: Robot, gate: threading.Event) -> str:
    """Somebody pulls an image and removes it; the explorer sees both, and looks at its repository."""
    blueprint = made("tool")
    robot.memory.publish(TOOL, blueprint)
    for _ in robot.memory.pull(TOOL):
        pass
    digest = str(tag(robot, TOOL))
    await robot.until(lambda: TOOL in robot.explorer.known.catalog.tags, "the pulled tag")
    robot.memory.remove(TOOL)
    await robot.until(lambda: digest not in robot.explorer.known.catalog.images, "the image gone")
    robot.memory.publish(TOOL, blueprint, gate=gate)
    await robot.open_repository(TOOL.rpartition(":")[0])
    return digest


async def undone_up_to_the_pull(robot: Robot, digest: str) -> None:
    """The undo of the removal is under way, and stands still in the middle."""
    await robot.do("log.undo")
    await robot.sees("(was removed by", "docker pull registry.example.com:5000/tool@sha256:", "enter: do it")
    await robot.press("enter")
    await robot.sees(f"pulling {short(digest)}: ", "0 of 1 layer", "ctrl+x: stop")


@does("act.stop")
async def ctrl_x_stops_the_pull_that_is_under_way_and_nothing_was_changed(robot: Robot, key: str) -> None:
    await robot.press(key)
    await robot.sees("stop: nothing is under way")
    gate = threading.Event()
    digest = await removed(robot, gate)
    await undone_up_to_the_pull(robot, digest)
    await robot.press(key)
    await robot.sees("stopped by hand: nothing was changed")
    assert robot.memory.image(digest) is None
    assert tag(robot, TOOL) is None
    await robot.press(key)
    await robot.sees("stop: nothing is under way")

    await undone_up_to_the_pull(robot, digest)
    gate.set()
    await robot.until(lambda: tag(robot, TOOL) == digest, "the tag back")
    await robot.sees("done")
    await robot.until(lambda: TOOL in robot.explorer.known.catalog.tags, "the tag seen")
