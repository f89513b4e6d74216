"""The containers on the screen: drift, since when, how many moves behind, and what registries say."""

from __future__ import annotations

import threading

import pytest
from rich.cells import cell_len

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.errors import EngineError
from imgtui.model.catalog.registry_tag import RemoteTag
from imgtui.model.core.digest import short
from imgtui.model.core.image import Store
from imgtui.ui.containers.screen import ContainersScreen
from tests.operations.listening import SECONDS, made
from tests.ui.hostile import EVERYTHING, HostileEngine
from tests.ui.robot import Robot, both_sizes, exploring
from tests.ui.test_hostile import UNSAFE


async def opened(robot: Robot) -> ContainersScreen:
    """The list of containers."""
    await robot.press("4")
    await robot.until(lambda: isinstance(robot.app.screen, ContainersScreen), "the containers")
    screen = robot.app.screen
    assert isinstance(screen, ContainersScreen)
    return screen


def row(robot: Robot, name: str) -> list[str]:
    """The words of a container's row."""
    (line,) = [line for line in robot.lines if f" {name} " in line[:20] and "sha256" not in line][:1]
    return line.strip("│ ▐").split()


@both_sizes
async def test_what_happens_while_one_looks_is_shown_and_the_cursor_stays(size: tuple[int, int]) -> None:
    engine = MemoryEngine(store=Store.CONTAINERD)
    one = engine.build(made("one"), "web:latest")
    engine.run("site", "web:latest")
    engine.run("other", "web:latest")
    async with exploring(engine, size) as robot:
        screen = await opened(robot)
        await robot.sees("2 containers, 0 drift", "current", "web:latest points at what runs")
        screen.table.select(next(key for key in screen.table.keys if screen.text_of(key).startswith("site")))
        two = engine.build(made("two"), "web:latest")
        await robot.sees("2 containers, 2 drift", "1 move behind", one, two)
        engine.build(made("three"), "web:latest")
        await robot.sees("2 moves behind", "what runs is gone")
        assert "site" in row(robot, "site")
        assert screen.text_of(screen.table.key or "").startswith("site")
        engine.discard(next(c.id for c in engine.containers() if c.name == "other"))
        await robot.sees("1 container, 1 drift")


async def test_a_tag_that_is_gone_and_a_rebuild_of_equal_content_have_their_own_words() -> None:
    engine = MemoryEngine(store=Store.CONTAINERD)
    engine.build(made("one"), "web:latest", "web:old")
    engine.run("site", "web:latest")
    engine.run("late", "web:old")
    async with exploring(engine) as robot:
        await robot.live()
        blueprint = made("one")
        engine.build(type(blueprint)(blueprint.steps, blueprint.created, provenance="again"), "web:latest")
        engine.remove("web:old", force=True)
        await opened(robot)
        await robot.sees("2 containers, 0 drift", "rebuilt", "tag gone", "web:old is gone")
        await robot.press("j")
        await robot.sees("web:latest was rebuilt to the same content, 1 move behind")
        await robot.press("escape")
        await robot.misses("2 containers, 0 drift")
        await robot.sees("rebuilt late, site")


async def test_the_tab_has_the_same_words() -> None:
    engine = MemoryEngine(store=Store.CONTAINERD)
    one = engine.build(made("one"), "web:latest")
    engine.tag(one, "web:kept")
    engine.run("site", "web:latest")
    async with exploring(engine) as robot:
        two = engine.build(made("two"), "web:latest")
        await robot.until(lambda: robot.explorer.known.log, "the move")
        await robot.open_repository("web")
        robot.explorer.versions.select(one)
        await robot.press("u")
        await robot.sees(f"{short(two)}  drift", "since 0 s, 1 move behind")


async def test_containers_from_before_the_log_say_that_the_time_is_not_known() -> None:
    async with exploring() as robot:
        screen = await opened(robot)
        screen.table.select(
            next(key for key in screen.table.keys if screen.text_of(key).startswith("redis-test"))
        )
        await robot.sees("since when is not known, the log does not reach back so far")
        assert row(robot, "redis-test").count("?") == 2


class Guarded(MemoryEngine):
    """Registries that answer when a test lets them."""

    def __init__(self) -> None:
        super().__init__(store=Store.CONTAINERD)
        self.gate = threading.Event()
        self.asked: list[str] = []

    def remote_tag(self, reference: str) -> RemoteTag:
        self.asked.append(reference)
        if reference.startswith("slow.example/"):
            assert self.gate.wait(SECONDS)
        return super().remote_tag(reference)


@both_sizes
async def test_registries_are_asked_by_a_key_alone_and_answers_are_shown_as_they_come(
    size: tuple[int, int],
) -> None:
    engine = Guarded()
    for number, place in enumerate(("slow.example", "fast.example", "broken.example", "empty.example")):
        engine.build(made(place), f"{place}/web:1")
        engine.run(f"c{number}", f"{place}/web:1")
        engine.publish(f"{place}/web:1", made(place))
    engine.publish("fast.example/web:1", made("newer"))
    engine.publish("broken.example/web:1", EngineError("no route [bold]to\x1b[2J host", 500))
    engine.publish("empty.example/web:1", EngineError("manifest unknown", 404))
    async with exploring(engine, size) as robot:
        await opened(robot)
        await robot.misses("REGISTRY")
        assert engine.asked == []
        await robot.press("R")
        await robot.sees("REGISTRY", "asking…", "other", "failed", "not there")
        await robot.press("R")  # what is being asked is not asked again
        await robot.until(lambda: len(engine.asked) == 7, "the three that have answered, again")
        await robot.sees("registry: asking…")
        engine.gate.set()
        await robot.sees("same", "registry: what this container runs")
        assert engine.asked.count("slow.example/web:1") == 1
        await robot.press("j", "j")
        await robot.sees("failed (no route [bold]to␛[2J host)")


async def test_an_answer_is_shown_while_the_list_is_frozen() -> None:
    async with exploring() as robot:
        await robot.press("f")
        await robot.sees(" frozen ")
        await opened(robot)
        await robot.press("R")
        await robot.sees("same")


@pytest.mark.parametrize(("key", "pane"), [("1", 0), ("2", 1), ("3", 2)])
async def test_the_keys_of_the_other_panes_go_there(key: str, pane: int) -> None:
    async with exploring() as robot:
        await opened(robot)
        await robot.press(key)
        await robot.until(lambda: robot.explorer.pane == pane, f"pane {pane}")
        await robot.misses("21 containers")


async def test_enter_finds_the_version_through_a_filter_that_hid_it() -> None:
    async with exploring() as robot:
        await robot.open_repository("myapp")
        await robot.filter("tag:3.0")
        await robot.until(lambda: len(robot.explorer.versions.keys) == 1, "one version")
        screen = await opened(robot)
        db = next(key for key in screen.table.keys if screen.text_of(key).startswith("db-replica"))
        screen.table.select(db)
        await robot.press("enter")
        await robot.until(lambda: robot.repository == "postgres", "its repository")
        assert robot.version == robot.explorer.known.catalog.containers[db].image_id


async def test_an_engine_without_containers_says_so() -> None:
    async with exploring(MemoryEngine()) as robot:
        await opened(robot)
        await robot.sees("0 containers, 0 drift", "No container is here")
        await robot.press("R", "enter")
        await robot.misses("0 containers, 0 drift")


@both_sizes
async def test_r_has_the_container_under_the_cursor_rolled_back(size: tuple[int, int]) -> None:
    async with exploring(size=size) as robot:
        screen = await opened(robot)
        screen.table.select(
            next(key for key in screen.table.keys if screen.text_of(key).startswith("api-old "))
        )
        await robot.press("r")
        await robot.sees("Roll api-old back", "9b94b5201a3b")
        await robot.press("escape")
        await robot.sees("21 containers")
        assert screen.text_of(screen.table.key or "").startswith("api-old ")


@both_sizes
async def test_hostile_text_of_containers_and_registries_is_drawn_and_not_obeyed(
    size: tuple[int, int],
) -> None:
    async with exploring(HostileEngine(EVERYTHING), size) as robot:
        await opened(robot)
        await robot.press("R")
        await robot.sees("failed")
        for key in ("j", "G", "k"):
            await robot.press(key)
            assert [line for line in robot.lines if UNSAFE.search(line)] == []
            assert {cell_len(line) for line in robot.lines} == {robot.app.size.width}
