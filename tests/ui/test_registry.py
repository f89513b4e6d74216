"""The registry of actions is whole: each can be done, is explained, and has keys terminals leave free."""

from __future__ import annotations

from collections import Counter

import pytest

from imgtui.ui.actions import Action, bindings
from imgtui.ui.dialogs.acting import ActingScreen
from imgtui.ui.explorer.no_engine import NoEngineScreen
from imgtui.ui.explorer.screen import ExplorerScreen
from imgtui.ui.features import CONTROLLERS, EXPLORER
from tests.ui.robot import exploring

FORBIDDEN = {f"ctrl+{letter}" for letter in "abihmqsz"} | {"ctrl+backslash", "backslash"}
"""Prefixes of tmux and screen, Enter, Tab, flow control, job control."""

RAW_TEXTUAL_NAMES = ("_", "left_square", "question", "asterisk")

offered = pytest.mark.parametrize(
    ("screen", "action"),
    [(screen, action) for screen in (ExplorerScreen, NoEngineScreen) for action in screen.ACTIONS],
    ids=lambda value: value.id if isinstance(value, Action) else value.__name__,
)


OWNERS: list[tuple[type[object], Action]] = [
    *((controller, action) for controller in CONTROLLERS for action in controller.ACTIONS)
]
OWNERS += [(NoEngineScreen, action) for action in NoEngineScreen.ACTIONS]


@pytest.mark.parametrize(
    ("owner", "action"), OWNERS, ids=lambda value: value.id if isinstance(value, Action) else value.__name__
)
def test_an_action_is_done_by_a_method_of_the_one_that_has_it(owner: type[object], action: Action) -> None:
    methods = (action.do, action.why_not) if action.why_not is not None else (action.do,)
    assert all(method in vars(owner).values() for method in methods)


@offered
def test_an_action_says_what_it_does(screen: type[ActingScreen], action: Action) -> None:
    assert action.label
    assert action.tooltip.strip() == action.tooltip != ""
    assert action.tooltip[0].isupper()
    assert action.group


@offered
def test_no_key_is_one_that_a_terminal_or_multiplexer_takes(
    screen: type[ActingScreen], action: Action
) -> None:
    assert FORBIDDEN.isdisjoint(action.keys.split(","))


@offered
def test_keys_are_shown_as_people_write_them(screen: type[ActingScreen], action: Action) -> None:
    assert not [name for name in RAW_TEXTUAL_NAMES if name in action.key_text]


@pytest.mark.parametrize("actions", [EXPLORER, NoEngineScreen.ACTIONS], ids=["explorer", "no engine"])
def test_a_key_means_one_thing_and_an_id_names_one_action(actions: tuple[Action, ...]) -> None:
    keys = Counter(key for action in actions for key in action.keys.split(","))
    ids = Counter(action.id for action in actions)
    assert [key for key, times in keys.items() if times > 1] == []
    assert [name for name, times in ids.items() if times > 1] == []


async def test_every_controller_is_made_once_and_owns_its_actions() -> None:
    async with exploring(live=False) as robot:
        features = robot.explorer.features
        assert [type(each) for each in features] == [*CONTROLLERS]
        assert len(vars(features)) == len(CONTROLLERS) + len(("_owners", "_handlers"))
        for action in EXPLORER:
            assert action in features.owner(action).ACTIONS


def test_every_binding_has_the_id_of_its_action_and_a_tooltip() -> None:
    for action, binding in zip(EXPLORER, bindings(EXPLORER), strict=True):
        assert not isinstance(binding, tuple)
        assert (binding.id, binding.tooltip) == (action.id, action.tooltip)


async def test_no_binding_of_textual_itself_is_on_a_forbidden_key() -> None:
    async with exploring(live=False) as robot:
        bound = set(robot.app.screen.active_bindings)
    assert bound & FORBIDDEN == {"ctrl+z"}, "which does what it does everywhere: it suspends"
