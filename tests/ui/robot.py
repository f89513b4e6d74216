"""A robot user: opens the explorer on an engine in memory, presses keys, reads the screen."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from imgtui.engine.demo.engine import demo_engine
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.engine import Engine
from imgtui.operations.keeps.rule_book import RuleBook
from imgtui.operations.protocol.updates import Phase, Publish
from imgtui.operations.session.session import Session
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.cached.cache import Cache
from imgtui.store.config.settings import RollbackSettings
from imgtui.store.state import State
from imgtui.ui.actions import Action, by_id
from imgtui.ui.app import EngineSource, ImgtuiApp
from imgtui.ui.explorer.rows import GONE
from imgtui.ui.explorer.screen import ExplorerScreen
from imgtui.ui.features import EXPLORER
from tests.engines.waiting import PATIENCE

NOW: Final = 1_760_000_000
"""The time of every test: 2025-10-09 08:53:20 UTC."""

WIDE: Final = (120, 40)
NARROW: Final = (80, 24)
both_sizes = pytest.mark.parametrize(
    "size", [pytest.param(WIDE, id="120x40", marks=pytest.mark.matrix), pytest.param(NARROW, id="80x24")]
)
"""The small terminal each time, where more can go wrong; the large one in its turn."""
SECONDS: Final = PATIENCE
POLL_SECONDS: Final = 0.01
LONGEST_POLL_SECONDS: Final = 0.2
"""Between two looks, the longer the wait the more: a look renders the screen, in the program's own time."""


def clock() -> float:
    """A clock that stands still."""
    return NOW


def forget() -> State:
    """A state that ends with the test."""
    return State(None)


def explorer_app(
    engine: Engine,
    *,
    cache: Cache | None = None,
    theme: str = "imgtui-dark",
    read_only: bool = False,
    ascii_only: bool = False,
    open_state: Callable[[], State] = forget,
    actions: Sequence[Action] = EXPLORER,
    rules: RuleBook | None = None,
    clock: Callable[[], float] = clock,
    settle: float = 0.01,
) -> ImgtuiApp:
    """The program on an engine; its demo is the built-in engine."""

    def source(where: str, opened: Engine, kept: Cache) -> EngineSource:
        def open_session(publish: Publish) -> Session:
            recorder = Recorder(opened, open_state, clock=clock)
            return Session(
                opened,
                kept,
                where,
                publish,
                recorder=recorder,
                rules=rules or RuleBook(),
                rollback=RollbackSettings(settle=settle),
                clock=clock,
            )

        return EngineSource(where, open_session)

    return ImgtuiApp(
        source("memory", engine, cache or Cache(None)),
        source("demo", demo_engine(NOW), Cache(None)),
        clock=clock,
        theme=theme,
        read_only=read_only,
        ascii_only=ascii_only,
        actions=actions,
    )


def lines_of(screen: Screen[object]) -> list[str]:
    """What a screen shows, line by line."""
    return [strip.text for strip in screen._compositor.render_strips()]


class Robot:
    """A person at the keyboard, who is patient but not for ever."""

    def __init__(self, app: ImgtuiApp, pilot: Pilot[None], engine: Engine) -> None:
        self.app = app
        self.pilot = pilot
        self._engine = engine

    @property
    def memory(self) -> MemoryEngine:
        """The engine, to be changed behind the program's back."""
        assert isinstance(self._engine, MemoryEngine)
        return self._engine

    @property
    def explorer(self) -> ExplorerScreen:
        """The explorer's screen, also when another one stands before it."""
        assert self.app.explorer is not None
        return self.app.explorer

    @property
    def lines(self) -> Sequence[str]:
        """What stands on the screen now."""
        return lines_of(self.app.screen)

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.lines)

    @property
    def repository(self) -> str | None:
        """The repository under the cursor."""
        return self.explorer.repositories.key

    @property
    def version(self) -> str | None:
        """The digest of the version under the cursor."""
        return self.explorer.versions.key

    def line(self, text: str) -> str:
        """The one line that has a text."""
        found = [line for line in self.lines if text in line]
        assert len(found) == 1, f"{len(found)} lines have {text!r}:\n{self.text}"
        return found[0]

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Type a text."""
        await self.pilot.press(*("space" if character == " " else character for character in text))

    async def filter(self, query: str) -> None:
        """Open the filter line, type, and leave it with Enter."""
        await self.do("filter.open")
        await self.until(lambda: self.filtering, "the filter line")
        await self.type(query)
        await self.press("enter")
        await self.until(lambda: not self.filtering, "the filter line closed")

    @property
    def filtering(self) -> bool:
        """Whether a filter is being typed."""
        return isinstance(self.app.focused, Input)

    async def do(self, action_id: str) -> None:
        """Press the first key of an action of the explorer."""
        await self.press(by_id(EXPLORER, action_id).keys.split(",")[0])

    async def until(self, holds: Callable[[], object], what: str) -> None:
        """Wait for a state."""
        began = time.monotonic()
        await self.pilot.pause()
        while not holds():
            waited = time.monotonic() - began
            assert waited < SECONDS, f"not within {SECONDS:g} s: {what}\n{self.text}"
            await self.pilot.pause(min(POLL_SECONDS + waited / 10, LONGEST_POLL_SECONDS))

    async def sees(self, *texts: str) -> None:
        """Wait until the screen shows all of these texts."""
        await self.until(lambda: all(text in self.text for text in texts), f"to see {texts}")

    async def misses(self, text: str) -> None:
        """Wait until the screen does not show a text any more."""
        await self.until(lambda: text not in self.text, f"not to see {text!r}")

    async def live(self) -> None:
        """Wait until what is shown is true now, and the layers of every image are known."""

        def ready() -> bool:
            known = self.explorer.known
            return known.state.phase is Phase.LIVE and known.complete and self.explorer.is_mounted

        await self.until(ready, "the engine live and all layers learned")

    async def back(self) -> None:
        """Leave whatever stands before the explorer, with its filter."""
        while (screen := self.app.screen) is not self.explorer:
            words = getattr(screen, "_words", ())
            await self.press("escape")
            await self.until(
                lambda: self.app.screen is not screen or (words and not getattr(screen, "_words", ())),  # noqa: B023
                "one step back",
            )

    async def open_repository(self, name: str) -> None:
        """Choose a repository, and go to its versions."""
        await self.do("pane.repositories")
        if name not in self.explorer.repositories.keys:
            await self.do("move.bottom")
            await self.do("go.in")
        await self.do("move.top")
        for _ in range(self.explorer.repositories.keys.index(name)):
            await self.do("move.down")
        await self.until(lambda: self.explorer.browse.repository == name, name)
        members = {version.image.id for version in self.explorer.browse.siblings()}
        listed = self.explorer.versions
        await self.until(lambda: set(listed.keys) <= {*members, GONE}, f"the versions of {name}")
        await self.do("pane.versions")

    async def show_tab(self, name: str) -> None:
        """Turn to a tab of the detail."""
        tabs = list(self.explorer.detail.tabs)
        while self.explorer.detail.tab != tabs.index(name):
            await self.do("tab.next")


@asynccontextmanager
async def exploring(
    engine: Engine | None = None,
    size: tuple[int, int] = WIDE,
    *,
    live: bool = True,
    cache: Cache | None = None,
    read_only: bool = False,
    open_state: Callable[[], State] = forget,
    actions: Sequence[Action] = EXPLORER,
    rules: RuleBook | None = None,
    clock: Callable[[], float] = clock,
    settle: float = 0.01,
) -> AsyncIterator[Robot]:
    """The explorer on an engine (the demo's, if none is given), live unless that is not wanted."""
    opened = engine or demo_engine(NOW)
    app = explorer_app(
        opened,
        cache=cache,
        read_only=read_only,
        open_state=open_state,
        actions=actions,
        rules=rules,
        clock=clock,
        settle=settle,
    )
    async with app.run_test(size=size) as pilot:
        robot = Robot(app, pilot, opened)
        if live:
            await robot.live()
        yield robot
