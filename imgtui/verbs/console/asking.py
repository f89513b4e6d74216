"""A plan on the command line: printed, then agreed to."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from imgtui.model.acts.consent import Risky, unwritten_risk, word_of
from imgtui.model.containers.said_together import each_together
from imgtui.model.core.printable import printable
from imgtui.operations.taglog.recording import Recorder
from imgtui.verbs.console.output import Exit, aside, print_error, put

LONGEST: Final = 100_000
"""Characters of a line of a plan: environments can be long."""


class Proposal(Risky, Protocol):
    """What is shown before it is done."""

    @property
    def title(self) -> str:
        """One line."""

    @property
    def commands(self) -> tuple[str, ...]:
        """The docker commands that do the same."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be known before."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a call acts."""

    yes: bool = False
    """The question is answered."""
    plan_only: bool = False
    as_json: bool = False
    read_only: bool = False

    def refusal(self, *, terminal: bool) -> Exit | None:
        """Why nothing can be done, said before the engine is asked; None where something can."""
        if self.plan_only:
            return None
        if self.read_only:
            print_error("read-only: nothing is changed; --plan shows what would be done")
            return Exit.FAILED
        if not self.yes and not terminal:
            print_error("the question needs a terminal: --yes answers it, --plan shows what would be done")
            return Exit.USAGE
        return None


def unwritten(recorder: Recorder) -> tuple[str, ...]:
    """The risk that an act is not written down, where that is so: who agrees to the plan agrees to that."""
    if recorder.problem is None:
        return ()
    recorder.told_unwritten = True
    return (unwritten_risk(recorder.problem),)


def print_plan(plan: Proposal, steps: Iterable[str], *, beside: bool, also: tuple[str, ...] = ()) -> None:
    """The change itself, step by step, then risks, those that it has `also`, notes, and docker commands.

    On standard output; `beside` it where that is for a document.
    """
    commands = [line for command in plan.commands for line in command.split("\n")]
    lines = [
        plan.title,
        *(f"  {step}" for step in steps),
        *(f"  RISK: {risk}" for risk in each_together((*plan.risks, *also))),
        *(f"  note: {note}" for note in plan.notes),
        *(["  the same with docker:"] if commands else []),
        *(f"  {command}" for command in commands),
    ]
    text = "".join(f"{printable(line, LONGEST)}\n" for line in lines)
    if beside:
        aside(text)
    else:
        put(text, now=True)


def agreed(plan: Risky) -> bool:
    """Ask. What cannot be undone is typed, not nodded."""
    word = word_of(plan)
    return agreed_to(f"type {word} to do it: ", {word}) if word else agreed_to("do it? [y/N] ")


def agreed_to(question: str, wanted: Collection[str] = ("y", "yes")) -> bool:
    """Ask; whether the answer is one of those that are wanted."""
    aside(question)
    return sys.stdin.readline().strip().lower() in wanted
