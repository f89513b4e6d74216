"""What the key to the files of a version does."""

from __future__ import annotations

from imgtui.ui.files.screen import FilesScreen
from tests.ui.keys.scenarios import does
from tests.ui.robot import Robot


@does("files.open")
async def f_opens_the_files_of_the_version_as_a_tree(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    await robot.press(key)
    await robot.until(lambda: isinstance(robot.app.screen, FilesScreen), "the files")
    await robot.sees("app/", "usr/", "efficiency")
    await robot.press("escape")
    await robot.until(lambda: robot.app.screen is robot.explorer, "the explorer")
    await robot.sees("Files", "wasted")
