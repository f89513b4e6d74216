"""What is copied reaches the terminal through a real tmux, GNU screen and mosh."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bench.terminal import TerminalSession
from tests.engines.fixtures import selected_kinds
from tests.engines.provision import terminal_programs
from tests.engines.waiting import wait_until
from tests.ui.test_terminal_real import IMGTUI, SIZE, environment, sees

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@pytest.fixture
def programs(tmp_path: Path) -> tuple[Path, Mapping[str, str]]:
    """Where the programs are, and the environment in which they find what they need."""
    if not selected_kinds():
        pytest.skip("downloads what it needs, which is left out")
    root = terminal_programs()
    libraries = ":".join(str(path) for path in root.rglob("lib/*-linux-gnu"))
    folder = tmp_path / "screen"
    folder.mkdir(mode=0o700)
    own = {"LD_LIBRARY_PATH": libraries, "SCREENDIR": str(folder), "LC_ALL": "C.UTF-8"}
    return root / "usr/bin", {**environment("unix:///nowhere.sock", tmp_path), **own}


def copied_through(terminal: TerminalSession) -> str:
    """Copy a digest; what the outer terminal was told to copy."""
    sees(terminal, "Repositories", "myapp", "versions")
    terminal.press("2")
    terminal.press("y")
    sees(terminal, "digest")
    terminal.press("<enter>")
    sees(terminal, "sha256:")
    found: list[bytes] = []

    def told() -> bool:
        terminal.receive()
        sent = b"".join(output.data for output in terminal.outputs)
        found[:] = re.findall(rb"\x1b\]52;c?;([A-Za-z0-9+/=]+)(?:\a|\x1b\\)", sent)
        return bool(found)

    wait_until(told, "what shall be copied")
    return base64.b64decode(found[-1]).decode()


def test_gnu_screen_hands_it_on(programs: tuple[Path, Mapping[str, str]]) -> None:
    folder, environ = programs
    command = [str(folder / "screen"), "-S", "imgtui"]
    with TerminalSession([*command, "-c", "/dev/null", str(IMGTUI), "--demo"], SIZE, environ) as terminal:
        try:
            assert DIGEST.fullmatch(copied_through(terminal))
        finally:
            subprocess.run([*command, "-X", "quit"], env=environ, check=True, stdout=subprocess.DEVNULL)


def test_mosh_hands_it_on(programs: tuple[Path, Mapping[str, str]]) -> None:
    folder, environ = programs
    with mosh_server(folder, environ) as (port, key):
        command = [str(folder / "mosh-client"), "127.0.0.1", port]
        with TerminalSession(command, SIZE, {**environ, "MOSH_KEY": key}) as terminal:
            assert DIGEST.fullmatch(copied_through(terminal))
            terminal.press("q")
            terminal.press("q")
            sees(terminal, "[mosh is exiting.]")


def test_tmux_hands_on_what_it_has_taken(programs: tuple[Path, Mapping[str, str]], tmp_path: Path) -> None:
    _, environ = programs
    tmux = shutil.which("tmux")
    if tmux is None:
        pytest.skip("there is no tmux here")
    command = [tmux, "-f", "/dev/null", "-S", str(tmp_path / "tmux")]
    with TerminalSession([*command, "new-session", f"{IMGTUI} --demo"], SIZE, environ) as terminal:
        try:
            copied = copied_through(terminal)
            kept = subprocess.run([*command, "show-buffer"], capture_output=True, text=True, check=True)
        finally:
            subprocess.run([*command, "kill-server"], check=True)
        assert DIGEST.fullmatch(copied)
        assert kept.stdout == copied


@contextmanager
def mosh_server(folder: Path, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """A mosh that runs the explorer; its port and key. It ends with the explorer."""
    command = [str(folder / "mosh-server"), "new", "-i", "127.0.0.1", "--", str(IMGTUI), "--demo"]
    begun = subprocess.run(
        command, env=environ, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL
    )
    connect = re.search(r"^MOSH CONNECT (\d+) (\S+)", begun.stdout, re.MULTILINE)
    detached = re.search(r"detached, pid = (\d+)", begun.stderr)
    assert connect, begun.stderr
    assert detached, begun.stderr
    try:
        yield connect[1], connect[2]
    finally:
        server = Path("/proc", detached[1])
        wait_until(lambda: not server.exists(), "the end of mosh")
