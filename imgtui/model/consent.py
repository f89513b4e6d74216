"""What a person types to have done what cannot be undone: the same on the screen and on the command line."""

from __future__ import annotations

from typing import Protocol


class Risky(Protocol):
    """What may have risks: things that cannot be undone, each line beginning with what is in danger."""

    @property
    def risks(self) -> tuple[str, ...]:
        """One line each."""


def word_of(plan: Risky) -> str:
    """What is in danger, as its risk begins with it; `delete N` for several; empty for none."""
    match plan.risks:
        case ():
            return ""
        case (risk,):
            return risk.partition(" ")[0]
        case risks:
            return f"delete {len(risks)}"
