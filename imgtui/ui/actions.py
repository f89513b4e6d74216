"""Actions: what a person can do, each in one literal: bindings, footer, help and palette are made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from textual.binding import Binding, BindingType

MOVE, PANES, LIST, LOOK, CHANGE, APP = "Move", "Panes", "List", "Look", "Change", "Program"
"""Groups. What is in `CHANGE` is refused where nothing can be changed."""


class Needs(Enum):
    """What an action is about, without which it is not possible."""

    NOTHING = 0
    VERSION = 1
    """The version under the cursor, also one that is gone."""
    IMAGE = 2
    """The version under the cursor, which the engine has to have."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can do."""

    id: str
    keys: str
    """Keys as Textual names them, separated by commas."""
    label: str
    tooltip: str
    group: str
    do: Callable[[Any], None]
    """Does it: a method of the controller, or of the screen, that has the action."""
    why_not: Callable[[Any], str | None] | None = None
    """Says why it is not possible now, or None: such a method too."""
    needs: Needs = Needs.NOTHING
    hint: int = 0
    """Whether the footer shows it: where there is no room for all, the lowest go first."""
    shown: str = ""
    """The keys as people write them, where that is not what Textual names them."""

    @property
    def key_text(self) -> str:
        """The keys, for help and footer."""
        return self.shown or " ".join(self.keys.split(","))


def bindings(actions: Iterable[Action]) -> list[BindingType]:
    """The bindings of a screen: each with the action's ID, so that keys can be bound anew."""
    return [
        Binding(
            action.keys,
            f"screen.act('{action.id}')",
            action.label,
            show=bool(action.hint),
            tooltip=action.tooltip,
            id=action.id,
        )
        for action in actions
    ]


def by_id(actions: Iterable[Action], action_id: str) -> Action:
    """The action of an ID. Raises KeyError."""
    return {action.id: action for action in actions}[action_id]
