"""Keys that a person has bound anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from imgtui.ui.actions import Action


def rebound(actions: Iterable[Action], keys: Mapping[str, str]) -> tuple[Action, ...]:
    """The actions with other keys, by ID; several keys are separated by commas."""
    return tuple(
        replace(action, keys=keys[action.id], shown="") if action.id in keys else action for action in actions
    )


def clash(actions: Iterable[Action]) -> str | None:
    """What is wrong where a key would do two things, in words; None where none does."""
    taken: dict[str, str] = {}
    for action in actions:
        for key in action.keys.split(","):
            if (other := taken.setdefault(key.strip(), action.id)) != action.id:
                return f"[keys]: {key.strip()} would do both {other} and {action.id}: give one another key"
    return None
