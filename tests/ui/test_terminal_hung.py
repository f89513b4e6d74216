"""An engine that stops answering in the middle: the program stays usable, and ends at once."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.bench.engine_api import EngineApi
from tests.bench.traffic import EngineProxy
from tests.engines import content
from tests.engines.private import PrivateEngine
from tests.ui.test_terminal_real import ends_well, imgtui, sees


def test_one_can_look_around_and_quit_while_the_engine_hangs(
    docker28_overlay2: PrivateEngine, tmp_path: Path
) -> None:
    content.import_tar(docker28_overlay2, "hung-app:1", {"file": b"one"})
    content.import_tar(docker28_overlay2, "hung-app:2", {"file": b"two"})
    with EngineProxy(EngineApi(docker28_overlay2.host)) as proxy, imgtui(proxy.host, tmp_path) as terminal:
        sees(terminal, "live", "hung-app")
        proxy.hang()
        terminal.press("R")
        sees(terminal, "connecting", "hung-app")
        terminal.press("2")
        terminal.press("/hung-app tag:app:1<enter>")
        sees(terminal, "hung-app:1", "  1 of ", "filtered")
        terminal.press("q")
        terminal.press("q")
        ends_well(terminal)


def test_a_lost_connection_of_the_terminal_ends_the_program(tmp_path: Path) -> None:
    with imgtui("unix:///nowhere.sock", tmp_path, "--demo") as terminal:
        sees(terminal, "live", "myapp")
        os.kill(terminal.pid, signal.SIGHUP)
        ends_well(terminal)


def test_ctrl_c_ends_the_program_from_anywhere(tmp_path: Path) -> None:
    with imgtui("unix:///nowhere.sock", tmp_path, "--demo") as terminal:
        sees(terminal, "live", "myapp")
        terminal.press("?")
        sees(terminal, "WHAT IT DOES")
        terminal.press("<ctrl+c>")
        ends_well(terminal)
