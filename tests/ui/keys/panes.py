"""What the keys that change panes and tabs do."""

from __future__ import annotations

from tests.ui.keys.scenarios import does
from tests.ui.robot import Robot

REPOSITORIES, VERSIONS, DETAIL = "Repositories", "DIGEST", "Overview"
"""What is on the screen where a pane is."""


async def shows_pane(robot: Robot, pane: int) -> None:
    """The keys go to a pane; in a narrow terminal it is the only one."""
    await robot.until(lambda: robot.explorer.pane == pane, f"pane {pane}")
    marks = (REPOSITORIES, VERSIONS, DETAIL)
    await robot.sees(marks[pane])
    active = [table.active for table in (robot.explorer.repositories, robot.explorer.versions)]
    assert [*active, robot.explorer.detail.active].index(True) == pane
    if robot.app.size.width < 100:
        assert [mark for mark in marks if mark in robot.text] == [marks[pane]]
    else:
        await robot.sees(*marks)


@does("go.in")
async def enter_goes_into_the_repository_and_then_into_the_detail(robot: Robot, key: str) -> None:
    for pane in (1, 2, 2):
        await robot.press(key)
        await shows_pane(robot, pane)


@does("go.back")
async def escape_clears_the_filter_first_and_then_goes_back(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    shown = len(robot.explorer.versions.keys)
    await robot.filter("drift:")
    await robot.until(lambda: len(robot.explorer.versions.keys) < shown, "fewer versions")
    await robot.press(key)
    await robot.until(lambda: len(robot.explorer.versions.keys) == shown, "all versions again")
    await shows_pane(robot, 1)
    await robot.press(key)
    await shows_pane(robot, 0)


@does("pane.left")
async def left_goes_to_the_pane_before_and_stops_at_the_first(robot: Robot, key: str) -> None:
    await robot.do("pane.detail")
    for pane in (1, 0, 0):
        await robot.press(key)
        await shows_pane(robot, pane)


@does("pane.right")
async def right_goes_to_the_pane_after_and_stops_at_the_last(robot: Robot, key: str) -> None:
    for pane in (1, 2, 2):
        await robot.press(key)
        await shows_pane(robot, pane)


@does("pane.next")
async def the_next_pane_comes_round_and_round(robot: Robot, key: str) -> None:
    for pane in (1, 2, 0):
        await robot.press(key)
        await shows_pane(robot, pane)


@does("pane.previous")
async def the_previous_pane_comes_round_and_round(robot: Robot, key: str) -> None:
    for pane in (2, 1, 0):
        await robot.press(key)
        await shows_pane(robot, pane)


@does("pane.repositories")
async def one_is_the_repositories(robot: Robot, key: str) -> None:
    await robot.do("pane.detail")
    await robot.press(key)
    await shows_pane(robot, 0)


@does("pane.versions")
async def two_is_the_versions(robot: Robot, key: str) -> None:
    await robot.press(key)
    await shows_pane(robot, 1)


@does("pane.detail")
async def three_is_the_detail(robot: Robot, key: str) -> None:
    await robot.press(key)
    await shows_pane(robot, 2)


@does("tab.next")
async def the_tabs_come_one_after_the_other_and_round(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    await robot.do("pane.detail")
    await robot.sees("image ID")
    after = ("INSTRUCTION", "No move", "efficiency", "environment", "CREATED FROM", '"inspect"', "image ID")
    for shown in after:
        await robot.press(key)
        await robot.sees(shown)


@does("tab.previous")
async def the_tabs_come_backwards_too(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    await robot.do("pane.detail")
    before = ('"inspect"', "CREATED FROM", "environment", "efficiency", "No move", "INSTRUCTION", "image ID")
    for shown in before:
        await robot.press(key)
        await robot.sees(shown)


@does("pane.containers")
async def four_shows_every_container_those_that_drift_first(robot: Robot, key: str) -> None:
    await robot.press(key)
    await robot.sees("21 containers, 9 drift", "analysis", "notebook:", "tag gone", "current")
    await robot.press("slash")
    await robot.type("api-old")
    await robot.sees("1 of 21 containers", "myapp:latest points at another image")
    await robot.press("enter", "enter")
    await robot.misses("containers, 9 drift")
    await robot.until(lambda: robot.repository == "myapp", "its repository")
    assert robot.version == robot.memory.find_images(["myapp:2.0"])[0].id
    await shows_pane(robot, 1)
