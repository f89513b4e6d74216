"""No text of an engine is trusted: whatever it sends, nothing raises, and all of it is only ever drawn."""

from __future__ import annotations

import json
import re

import pytest
from rich.cells import cell_len

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.errors import Problem, ProblemKind, Unavailable
from imgtui.model.core.image import EngineInfo
from imgtui.store.cached.cache import Cache
from imgtui.ui.explorer.no_engine import NoEngineScreen
from imgtui.verbs.console.output import print_json
from imgtui.verbs.ls import run
from tests.operations.watching import forgetful
from tests.ui.hostile import CLEAN, EVERYTHING, TEXTS, HostileEngine
from tests.ui.robot import NARROW, WIDE, Robot, exploring

UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")

every_text = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())


async def is_harmless(robot: Robot) -> None:
    """What is on the screen can be drawn as it is, in lines of exactly the terminal's width."""
    await robot.until(lambda: not robot.explorer.is_mounted or robot.explorer.settled, "everything shown")
    assert [line for line in robot.lines if UNSAFE.search(line)] == []
    assert {cell_len(line) for line in robot.lines} == {robot.app.size.width}
    assert len(robot.lines) == robot.app.size.height


@pytest.mark.parametrize(
    ("text", "size"),
    [
        *(pytest.param(text, WIDE, id=name, marks=pytest.mark.matrix) for name, text in TEXTS.items()),
        pytest.param(EVERYTHING, WIDE, id="everything at 120x40", marks=pytest.mark.matrix),
        pytest.param(EVERYTHING, NARROW, id="everything at 80x24"),
    ],
)
async def test_every_field_is_drawn_and_none_obeyed(text: str, size: tuple[int, int]) -> None:
    async with exploring(HostileEngine(text), size) as robot:
        await is_harmless(robot)
        await robot.do("pane.versions")
        for _ in range(4):
            await robot.do("pane.detail")
            for _ in robot.explorer.detail.tabs:
                await robot.do("tab.next")
                await is_harmless(robot)
                await robot.do("move.bottom")
                await is_harmless(robot)
            await robot.do("pane.versions")
            await robot.do("move.down")
        await robot.do("secrets.reveal")
        await is_harmless(robot)
        await robot.do("image.copy")
        assert [line for line in robot.lines if UNSAFE.search(line)] == []
        await robot.press("enter")
        await is_harmless(robot)
        assert robot.app.is_running


@pytest.mark.parametrize("name", ["closing tag", "action", "style", "format"])
async def test_markup_is_shown_as_it_is_written(name: str) -> None:
    text = TEXTS[name]
    async with exploring(HostileEngine(text), (200, 60)) as robot:
        await robot.do("pane.versions")
        robot.explorer.versions.select(CLEAN)
        await robot.sees(f" {text}"[:20])
        for tab in ("Layers", "Config", "Containers"):
            await robot.show_tab(tab)
            await robot.sees(text)
        await robot.show_tab("JSON")
        await robot.sees(text.replace("\\", "\\\\"))


@pytest.mark.parametrize("name", ["style", "action", "wide", "format"])
async def test_hostile_text_in_the_filter_matches_or_not_and_nothing_else(name: str) -> None:
    async with exploring() as robot:
        await robot.do("pane.versions")
        await robot.do("filter.open")
        await robot.until(lambda: robot.filtering, "the filter line")
        await robot.type(TEXTS[name][:40])
        await robot.press("enter")
        assert [line for line in robot.lines if UNSAFE.search(line)] == []
        assert robot.app.is_running


class Refusing(MemoryEngine):
    """An engine that cannot be had, for a hostile reason."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._reason = text

    def connect(self) -> EngineInfo:
        raise Unavailable(Problem(ProblemKind.OTHER, self._reason, self._reason))


@every_text
async def test_a_hostile_reason_of_a_failure_is_drawn(text: str) -> None:
    async with exploring(Refusing(text), NARROW, live=False) as robot:
        await robot.until(lambda: isinstance(robot.app.screen, NoEngineScreen), "that no engine answers")
        assert [line for line in robot.lines if UNSAFE.search(line)] == []
        await robot.sees("try again")


async def test_a_failure_with_markup_says_it_as_it_is_written() -> None:
    async with exploring(Refusing(TEXTS["action"]), NARROW, live=False) as robot:
        await robot.sees(TEXTS["action"])


class Failing(HostileEngine):
    """A hostile engine that can be made to fail for a hostile reason."""

    def connect(self) -> EngineInfo:
        if self.failing:
            raise Unavailable(Problem(ProblemKind.OTHER, EVERYTHING, EVERYTHING))
        return super().connect()

    failing = False


async def test_an_engine_that_goes_away_for_a_hostile_reason_is_called_stale() -> None:
    engine = Failing(EVERYTHING)
    async with exploring(engine, NARROW) as robot:
        engine.failing = True
        await robot.do("engine.refresh")
        await robot.sees("STALE")
        await is_harmless(robot)


def test_json_of_hostile_text_is_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": EVERYTHING})
    printed = capsys.readouterr().out
    assert printed.isascii()
    assert json.loads(printed) == {"name": EVERYTHING}


def test_a_table_for_people_has_a_line_for_each_row_and_no_escape(capsys: pytest.CaptureFixture[str]) -> None:
    engine = HostileEngine(EVERYTHING)
    run(engine, Cache(None), forgetful(engine), None, as_json=False)
    lines = capsys.readouterr().out.rstrip("\n").split("\n")
    assert [line for line in lines if UNSAFE.search(line)] == []
    assert lines[0].split()[0] == "REPOSITORY"
