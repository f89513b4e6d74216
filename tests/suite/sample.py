"""The share of the complete matrices that an everyday run takes.

A matrix is every kill moment on every engine, every configuration of a container, every key at every size:
too much for each run. Tests marked `matrix` are its cells; a test that goes through moments by itself asks
the fixture `share`. With `--sample` a run takes one cell of `SHARES`, another with every commit, so that
`SHARES` commits in a row have run all of them; of a cell that asks `share` too, a part that is another one
every `SHARES` commits. Tests marked `in_turn` are run on one of their engines, on the next one with the next
commit: what they are about hardly differs by engine. Tests marked `full` take too long for that and are left
out. Without it everything is run.
"""

import os
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar
from zlib import crc32

import pytest

from tests.suite.units import place_of

SHARES: Final = 7
RUNS: Final = SHARES * SHARES
"""Commits in a row that have run all, also the shares of what is itself a cell."""
TAKEN: Final = "taken of a matrix"
"""The property of a test's report that says how many cases of how many it went through."""

_VARIABLE: Final = "IMGTUI_TEST_SAMPLE"
_Case = TypeVar("_Case")


@dataclass(frozen=True)
class Share:
    """A part of what one test would go through: part `number` of `SHARES`; all of it where that is None."""

    number: int | None
    item: pytest.Item

    def of(self, cases: Iterable[_Case]) -> Sequence[_Case]:
        """The cases that this run takes."""
        given = [*cases]
        taken = [case for index, case in enumerate(given) if is_taken(self.number, self.item.name, index)]
        self.item.user_properties.append((TAKEN, f"{len(taken)} of {len(given)}"))
        return taken


def is_taken(number: int | None, matrix: str, index: int) -> bool:
    """Whether the part takes a matrix's cell; matrices begin at different parts, so that these are equal."""
    return number is None or (crc32(matrix.encode()) + index) % SHARES == number


def commit() -> tuple[str, int]:
    """The short ID of the commit that is checked out, and how many led to it; 0 where git cannot tell."""

    def told(*arguments: str) -> str:
        command = ("git", "-C", str(Path(__file__).parent), *arguments)
        try:
            return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            return ""

    return told("rev-parse", "--short", "HEAD") or "no commit", int(told("rev-list", "--count", "HEAD") or 0)


def chosen(config: pytest.Config) -> int | None:
    """The number of this run, which a variable may name; None where everything is run.

    Its share of cells is the remainder by `SHARES`, its share of what these go through the quotient.

    Raises `pytest.UsageError` for a number that is none of them.
    """
    if not config.getoption("--sample"):
        return None
    named = os.environ.get(_VARIABLE, "")
    if named and named not in map(str, range(RUNS)):
        raise pytest.UsageError(f"{_VARIABLE}: {named} is no number from 0 to {RUNS - 1}")
    return int(named) if named else commit()[1] % RUNS


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--sample",
        action="store_true",
        help=f"of the complete matrices take one {SHARES}th, chosen by the commit or by {_VARIABLE}",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "matrix: a cell of a complete matrix, of which --sample takes a share")
    config.addinivalue_line("markers", "in_turn: --sample takes it on one engine, on the next one next time")
    config.addinivalue_line("markers", "full: takes minutes, and is left out by --sample")
    chosen(config)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the cells of other shares."""
    number = chosen(config)
    if number is None:
        return
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    cells = Counter[str]()
    turn = _in_turn(items, number)
    for item in items:
        takes = item.get_closest_marker("full") is None and turn.get(item, True)
        if item.get_closest_marker("matrix"):
            matrix = place_of(item.nodeid).key
            takes = is_taken(number % SHARES, matrix, cells[matrix])
            cells[matrix] += 1
        (kept if takes else left_out).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


def taken_in_turn(cases: Iterable[str], number: int) -> Sequence[bool]:
    """Whether a run takes them: equal names are one case on several engines, of which it takes one."""
    given = [*cases]
    engines, order = Counter(given), {case: place for place, case in enumerate(dict.fromkeys(given))}
    seen = Counter[str]()
    taken = []
    for case in given:
        taken.append(seen[case] == (order[case] + number) % engines[case])
        seen[case] += 1
    return taken


def _in_turn(items: Iterable[pytest.Item], number: int) -> Mapping[pytest.Item, bool]:
    """Whether the run takes them, of the tests that are run on one engine at a time."""
    cases: dict[pytest.Item, str] = {}
    for item in items:
        group = item.get_closest_marker("xdist_group")
        if group is not None and item.get_closest_marker("in_turn"):
            cases[item] = item.nodeid.partition("@")[0].replace(group.args[0], "")
    return dict(zip(cases, taken_in_turn(cases.values(), number), strict=True))


@pytest.fixture
def share(request: pytest.FixtureRequest) -> Share:
    """What this run takes of the moments that a test goes through by itself."""
    item: pytest.Item = request.node
    number = chosen(request.config)
    if number is not None and item.get_closest_marker("matrix"):
        number //= SHARES
    return Share(None if number is None else number % SHARES, item)


def pytest_report_header(config: pytest.Config) -> str:
    """Which share this run takes, so that another one can take it again."""
    number = chosen(config)
    if number is None:
        return "matrices: complete"
    name, _ = commit()
    return f"matrices: share {number} of 0 to {RUNS - 1}, by commit {name}; again: {_VARIABLE}={number}"
