"""A first start on an engine that deletes what rebuilds replace: it is said, and one key holds it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.containers.pending import Pending
from imgtui.model.containers.replacement import Journey, Progress
from imgtui.model.core.image import Store
from imgtui.model.keeps.rules import KeepRule
from imgtui.operations.keeps.rule_book import RuleBook
from imgtui.operations.protocol.updates import Interrupted
from imgtui.operations.session import session
from imgtui.operations.taglog.scan import everything
from imgtui.store.config.first_rule import FIRST_RULE
from imgtui.store.config.settings import read_settings
from imgtui.store.state import State
from tests.operations.listening import made
from tests.ui.robot import Robot, exploring

MARK = "no keep rule"
SIZES = pytest.mark.parametrize(
    "size", [(120, 40), (80, 24), (60, 16)], ids=lambda size: f"{size[0]}x{size[1]}"
)


@pytest.fixture
def engine() -> MemoryEngine:
    engine = MemoryEngine(store=Store.CONTAINERD)
    engine.build(made("one"), "web:1", "web:latest")
    engine.build(made("two"), "web:latest")
    return engine


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "imgtui" / "config.toml"


def write(config: Path, text: str) -> None:
    config.parent.mkdir(exist_ok=True)
    config.write_text(text)


def link(config: Path) -> None:
    config.rename(config.with_name("elsewhere"))
    config.symlink_to(config.with_name("elsewhere"))


def exists(config: Path) -> bool:
    return config.exists()


def keeps(engine: MemoryEngine) -> int:
    return sum(bool(image.keeps) for image in everything(engine).images.values())


async def test_what_was_interrupted_is_told_before_the_offer_and_that_again_when_it_is_over(
    engine: MemoryEngine, config: Path
) -> None:
    progress = Progress("old", "api", True, "sha256:a", "sha256:b", {}, "api-a")
    pending = Pending(1, "roll api back", 0, Journey((progress,)))
    async with exploring(engine, rules=RuleBook(config)) as robot:
        await robot.sees("This engine deletes what a rebuild replaces")
        robot.explorer.take(Interrupted((pending,)))
        await robot.sees("! roll api back: interrupted")
        await robot.misses("This engine deletes")
        await robot.do("move.down")
        await robot.sees("! roll api back: interrupted")
        robot.explorer.take(Interrupted(()))
        await robot.sees("This engine deletes what a rebuild replaces")
        await robot.do("move.down")
        await robot.misses("This engine deletes")


@SIZES
async def test_it_is_said_before_anything_is_lost_and_one_key_and_enter_hold_it(
    engine: MemoryEngine, config: Path, size: tuple[int, int]
) -> None:
    async with exploring(engine, size, rules=RuleBook(config)) as robot:
        await robot.sees(MARK, "This engine deletes what a rebuild replaces", "M: keep the")
        assert keeps(engine) == 0
        assert not exists(config)
        await robot.do("rules.open")
        await robot.sees("enter keeps the last 5 of every repository", "esc: later", "n: never")
        await robot.press("j", "k", "enter")
        await robot.until(lambda: MARK not in robot.lines[0], "the mark gone")
        await robot.sees("kept from now on", "config.toml")
        await robot.until(lambda: keeps(engine) == 2, "the keeps")
        assert read_settings(config).keep == (FIRST_RULE,)
        first = engine.build(made("three"), "web:latest")
        await robot.until(lambda: keeps(engine) == 3, "the keep of what was built")
        engine.build(made("four"), "web:latest")
        assert first in everything(engine).images
        await robot.do("rules.open")
        await robot.sees("Keep rules", "last = 5, grace = 1 d")


async def test_lost_versions_are_counted_where_there_is_no_rule(engine: MemoryEngine, config: Path) -> None:
    async with exploring(engine, rules=RuleBook(config)) as robot:
        await robot.sees(MARK)
        for number in range(3):
            await arrived(robot, engine.build(made(f"more {number}"), "web:latest"))
        await robot.sees(f"{MARK}, 3 lost")
        await robot.do("rules.open")
        await robot.sees("replaces: 3 versions so far")


async def test_it_can_be_declined_and_that_is_remembered(engine: MemoryEngine, config: Path) -> None:
    state = State(None)
    async with exploring(engine, rules=RuleBook(config), open_state=lambda: state) as robot:
        await robot.sees(MARK)
        await robot.do("rules.open")
        await robot.press("n")
        await robot.until(lambda: MARK not in robot.lines[0], "the mark gone")
        await robot.sees("what a rebuild replaces is lost")
    async with exploring(engine, rules=RuleBook(config), open_state=lambda: state) as robot:
        assert MARK not in robot.lines[0]
        await robot.do("rules.open")
        await robot.sees("enter keeps the last 5")
        assert "n: never" not in robot.text
        await robot.press("enter")
        await robot.until(lambda: keeps(engine) == 2, "the keeps: whoever comes back to it may")
    assert read_settings(config).keep == (FIRST_RULE,)


async def test_later_leaves_everything_as_it_is(engine: MemoryEngine, config: Path) -> None:
    async with exploring(engine, rules=RuleBook(config)) as robot:
        await robot.do("rules.open")
        await robot.sees("esc: later")
        await robot.press("escape")
        await robot.sees(MARK)
    assert (keeps(engine), exists(config)) == (0, False)


@pytest.mark.parametrize("case", ["graph driver", "rule", "no file", "mistake", "read-only"])
async def test_nothing_is_offered_where_there_is_nothing_to_offer(
    engine: MemoryEngine, config: Path, case: str
) -> None:
    if case == "graph driver":
        engine = MemoryEngine(store=Store.GRAPH)
    if case == "rule":
        write(config, '[[keep]]\nrepository = "other"\nlast = 1\n')
    if case == "mistake":
        write(config, "[[keep]\n")
    book = RuleBook() if case in {"no file", "read-only"} else RuleBook(config)
    async with exploring(engine, rules=book, read_only=case == "read-only") as robot:
        await robot.until(lambda: robot.explorer.known.state.info, "the engine")
        if case == "mistake":
            await robot.sees("line 1", "no keep rule is in force")
        assert MARK not in robot.lines[0]
    assert keeps(engine) == 0


async def test_a_file_that_cannot_be_written_is_said_and_nothing_is_kept(
    engine: MemoryEngine, config: Path
) -> None:
    write(config, "")
    link(config)
    async with exploring(engine, (80, 24), rules=RuleBook(config)) as robot:
        await robot.do("rules.open")
        await robot.sees("esc: later")
        await robot.press("enter")
        await robot.sees("is a link to", MARK)
    assert keeps(engine) == 0


async def test_rules_are_read_again_when_the_file_changes_and_a_mistake_is_one_line(
    engine: MemoryEngine, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "RULES_SECONDS", 0.05)
    async with exploring(engine, rules=RuleBook(config)) as robot:
        await robot.sees(MARK)
        write(config, '[[keep]]\nrepository = "wbe"\nlast = 3\n')
        await robot.until(lambda: MARK not in robot.lines[0], "the mark gone")
        await robot.do("rules.open")
        await robot.sees("matches no repository here", "the nearest name is web")
        await robot.press("escape")
        write(config, '[[keep]]\nrepository = "web"\nlast = three\n')
        await robot.sees("config.toml line 3", "rules before stay in force")
        assert robot.explorer.known.rules.rules == (KeepRule("wbe", last=3),)
        assert keeps(engine) == 0
        write(config, '[[keep]]\nrepository = "web"\nlast = 3\n')
        await robot.until(lambda: keeps(engine) == 2, "the keeps")


async def test_a_release_is_said_and_stands_in_the_history(
    engine: MemoryEngine, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "RULES_SECONDS", 0.05)
    write(config, '[[keep]]\nrepository = "web"\nlast = 1\ngrace = "0s"\n')
    async with exploring(engine, (80, 24), rules=RuleBook(config), clock=real_clock()) as robot:
        await built(robot, "three")
        second = await built(robot, "four")
        await built(robot, "five")
        await robot.sees("rule web released", "of web")
        await robot.do("journal.open")
        await robot.sees("rule web released")
    assert second in everything(engine).images


async def arrived(robot: Robot, image_id: str) -> None:
    """Wait until a build is shown."""
    known = robot.explorer.known
    await robot.until(lambda: image_id in known.catalog.images, "the build")


async def built(robot: Robot, text: str) -> str:
    """Build `web:latest` anew, and wait until it is kept."""
    image_id = robot.memory.build(made(text), "web:latest")

    def is_kept() -> bool:
        image = robot.explorer.known.catalog.images.get(image_id)
        return image is not None and bool(image.keeps)

    await robot.until(is_kept, "the keep")
    return image_id


def real_clock() -> Callable[[], float]:
    """The engine in memory has the clock of this machine, and so must who talks to it."""
    import time

    return time.time
