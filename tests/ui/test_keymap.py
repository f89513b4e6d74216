"""Keys can be bound anew, and what would be ambiguous is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtui.store.config.settings import SettingsError, read_settings
from imgtui.ui.features import EXPLORER
from imgtui.ui.keymap import clash, rebound
from tests.ui.robot import exploring


async def test_a_key_bound_anew_does_it_and_the_old_one_does_not_any_more() -> None:
    actions = rebound(EXPLORER, {"list.freeze": "f2", "list.sort": "o"})
    async with exploring(actions=actions) as robot:
        await robot.sees("o sort")
        await robot.press("f")
        assert robot.explorer.frozen is None
        await robot.press("f2")
        assert robot.explorer.frozen is not None
        await robot.press("question_mark")
        await robot.press(*["j"] * [action.id for action in EXPLORER].index("list.freeze"))
        await robot.sees("f2")


def test_two_actions_with_one_key_are_refused() -> None:
    assert clash(EXPLORER) is None
    fault = clash(rebound(EXPLORER, {"list.freeze": "s"}))
    assert fault is not None
    assert "list.sort" in fault
    assert "list.freeze" in fault


def test_a_key_for_an_action_that_is_not_there_is_an_error_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[keys]\nlist.sort = "o"\nlist.sorted = "p"\n')
    with pytest.raises(SettingsError, match=r"line 3: there is no action .list\.sorted"):
        read_settings(path, {action.id for action in EXPLORER})
    assert read_settings(path).keys == {"list.sort": "o", "list.sorted": "p"}
