"""Every key of the registry, on a wide and on a narrow terminal."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.ui.actions import Action
from imgtui.ui.explorer.no_engine import NoEngineScreen
from imgtui.ui.features import EXPLORER
from tests.ui.keys import (
    changes,
    compares,
    files,
    launching,
    lists,
    looking,
    moves,
    no_engine,
    panes,
    pulls,
    rebuilds,
    removals,
    rollbacks,
    transfers,
)
from tests.ui.keys.scenarios import OF_THE_EXPLORER, WITHOUT_AN_ENGINE
from tests.ui.robot import NARROW, WIDE, exploring

SCENARIOS = (
    changes,
    compares,
    files,
    launching,
    lists,
    looking,
    moves,
    no_engine,
    panes,
    pulls,
    rebuilds,
    removals,
    rollbacks,
    transfers,
)
"""Importing them fills the list."""

each_size = pytest.mark.parametrize(
    "size",
    [
        pytest.param(WIDE, id="120x40", marks=pytest.mark.matrix),
        pytest.param(NARROW, id="80x24", marks=pytest.mark.matrix),
    ],
)


def keys_of(actions: Iterable[Action]) -> list[tuple[Action, str]]:
    """Each action with each of its keys."""
    return [(action, key) for action in actions for key in action.keys.split(",")]


def name(value: object) -> str:
    """How a test of an action or a key is called."""
    return value.id if isinstance(value, Action) else str(value)


@each_size
@pytest.mark.parametrize(("action", "key"), keys_of(EXPLORER), ids=name)
async def test_a_key_of_the_explorer_does_what_the_registry_says(
    action: Action, key: str, size: tuple[int, int]
) -> None:
    async with exploring(size=size) as robot:
        await OF_THE_EXPLORER[action.id](robot, key)


@each_size
@pytest.mark.parametrize(("action", "key"), keys_of(NoEngineScreen.ACTIONS), ids=name)
async def test_a_key_does_what_the_registry_says_while_no_engine_answers(
    action: Action, key: str, size: tuple[int, int]
) -> None:
    engine = MemoryEngine(name="web-01")
    engine.stop_answering()
    async with exploring(engine, size, live=False) as robot:
        await robot.until(lambda: isinstance(robot.app.screen, NoEngineScreen), "that no engine answers")
        await WITHOUT_AN_ENGINE[action.id](robot, key)


def test_every_action_has_a_scenario_and_every_scenario_an_action() -> None:
    assert set(OF_THE_EXPLORER) == {action.id for action in EXPLORER}
    assert set(WITHOUT_AN_ENGINE) == {action.id for action in NoEngineScreen.ACTIONS}
