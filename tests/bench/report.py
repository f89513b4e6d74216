"""Figures, and the table they make."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MISSING = "–"


@dataclass(frozen=True)
class Figure:
    """What was measured, its values (none: it could not be measured, `note` says why), the goal."""

    name: str
    values: tuple[float, ...]
    unit: str
    goal: str = ""
    note: str = ""

    @property
    def median(self) -> float | None:
        """The median of the values."""
        return statistics.median(self.values) if self.values else None

    def as_json(self) -> dict[str, object]:
        """The figure as a JSON object."""
        return {
            "name": self.name,
            "unit": self.unit,
            "median": self.median,
            "min": min(self.values, default=None),
            "max": max(self.values, default=None),
            "values": list(self.values),
            "goal": self.goal,
            "note": self.note,
        }


@dataclass(frozen=True)
class Section:
    """The figures of one scenario, and lines that go with them."""

    title: str
    figures: tuple[Figure, ...]
    details: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The section as a JSON object."""
        figures = [figure.as_json() for figure in self.figures]
        return {"title": self.title, "figures": figures, "details": list(self.details)}


def figure(name: str, values: Iterable[float], unit: str, goal: str = "", note: str = "") -> Figure:
    """A figure of many values, one for each run or press."""
    return Figure(name, tuple(values), unit, goal, note)


def single(name: str, value: float | None, unit: str, goal: str = "", note: str = "") -> Figure:
    """A figure measured once; None when it could not be."""
    return Figure(name, () if value is None else (value,), unit, goal, note)


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return MISSING
    digits = 0 if value == int(value) or abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f} {unit}".rstrip()


def _cells(item: Figure) -> tuple[str, str, str, str]:
    span = ""
    if len(item.values) > 1:
        span = f"{_number(min(item.values), '')} … {_number(max(item.values), '')} of {len(item.values)}"
    return item.name, _number(item.median, item.unit), span or item.note, item.goal


def table(sections: Sequence[Section]) -> str:
    """All sections as plain text: figure, median, range, goal."""
    heading = ("", "median", "min … max", "goal")
    rows = [heading, *(_cells(item) for section in sections for item in section.figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]

    def line(cells: tuple[str, str, str, str]) -> str:
        name, value, span, goal = cells
        return f"  {name:{widths[0]}}  {value:>{widths[1]}}  {span:{widths[2]}}  {goal}".rstrip()

    lines = [line(heading)]
    for section in sections:
        lines += ["", section.title, *(line(_cells(item)) for item in section.figures)]
        lines += [f"    {detail}" for detail in section.details]
    return "\n".join(lines)
