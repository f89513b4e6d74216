"""Read-only, key by key and verb by verb: said before a plan, and refused at the engine where it was not."""

from __future__ import annotations

import pytest

from imgtui.engine.demo.engine import demo_engine
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.ui.actions import CHANGE, Action
from imgtui.ui.features import EXPLORER
from tests.test_cli import imgtui
from tests.ui.robot import NOW, exploring

CHANGES = [action for action in EXPLORER if action.group == CHANGE]
ENTERS = 4
"""As many questions as a key may ask before it does something."""

VERBS = [
    ("keep", "myapp:latest"),
    ("unkeep", "myapp:latest"),
    ("tag", "myapp:latest", "myapp:new"),
    ("untag", "myapp:latest"),
    ("undo",),
    ("undo", "--redo"),
    ("rm", "myapp"),
    ("rm", "--dangling"),
    ("rollback", "myapp:latest"),
    ("rollback", "api"),
]


def held(engine: MemoryEngine) -> set[object]:
    """Everything that an act could change."""
    images = {(image.id, image.tags, image.keeps) for part in engine.list_images() for image in part.images}
    return {*images, *((known.id, known.name, known.state) for known in engine.containers())}


@pytest.mark.parametrize("action", CHANGES, ids=lambda action: action.id)
async def test_a_key_that_changes_something_says_that_imgtui_runs_read_only(action: Action) -> None:
    async with exploring(read_only=True) as robot:
        await robot.open_repository("myapp")
        await robot.press(action.keys.split(",")[0])
        await robot.sees("imgtui runs read-only")


@pytest.mark.parametrize("action", CHANGES, ids=lambda action: action.id)
async def test_where_the_keys_do_not_know_the_engine_refuses(action: Action) -> None:
    engine = demo_engine(NOW, read_only=True)
    before = held(engine)
    async with exploring(engine) as robot:
        await robot.open_repository("myapp")
        await robot.press(action.keys.split(",")[0])
        for _ in range(ENTERS):
            await robot.pilot.pause()
            await robot.press("enter")
        await robot.pilot.pause()
    assert held(engine) == before


@pytest.mark.parametrize("words", VERBS, ids=" ".join)
def test_a_verb_that_changes_something_is_refused(words: tuple[str, ...]) -> None:
    verb, *rest = words
    done = imgtui(verb, "--demo", "--read-only", "--yes", *rest)
    assert done.returncode == 1
    assert done.stderr.startswith("imgtui: read-only")
    assert done.stderr.count("\n") == 1
