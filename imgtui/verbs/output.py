"""How verbs print: tables for people, one JSON document for scripts."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from enum import IntEnum

from imgtui.engine.errors import Problem


class Exit(IntEnum):
    """Exit status of every call."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NO_ENGINE = 3


def print_json(document: object) -> None:
    """One JSON document on standard output, in ASCII: safe for any terminal."""
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


def print_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as they need to be, nothing cut: output is read by people and by `grep`."""
    widths = [max(len(row[index]) for row in (titles, *rows)) for index in range(len(titles))]
    for row in (titles, *rows):
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        sys.stdout.write("  ".join(cells).rstrip() + "\n")


def nobody_reads() -> None:
    """Standard output was closed at its other end: what is still to be written there goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_error(text: str) -> None:
    """One line on standard error."""
    sys.stderr.write(f"imgtui: {text}\n")


def print_problem(problem: Problem) -> None:
    """Cause and remedy in one line on standard error."""
    print_error(f"{problem.cause}: {problem.remedy}")
