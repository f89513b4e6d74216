"""The footer: the keys that help most."""

from __future__ import annotations

from collections.abc import Iterable

from imgtui.ui.actions import Action
from imgtui.ui.present.spans import Line, Span


def hints(actions: Iterable[Action]) -> Line:
    """Key and label of the actions that are hinted at."""
    spans: list[Span] = [Span(" ")]
    for action in actions:
        if action.hint:
            spans += [Span(action.key_text.split()[0], "strong"), Span(f" {action.label}  ", "dim")]
    return spans
