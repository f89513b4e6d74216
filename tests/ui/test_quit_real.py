"""The explorer is ended in the middle of a roll back: real terminal, real engine."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.bench.terminal import TerminalSession
from tests.engine.contract.rolling import Site
from tests.engines.private import PrivateEngine
from tests.engines.waiting import PATIENCE
from tests.ui.test_terminal_real import IMGTUI, environment, sees


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["SIGTERM", "SIGHUP"])
def test_a_signal_in_the_middle_of_a_roll_back_puts_everything_back(
    docker28_overlay2: PrivateEngine, tmp_path: Path, number: signal.Signals
) -> None:
    site = Site(docker28_overlay2, tmp_path, f"quit-{number.name.lower()}")
    site.run("--restart=always")
    with TerminalSession([str(IMGTUI)], (80, 24), environment(site.real.host, tmp_path)) as terminal:
        sees(terminal, "live")
        terminal.press(f"4/{site.api}<enter>r")
        sees(terminal, f"Roll {site.api} back")
        terminal.press("<enter>")
        sees(terminal, "enter: do it")
        terminal.press("<enter>")
        sees(terminal, f"{site.api} runs: settling")
        assert site.seen().running == {site.api: site.old}
        os.kill(terminal.pid, number)
        assert terminal.wait_end(PATIENCE) is not None
    assert site.seen() == site.as_it_was("always")
    assert not site.unfinished
    site.clean()
    site.engine.close()
