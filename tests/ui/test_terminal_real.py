"""The installed command in a real terminal, on real engines."""

import os
import re
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
from tests.engines.waiting import PATIENCE, wait_until

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


def test_ctrl_z_gives_the_terminal_back_to_the_shell_and_fg_comes_back(tmp_path: Path) -> None:
    shell = ["bash", "--norc", "--noprofile", "-i"]
    environ = {**environment("unix:///nowhere.sock", tmp_path), "PS1": "at-the-prompt> "}
    with TerminalSession(shell, SIZE, environ) as terminal:
        sees(terminal, "at-the-prompt>")
        for stop in ("<ctrl+z>", ""):
            terminal.press(f"{IMGTUI} --demo<enter>" if stop else "fg<enter>")
            # All is learned: from here on nothing changes that would be painted for another reason.
            sees(terminal, "Repositories", "myapp", "reclaimable")
            start = len(terminal.outputs)
            terminal.press(stop or "q")
            sees(terminal, "Stopped" if stop else "at-the-prompt>")
            sent = b"".join(output.data for output in terminal.outputs[start:])
            for off in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1004l"):
                assert off in sent, off
            terminal.press("echo typed-$((40 + 2))<enter>")
            sees(terminal, "typed-42")
        terminal.press("exit<enter>")
        assert terminal.wait_end(SECONDS) is not None


def test_a_lost_link_leaves_a_shell_that_can_be_typed_at(tmp_path: Path) -> None:
    shell = ["bash", "--norc", "--noprofile", "-i"]
    environ = {**environment("unix:///nowhere.sock", tmp_path), "PS1": "at-the-prompt> ", "HISTFILE": ""}
    with TerminalSession(shell, SIZE, environ) as terminal:
        sees(terminal, "at-the-prompt>")
        terminal.press(f"SSH_CONNECTION=x {IMGTUI} --demo<enter>")
        sees(terminal, "Repositories", "myapp", "versions")
        (pid,) = Path(f"/proc/{terminal.pid}/task/{terminal.pid}/children").read_text().split()
        os.kill(int(pid), signal.SIGKILL)
        sees(terminal, "Killed")
        words = "-".join(f"word{number}" for number in range(20))
        terminal.press(f"echo begin {words} typed-$((40 + 2))<enter>")
        sees(terminal, "typed-42")
        (at,) = (n for n, line in enumerate(terminal.screen.lines) if "echo begin" in line)
        assert words in "".join(terminal.screen.lines[at : at + 2])
        terminal.press("exit<enter>")
        assert terminal.wait_end(SECONDS) is not None


QUITTING = ("q", "qq", "<esc>q!")
OTHERS = ("2jLq", "/api<enter>", "4jd", "?down", "@ZzFxbtDBVwWR")


@pytest.mark.parametrize("typed", [*QUITTING, *OTHERS])
def test_keys_that_are_typed_before_anything_is_seen_are_no_error(tmp_path: Path, typed: str) -> None:
    with imgtui("unix:///nowhere.sock", tmp_path, "--demo") as terminal:
        terminal.press(typed)
        if typed in OTHERS:
            terminal.wait_until(lambda lines: any("\u2500" in line or "│" in line for line in lines), SECONDS)
            terminal.press("<ctrl+c>")
        ending = terminal.wait_end(SECONDS)
        assert ending is not None
        sent = b"".join(output.data for output in terminal.outputs)
        assert ending.status == 0, sent[-4000:].decode(errors="replace")
        assert ending.cooked
        assert b"Traceback" not in sent
        assert b"NoMatches" not in sent


@pytest.mark.parametrize("remote", [False, True])
def test_over_ssh_the_keyboard_stays_as_it_was(tmp_path: Path, remote: bool) -> None:
    """Where the link is lost nobody switches off what makes the shell's own lines and keys strange."""
    ssh = {"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"} if remote else {}
    environ = {**environment("unix:///nowhere.sock", tmp_path), **ssh}
    with TerminalSession([str(IMGTUI), "--demo"], SIZE, environ) as terminal:
        sees(terminal, "Repositories", "myapp")
        terminal.press("q")
        ending = terminal.wait_end(SECONDS)
        assert ending is not None
        assert (ending.status, ending.cooked) == (0, True)
        sent = b"".join(output.data for output in terminal.outputs)
        strange = re.findall(
            rb"\x1b\[(?:>\d+u|\?2048\$?[ph]|\?(?:1000|1002|1003|1004|1006|1015)h|\?7l)", sent
        )
        assert (strange == []) is remote, strange
        # A key that is pressed while it ends is a plain one before the terminal echoes again.
        assert -1 < sent.find(b"\x1b[<u") < sent.find(b"\x1b[?2004l") < sent.find(b"\x1b[?1049l")


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


@pytest.fixture
def engine_without_rules(docker28_containerd: PrivateEngine) -> Iterator[PrivateEngine]:
    """An engine that deletes what a rebuild replaces; what a rule kept of other tests is let go."""
    yield docker28_containerd
    names = docker28_containerd.docker("image", "ls", "-a", "--format", "{{.Repository}}:{{.Tag}}").split()
    if kept := [name for name in names if name.startswith("imgtui.invalid/rule/")]:
        docker28_containerd.docker("rmi", "--no-prune", *kept)


def reads(terminal: TerminalSession, text: str) -> None:
    """Wait until a text is there, which may go on in the next line."""
    shown = terminal.wait_until(lambda lines: text in " ".join(line.strip() for line in lines), SECONDS)
    assert shown is not None, f"not within {SECONDS:g} s: {text}\n" + "\n".join(terminal.screen.lines)


def test_a_first_start_offers_a_rule_and_writes_nothing_into_the_engine_before(
    engine_without_rules: PrivateEngine, tmp_path: Path
) -> None:
    engine, config = engine_without_rules, tmp_path / ".config/imgtui/config.toml"
    content.import_tar(engine, "first-start:1", {"file": b"one"})
    kept = "imgtui.invalid/rule/docker.io/library/first-start"
    with imgtui(engine.host, tmp_path) as terminal:
        sees(terminal, "live", "no keep rule")
        reads(terminal, "M: keep the last 5 of every repository")
        assert kept not in engine.docker("image", "ls", "-a")
        terminal.press("M")
        sees(terminal, "[[keep]]", "enter: do it")
        terminal.press("\r")
        reads(terminal, "kept from now on")
        wait_until(lambda: kept in engine.docker("image", "ls", "-a"), "the keep")
        config.write_text("[[keep]]\nlast = 5\n")
        reads(terminal, "line 1: this keep rule needs a repository")
        terminal.press("qq")
        ends_well(terminal)
    with imgtui(engine.host, tmp_path) as terminal:
        sees(terminal, "live")
        reads(terminal, "line 1: this keep rule needs a repository")
        terminal.press("q")
        ends_well(terminal)
