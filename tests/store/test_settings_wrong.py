"""A settings file with another value in any place: it holds, or one line says which line is wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.core.printable import safe_for_terminal
from imgtui.store.config.settings import Settings, SettingsError, read_settings
from imgtui.ui.features import EXPLORER
from imgtui.ui.keymap import clash, rebound
from tests.suite.examples import examples

RIGHT: Final = (
    ("keep", "repository", '"web*"'), ("keep", "last", "10"), ("keep", "days", "30"), ("keep", "all", "true"),
    ("keep", "budget", '"20 GB"'), ("keep", "grace", '"24h"'), ("keys", "list.sort", '"o"'),
    ("keys", "tab.next", '"right"'), ("rollback", "settle", "30"), ("rollback", "remove_after", "7"),
)  # fmt: skip
VALUES: Final = (
    '""', '"x"', "0", "-1", "1.5", "1e400", "nan", "inf", "true", "[]", "[1]", "{}", "{x = 1}", '["a", 2]',
    "1979-05-27", "07:32:00", "9" * 30, "9" * 5_000, '"' + "x" * 9_000 + '"', '"\\u001b[2J"', '"\\u202e"',
    '"a\\u0000b"', '"**"', '"[a"', '"20 XB"', '"-3h"', '"ctrl+nonsense"', '"escape"', '"ctrl+c"', '"a,b,a"',
    '"\\n"', "'''\nx'''", '"é"', '"\\U0010ffff"', "0x_", "'", '"', "= 3", "#",
)  # fmt: skip
ACTIONS: Final = {action.id for action in EXPLORER}
places = st.lists(st.tuples(st.integers(0, len(RIGHT) - 1), st.sampled_from(VALUES)), max_size=3)
names = st.sampled_from(["", "", "", "lst", '"\\u001b[2J"', "a.b.c", '""', "list.nosuch", "keep", "é"])


def text_of(wrong: list[tuple[int, str]], name: str) -> str:
    """A file that is right but for some values, and a name that is no setting."""
    values = dict(wrong)
    parts = {"keep": "[[keep]]\n", "keys": "[keys]\n", "rollback": "[rollback]\n"}
    for number, (table, key, value) in enumerate(RIGHT):
        parts[table] += f"{key} = {values.get(number, value)}\n"
    return "\n".join(parts.values()) + (f"{name} = 1\n" if name else "")


@examples(150)
@given(wrong=places, name=names)
def test_a_value_holds_or_its_line_is_told(tmp_path: Path, wrong: list[tuple[int, str]], name: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text_of(wrong, name))
    try:
        settings = read_settings(path, ACTIONS)
    except SettingsError as error:
        said = str(error)
        assert safe_for_terminal(said)
        assert len(said) < 1_000
        assert re.search(r"config\.toml (line \d+|in \[)", said), said
        assert wrong or name
        return
    assert isinstance(settings, Settings)
    assert not name
    told = clash(rebound(EXPLORER, settings.keys))
    assert told is None or safe_for_terminal(told)


def test_what_is_right_holds(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text_of([], ""))
    assert read_settings(path, ACTIONS).keys == {"list.sort": "o", "tab.next": "right"}
