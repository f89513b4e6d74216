"""What the keys of roll backs do."""

from __future__ import annotations

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.containers import Document
from imgtui.engine.port.errors import Problem, ProblemKind, Unavailable
from imgtui.ui.containers.rollback_screen import TargetScreen
from imgtui.ui.plans.screen import PlanScreen
from tests.ui.keys.scenarios import does
from tests.ui.robot import Robot


def go_away_at_the_start(engine: MemoryEngine) -> None:
    """Have an engine go away before a container is started, and while that is to be put back."""
    start, inspect = engine.start_container, engine.inspect_container
    lost = Unavailable(Problem(ProblemKind.INTERRUPTED, "the engine went away", "start it"))

    def inspect_in_vain(name: str) -> Document | None:
        del name
        engine.inspect_container = inspect  # type: ignore[method-assign]
        raise lost

    def start_in_vain(container_id: str) -> None:
        del container_id
        engine.start_container = start  # type: ignore[method-assign]
        engine.inspect_container = inspect_in_vain  # type: ignore[method-assign]
        raise lost

    engine.start_container = start_in_vain  # type: ignore[method-assign]


async def interrupted(robot: Robot, name: str) -> None:
    """Roll a container back, and have the engine go away before the new one is started."""
    await robot.do("pane.containers")
    await robot.sees("enter version")
    await robot.press("slash")
    await robot.type(name)
    await robot.press("enter", "r")
    await robot.until(lambda: isinstance(robot.app.screen, TargetScreen), "the choice of a digest")
    await robot.press("enter")
    await robot.until(lambda: isinstance(robot.app.screen, PlanScreen), "the plan")
    go_away_at_the_start(robot.memory)
    await robot.press("enter")
    await robot.sees("the engine went away")


@does("act.take_up")
async def exclamation_mark_puts_back_what_was_interrupted(robot: Robot, key: str) -> None:
    def running() -> set[tuple[str, str]]:
        return {(known.name, known.image_id) for known in robot.memory.containers() if known.running}

    before = running()
    await robot.press(key)
    await robot.sees("nothing was interrupted")
    await interrupted(robot, "shop-web-3")
    assert running() != before
    await robot.do("pane.repositories")
    await robot.sees("! roll shop-web-3 back", "interrupted; it can put everything")
    await robot.press(key)
    await robot.sees("RISK  shop-web-3 loses what it has written", "type shop-web-3 to do it")
    await robot.type("shop-web-3")
    await robot.press("enter")
    await robot.sees("shop-web-3: everything is as it was")
    assert running() == before
