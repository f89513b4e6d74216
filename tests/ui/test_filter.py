"""The filter language, typed at the keyboard."""

from __future__ import annotations

import pytest
from textual.events import Key

from tests.ui.robot import Robot, both_sizes, exploring


async def found_in_myapp(robot: Robot, query: str) -> set[str]:
    """The cells TAGS of the versions that a query leaves."""
    await robot.open_repository("myapp")
    await robot.filter(query)
    catalog = robot.explorer.known.catalog
    versions = {version.image.id: version for version in catalog.repositories["myapp"].versions}
    shown = [versions[key] for key in robot.explorer.versions.keys]
    return {" ".join([*v.tags, *(f"({tag})" for tag in v.former_tags)]) for v in shown}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("api", {"latest 3.0", "2.0 (latest)", "(edge)"}),
        ("API worker", {"latest 3.0"}),
        ("tag:2.0", {"2.0 (latest)"}),
        ("tag:", {"latest 3.0", "2.0 (latest)"}),
        ("used:canary", {"(edge)"}),
        ("drift:", {"2.0 (latest)", "(latest)"}),
        ("drift: !migrate", {"2.0 (latest)"}),
        ("used: !drift:", {"latest 3.0", "(edge)"}),
        ("sha:9b94b520", {"latest 3.0"}),
        ("sha:sha256:9b94b520", {"latest 3.0"}),
        ("~aplda", {"2.0 (latest)", "latest 3.0", "(edge)", ""}),
        ("gone:", set()),
        ("kept:", set()),
        ("nothing-has-this", set()),
        ("[/data] [bold", set()),
    ],
)
async def test_words_fields_and_exclusions_find_what_they_say(query: str, found: set[str]) -> None:
    async with exploring() as robot:
        shown = await found_in_myapp(robot, query)
        if query.startswith("~"):
            assert shown <= found
        else:
            assert shown == found


@both_sizes
async def test_the_list_says_how_many_of_how_many_are_shown(size: tuple[int, int]) -> None:
    async with exploring(size=size) as robot:
        await found_in_myapp(robot, "drift:")
        await robot.sees("2 of 14 versions", "filtered")
        await robot.do("go.back")
        await robot.sees("14 versions")
        await robot.misses("filtered")


@both_sizes
async def test_that_a_filter_hides_rows_is_shown_beside_what_is_said(size: tuple[int, int]) -> None:
    async with exploring(size=size) as robot:
        await found_in_myapp(robot, "drift:")
        said = "said at a length for which one line is not enough, " * 3
        robot.explorer.say(said.strip())
        await robot.until(lambda: "said at a length" in robot.text, "what is said")
        assert "filtered" in robot.text
        footer = " ".join(" ".join(robot.lines[-3:]).replace("filtered", "").split())
        assert said.strip() in footer


async def test_a_filter_that_finds_nothing_says_so_and_escape_brings_all_back() -> None:
    async with exploring() as robot:
        await found_in_myapp(robot, "nothing-has-this")
        await robot.sees("No version matches.", "0 of 14 versions")
        await robot.press("escape")
        await robot.sees("14 versions · 3 tags")


async def test_the_cursor_stays_on_its_digest_while_one_filters() -> None:
    async with exploring() as robot:
        await robot.open_repository("myapp")
        await robot.do("move.down")
        digest = robot.version
        await robot.do("filter.open")
        await robot.type("drift:")
        await robot.until(lambda: len(robot.explorer.versions.keys) == 2, "both that drift")
        assert robot.version == digest
        await robot.press("escape")
        await robot.until(lambda: len(robot.explorer.versions.keys) == 14, "all")
        assert robot.version == digest


async def test_escape_leaves_the_filter_line_and_takes_the_filter_away() -> None:
    async with exploring() as robot:
        await robot.do("pane.versions")
        await robot.do("filter.open")
        await robot.type("postgres")
        await robot.until(lambda: len(robot.explorer.versions.keys) == 3, "three")
        await robot.press("escape")
        await robot.until(lambda: len(robot.explorer.versions.keys) == 45, "all")
        assert not robot.filtering
        assert robot.explorer.pane == 1
        keys = robot.explorer.versions.keys
        index = keys.index(str(robot.version))
        await robot.press("j")
        assert robot.version == keys[index + 1]


async def test_keys_of_the_registry_are_text_while_one_types_a_filter() -> None:
    async with exploring() as robot:
        await robot.do("filter.open")
        await robot.type("q?sS12 fx*y")
        await robot.sees("q?sS12 fx*y")
        assert robot.app.is_running
        assert robot.explorer.frozen is None


async def test_the_repositories_are_filtered_by_name() -> None:
    async with exploring() as robot:
        await robot.filter("shop")
        await robot.until(
            lambda: list(robot.explorer.repositories.keys) == ["*", "shop/web", "shop/worker"], "the shop"
        )
        await robot.press("escape")
        await robot.until(lambda: "myapp" in robot.explorer.repositories.keys, "all repositories")


async def test_a_filter_stays_on_when_the_engine_changes() -> None:
    async with exploring() as robot:
        await found_in_myapp(robot, "drift:")
        robot.memory.tag("myapp:2.0", "myapp:again")
        await robot.sees("again")
        await robot.sees("2 of 14 versions")


async def test_keys_are_done_in_their_order_and_what_follows_the_slash_is_text_however_fast_they_come() -> (
    None
):
    async with exploring() as robot:
        for character in "2/shop/web\r":
            key = {"/": "slash", "\r": "enter"}.get(character, character)
            robot.app.post_message(Key(key, character))
        await robot.until(lambda: len(robot.explorer.versions.keys) == 6, "the versions of shop/web")
        assert robot.explorer.detail.tab == 0
        assert not robot.filtering


async def test_what_is_typed_right_after_enter_is_no_text_any_more_however_fast_it_comes() -> None:
    async with exploring() as robot:
        await robot.do("pane.repositories")
        for character in "/shop\rj2":
            key = {"/": "slash", "\r": "enter"}.get(character, character)
            robot.app.post_message(Key(key, character))
        await robot.until(lambda: robot.explorer.browse.repository == "shop/web", "the first that matches")
        await robot.until(lambda: robot.explorer.pane == 1, "its versions")
        assert list(robot.explorer.repositories.keys) == ["*", "shop/web", "shop/worker"]
