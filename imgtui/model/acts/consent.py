"""What a person types to have done what cannot be undone: the same on the screen and on the command line."""

from __future__ import annotations

from typing import Protocol

from imgtui.model.plans.plan import Plan
from imgtui.model.removal.plan import Removal


class Risky(Protocol):
    """What may have risks: things that cannot be undone, each line beginning with what is in danger."""

    @property
    def risks(self) -> tuple[str, ...]:
        """One line each."""


def unwritten_risk(problem: str) -> str:
    """What is in danger where the journal cannot be written, which `problem` says."""
    return f"it is not written down ({problem}); undo and the history of acts will not know of it"


def word_of(plan: Risky) -> str:
    """What is in danger, as its risks begin with it; `delete N` for several; empty for none."""
    if isinstance(plan, Removal):
        return plan.word
    words = {risk.partition(" ")[0] for risk in plan.risks}
    if len(words) <= 1:
        return next(iter(words), "")
    return f"{'delete' if isinstance(plan, Plan) else 'accept'} {len(plan.risks)}"
