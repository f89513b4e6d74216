"""What the keys that remove do."""

from __future__ import annotations

from imgtui.model.acts.consent import word_of
from imgtui.model.core.digest import short
from imgtui.model.removal.plan import Removal
from imgtui.ui.dialogs.asking import AskScreen
from imgtui.ui.plans.screen import PlanScreen
from tests.ui.keys.scenarios import does
from tests.ui.robot import Robot


def here(robot: Robot) -> set[str]:
    """The images that the engine has."""
    return {image.id for part in robot.memory.list_images() for image in part.images}


async def accept(robot: Robot) -> Removal:
    """Wait for a plan that is typed, and type its word; the plan."""
    await robot.until(lambda: isinstance(robot.app.screen, PlanScreen), "the plan")
    screen = robot.app.screen
    assert isinstance(screen, PlanScreen)
    plan = screen.plan
    assert isinstance(plan, Removal)
    await robot.sees(f"type {word_of(plan)} to do it")
    await robot.press("enter")
    await robot.type(word_of(plan))
    await robot.press("enter")
    return plan


@does("version.remove")
async def d_removes_the_version_after_its_plan_was_typed(robot: Robot, key: str) -> None:
    await robot.open_repository("notebook")
    before = here(robot)
    digest = str(robot.version)
    await robot.press(key)
    await robot.sees(f"remove {short(digest)}", "frees", "nothing brings it back", "docker rmi --no-prune")
    await robot.press("escape")
    assert here(robot) == before
    await robot.press(key)
    await accept(robot)
    await robot.sees("1 version removed")
    assert before - here(robot) == {digest}
    await robot.until(lambda: digest not in robot.explorer.known.catalog.images, "that it is seen")
    await robot.do("move.down")
    await robot.until(lambda: robot.version not in {None, digest}, "the version below")
    await robot.press(key)
    await robot.sees("is not removed: analysis (exited) needs it")


@does("bulk.open")
async def b_offers_plans_and_what_each_frees(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    before = here(robot)
    await robot.press(key)
    await robot.sees("Remove from all", "without a tag", "not run for 30d", "the build cache", "FREES")
    await robot.press("space")
    await robot.sees("Remove from myapp")
    await robot.press("j", "j", "enter")
    await robot.until(lambda: isinstance(robot.app.screen, AskScreen), "the question")
    await robot.sees("remove all but the last")
    await robot.press("backspace", "backspace")
    await robot.sees("a number of versions is wanted")
    await robot.type("5")
    await robot.press("enter")
    plan = await accept(robot)
    await robot.sees(f"{len(plan.images)} versions removed")
    assert before - here(robot) == {image.image_id for image in plan.images}
    assert len(plan.images) > 1
