"""What the keys that move do: in the list that has the keys, and in the detail."""

from __future__ import annotations

from tests.ui.keys.scenarios import does
from tests.ui.robot import Robot


@does("move.down")
async def the_cursor_goes_to_the_next_row(robot: Robot, key: str) -> None:
    await robot.press(key)
    assert robot.repository == robot.explorer.repositories.keys[1]


@does("move.up")
async def the_cursor_goes_to_the_row_before_and_stops_at_the_first(robot: Robot, key: str) -> None:
    keys = robot.explorer.repositories.keys
    await robot.do("move.bottom")
    await robot.press(key)
    assert robot.repository == keys[-2]
    await robot.press(*[key] * len(keys))
    assert robot.repository == keys[0]


@does("move.top")
async def the_cursor_goes_to_the_first_row(robot: Robot, key: str) -> None:
    await robot.do("move.bottom")
    await robot.press(key)
    assert robot.repository == robot.explorer.repositories.keys[0]


@does("move.bottom")
async def the_cursor_goes_to_the_last_row_and_it_is_in_view(robot: Robot, key: str) -> None:
    await robot.do("pane.versions")
    await robot.press(key)
    assert robot.version == robot.explorer.versions.keys[-1]
    assert robot.version in robot.explorer.versions.keys_in_view()


@does("move.half_down")
async def the_cursor_goes_half_a_page_down(robot: Robot, key: str) -> None:
    versions = robot.explorer.versions
    await robot.do("pane.versions")
    await robot.press(key)
    assert versions.key == versions.keys[versions.page // 2]


@does("move.half_up")
async def the_cursor_goes_half_a_page_up(robot: Robot, key: str) -> None:
    versions = robot.explorer.versions
    await robot.do("pane.versions")
    await robot.do("move.bottom")
    await robot.press(key)
    assert versions.key == versions.keys[-1 - versions.page // 2]


@does("detail.down")
async def the_detail_scrolls_while_the_list_keeps_the_keys(robot: Robot, key: str) -> None:
    await open_long_detail(robot)
    await robot.do("pane.versions")
    before = robot.version
    await robot.press(key, key)
    assert robot.explorer.detail.top == 2
    assert (robot.version, robot.explorer.pane) == (before, 1)


@does("detail.up")
async def the_detail_scrolls_back_while_the_list_keeps_the_keys(robot: Robot, key: str) -> None:
    await open_long_detail(robot)
    await robot.do("move.half_down")
    scrolled = robot.explorer.detail.top
    assert scrolled > 0
    await robot.do("pane.versions")
    await robot.press(key)
    assert robot.explorer.detail.top == scrolled - 1


async def open_long_detail(robot: Robot) -> None:
    """Show a document that is longer than any view, and give the detail the keys."""
    await robot.open_repository("myapp")
    await robot.do("pane.detail")
    await robot.show_tab("JSON")
    await robot.sees('"inspect"')
