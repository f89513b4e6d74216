"""Whatever an engine sends: nothing raises, nothing is markup, no escape reaches the terminal."""

import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from imgtui.engine.errors import Problem, ProblemKind
from imgtui.engine.facts import to_document
from imgtui.engine.memory import MemoryEngine
from imgtui.engine.port import Listing
from imgtui.engine.translate import listed_container, listed_image
from imgtui.model.image import Container, EngineInfo, Image, Store
from imgtui.ui.present.tabs import TABS
from imgtui.ui.screens.no_engine import NoEngineScreen
from tests.engine.payloads import HOSTILE
from tests.ui.robot import NARROW, WIDE, exploring

MARKUP = ("[@click=app.quit]quit[/]", "[/data]", "[core]", "[bold red]x", "[[", "]]\\[", "{}%s")
NASTY = "".join(
    (*HOSTILE, *MARKUP, "\u0301" * 50, "\U0001f469\u200d\U0001f4bb" * 20, "\x1b[2J", "\x1b]52;c;AAAA\x07")
)
IMAGE_ID = "sha256:" + "a" * 64
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class HostileEngine(MemoryEngine):
    """One image and one container, with something nasty in every field."""

    def list_hostile(self) -> Image:
        raw = {
            "Id": IMAGE_ID, "RepoTags": ["web:1", NASTY], "RepoDigests": [NASTY, f"web@{IMAGE_ID}"],
            "Created": 1, "Size": 5, "Labels": {NASTY: NASTY},
            "Manifests": [{"ID": NASTY, "Kind": "image", "Available": True,
                           "ImageData": {"Platform": {"os": NASTY, "architecture": NASTY}}}],
        }  # fmt: skip
        return listed_image(raw, self.connect())

    def list_images(self) -> Iterator[Listing]:
        yield Listing((self.list_hostile(),))

    def connect(self) -> EngineInfo:
        return EngineInfo("id", "name", "29.1", "1.52", Store.CONTAINERD, architecture="amd64")

    def image(self, name: str) -> Image | None:
        return self.list_hostile()

    def document(self, image_id: str, *, reveal: bool = False) -> str | None:
        config = {
            "Env": [f"A={NASTY}", NASTY, f"API_TOKEN={NASTY}"], "Cmd": [NASTY], "Entrypoint": [NASTY],
            "User": NASTY, "WorkingDir": NASTY, "ExposedPorts": {NASTY: {}}, "Volumes": {NASTY: {}},
            "Labels": {NASTY: NASTY, "org.opencontainers.image.title": NASTY}, "StopSignal": NASTY,
            "Healthcheck": {"Test": [NASTY]}, "Shell": [NASTY],
        }  # fmt: skip
        inspect = {
            "Id": IMAGE_ID, "Architecture": NASTY, "Os": NASTY, "Variant": NASTY, "Author": NASTY,
            "Comment": NASTY, "Created": NASTY, "Config": config, "RootFS": {"Layers": [NASTY]},
        }  # fmt: skip
        history = [{"CreatedBy": NASTY, "Size": 5, "Comment": NASTY, "Created": 1}]
        return to_document(inspect, history, reveal=reveal)

    def containers(self, ids: Sequence[str] | None = None) -> list[Container]:
        raw = {"Id": NASTY, "Names": [NASTY], "ImageID": IMAGE_ID, "State": NASTY, "Status": NASTY,
               "Labels": {"com.docker.compose.project": NASTY}}  # fmt: skip
        return [listed_container(raw, None)]


def hostile_engine() -> HostileEngine:
    return HostileEngine()


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_every_tab_shows_what_an_engine_sent_harmlessly(size: tuple[int, int]) -> None:
    async with exploring(hostile_engine(), size) as robot:
        await robot.do("pane.versions")
        await robot.do("pane.detail")
        for tab in TABS:
            await robot.show_tab(tab)
            await robot.until(lambda: robot.explorer.settled, f"the tab {tab}")
            assert not CONTROLS.search(robot.text.replace("\n", "")), tab
        await robot.do("secrets.reveal")
        await robot.until(lambda: robot.explorer.settled, "revealed")
        assert not CONTROLS.search(robot.text.replace("\n", ""))
        await robot.do("image.copy")
        await robot.sees("Copy")
        assert robot.app.is_running


async def test_markup_is_shown_as_it_is() -> None:
    async with exploring(hostile_engine()) as robot:
        await robot.do("pane.detail")
        await robot.show_tab("Config")
        await robot.sees("[bold]markup[/]")


async def test_a_problem_with_markup_and_escapes_is_shown_as_it_is() -> None:
    async with exploring(hostile_engine()) as robot:
        problem = Problem(ProblemKind.OTHER, f"[/x] {NASTY[:60]}", "[@click=app.quit]do this[/]")
        await robot.app.push_screen(NoEngineScreen(problem, "unix:///[x]"))
        await robot.sees("[/x]", "[@click=app.quit]do this[/]")
        assert not CONTROLS.search(robot.text.replace("\n", ""))


def test_no_escape_of_an_engine_reaches_a_real_terminal(tmp_path: Path) -> None:
    from tests.bench.terminal import TerminalSession

    program = (
        "import time\n"
        "from tests.ui.test_hostile_text import hostile_engine\n"
        "from tests.ui.robot import explorer_app\n"
        "explorer_app(hostile_engine()).run()\n"
    )
    environ = {
        "TERM": "xterm-256color",
        "HOME": str(tmp_path),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path.cwd()),
    }
    with TerminalSession([sys.executable, "-c", program], (120, 40), environ) as terminal:
        assert terminal.wait_until(lambda lines: any("aaaaaaaaaaaa" in line for line in lines), 20)
        for _ in TABS:
            terminal.press("]")
            terminal.wait_quiet(0.4, 10)
        sent = b"".join(output.data for output in terminal.outputs)
    assert b"\x1b]0;title" not in sent
    assert b"\x1b]52" not in sent
    assert "\x9b".encode() not in sent
    assert "\u202e".encode() not in sent


def test_json_of_hostile_text_is_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    from imgtui.verbs.output import print_json

    print_json({"name": NASTY})
    printed = capsys.readouterr().out
    assert printed.isascii()
    assert json.loads(printed) == {"name": NASTY}
