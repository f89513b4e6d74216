"""The instructions of two images beside each other, as a text diff puts lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from imgtui.model.core.image import HistoryEntry
from imgtui.model.core.instruction import keyword, normalized

MOST_PAIRS: Final = 250_000
"""Pairs of instructions that are looked at: difflib takes the square of their number."""


class StepChange(StrEnum):
    """How an instruction of one image stands to that of the other; the value is the word used in JSON."""

    SAME = "same"
    REBUILT = "rebuilt"
    """The same instruction made another layer."""
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class ComparedStep:
    """An instruction of both images, or of one of them."""

    change: StepChange
    a: HistoryEntry | None
    b: HistoryEntry | None

    def swapped(self) -> ComparedStep:
        """The same, seen from the other image."""
        return ComparedStep(_SWAPPED.get(self.change, self.change), self.b, self.a)


_SWAPPED: Final = {StepChange.ADDED: StepChange.REMOVED, StepChange.REMOVED: StepChange.ADDED}

Keys = Sequence[str]
Block = tuple[str, int, int, int, int]
"""As difflib has it: `equal`, `replace`, `delete` or `insert`, and what of both it is about."""


def aligned(
    a: Sequence[HistoryEntry],
    b: Sequence[HistoryEntry],
    real: tuple[Sequence[HistoryEntry], Sequence[HistoryEntry]] | None = None,
) -> tuple[ComparedStep, ...]:
    """Every instruction of both images once, each in its order; what both begin with stands side by side.

    `real` are the same instructions with what is masked in them, where that is known: masks are alike.
    """
    of_a, of_b = real or (a, b)
    keys = [normalized(entry.created_by) for entry in of_a], [normalized(entry.created_by) for entry in of_b]
    steps: list[ComparedStep] = []
    for what, first_a, end_a, first_b, end_b in _blocks(*keys):
        left, right = a[first_a:end_a], b[first_b:end_b]
        if what == "equal":
            steps += [_alike(one, other) for one, other in zip(left, right, strict=True)]
        else:
            steps += _replaced(left, right)
    return tuple(steps)


def _alike(one: HistoryEntry, other: HistoryEntry) -> ComparedStep:
    return ComparedStep(StepChange.SAME if one.diff_id == other.diff_id else StepChange.REBUILT, one, other)


def _replaced(a: Sequence[HistoryEntry], b: Sequence[HistoryEntry]) -> Iterator[ComparedStep]:
    """What stands in each other's place: those that do the same to the same thing are beside each other."""
    keywords = [keyword(entry.created_by) for entry in a], [keyword(entry.created_by) for entry in b]
    for what, first_a, end_a, first_b, end_b in _blocks(*keywords):
        left, right = a[first_a:end_a], b[first_b:end_b]
        if what == "equal":
            yield from (
                ComparedStep(StepChange.CHANGED, one, other) for one, other in zip(left, right, strict=True)
            )
        else:
            yield from (ComparedStep(StepChange.REMOVED, one, None) for one in left)
            yield from (ComparedStep(StepChange.ADDED, None, other) for other in right)


def _blocks(a: Keys, b: Keys) -> Iterator[Block]:
    """What is equal and what is not, in order; what both begin and end with is always equal."""
    shortest = min(len(a), len(b))
    first = next((n for n in range(shortest) if a[n] != b[n]), shortest)
    last = next((n for n in range(shortest - first) if a[-1 - n] != b[-1 - n]), shortest - first)
    end_a, end_b = len(a) - last, len(b) - last
    if first:
        yield "equal", 0, first, 0, first
    if (end_a - first) * (end_b - first) > MOST_PAIRS:
        yield "replace", first, end_a, first, end_b
    else:
        matcher = SequenceMatcher(None, a[first:end_a], b[first:end_b], autojunk=False)
        for what, from_a, to_a, from_b, to_b in matcher.get_opcodes():
            yield what, first + from_a, first + to_a, first + from_b, first + to_b
    if last:
        yield "equal", end_a, len(a), end_b, len(b)
