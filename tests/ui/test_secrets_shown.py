"""Values that look secret are on the screen only while somebody asks for them."""

from __future__ import annotations

import pytest

from imgtui.model.safety.secrets import MASK
from tests.ui.robot import Robot, exploring

SECRETS = ("demo-5f2a9c71", "demo-password")
"""Values in the environment and in the history of the demo's application."""


async def looking_at(robot: Robot, tab: str) -> None:
    await robot.open_repository("myapp")
    await robot.do("pane.detail")
    await robot.show_tab(tab)
    await robot.until(lambda: robot.explorer.settled, "the detail")


def shown(robot: Robot) -> list[str]:
    """The secrets that can be read."""
    return [secret for secret in SECRETS if secret in robot.text]


@pytest.mark.parametrize("tab", ["Overview", "Layers", "Config", "Containers", "JSON"])
async def test_no_tab_shows_a_secret_by_itself(tab: str) -> None:
    async with exploring(size=(200, 100)) as robot:
        await looking_at(robot, tab)
        for _ in range(4):
            assert shown(robot) == []
            await robot.do("move.half_down")


@pytest.mark.parametrize("tab", ["Config", "JSON", "Layers"])
async def test_a_secret_is_shown_when_it_is_asked_for_and_hidden_again_when_one_moves_on(tab: str) -> None:
    async with exploring(size=(220, 160)) as robot:
        await looking_at(robot, tab)
        await robot.sees(MASK)
        await robot.do("secrets.reveal")
        await robot.sees(SECRETS[0])
        await robot.do("pane.versions")
        await robot.do("move.down")
        await robot.until(lambda: not shown(robot), "the secret hidden")
        await robot.do("move.up")
        await robot.until(lambda: robot.explorer.settled, "the first version again")
        assert shown(robot) == []


async def test_a_secret_stays_hidden_when_another_repository_is_chosen_and_this_one_again() -> None:
    async with exploring(size=(220, 80)) as robot:
        await looking_at(robot, "Config")
        await robot.do("secrets.reveal")
        await robot.sees(*SECRETS)
        await robot.do("pane.repositories")
        await robot.press("j", "k")
        await robot.until(lambda: not shown(robot), "the secrets hidden")


async def test_asking_the_engine_again_shows_no_secret() -> None:
    async with exploring(size=(220, 80)) as robot:
        await looking_at(robot, "Config")
        await robot.do("engine.refresh")
        await robot.live()
        assert shown(robot) == []
