"""Every run ends: what a test may take at most, and a whole run in which nothing happens any more.

One test is interrupted by pytest-timeout (`timeout` in pyproject.toml), its clean-up included: it fails with
the stacks of all threads. What hangs outside a test (a worker that does not end) is seen here: the run is
interrupted, so that it still tells what it has found.
"""

import signal
from dataclasses import dataclass, field
from typing import Final

import pytest

QUIET_SECONDS: Final = 1200
"""Without a report for so long, a run is interrupted: longer than `timeout` in pyproject.toml."""


@dataclass(eq=False)
class Limits:
    """Shows each failure at once, and interrupts a run of workers in which nothing is reported any more."""

    terminal: pytest.TerminalReporter
    seconds: int = QUIET_SECONDS
    _open: dict[str, str] = field(default_factory=dict)
    """The tests whose clean-up has not been reported, with the last phase that was."""

    def pytest_sessionstart(self) -> None:
        """Begin to watch."""
        signal.signal(signal.SIGALRM, self._interrupt)
        signal.alarm(self.seconds)

    def pytest_sessionfinish(self) -> None:
        """End the watch."""
        signal.alarm(0)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Wait anew; show a failure now, which otherwise stands at the end alone."""
        signal.alarm(self.seconds)
        if report.when == "teardown":
            self._open.pop(report.nodeid, None)
        else:
            self._open[report.nodeid] = str(report.when)
        if report.failed:
            self.terminal.write_line(f"\nFAILED at {report.when}: {report.nodeid}\n{report.longreprtext}")

    def _interrupt(self, *_: object) -> None:
        self.terminal.write_line(f"\nNothing was reported for {self.seconds} s: the run is interrupted.")
        for node_id, phase in self._open.items():
            self.terminal.write_line(f"not ended since its {phase}: {node_id}")
        raise KeyboardInterrupt


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Listen where all reports arrive, if there are workers."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal and not hasattr(config, "workerinput") and config.getoption("numprocesses", None):
        config.pluginmanager.register(Limits(terminal), "imgtui-limits")
