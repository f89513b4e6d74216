"""A pull of a hundred layers on a terminal that takes 25 KB a second."""

import sys
from pathlib import Path

from tests.bench.terminal import TerminalSession
from tests.ui.test_terminal_real import ends_well, environment, sees

RATE = 25_000
COMMAND = (sys.executable, "-m", "tests.bench.pull_program")


def test_keys_are_answered_while_a_hundred_layers_are_pulled(tmp_path: Path) -> None:
    settings = {**environment("unix:///nowhere.sock", tmp_path), "PYTHONPATH": str(Path.cwd())}
    with TerminalSession(COMMAND, (80, 24), settings, rate=RATE) as terminal:
        sees(terminal, "live", "app00")
        terminal.press("p")
        sees(terminal, "a tag or a digest is wanted")
        terminal.press("big:1<enter>")
        sees(terminal, "enter: do it")
        terminal.press("<enter>")
        sees(terminal, "pull big:1 ")
        terminal.press("2")  # the pull goes on until it is stopped: all of this is answered meanwhile
        sees(terminal, "DIGEST", "app00:1", "pull big:1")
        terminal.press("G")
        sees(terminal, "> ", "app19:1", "pull big:1")
        terminal.press("5")
        sees(terminal, "1 job, 1 running", "downloading", "more: ")
        terminal.press("<enter>")
        sees(terminal, "follow")
        terminal.press("<esc>")
        sees(terminal, "1 job, 1 running")
        terminal.press("x")
        sees(terminal, "1 job, 0 running", "stopped by hand")
        terminal.press("<esc>")
        sees(terminal, "app19:1")
        terminal.press("qq")
        ends_well(terminal)
