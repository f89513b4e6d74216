"""What a person types to have done what cannot be undone: the same on the screen and on the command line."""

from __future__ import annotations

from imgtui.model.plan import Plan


def word_of(plan: Plan) -> str:
    """The digest that is in danger, as its risk begins with it; `delete N` for several; empty for none."""
    match plan.risks:
        case ():
            return ""
        case (risk,):
            return risk.partition(" ")[0]
        case risks:
            return f"delete {len(risks)}"
