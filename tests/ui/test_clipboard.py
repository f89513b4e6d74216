"""Copying: what tmux has taken is told as copied, everything else as sent to the terminal."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from textual.drivers.headless_driver import HeadlessDriver

from imgtui.ui.clipboard import driver_of, enveloped, said, to_tmux
from tests.engines.waiting import wait_until

COPY = "\x1b]52;c;aGVsbG8=\a"


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a program in a tmux of its own."""
    if shutil.which("tmux") is None:
        pytest.skip("there is no tmux here")
    base = ["tmux", "-S", str(tmp_path / "socket")]
    subprocess.run([*base, "-f", "/dev/null", "new-session", "-d", "sleep 1000"], check=True, timeout=20)
    inside = f"{tmp_path / 'socket'},1,0"
    yield {**os.environ, "TMUX": inside}
    subprocess.run([*base, "kill-server"], check=True, timeout=20)


def test_tmux_has_what_was_copied(tmux: dict[str, str]) -> None:
    assert to_tmux("sha256:1 'and' $more", tmux)
    shown = subprocess.run(
        ["tmux", "-S", tmux["TMUX"].partition(",")[0], "show-buffer"],
        capture_output=True, text=True, check=True, timeout=20,
    )  # fmt: skip
    assert shown.stdout == "sha256:1 'and' $more"


def test_a_tmux_that_is_gone_has_taken_nothing(tmp_path: Path) -> None:
    assert not to_tmux("text", {**os.environ, "TMUX": f"{tmp_path / 'nowhere'},1,0"})
    assert not to_tmux("text", {"PATH": os.environ["PATH"]})
    assert not to_tmux("text", {"PATH": "/nowhere", "TMUX": "x"})


def test_a_tmux_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "tmux"
    started = tmp_path / "started"
    fake.write_text(f"#!/bin/sh\necho > {started}\nexec sleep 1000\n")
    fake.chmod(0o755)
    monkeypatch.setattr("imgtui.ui.clipboard.SECONDS", 0.2)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert not to_tmux("text", {**os.environ, "TMUX": "x"})
    wait_until(started.exists, "that it was started")


def test_what_the_terminal_shall_copy_comes_through_tmux_and_screen() -> None:
    assert enveloped(f"a{COPY}b", {}) == f"a{COPY}b"
    assert enveloped(f"a{COPY}b", {"TMUX": "x"}) == f"a\x1bPtmux;\x1b{COPY}\x1b\\b"
    assert enveloped(f"a{COPY}b", {"STY": "x"}) == f"a\x1bP{COPY}\x1b\\b"
    long = f"\x1b]52;c;{'QUJD' * 100}\a"
    pieces = enveloped(long, {"STY": "x"}).split("\x1b\\")
    assert "".join(piece.removeprefix("\x1bP") for piece in pieces) == long
    assert max(map(len, pieces)) <= 78
    assert enveloped("nothing \x1b[1m of it", {"TMUX": "x"}) == "nothing \x1b[1m of it"


def shown_by_screen(data: str, folder: Path) -> str:
    """What the terminal of a GNU screen gets that runs a program which writes this."""
    if shutil.which("screen") is None:
        pytest.skip("there is no GNU screen here")
    environ = {**os.environ, "SCREENDIR": str(folder), "TERM": "xterm", "DATA": data}
    ours, theirs = pty.openpty()
    program = ["sh", "-c", 'printf %s "$DATA"; echo "the end"']
    with subprocess.Popen(
        ["screen", "-c", "/dev/null", *program],
        stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True,
    ) as screen:  # fmt: skip
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # nobody holds the other end any more
            while more := os.read(ours, 65536):
                shown += more
        os.close(ours)
        screen.wait(20)
    assert b"the end" in shown
    return shown.decode()


def test_the_terminal_of_gnu_screen_gets_what_it_shall_copy_and_would_not_without(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    long = f"\x1b]52;c;{'QUJD' * 100}\a"
    assert long in shown_by_screen(enveloped(long, {"STY": "x"}), tmp_path)
    assert long not in shown_by_screen(long, tmp_path)


def test_the_driver_is_textuals_but_for_that() -> None:
    assert issubclass(driver_of(HeadlessDriver, {}), HeadlessDriver)


def test_only_what_something_has_taken_is_copied() -> None:
    assert said("x", taken=True) == "copied to tmux: x"
    assert said("x", taken=False) == "sent to the terminal (OSC 52): x"
