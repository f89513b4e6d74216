"""Containers in the terminal of the explorer, which steps aside and comes back: real pty, real engines."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bench.terminal import TerminalSession
from tests.engine.contract.hands import connect
from tests.engines import content
from tests.engines.kinds import PODMANS
from tests.engines.private import PrivateEngine
from tests.engines.waiting import wait_until
from tests.ui.test_terminal_real import IMGTUI, SIZE, ends_well, environment, sees

pytestmark = pytest.mark.in_turn

ALT_SCREEN = b"\x1b[?1049h"


@pytest.fixture
def image(real_engine: PrivateEngine, request: pytest.FixtureRequest) -> Iterator[str]:
    """A repository with one version that has a shell; its containers go after the test."""
    name = f"attach-{abs(hash(request.node.nodeid)) % 10**8}"
    content.build(real_engine, f"{name}:1", version=name)
    yield name
    for container in containers(real_engine, name):
        real_engine.docker("rm", "--force", "--volumes", container)


def containers(engine: PrivateEngine, name: str) -> list[str]:
    """Names of the containers of exactly a repository's image, running or not."""
    image, adapter = content.image_id(engine, f"{name}:1"), connect(engine)
    try:
        return [found.name for found in adapter.containers() if found.image_id == image]
    finally:
        adapter.close()


def env(engine: PrivateEngine, home: Path, *, client: bool = True) -> Mapping[str, str]:
    path = f"{engine.programs}/usr/bin:{os.environ['PATH']}" if client else "/nowhere"
    return {**environment(engine.host, home), "PATH": path}


@contextmanager
def at_version(
    engine: PrivateEngine, home: Path, name: str, *, client: bool = True
) -> Iterator[TerminalSession]:
    """imgtui with the cursor on the one version of a repository."""
    with TerminalSession([str(IMGTUI)], SIZE, env(engine, home, client=client)) as terminal:
        sees(terminal, "live")
        terminal.press(f"/{name}<enter>")
        sees(terminal, "filtered")
        terminal.press("j")
        sees(terminal, f"{name}  1 version", f"> {short(engine, name)}")
        terminal.press("2")
        yield terminal


def short(engine: PrivateEngine, name: str) -> str:
    return content.image_id(engine, f"{name}:1")[7:19]


def sent_since(terminal: TerminalSession, start: int) -> bytes:
    terminal.receive()
    return b"".join(output.data for output in terminal.outputs[start:])


def test_a_shell_has_the_terminal_and_the_explorer_shows_afterwards_what_happened(
    real_engine: PrivateEngine, tmp_path: Path, image: str
) -> None:
    with at_version(real_engine, tmp_path, image) as terminal:
        terminal.press("E")
        sees(terminal, "/ #")
        start = len(terminal.outputs)
        # The docker command sets the size after the start.
        terminal.press(
            "cat /etc/version; until busybox stty size | busybox grep 100; do sleep 1; done<enter>"
        )
        sees(terminal, image, "30 100")
        (running,) = containers(real_engine, image)
        assert running.startswith("imgtui-shell-")
        real_engine.docker("tag", f"{image}:1", f"{image}:meanwhile")
        terminal.press("while :; do echo turn-$((1+1)); sleep 1; done<enter>")
        sees(terminal, "turn-2")
        terminal.press("<ctrl+c>")
        terminal.press("echo still-$((20+3))<enter>")
        sees(terminal, "still-23")
        assert ALT_SCREEN not in sent_since(terminal, start)
        assert b"meanwhile" not in sent_since(terminal, start)
        terminal.press("exit<enter>")
        sees(terminal, "has ended, and is gone", "meanwhile", "live")
        assert containers(real_engine, image) == []
        terminal.press("q")
        terminal.press("q")
        ends_well(terminal)


def test_detached_it_goes_on_and_is_looked_at(real_engine: PrivateEngine, tmp_path: Path, image: str) -> None:
    with at_version(real_engine, tmp_path, image) as terminal:
        terminal.press("r")
        sees(terminal, f"docker run -d --name {image}")
        terminal.press("<up><up><up>")
        terminal.press("<space>")
        sees(terminal, f"docker run -it --name {image}")
        terminal.press("<enter>")
        sees(terminal, "/ #")
        terminal.press("echo said-$((20+3))<enter>")
        sees(terminal, "said-23")
        terminal.press("<ctrl+p><ctrl+q>")
        sees(terminal, "running", "said-23", "d stop and remove")
        (launched,) = containers(real_engine, image)
        assert launched.startswith(f"{image}-")
        terminal.press("q")
        sees(terminal, f"> {short(real_engine, image)}")


@pytest.mark.parametrize("remove", [False, True], ids=["stays", "rm"])
def test_what_the_engine_cannot_start_is_removed_and_the_reason_said(
    real_engine: PrivateEngine, tmp_path: Path, image: str, remove: bool
) -> None:
    with at_version(real_engine, tmp_path, image) as terminal:
        terminal.press("r")
        sees(terminal, f"docker run -d --name {image}")
        terminal.press("<down>/no/such/program<up><up><up>")
        if remove:
            terminal.press("<space>")
        terminal.press("<up><space>")
        sees(terminal, "docker run -it", "--rm" if remove else "", "/no/such/program")
        terminal.press("<enter>")
        reason = "409" if real_engine.kind in PODMANS else "/no/such/program"
        sees(terminal, "did not start and was removed", reason)
        assert containers(real_engine, image) == []


def test_without_a_docker_command_it_says_so_and_makes_nothing(
    docker28_overlay2: PrivateEngine, tmp_path: Path
) -> None:
    content.build(docker28_overlay2, "attach-none:1", version="none")
    with at_version(docker28_overlay2, tmp_path, "attach-none", client=False) as terminal:
        terminal.press("E")
        sees(terminal, "no docker command is on this machine")
        assert containers(docker28_overlay2, "attach-none") == []


def test_a_signal_to_end_ends_the_shell_and_leaves_the_terminal_as_it_was(
    real_engine: PrivateEngine, tmp_path: Path, image: str
) -> None:
    with at_version(real_engine, tmp_path, image) as terminal:
        terminal.press("E")
        sees(terminal, "/ #")
        os.kill(terminal.pid, signal.SIGTERM)
        ends_well(terminal)
    nothing_stays(real_engine, tmp_path, image)


def test_what_a_killed_imgtui_leaves_the_next_one_removes(
    real_engine: PrivateEngine, tmp_path: Path, image: str
) -> None:
    with at_version(real_engine, tmp_path, image) as terminal:
        terminal.press("E")
        sees(terminal, "/ #")
        os.kill(terminal.pid, signal.SIGKILL)
        assert terminal.wait_end(30.0) is not None
    nothing_stays(real_engine, tmp_path, image)


def nothing_stays(engine: PrivateEngine, home: Path, image: str) -> None:
    """The next imgtui removes what the last one could not."""
    with TerminalSession([str(IMGTUI)], SIZE, env(engine, home)) as terminal:
        sees(terminal, "live")
        wait_until(lambda: containers(engine, image) == [], "nothing left behind")
