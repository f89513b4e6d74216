"""The form of a launch: what is said while one types, and what its keys do."""

from __future__ import annotations

import pytest
from textual.events import Key
from textual.widgets import Input

from imgtui.engine.demo.engine import demo_engine
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.core.digest import short
from imgtui.model.core.image import Store
from imgtui.model.launch.launch import Launch
from imgtui.model.safety.mask import MASK
from imgtui.operations.protocol.updates import EngineState, LayersLearned, Phase, Remembered
from imgtui.ui.launch.attach import Held
from imgtui.ui.launch.screen import LaunchScreen
from imgtui.ui.widgets.toggle import Toggle
from tests.engine.contract.hands import MemoryHands
from tests.ui.robot import NARROW, NOW, WIDE, Robot, both_sizes, exploring


def engine_with_a_container() -> tuple[MemoryEngine, str]:
    """A repository of two versions; the older one runs, with a port and a secret."""
    hands = MemoryHands(Store.GRAPH)
    old = hands.build("web:1", "old")
    new = hands.build("web:2", "new")
    launch = Launch(
        old,
        "web",
        command=("sh", "-c", "serve"),
        ports=("8080:80",),
        variables=("MODE=fast", "DB_PASSWORD=hunter22"),
        labels=("team=a",),
        restart="unless-stopped",
    )
    hands.engine.start_container(hands.engine.create_container("web", launch.body))
    return hands.engine, new


async def open_form(robot: Robot, image_id: str) -> LaunchScreen:
    await robot.open_repository("web")
    robot.explorer.versions.select(image_id)
    await robot.do("version.run")
    await robot.until(lambda: isinstance(robot.app.screen, LaunchScreen), "the form")
    screen = robot.app.screen
    assert isinstance(screen, LaunchScreen)
    return screen


def value(robot: Robot, name: str) -> str:
    return robot.app.screen.query_one(f"#{name}", Input).value


@both_sizes
async def test_it_is_filled_from_the_newest_container_and_is_not_left_while_something_is_wrong(
    size: tuple[int, int],
) -> None:
    engine, new = engine_with_a_container()
    async with exploring(engine, size) as robot:
        await open_form(robot, new)
        name = f"web-{short(new, 4)}"
        await robot.sees("filled from web", f"--name {name}", "none; web has unless-stopped", "team=a")
        assert value(robot, "environment") == f"MODE=fast 'DB_PASSWORD={MASK}'"
        assert value(robot, "ports") == "8081:80", "8080 is taken"
        assert "hunter22" not in robot.text
        robot.app.screen.set_focus(robot.app.screen.query_one("#ports"))
        await robot.press("ctrl+u")
        await robot.type("8080:80")
        await robot.sees("8080 is taken by web")
        await robot.press("enter")
        assert isinstance(robot.app.screen, LaunchScreen)
        await robot.press("ctrl+u")
        await robot.type("8081:80")
        await robot.misses("is taken by")
        await robot.press("enter")
        await robot.sees("running", "d stop and remove")
        made = robot.memory.inspect_container(name)
        assert made is not None
        assert made["Image"] == new
        config = made["Config"]
        assert isinstance(config, dict)
        assert "DB_PASSWORD=hunter22" in config["Env"]


async def test_the_form_works_with_the_keyboard_alone() -> None:
    engine, new = engine_with_a_container()
    async with exploring(engine, NARROW) as robot:
        screen = await open_form(robot, new)
        names = [widget.id for widget in screen.query("Input, Toggle")]
        for key, back in (("down", "up"), ("tab", "shift+tab")):
            start = names.index(screen.focused.id if screen.focused else None)
            await robot.press(key)
            assert screen.focused is not None
            assert screen.focused.id == names[(start + 1) % len(names)]
            await robot.press(back)
            assert screen.focused.id == names[start]
        screen.query_one("#restart", Input).value = "always"
        screen.set_focus(screen.query_one("#remove", Toggle))
        await robot.press("space")
        await robot.sees("docker run -d --rm", "not with a restart policy")
        await robot.press("space")
        await robot.misses("--rm")
        await robot.press("escape")
        await robot.misses("docker run")
        assert robot.memory.inspect_container(f"web-{short(new, 4)}") is None


async def test_keys_that_arrive_at_once_do_what_they_do_one_by_one() -> None:
    engine, new = engine_with_a_container()
    async with exploring(engine, NARROW) as robot:
        screen = await open_form(robot, new)
        screen.set_focus(screen.query_one("#name"))
        keys = [
            "end",
            "x",
            "y",
            "backspace",
            "down",
            "up",
            "up",
            "space",
            "up",
            "space",
            "up",
            "space",
            "up",
            "space",
        ]
        for key in keys:
            robot.app.post_message(Key(key, key if len(key) == 1 else " " if key == "space" else None))
        await robot.sees("docker run -it --rm", f"--name web-{short(new, 4)}x ")
        assert value(robot, "name") == f"web-{short(new, 4)}x"
        assert screen.query_one("#keep", Toggle).on
        assert value(robot, "labels") == "team=a "


async def test_the_command_is_copied_as_it_is_shown() -> None:
    engine, new = engine_with_a_container()
    async with exploring(engine, WIDE) as robot:
        await open_form(robot, new)
        await robot.press("ctrl+y")
        await robot.sees("sent to the terminal (OSC 52)")
        assert robot.app.clipboard.startswith(f"docker run -d --name web-{short(new, 4)}")
        assert new in robot.app.clipboard
        assert "hunter22" not in robot.app.clipboard


async def test_a_name_a_network_and_a_path_are_looked_at_while_one_types() -> None:
    engine, new = engine_with_a_container()
    async with exploring(engine, WIDE) as robot:
        screen = await open_form(robot, new)
        for field, typed, said in (
            ("name", "web", "web is taken"),
            ("network", "nowhere", "there is no network nowhere"),
            ("volumes", "here:/data/ there", "not absolute"),
            ("memory", "much", "a number with"),
        ):
            before = value(robot, field)
            line = screen.query_one(f"#{field}", Input)
            line.value = typed
            screen.set_focus(line)
            await robot.sees(said)
            line.value = before
            await robot.misses(said)


async def test_in_the_demo_no_container_has_the_terminal() -> None:
    engine, new = engine_with_a_container()
    async with exploring(engine, WIDE) as robot:
        screen = await open_form(robot, new)
        screen.set_focus(screen.query_one("#terminal", Toggle))
        await robot.press("space")
        await robot.sees("the demo has no containers that run")


async def test_what_the_engine_refuses_is_said_and_leaves_nothing() -> None:
    engine, new = engine_with_a_container()
    async with exploring(engine, WIDE) as robot:
        screen = await open_form(robot, new)
        screen.query_one("#ports", Input).value = "8081:80"
        await robot.misses("is taken")
        other = engine.create_container(
            "other", Launch(new, "other", command=("x",), ports=("8081:80",)).body
        )
        engine.start_container(other)
        await robot.press("enter")
        await robot.sees(f"web-{short(new, 4)} did not start and was removed", "port is already allocated")
        assert engine.inspect_container(f"web-{short(new, 4)}") is None
        await open_form(robot, new)
        await robot.sees("8081 is taken by other")
        assert value(robot, "ports") == "8081:80"


@pytest.mark.parametrize("action", ["version.run", "version.shell"])
async def test_read_only_starts_nothing(action: str) -> None:
    async with exploring(demo_engine(NOW, read_only=True), WIDE, read_only=True) as robot:
        await robot.open_repository("myapp")
        before = robot.memory.containers()
        await robot.do(action)
        await robot.sees("imgtui runs read-only")
        assert robot.memory.containers() == before


async def test_a_container_that_ends_while_it_is_looked_at_is_seen_to() -> None:
    engine, new = engine_with_a_container()
    async with exploring(engine, WIDE) as robot:
        screen = await open_form(robot, new)
        screen.query_one("#ports", Input).value = ""
        await robot.misses("is taken")
        await robot.press("enter")
        await robot.sees("running")
        engine.stop_container(f"web-{short(new, 4)}")
        await robot.sees("exited with code 0")
        engine.remove_container(f"web-{short(new, 4)}")
        await robot.sees("It has ended")


async def test_a_health_check_is_seen_to_its_end_though_nothing_tells_of_it() -> None:
    engine, new = engine_with_a_container()
    checked = {"Image": new, "Healthcheck": {"Test": ["CMD", "true"]}}
    engine.remove_container("web")
    engine.start_container(engine.create_container("newest", checked))
    engine.checks_wait = True
    async with exploring(engine, WIDE) as robot:
        await open_form(robot, new)
        await robot.press("enter")
        await robot.sees("running, starting")
        engine.checks_wait = False
        await robot.sees("running, healthy")


async def test_the_end_of_a_container_is_seen_while_the_list_is_frozen() -> None:
    engine, new = engine_with_a_container()
    async with exploring(engine, WIDE) as robot:
        await open_form(robot, new)
        await robot.press("escape")
        await robot.press("f")
        await open_form(robot, new)
        await robot.press("enter")
        await robot.sees("running", "d stop and remove")
        engine.stop_container(f"web-{short(new, 4)}")
        await robot.sees("exited with code 0")


def test_what_is_told_while_nobody_looks_is_held_once() -> None:
    held = Held()
    first, last = EngineState(Phase.LIVE), EngineState(Phase.LOST)
    assert not held.hold(first)
    held.begin()
    for update in (
        first,
        LayersLearned((("a", ()),)),
        Remembered(problem="old"),
        last,
        LayersLearned((("b", ()),)),
        Remembered(problem="new"),
    ):
        assert held.hold(update)
    assert held.end() == [last, LayersLearned((("a", ()), ("b", ()))), Remembered(problem="new")]
    assert held.end() == []
    assert not held.hold(first)
