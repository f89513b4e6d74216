"""The installed command in a real terminal, on real engines."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bench.terminal import TerminalSession
from tests.engines import content
from tests.engines.private import PrivateEngine
from tests.engines.waiting import PATIENCE

IMGTUI = Path(sys.executable).with_name("imgtui")
SECONDS = PATIENCE
SIZE = (100, 30)


def environment(host: str, home: Path) -> Mapping[str, str]:
    return {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home),
        "DOCKER_CONFIG": str(home),
        "DOCKER_HOST": host,
    }


@contextmanager
def imgtui(host: str, home: Path, *arguments: str) -> Iterator[TerminalSession]:
    with TerminalSession([str(IMGTUI), *arguments], SIZE, environment(host, home)) as terminal:
        yield terminal


def sees(terminal: TerminalSession, *texts: str) -> None:
    shown = terminal.wait_until(lambda lines: all(any(t in line for line in lines) for t in texts), SECONDS)
    assert shown is not None, f"not within {SECONDS:g} s: {texts}\n" + "\n".join(terminal.screen.lines)


def ends_well(terminal: TerminalSession, status: int = 0) -> None:
    """The program has ended, and the terminal is as it was before."""
    ending = terminal.wait_end(SECONDS)
    sent = b"".join(output.data for output in terminal.outputs)
    assert ending is not None
    assert ending.status == status, sent[-4000:].decode(errors="replace")
    assert ending.cooked
    for on, off in (
        (b"\x1b[?1049h", b"\x1b[?1049l"),
        (b"\x1b[?25l", b"\x1b[?25h"),
        (b"\x1b[?1003h", b"\x1b[?1003l"),
    ):
        assert sent.rfind(off) > sent.rfind(on), off


def test_it_follows_an_engine_that_goes_away_and_comes_back(
    own_engine: PrivateEngine, tmp_path: Path
) -> None:
    content.import_tar(own_engine, "app:1", {"file": b"one"})
    with imgtui(own_engine.host, tmp_path) as terminal:
        sees(terminal, "live", "app")
        terminal.press("2")
        sees(terminal, "app:1")
        own_engine.docker("tag", "app:1", "app:outside")
        sees(terminal, "outside")
        own_engine.kill()
        sees(terminal, "STALE", "outside")
        own_engine.start()
        sees(terminal, "live")
        own_engine.docker("tag", "app:1", "back:again")
        sees(terminal, "back:again")
        terminal.press("q")
        terminal.press("q")
        ends_well(terminal)


def test_a_signal_to_end_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    with imgtui("unix:///nowhere.sock", tmp_path, "--demo") as terminal:
        sees(terminal, "live", "myapp")
        os.kill(terminal.pid, signal.SIGTERM)
        ends_well(terminal)


def test_without_an_engine_the_demo_is_one_key_away(tmp_path: Path) -> None:
    with imgtui("unix:///nowhere.sock", tmp_path) as terminal:
        sees(terminal, "no socket at /nowhere.sock", "demo")
        terminal.press("d")
        sees(terminal, "live", "myapp")
        terminal.press("q")
        ends_well(terminal)


@contextmanager
def hung_engine(folder: Path) -> Iterator[str]:
    """A socket that takes every connection and never answers."""
    taken: list[socket.socket] = []
    path = folder / "hung.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def take() -> None:
            while True:
                try:
                    taken.append(listener.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield f"unix://{path}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in taken:
                connection.close()


def test_an_engine_that_never_answers_keeps_nobody_from_quitting(tmp_path: Path) -> None:
    with hung_engine(tmp_path) as host, imgtui(host, tmp_path) as terminal:
        sees(terminal, "connecting")
        terminal.press("q")
        ends_well(terminal)


@pytest.mark.parametrize("size", [(80, 24), (60, 16)])
def test_it_opens_in_a_small_terminal(tmp_path: Path, size: tuple[int, int]) -> None:
    with TerminalSession(
        [str(IMGTUI), "--demo"], size, environment("unix:///nowhere.sock", tmp_path)
    ) as terminal:
        sees(terminal, "live", "myapp")
        terminal.press("2")
        sees(terminal, "DIGEST")
        terminal.press("q")
        terminal.press("q")
        ends_well(terminal)
