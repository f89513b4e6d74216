"""The cursor stays on its digest, and marks on theirs, whatever the engine does meanwhile."""

from __future__ import annotations

from collections.abc import Collection

from imgtui.engine.memory.blueprint import Blueprint, BlueprintStep, digest_of
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.core.image import Layer, Store
from imgtui.operations.protocol.updates import EngineState
from imgtui.ui.explorer.rows import GONE
from tests.ui.robot import NOW, Robot, both_sizes, exploring


def made(text: str, age: int) -> Blueprint:
    """An image of an age in seconds, with a layer of its own."""
    return Blueprint(
        (BlueprintStep(f"COPY {text} / # buildkit", Layer(digest_of(text), 1000)),), created=NOW - age
    )


def four_versions() -> tuple[MemoryEngine, list[str]]:
    """An engine with `web:1` to `web:4`, and their digests, newest first."""
    engine = MemoryEngine(store=Store.GRAPH)
    ids = [engine.build(made(f"web {number}", 1000 - number), f"web:{number}") for number in range(1, 5)]
    return engine, ids[::-1]


async def on_the_second_version(robot: Robot) -> None:
    await robot.open_repository("web")
    await robot.do("move.down")


@both_sizes
async def test_a_new_version_above_does_not_move_the_cursor(size: tuple[int, int]) -> None:
    engine, ids = four_versions()
    async with exploring(engine, size) as robot:
        await on_the_second_version(robot)
        newest = engine.build(made("web 5", 10), "web:5")
        await robot.until(lambda: newest in robot.explorer.versions.keys, "the new version")
        assert robot.version == ids[1]
        await robot.sees("5 versions")


@both_sizes
async def test_a_tag_that_moves_away_does_not_move_the_cursor(size: tuple[int, int]) -> None:
    engine, ids = four_versions()
    async with exploring(engine, size) as robot:
        await on_the_second_version(robot)
        engine.tag(ids[3], "web:3")
        await robot.until(
            lambda: set(robot.explorer.known.catalog.images[ids[3]].tags) == {"web:1", "web:3"}, "the move"
        )
        assert robot.explorer.known.catalog.images[ids[1]].tags == ()
        await robot.until(lambda: robot.repository == "web", "the repository")


async def test_a_version_that_moves_in_the_order_takes_the_cursor_along() -> None:
    engine, ids = four_versions()
    async with exploring(engine) as robot:
        await on_the_second_version(robot)
        while "by tag" not in robot.text:
            await robot.do("list.sort")
        engine.tag(ids[1], "web:0")
        await robot.until(lambda: robot.explorer.versions.keys[0] == ids[1], "the version at the top")
        assert robot.version == ids[1]


async def test_a_version_that_goes_away_above_does_not_move_the_cursor() -> None:
    engine, ids = four_versions()
    async with exploring(engine) as robot:
        await on_the_second_version(robot)
        engine.remove("web:4")
        await robot.until(lambda: ids[0] not in robot.explorer.known.catalog.images, "the version gone")
        assert robot.version == ids[1]


async def test_a_version_that_the_engine_loses_stays_in_the_list_as_gone() -> None:
    engine, ids = four_versions()
    async with exploring(engine) as robot:
        await on_the_second_version(robot)
        engine.remove("web:3")
        await robot.sees("gone")
        assert robot.version == ids[1]
        assert robot.explorer.versions.keys == ids
        await robot.filter("!gone:")
        await robot.until(lambda: ids[1] not in robot.explorer.versions.keys, "the version filtered away")


async def test_the_cursor_stays_at_its_place_when_its_version_goes_away() -> None:
    engine, ids = four_versions()
    async with exploring(engine) as robot:
        await on_the_second_version(robot)
        await robot.filter("!gone:")
        engine.remove("web:3")
        await robot.until(lambda: ids[1] not in robot.explorer.versions.keys, "the version gone")
        assert robot.version == ids[2]
        await robot.sees(f"image ID       {ids[2][:40]}")


async def test_the_cursor_stays_on_its_repository_when_another_comes_before_it() -> None:
    engine, _ = four_versions()
    async with exploring(engine) as robot:
        await robot.open_repository("web")
        await robot.do("pane.repositories")
        engine.build(made("api", 5), "api:latest")
        await robot.until(lambda: "api" in robot.explorer.repositories.keys, "the new repository")
        assert robot.repository == "web"
        assert robot.explorer.browse.repository == "web"


async def test_a_repository_whose_images_are_all_gone_stays_with_what_is_remembered() -> None:
    engine, ids = four_versions()
    async with exploring(engine) as robot:
        await robot.open_repository("web")
        for digest in ids:
            engine.remove(digest)
        await robot.until(lambda: not robot.explorer.known.catalog.images, "all images gone")
        await robot.sees("gone", "(4 0 s ago)")
        assert robot.explorer.versions.keys == ids


async def test_marks_stay_on_their_digests_and_go_with_them() -> None:
    engine, ids = four_versions()
    async with exploring(engine) as robot:
        await robot.open_repository("web")
        await robot.filter("!gone:")
        await robot.do("mark.all")
        engine.build(made("web 5", 10), "web:5")
        engine.remove("web:4")
        await robot.sees("3 marked")
        assert robot.explorer.versions.marks == set(ids[1:])


async def test_a_frozen_list_shows_what_happened_meanwhile_when_it_goes_on() -> None:
    engine, ids = four_versions()
    async with exploring(engine) as robot:
        await on_the_second_version(robot)
        await robot.do("list.freeze")

        def waiting() -> Collection[str]:
            states = [news for news in robot.explorer.frozen or [] if isinstance(news, EngineState)]
            return states[-1].catalog.images if states else ids

        for number in range(50):
            newest = engine.build(made(f"web 5 {number}", 10), "web:5")
            await robot.until(lambda: newest in waiting(), "news that waits")  # noqa: B023 - waited for here
            engine.remove(newest)
        newest = engine.build(made("web 5", 10), "web:5")
        await robot.until(lambda: newest in waiting(), "news that waits")
        engine.remove("web:4")

        await robot.until(lambda: ids[0] not in waiting(), "the latest news")
        held = [type(news) for news in robot.explorer.frozen or []]
        assert len(held) == len(set(held))
        assert robot.explorer.versions.keys == ids
        await robot.do("list.freeze")
        await robot.until(lambda: robot.explorer.versions.keys == [newest, *ids[1:], GONE], "what is there")
        assert robot.version == ids[1]
