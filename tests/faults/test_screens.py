"""Requests of the explorer's screens are answered by faults: what is shown is true, or says what is wrong."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Final

import pytest

from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.docker.engine import DockerEngine
from imgtui.operations.protocol.updates import Phase
from imgtui.store.state import State
from tests.engines.private import PrivateEngine
from tests.faults.calls import one_of_each
from tests.faults.conftest import clear, populate
from tests.faults.impatience import ONCE_MORE_SECONDS, impatience
from tests.faults.proxy import FaultyEngine, Recorded
from tests.faults.screens import SCREENS, Place
from tests.faults.table import ONE_OF_EACH, Fault
from tests.suite.report import TABLE
from tests.suite.sample import Share
from tests.ui.robot import NARROW, Robot, exploring

pytestmark = pytest.mark.matrix
QUIET_SECONDS: Final = 0.3
"""Without a request and a change of the screen, after which it is taken for complete."""
HANGS_SECONDS: Final = 20.0
_SAYS = re.compile(
    "not understood|cannot|does not|refuse|broke|no answer|not known|not be had|could not|says no|STALE"
    "|no engine|The engine at|try again|or more|≤|ends in|no archive|damaged"
)
_AGE = re.compile(r"~?\b\d+ (?:s|min|h|d|y|seconds?|minutes?)\b| +")
_FRAMES = re.compile("[│▐ ]+")
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Explorers:
    """Explorers on an engine that was recorded, each with the state of somebody who has looked before."""

    def __init__(self, proxy: FaultyEngine, folder: Path) -> None:
        self.proxy = proxy
        self._folder = folder
        self.recorded: dict[str, Recorded] = {}
        self.keys: dict[str, Sequence[str]] = {}
        self.true: dict[str, str] = {}
        self.clock = time.time()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Robot]:
        """An explorer before its engine has answered."""
        home = self._folder / "home"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self._folder / "known", home)
        endpoint = Endpoint(self.proxy.host, "-H", None, None, home)
        with closing(DockerEngine(endpoint)) as engine:
            state = lambda: State(home / "imgtui/state.db")  # noqa: E731
            async with exploring(
                engine, NARROW, live=False, open_state=state, clock=lambda: self.clock
            ) as robot:
                yield robot

    async def record(self, place: Place) -> None:
        """Have a screen opened on the engine."""
        recording = self.proxy.record()
        async with self.open() as robot:
            await begin(robot)
            before = len(recording.asked)
            self.true[place.name] = await visit(self, robot, place)
            asked = recording.asked if place is SCREENS[0] else recording.asked[before:]
            self.keys[place.name] = one_of_each(asked)
            self.recorded[place.name] = {key: tuple(answers) for key, answers in recording.answers.items()}

    async def wrong(self, place: Place, key: str, fault: Fault) -> str:
        """What is not right where one request of a screen is answered by a fault; empty where all is."""
        with impatience():
            found = await self._wrong(place, key, fault)
        if not found:
            return ""
        with impatience(ONCE_MORE_SECONDS):
            return await self._wrong(place, key, fault)

    async def _wrong(self, place: Place, key: str, fault: Fault) -> str:
        given = self.recorded[place.name]
        where = f"{place}: {key} answered by {fault}"
        from_the_start = place is SCREENS[0]
        self.proxy.answer(given, *((key, fault) if from_the_start else ()))
        async with self.open() as robot:
            if not from_the_start:
                await begin(robot)
                self.proxy.answer(given, key, fault)
            try:
                shown = await visit(self, robot, place)
            except TimeoutError:
                return f"HANGS {where}\n{robot.text}"
            found = self._false(place, shown, where)
            self.proxy.heal()
            if not from_the_start:
                await robot.back()
            await robot.do("engine.refresh")
            await begin(robot)
            again = await visit(self, robot, place)
            if _unlike(self.true[place.name], again):  # the cursor stays where it was
                await robot.do("move.top")
                again = await settled(self, robot)
            await robot.back()
            if not found and _unlike(self.true[place.name], again):
                found = f"NOT THE TRUTH AGAIN {where}\n{again}\nbut\n{self.true[place.name]}"
        return found

    def _false(self, place: Place, shown: str, where: str) -> str:
        if not self.proxy.played:
            return f"NOT PLAYED {where}\n{shown}"
        if self.proxy.changes:
            return f"CHANGED {self.proxy.changes} {where}"
        if any(_UNSAFE.search(line) for line in shown.splitlines()):
            return f"UNPRINTABLE {where}\n{shown}"
        others = _unlike(self.true[place.name], shown)
        if others and not _SAYS.search(_FRAMES.sub(" ", " ".join(others))):
            return f"NOT SAID {where}\n{shown}\nbut\n{self.true[place.name]}"
        return ""


async def begin(robot: Robot) -> None:
    """Wait until the engine is live, and go to the versions of one repository."""
    await robot.live()
    await robot.open_repository("misread")


async def visit(explorers: Explorers, robot: Robot, place: Place) -> str:
    """Open a screen; what it shows when nothing more comes. Raises TimeoutError."""
    if place is not SCREENS[0]:
        await place.open(robot)
        return await settled(explorers, robot)
    ends = time.monotonic() + HANGS_SECONDS
    while robot.explorer.known.state.phase is not Phase.LIVE:  # it tries again and again
        await robot.pilot.pause(0.05)
        if _SAYS.search(robot.text):
            return robot.text
        if time.monotonic() > ends:
            raise TimeoutError
    await robot.open_repository("misread")
    return await settled(explorers, robot)


async def settled(explorers: Explorers, robot: Robot) -> str:
    """What is on the screen when nothing is asked and nothing changes any more. Raises TimeoutError."""
    ends, quiet, shown = time.monotonic() + HANGS_SECONDS, time.monotonic() + QUIET_SECONDS, ""
    while time.monotonic() < quiet:
        await robot.pilot.pause(0.05)
        now = robot.text
        if now != shown or explorers.proxy.busy or explorers.proxy.waits:
            shown, quiet = now, time.monotonic() + QUIET_SECONDS
        if time.monotonic() > ends and explorers.proxy.waits:
            return shown
        if time.monotonic() > ends:
            raise TimeoutError
    return shown


def _unlike(true: str, shown: str) -> list[str]:
    """The lines that stand there instead of true ones, but for ages."""
    there = {_AGE.sub("", line) for line in true.splitlines()}
    return [line for line in shown.splitlines() if _AGE.sub("", line) not in there]


@pytest.fixture(scope="module")
def explorers(
    docker28_containerd: PrivateEngine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Explorers]:
    """The engine is there until the last screen is recorded; what it answered stays."""
    folder = tmp_path_factory.mktemp("screens")
    with FaultyEngine(folder / "engine.sock", docker28_containerd.host) as proxy:
        try:
            populate(docker28_containerd, proxy, folder / "known")
            yield Explorers(proxy, folder)
        finally:
            clear(docker28_containerd)


@pytest.mark.parametrize("place", SCREENS, ids=str)
async def test_whatever_is_answered_to_a_request_of_a_screen_it_shows_what_is_true_or_says_what_is_wrong(
    explorers: Explorers, place: Place, share: Share
) -> None:
    await explorers.record(place)
    cells = share.of((key, fault) for key in explorers.keys[place.name] for fault in ONE_OF_EACH)
    wrong = [found for key, fault in cells if (found := await explorers.wrong(place, key, fault))]
    share.item.user_properties.append((TABLE, f"{len(cells)} tried, {len(cells) - len(wrong)} held"))
    assert not wrong, "\n\n".join(wrong)
