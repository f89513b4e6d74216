"""What is shown says whether it is true: stale lists, drift, images that are gone, no engine at all."""

from __future__ import annotations

from dataclasses import replace

from imgtui.engine.memory.blueprint import Blueprint, BlueprintStep, digest_of
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.errors import Problem, ProblemKind
from imgtui.model.core.image import Layer, Store
from imgtui.ui.explorer.no_engine import NoEngineScreen
from tests.ui.robot import NOW, both_sizes, exploring


def made(text: str) -> Blueprint:
    """An image with a layer of its own."""
    return Blueprint(
        (BlueprintStep(f"COPY {text} / # buildkit", Layer(digest_of(text), 1000)),), created=NOW - 3600
    )


@both_sizes
async def test_a_list_stays_and_is_called_stale_when_the_engine_goes_away(size: tuple[int, int]) -> None:
    async with exploring(size=size) as robot:
        await robot.open_repository("myapp")
        robot.memory.stop_answering()
        await robot.sees("STALE", "9b94b5201a3b", "14 versions", "the engine in memory was stopped")
        await robot.do("move.down")
        await robot.press("y")
        await robot.sees("docker run")


@both_sizes
async def test_it_is_live_again_by_itself_with_what_happened_meanwhile(size: tuple[int, int]) -> None:
    async with exploring(size=size) as robot:
        await robot.open_repository("myapp")
        robot.memory.stop_answering()
        await robot.sees("STALE")
        robot.memory.answer_again()
        robot.memory.tag("myapp:2.0", "myapp:meanwhile")
        await robot.misses("STALE")
        await robot.sees("live", "meanwhile")


async def test_a_narrow_terminal_has_room_for_the_remedy_of_a_lost_engine() -> None:
    async with exploring(size=(60, 20)) as robot:
        robot.memory.stop_answering()
        await robot.sees("the engine in memory was stopped", "again")
        await robot.until(lambda: robot.explorer.bottom.size.height == 1, "one line is enough")
        problem = Problem(ProblemKind.OTHER, "the cause " * 6, "the remedy, whole")
        lost = replace(robot.explorer.known.state, problem=problem)
        robot.explorer.take(lost)
        await robot.sees("the remedy, whole")
        robot.memory.answer_again()
        await robot.misses("the remedy, whole")
        await robot.until(lambda: robot.explorer.bottom.size.height == 1, "one line again")


async def test_a_frozen_list_still_tells_that_the_engine_went_away() -> None:
    async with exploring() as robot:
        await robot.do("list.freeze")
        robot.memory.stop_answering()
        await robot.sees("STALE", "frozen")


async def test_no_engine_has_a_screen_with_the_cause_and_the_remedy_that_goes_by_itself() -> None:
    engine = MemoryEngine(name="web-01")
    engine.stop_answering()
    async with exploring(engine, live=False) as robot:
        await robot.until(lambda: isinstance(robot.app.screen, NoEngineScreen), "that no engine answers")
        await robot.sees("the engine in memory was stopped", "start it again", "try again", "demo", "quit")
        engine.answer_again()
        await robot.sees("live", "web-01")
        assert not isinstance(robot.app.screen, NoEngineScreen)


async def test_after_the_demo_the_engine_that_did_not_answer_is_not_heard_any_more() -> None:
    engine = MemoryEngine(name="web-01")
    engine.stop_answering()
    async with exploring(engine, live=False) as robot:
        await robot.until(lambda: isinstance(robot.app.screen, NoEngineScreen), "that no engine answers")
        await robot.press("d")
        await robot.live()
        engine.answer_again()
        await robot.open_repository("myapp")
        await robot.sees("demo", "live", "9b94b5201a3b")
        await robot.do("pane.repositories")
        await robot.do("app.quit")
        await robot.until(lambda: robot.app.return_code == 0, "the end")


@both_sizes
async def test_a_container_whose_tag_moved_on_is_shown_as_drift(size: tuple[int, int]) -> None:
    engine = MemoryEngine(store=Store.GRAPH)
    old = engine.build(made("one"), "web:latest")
    engine.run("site", "web:latest")
    async with exploring(engine, size) as robot:
        await robot.open_repository("web")
        await robot.sees("site")
        assert "drift" not in robot.text
        new = engine.build(made("two"), "web:latest")
        await robot.sees("drift site")
        robot.explorer.versions.select(old)
        await robot.do("image.used_by")
        await robot.sees("web:latest", new.removeprefix("sha256:")[:12], "drift")


@both_sizes
async def test_an_image_that_is_gone_but_still_run_is_shown_as_gone(size: tuple[int, int]) -> None:
    engine = MemoryEngine(store=Store.CONTAINERD)
    old = engine.build(made("one"), "web:latest")
    engine.run("site", "web:latest")
    async with exploring(engine, size) as robot:
        await robot.open_repository("web")
        new = engine.build(made("two"), "web:latest")
        await robot.until(lambda: set(robot.explorer.versions.keys) == {old, new}, "both")
        assert old not in robot.explorer.known.catalog.images
        await robot.sees("gone")
        robot.explorer.versions.select(old)
        await robot.do("pane.detail")
        await robot.sees("does not have this image any more")
        for tab in robot.explorer.detail.tabs:
            await robot.show_tab(tab)
            await robot.until(lambda: robot.explorer.settled, f"the tab {tab} of an image that is gone")


async def test_read_only_is_said_at_the_top() -> None:
    async with exploring(read_only=True) as robot:
        await robot.sees("read-only")
