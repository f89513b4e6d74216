"""How verbs print: tables for people, one JSON document for scripts. Nothing else writes to a terminal.

Whatever text comes here, a terminal only draws it: what is not printable is made so at this exit too, and
what the terminal's encoding has not is written as Python would.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import chain
from types import TracebackType
from typing import Final, Generic, TextIO, TypeVar

from imgtui.engine.port.errors import Problem
from imgtui.model.core.printable import printable

_Item = TypeVar("_Item")
_GROWS: Final = 16
"""Characters that stand for one that cannot be shown, at most."""


class Exit(IntEnum):
    """Exit status of every call."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NO_ENGINE = 3
    FOUND = 4
    """What a verb warns of is there, where the verb says so."""


class OutputFailed(OSError):
    """Standard output cannot be written; the message is one line."""


def put(text: str, *, now: bool = False) -> None:
    """Write on standard output, `now` or when its buffer is full. Raises OutputFailed and BrokenPipeError."""
    try:
        sys.stdout.write(_drawn(text, sys.stdout))
        if now:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputFailed(f"standard output cannot be written ({error.strerror})") from None


def print_json(document: object) -> None:
    """One JSON document on standard output, in ASCII: safe for any terminal."""
    put(json.dumps(document, indent=2) + "\n")


def print_json_list(head: Mapping[str, object], name: str, listed: Iterable[object]) -> None:
    """One document whose last field is a list, of which never more than one item is held as text."""
    put(f"{json.dumps(head, indent=2)[:-2]},\n  {json.dumps(name)}: [")
    for number, each in enumerate(listed):
        put(f"{',' if number else ''}\n    {json.dumps(each)}")
    put("\n  ]\n}\n")


@dataclass(frozen=True, slots=True)
class RowsOf(Generic[_Item]):
    """Rows that are made of their items whenever they are gone through: none is held."""

    items: Sequence[_Item]
    row: Callable[[_Item], Sequence[str]]

    def __iter__(self) -> Iterator[Sequence[str]]:
        return map(self.row, self.items)


def print_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns as wide as they need to be, nothing cut: output is read by people and by `grep`.

    Rows that can be gone through twice are. Others are held, each as one text, which takes a third of the
    memory; what is printable has no NUL in it.
    """
    if iter(rows) is rows:
        held = ["\0".join(row) for row in rows]
        _print_table(titles, lambda: (line.split("\0", len(titles) - 1) for line in held))
    else:
        _print_table(titles, lambda: rows)


def _print_table(titles: Sequence[str], rows: Callable[[], Iterable[Sequence[str]]]) -> None:
    widths = [len(title) for title in titles]
    for row in rows():
        widths = [max(width, len(cell)) for width, cell in zip(widths, row, strict=True)]
    for row in chain([titles], rows()):
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        put("  ".join(cells).rstrip() + "\n")


def nobody_reads(stream: TextIO | None = None) -> None:
    """What is still to be written to standard output, or to another stream, goes nowhere.

    The interpreter would try it again at its end, and complain.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), (stream or sys.stdout).fileno())


def open_closed_streams() -> bool:
    """Have standard input and standard error be empty where they are closed; whether there is an output."""
    if sys.stdin is None:
        sys.stdin = os.fdopen(os.open(os.devnull, os.O_RDONLY))
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    return sys.stdout is not None


def aside(text: str) -> None:
    """Write on standard error, for whoever looks on: that nobody does any more stops nothing."""
    _to_stderr(_drawn(text, sys.stderr))


def in_place(line: str, width: int) -> None:
    """Write a line on standard error that the next one takes the place of."""
    _to_stderr(f"\r{_drawn(printable(line, width), sys.stderr):<{width}}\r")


def _to_stderr(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        nobody_reads(sys.stderr)


def _drawn(text: str, stream: TextIO) -> str:
    """A text that a terminal draws, line by line."""
    shown = printable(text, _GROWS * len(text) + 1, newlines=True)
    encoding = stream.encoding or "utf-8"
    return shown if shown.isascii() else shown.encode(encoding, "backslashreplace").decode(encoding)


def print_unforeseen(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """An error that nobody foresaw, with where it was: data can be in its words."""
    import traceback

    aside("".join(traceback.format_exception(kind, error, trace)))


def print_error(text: str) -> None:
    """One line on standard error."""
    aside(f"imgtui: {printable(text)}\n")


def print_problem(problem: Problem) -> None:
    """Cause and remedy in one line on standard error."""
    print_error(f"{problem.cause}: {problem.remedy}")
