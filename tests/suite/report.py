"""What is told at the end of a run: the slowest tests, the time of each engine, and what was skipped."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Final

import pytest

from tests.suite.sample import TAKEN
from tests.suite.units import place_of, write_durations

SLOWEST: Final = 20
TABLE: Final = "a table"
"""The property of a test's report that counts what it has found, in one line."""


@dataclass(eq=False)
class Told:
    """What the reports of all workers add up to."""

    tests: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Seconds of set-up, call and clean-up by node ID."""
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Tests by lane and reason."""
    taken: dict[str, str] = field(default_factory=dict)
    """How many moments of how many a test went through, by node ID."""
    tables: dict[str, str] = field(default_factory=dict)
    """What a test has counted, by node ID."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add a report up."""
        self.tests[report.nodeid] += report.duration
        if report.skipped and isinstance(report.longrepr, tuple):
            self.skipped[place_of(report.nodeid).lane, report.longrepr[2]] += 1
        for name, value in report.user_properties:
            if name == TAKEN:
                self.taken[report.nodeid] = str(value)
            if name == TABLE:
                self.tables[report.nodeid] = str(value)

    def functions(self) -> dict[str, float]:
        """Seconds by `Place.key`."""
        found: dict[str, float] = defaultdict(float)
        for node_id, seconds in self.tests.items():
            found[place_of(node_id).key] += seconds
        return found

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print all of it."""
        if not self.tests:
            return
        write = terminalreporter.write_line
        terminalreporter.write_sep("=", f"the slowest {SLOWEST} tests")
        for node_id, seconds in sorted(self.tests.items(), key=lambda each: -each[1])[:SLOWEST]:
            write(f"{seconds:8.1f} s  {node_id}")
        terminalreporter.write_sep("=", "the time of each engine")
        for lane, seconds, number in self._lanes():
            write(f"{seconds:8.1f} s  {lane or 'none'} ({number} tests)")
        if self.taken:
            terminalreporter.write_sep("=", "moments of a matrix that were gone through")
            for node_id, taken in sorted(self.taken.items()):
                write(f"{taken:>10}  {node_id}")
        if self.tables:
            terminalreporter.write_sep("=", "what was counted")
            for node_id, counted in sorted(self.tables.items()):
                write(f"{node_id}: {counted}")
        if self.skipped:
            terminalreporter.write_sep("=", "what was not looked at")
            for (lane, reason), number in sorted(self.skipped.items()):
                write(f"{number:6}  {lane or 'without an engine'}: {reason.removeprefix('Skipped: ')}")

    def _lanes(self) -> list[tuple[str, float, int]]:
        seconds: dict[str, float] = defaultdict(float)
        number = Counter[str]()
        for node_id, taken in self.tests.items():
            lane = place_of(node_id).lane
            seconds[lane] += taken
            number[lane] += 1
        return sorted((lane, seconds[lane], number[lane]) for lane in seconds)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-durations",
        action="store_true",
        help="keep how long each test function took, by which the next runs are ordered",
    )


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Listen where all reports arrive: not in the workers."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(told := Told(), "imgtui-told")
        if config.getoption("--write-durations"):
            config.add_cleanup(lambda: write_durations(told.functions()))
