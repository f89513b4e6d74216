"""The program is ended from outside at any moment: it ends well."""

import asyncio

import pytest
from textual import events

from imgtui.operations.protocol.updates import ContainerSeen
from tests.ui.robot import SECONDS, Robot, exploring

SEEN = ContainerSeen("a" * 64, "web", f"sha256:{'b' * 64}", "running", ("said",))


async def ended(robot: Robot) -> None:
    """Wait until it has ended, as a person at the shell does."""
    async with asyncio.timeout(SECONDS):
        while robot.app.return_code is None:
            await turns(1)
    assert robot.app.return_code == 0


async def turns(number: int) -> None:
    """Let the event loop go round."""
    for _ in range(number):
        await asyncio.sleep(0)


@pytest.mark.parametrize("number", [0, 2, 4, 5, 6, 8])
@pytest.mark.parametrize("key", ["L", "4", "5", "question_mark"])
async def test_while_a_key_opens_a_screen(key: str, number: int) -> None:
    async with exploring() as robot:
        robot.app.post_message(events.Key(key, key))
        await turns(number)
        robot.app.exit()
        await ended(robot)


@pytest.mark.parametrize("number", [0, 1, 2, 4])
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
async def test_while_a_launched_container_is_shown(number: int, *, before: bool) -> None:
    async with exploring() as robot:
        if not before:
            robot.app.exit()
            await turns(number)
        robot.app._hear(SEEN, robot.app._generation)
        if before:
            await turns(number)
            robot.app.exit()
        await ended(robot)
