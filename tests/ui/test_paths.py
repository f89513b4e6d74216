"""A path is gone on with by what is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.ui.widgets.paths import PathSuggester
from tests.ui.robot import exploring


async def test_what_is_there_is_offered_and_taken_with_the_right_arrow(tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "web.tar").touch()
    async with exploring(MemoryEngine()) as robot:
        await robot.do("image.load")
        await robot.sees("load the archive")
        await robot.type(f"{tmp_path}/b")
        await robot.sees(f"{tmp_path.name}/backups/")
        await robot.press("right")
        await robot.sees(f"{tmp_path.name}/backups/web.tar")
        await robot.press("right", "enter")
        await robot.sees("this is no archive of images")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("one", "one.tar"),
        ("o", "one.tar"),
        ("two", "two/"),
        ("none", None),
        ("", "one.tar"),
        (".h", ".hidden"),
        ("bad", None),
        ("one.tar/x", None),
        ("none/x", None),
        ("\0", None),
    ],
)
async def test_the_first_name_that_goes_on_is_offered(
    tmp_path: Path, typed: str, offered: str | None
) -> None:
    for name in ("one.tar", "oz", ".hidden", "bad\x1b[2J"):
        (tmp_path / name).touch()
    (tmp_path / "two").mkdir()
    found = await PathSuggester().get_suggestion(f"{tmp_path}/{typed}")
    assert found == (None if offered is None else f"{tmp_path}/{offered}")


@pytest.mark.parametrize("typed", ["", "~nobody-at-all/x", "/nowhere/at/all"])
async def test_nothing_is_offered_where_nothing_is_there(typed: str) -> None:
    assert await PathSuggester().get_suggestion(typed) is None
