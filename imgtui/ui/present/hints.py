"""The footer: the keys that help most."""

from __future__ import annotations

from collections.abc import Iterable

from imgtui.ui.actions import Action
from imgtui.ui.present.spans import Line, Span


def hints(actions: Iterable[Action], room: int) -> Line:
    """Key and label of the actions that are hinted at, as many as fit so many cells."""
    hinted = [action for action in actions if action.hint]
    pairs = {action.id: (action.key_text.split()[0], f" {action.label}  ") for action in hinted}
    needed = 1 + sum(len(key) + len(label) for key, label in pairs.values())
    for action in sorted(hinted, key=lambda action: action.hint):
        if needed <= room:
            break
        needed -= sum(map(len, pairs.pop(action.id)))
    spans: list[Span] = [Span(" ")]
    for key, label in pairs.values():
        spans += [Span(key, "strong"), Span(label, "dim")]
    return spans
