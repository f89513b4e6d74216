"""What the keys that filter, sort and mark do."""

from __future__ import annotations

from imgtui.model.catalog.order import RepositoryOrder, VersionOrder
from tests.ui.keys.scenarios import does
from tests.ui.robot import Robot


@does("filter.open")
async def slash_filters_the_list_while_one_types(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    await robot.press(key)
    await robot.type("api-old")
    await robot.until(lambda: len(robot.explorer.versions.keys) == 1, "one version")
    await robot.press("enter", "j")
    assert len(robot.explorer.versions.keys) == 1


@does("filter.next")
async def n_goes_to_the_next_match_of_the_last_filter_round_and_round(robot: Robot, key: str) -> None:
    drifting = await matches_of_the_last_filter(robot)
    for digest in (*drifting[1:], *drifting):
        await robot.press(key)
        assert robot.version == digest


@does("filter.previous")
async def capital_n_goes_to_the_match_before(robot: Robot, key: str) -> None:
    drifting = await matches_of_the_last_filter(robot)
    for digest in (*reversed(drifting), *reversed(drifting)):
        await robot.press(key)
        assert robot.version == digest


async def matches_of_the_last_filter(robot: Robot) -> list[str]:
    """The digests that a filter found before it was cleared; the cursor is on the first of them."""
    await robot.open_repository("myapp")
    await robot.filter("drift:")
    await robot.until(lambda: len(robot.explorer.versions.keys) == 2, "both that drift")
    found = list(robot.explorer.versions.keys)
    await robot.do("move.top")
    await robot.do("go.back")
    await robot.until(lambda: len(robot.explorer.versions.keys) == 14, "all versions")
    assert robot.version == found[0]
    return found


@does("list.sort")
async def s_takes_the_next_order_and_comes_round(robot: Robot, key: str) -> None:
    await robot.open_repository("shop/web")
    by_age = list(robot.explorer.versions.keys)
    seen = {tuple(by_age)}
    for order in (*list(VersionOrder)[1:], VersionOrder.AGE):
        await robot.press(key)
        await robot.sees(f"by {order.value}")
        seen.add(tuple(robot.explorer.versions.keys))
    assert robot.explorer.versions.keys == by_age
    assert len(seen) > 2
    await robot.do("pane.repositories")
    by_name = list(robot.explorer.repositories.keys)
    for name_order in (*list(RepositoryOrder)[1:], RepositoryOrder.NAME):
        await robot.press(key)
        await robot.sees(f"by {name_order.value}")
    assert robot.explorer.repositories.keys == by_name


@does("list.reverse")
async def capital_s_turns_the_order_round(robot: Robot, key: str) -> None:
    await robot.open_repository("shop/web")
    newest_first = list(robot.explorer.versions.keys)
    await robot.press(key)
    await robot.sees("reversed")
    assert robot.explorer.versions.keys == newest_first[::-1]
    await robot.do("pane.repositories")
    await robot.press(key)
    names = list(robot.explorer.repositories.keys)
    assert names[1:-1] == sorted(names[1:-1], reverse=True)
    assert (names[0], names[-1]) == ("*", "<none>")


@does("mark.toggle")
async def space_marks_and_goes_on_and_marks_off_again(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    first, second = robot.explorer.versions.keys[:2]
    await robot.press(key)
    assert (robot.explorer.versions.marks, robot.version) == ({first}, second)
    await robot.sees("1 marked")
    await robot.do("move.up")
    await robot.press(key)
    assert robot.explorer.versions.marks == set()
    await robot.misses("marked")


@does("mark.range")
async def v_marks_from_where_it_was_pressed_first(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    keys = robot.explorer.versions.keys
    await robot.do("move.down")
    await robot.press(key, "j", "j", key)
    assert robot.explorer.versions.marks == set(keys[1:4])
    await robot.press("j", "j", key, "k", key)
    assert robot.explorer.versions.marks == set(keys[1:6])


@does("mark.all")
async def the_asterisk_marks_all_that_are_shown_or_none(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    await robot.press(key)
    await robot.sees("14 marked")
    await robot.press(key)
    assert robot.explorer.versions.marks == set()
