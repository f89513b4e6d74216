"""A rebuild by keys, in a real terminal and on real engines: the whole of it, as a person lives it."""

from __future__ import annotations

import os
from pathlib import Path

from imgtui.model.core.digest import short
from tests.bench.terminal import TerminalSession
from tests.engines import content
from tests.engines.private import PrivateEngine
from tests.engines.waiting import wait_until
from tests.ui.test_terminal_real import IMGTUI, SECONDS, SIZE, environment, sees

DOCKERFILE = """\
FROM scratch
COPY bin /bin
COPY etc /etc
CMD ["sh"]
"""
SLOW = f'{DOCKERFILE}RUN ["/bin/busybox", "sleep", "600"]\n'


def opened(engine: PrivateEngine, home: Path) -> TerminalSession:
    """imgtui on an engine, with the docker command that fits it first in its way."""
    programs = engine.programs / "usr/bin"
    environ = {
        **environment(engine.host, home),
        "PATH": f"{programs}:{os.environ['PATH']}",
        "DOCKER_CONFIG": engine.env["DOCKER_CONFIG"],
    }
    return TerminalSession([str(IMGTUI), "--state", str(home / "state")], SIZE, environ)


def built(engine: PrivateEngine, folder: Path, text: str, dockerfile: str = DOCKERFILE) -> str:
    """Have `myapp:1.0` built from a folder by somebody else; its ID."""
    folder.mkdir()
    content.write_context(folder, version=text, dockerfile=dockerfile)
    engine.docker("build", "-q", "-t", "myapp:1.0", str(folder))
    return content.image_id(engine, "myapp:1.0")


def typed(terminal: TerminalSession, text: str) -> None:
    for character in text:
        terminal.press(character)


def form_of_the_version(terminal: TerminalSession, folder: Path, before: str) -> None:
    """Open the form; where no builder remembers the folder, it is typed."""
    sees(terminal, "live", "myapp")
    terminal.press("2")
    sees(terminal, short(before))
    terminal.press("B")
    sees(terminal, f"Rebuild {short(before)}")
    unknown, ready = "nothing tells the context", "enter build"
    shown = terminal.wait_until(
        lambda lines: any(text in line for line in lines for text in (unknown, ready)), SECONDS
    )
    assert shown is not None
    if any(unknown in line for line in terminal.screen.lines):
        typed(terminal, str(folder))
    sees(terminal, "build -t myapp:1.0", ready)


def test_build_look_change_rebuild_and_see_what_became_of_it(
    own_engine: PrivateEngine, tmp_path: Path
) -> None:
    folder = tmp_path / "c"
    before = built(own_engine, folder, "one")
    with opened(own_engine, tmp_path) as terminal:
        form_of_the_version(terminal, folder, before)
        (folder / "etc/version").write_text("two, which is longer\n")
        terminal.press("<enter>")
        sees(terminal, "the content differs", "reused", "1 layer", "moved", "z undo", "r run it")
        after = content.image_id(own_engine, "myapp:1.0")
        assert after != before
        sees(terminal, f"{short(before)} -> {short(after)}")
        assert own_engine.docker("image", "inspect", before)
        terminal.press("z")
        sees(terminal, "undo the rebuild", "enter: do it")
        terminal.press("<enter>")
        wait_until(lambda: content.image_id(own_engine, "myapp:1.0") == before, "the tag back")
        sees(terminal, "done")


def test_an_engine_that_dies_in_the_middle_leaves_tag_and_digest_as_they_were(
    own_engine: PrivateEngine, tmp_path: Path
) -> None:
    folder = tmp_path / "c"
    before = built(own_engine, folder, "one")
    with opened(own_engine, tmp_path) as terminal:
        form_of_the_version(terminal, folder, before)
        (folder / "Dockerfile").write_text(SLOW)
        terminal.press("<enter>")
        sees(terminal, "rebuild myapp:1.0 …")
        terminal.press("5")
        sees(terminal, "rebuild myapp:1.0", "running")
        wait_until(lambda: "imgtui.invalid" in own_engine.docker("images"), "the keep")
        own_engine.kill()
        sees(terminal, "failed")
        own_engine.start()
    assert content.image_id(own_engine, "myapp:1.0") == before
