"""The list of scenarios, by action."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from tests.ui.robot import Robot

Scenario = Callable[[Robot, str], Awaitable[None]]
"""Presses the key it is given, and holds the screen to what the action promises."""

OF_THE_EXPLORER: Final[dict[str, Scenario]] = {}
WITHOUT_AN_ENGINE: Final[dict[str, Scenario]] = {}


def does(action_id: str, among: dict[str, Scenario] = OF_THE_EXPLORER) -> Callable[[Scenario], Scenario]:
    """Say that a scenario shows what an action does."""

    def add(scenario: Scenario) -> Scenario:
        assert action_id not in among, f"{action_id} has a scenario"
        among[action_id] = scenario
        return scenario

    return add
