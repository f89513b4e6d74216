"""The journal on real engines: the docker commands that it shows do what imgtui did."""

from __future__ import annotations

import shlex

from imgtui.model.keeps.keep import is_keep
from imgtui.ui.plans.journal_text import commands_of
from tests.engine.contract.hands import connect
from tests.engines import content
from tests.engines.private import CommandFailedError, PrivateEngine
from tests.ui.robot import Robot, exploring


async def does(robot: Robot, key: str, title: str) -> None:
    """Press a key whose plan has a title, and have it done."""
    await robot.press(key)
    await robot.sees(title, "enter: do it")
    await robot.press("enter")
    await robot.sees(title, ": done")


def points_at(engine: PrivateEngine, reference: str) -> str | None:
    """Where a reference points, as the docker command tells it."""
    try:
        return content.image_id(engine, reference)
    except CommandFailedError:
        return None


async def test_tag_keep_and_undo_are_acts_whose_commands_do_the_same_by_hand(
    real_engine: PrivateEngine,
) -> None:
    image_id = content.import_tar(real_engine, "journal:1", {"file": b"of the journal"})
    engine = connect(real_engine)
    async with exploring(engine) as robot:
        await robot.open_repository("journal")
        await robot.until(lambda: robot.version == image_id, "the version")
        await robot.press("t")
        await robot.type("2")
        await robot.press("enter")
        await robot.sees("enter: do it")
        await robot.press("enter")
        await robot.sees("as journal:2: done")
        await does(robot, "m", "keep ")
        await robot.until(lambda: is_keep(robot.explorer.known.log[0].reference), "the keep in the log")
        await robot.until(
            lambda: robot.explorer.version and robot.explorer.version.image.keeps, "the keep on the version"
        )
        await does(robot, "z", "Stop keeping ")
        await robot.press("at")
        await robot.sees("Done by imgtui  3 acts", "Stop keeping ", "as journal:2")
        read = robot.explorer.known.journal
        assert read is not None
        undo, keep, tag = ([shlex.split(command) for command in commands_of(entry)] for entry in read.entries)
        assert [entry.outcome for entry in read.entries] == ["done"] * 3
    assert points_at(real_engine, "journal:2") == image_id
    real_engine.docker("rmi", "journal:2")
    assert points_at(real_engine, "journal:2") is None
    for command in tag:
        real_engine.docker(*command[1:])
    assert points_at(real_engine, "journal:2") == image_id
    kept = keep[0][-1]
    assert is_keep(kept)
    assert points_at(real_engine, kept) is None
    for command in keep:
        real_engine.docker(*command[1:])
    assert points_at(real_engine, kept) == image_id
    for command in undo:
        real_engine.docker(*command[1:])
    assert points_at(real_engine, kept) is None
    engine.close()
