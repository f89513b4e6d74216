"""What the keys that start containers do."""

from __future__ import annotations

from imgtui.model.core.digest import short
from tests.ui.keys.scenarios import does
from tests.ui.robot import Robot


@does("version.run")
async def r_runs_exactly_the_version_after_its_form_and_d_takes_it_away(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    await robot.do("move.down")
    digest = str(robot.version)
    await robot.press(key)
    await robot.sees(f"Run {short(digest)}", "docker run -d --name myapp", "enter run")
    name = f"myapp-{short(digest, 4)}-beside"
    await robot.type("-beside")
    await robot.sees(f"--name {name}")
    await robot.press("enter")
    await robot.sees(name, short(digest), "running", "d stop and remove")
    made = robot.memory.inspect_container(name)
    assert made is not None
    assert made["Image"] == digest
    await robot.press("d")
    await robot.sees(f"stop and remove {name}", "docker stop", "docker rm", "enter: do it")
    await robot.press("enter")
    await robot.until(lambda: robot.memory.inspect_container(name) is None, "the container gone")
    await robot.sees("is stopped and removed")


@does("version.shell")
async def big_e_says_that_nothing_runs_in_the_demo(robot: Robot, key: str) -> None:
    """In a real terminal on real engines: tests/ui/test_attach_real.py."""
    await robot.open_repository("myapp")
    before = robot.memory.containers()
    await robot.press(key)
    await robot.sees("shell: the demo has no containers that run")
    assert robot.memory.containers() == before
