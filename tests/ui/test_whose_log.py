"""The explorer asks which engine it is where that is not clear, and records nothing until it knows."""

from __future__ import annotations

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.taglog.identity import Place, place_of
from imgtui.store.engines import Engines
from imgtui.store.state import State
from imgtui.store.tag_log import TagLog
from tests.operations.listening import made
from tests.ui.robot import Robot, exploring

OTHER = Place("memory-twin", "ssh://other", "other", "twin", "/var/lib/docker", "graph", "run-1", 1)


def state_of_another() -> State:
    """A state file with the log of one that gives the same ID."""
    state = State(None)
    Engines(state).saw("memory-twin", OTHER)
    return state


async def asked(robot: Robot) -> None:
    await robot.sees(
        "Which engine is this?", "gives the same ID as twin (other", "another engine: begin a log"
    )


async def test_it_asks_and_records_nothing_until_it_is_answered() -> None:
    engine, state = MemoryEngine(name="twin"), state_of_another()
    one = engine.build(made("one"), "web:latest")
    async with exploring(engine, (80, 24), open_state=lambda: state) as robot:
        await asked(robot)
        await robot.press("enter")
        await robot.sees("NOT RECORDING", "R asks again")
        await robot.press("m")
        await robot.sees("enter: do it")
        await robot.press("enter")
        await robot.sees("nothing is done")
        assert [image.keeps for image in engine.list_images().__next__().images] == [()]
        assert [known.key for known in Engines(state).known()] == ["memory-twin"]
        await robot.press("R")
        await asked(robot)
        await robot.press("j", "j", "enter")
        await robot.misses("NOT RECORDING")
        await robot.until(
            lambda: "memory-twin~2" in {k.key for k in Engines(state).known()}, "a log of its own"
        )
        await robot.until(lambda: TagLog(state, "memory-twin~2").tags() == {"web:latest": one}, "its tags")
        assert TagLog(state, "memory-twin").tags() == {}


async def test_it_goes_on_with_the_log_that_it_is_told() -> None:
    engine, state = MemoryEngine(name="twin"), state_of_another()
    one = engine.build(made("one"), "web:latest")
    async with exploring(engine, open_state=lambda: state) as robot:
        await asked(robot)
        await robot.press("j", "enter")
        await robot.until(lambda: TagLog(state, "memory-twin").tags() == {"web:latest": one}, "its tags")
        assert len(Engines(state).known()) == 1


async def test_it_asks_no_more_when_it_is_answered_elsewhere() -> None:
    engine, state = MemoryEngine(name="twin"), state_of_another()
    one = engine.build(made("one"), "web:latest")
    async with exploring(engine, open_state=lambda: state) as robot:
        await asked(robot)
        Engines(state).adopt("memory-twin", place_of(engine.connect(), 5))
        await robot.misses("Which engine is this?")
        await robot.until(lambda: TagLog(state, "memory-twin").tags() == {"web:latest": one}, "its tags")
        await robot.misses("NOT RECORDING")
        assert len(Engines(state).known()) == 1
