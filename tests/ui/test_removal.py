"""Removing in the explorer: what is refused, marked versions together, the build cache, and stopping."""

from __future__ import annotations

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.core.digest import short
from imgtui.model.core.image import Store
from imgtui.model.removal.build_cache import BuildCache, CacheRemoval
from imgtui.ui.plans.screen import PlanScreen
from tests.operations.listening import made
from tests.ui.keys.removals import accept, here
from tests.ui.robot import Robot, exploring


def engine_with_three(store: Store = Store.GRAPH) -> tuple[MemoryEngine, list[str]]:
    engine = MemoryEngine(store=store)
    ids = [
        engine.load(made(text, age=age), f"web:{text}") for age, text in enumerate(("three", "two", "one"))
    ]
    return engine, ids


async def to_build_cache(robot: Robot) -> None:
    """The last row of the bulk plans."""
    await robot.do("bulk.open")
    await robot.sees("the build cache")
    await robot.press("G", "enter")


async def test_marked_versions_are_removed_by_one_plan() -> None:
    engine, ids = engine_with_three()
    async with exploring(engine) as robot:
        await robot.open_repository("web")
        await robot.press("space", "space", "d")
        await robot.sees("remove 2 versions", "frees 2.0 kB", "web:three", "web:two")
        await accept(robot)
        await robot.sees("2 versions removed, 2.0 kB freed")
        assert here(robot) == {ids[2]}
        assert not robot.explorer.versions.marks


async def test_another_word_does_nothing() -> None:
    engine, ids = engine_with_three()
    async with exploring(engine) as robot:
        await robot.open_repository("web")
        await robot.do("version.remove")
        await robot.sees("to do it")
        await robot.type("yes")
        await robot.press("enter")
        assert isinstance(robot.app.screen, PlanScreen)
        await robot.press("escape")
        await robot.sees("3 versions")
        assert here(robot) == set(ids)


async def test_what_can_be_pulled_again_is_nodded_at_and_undone_by_a_pull() -> None:
    engine = MemoryEngine(store=Store.GRAPH)
    image_id = engine.receive(made("one"), "web:1")
    async with exploring(engine) as robot:
        await robot.open_repository("web")
        await robot.do("version.remove")
        await robot.sees("pulled again by web@sha256:", "enter: do it")
        await robot.press("enter")
        await robot.sees("1 version removed")
        await robot.until(lambda: not robot.explorer.known.catalog.images, "that it is gone")
        assert robot.explorer.known.where(image_id).certain


@pytest.mark.parametrize("action", ["version.remove", "bulk.open"])
async def test_read_only_no_plan_is_made(action: str) -> None:
    engine, _ = engine_with_three()
    engine.read_only = True
    async with exploring(engine, read_only=True) as robot:
        await robot.open_repository("web")
        await robot.do(action)
        await robot.sees("imgtui runs read-only")


async def test_a_version_that_is_gone_is_said_to_be_gone() -> None:
    engine, ids = engine_with_three()
    async with exploring(engine) as robot:
        await robot.open_repository("web")
        robot.memory.remove(ids[0])
        await robot.until(lambda: ids[0] not in robot.explorer.known.catalog.images, "that it is gone")
        await robot.until(lambda: robot.version == ids[0], "the cursor on it")
        await robot.do("version.remove")
        await robot.sees("the engine does not have this image any more")


async def test_a_tag_that_appears_while_the_plan_is_read_keeps_its_image() -> None:
    engine, ids = engine_with_three()
    async with exploring(engine) as robot:
        await robot.open_repository("web")
        await robot.press("space", "space", "d")
        await robot.sees("remove 2 versions")
        robot.memory.tag(ids[0], "web:new")
        await accept(robot)
        await robot.sees("1 version removed, 1.0 kB freed", f"{short(ids[0])} stays: it got the name web:new")
        assert here(robot) == {ids[0], ids[2]}


async def test_the_build_cache_is_asked_on_request_and_freed_by_a_nod() -> None:
    engine, ids = engine_with_three()
    async with exploring(engine) as robot:
        await to_build_cache(robot)
        await robot.sees("nothing in the build cache")
        robot.memory.cached = BuildCache(3, 5_000_000, 2_000_000)
        await to_build_cache(robot)
        await robot.sees(
            "5.0 MB", "2.0 MB of it images hold too", "docker builder prune --all", "enter: do it"
        )
        assert isinstance(robot.app.screen, PlanScreen)
        assert isinstance(robot.app.screen.plan, CacheRemoval)
        await robot.press("enter")
        await robot.sees("5.0 MB of the build cache freed")
        assert here(robot) == set(ids)
