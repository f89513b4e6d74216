"""The footer: the keys that help most."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from imgtui.ui.actions import Action
from imgtui.ui.widgets.spans import Line, Span

WhyNot = Callable[[Action], str | None]
"""Why an action is not possible now; None when it is."""
KeyOf = Callable[[str], str | None]
"""The key of an action, by its ID; None where it is not possible now, so that no text speaks of it."""


def hints(actions: Iterable[Action], room: int, why_not: WhyNot) -> Line:
    """Key and label of the actions that are hinted at and possible, as many as fit so many cells."""
    hinted = [action for action in actions if action.hint and why_not(action) is None]
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
