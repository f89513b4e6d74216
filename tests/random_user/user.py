"""The random user: what is pressed, typed, pasted, and what has to hold after it."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import re
import sys
import threading
import time
import traceback
import weakref
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from unittest import mock

from textual.app import ScreenStackError
from textual.events import Key, Paste
from textual.geometry import Offset
from textual.keys import Keys
from textual.widgets import Input

from imgtui import threads
from imgtui.engine.demo.engine import demo_engine
from imgtui.model.core.printable import printable
from imgtui.operations.keeps.rule_book import RuleBook
from imgtui.operations.tasks import jobs
from imgtui.operations.transfers import registry_tags as registries
from imgtui.store.cached.cache import Cache
from imgtui.store.journal import Journal
from imgtui.store.state import State
from imgtui.store.tag_log import TagLog
from imgtui.ui.actions import CHANGE
from imgtui.ui.explorer.no_engine import NoEngineScreen
from imgtui.ui.features import EXPLORER
from imgtui.ui.plans.screen import PlanScreen
from tests.engines.waiting import PATIENCE
from tests.random_user.others import ESCAPES, NAMES, TAGS, Others
from tests.ui.hostile import TEXTS
from tests.ui.robot import Robot, exploring

UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
SIZES: Final = (
    (1, 1), (2, 1), (10, 5), (20, 3), (59, 15), (60, 16), (80, 24), (80, 24), (99, 30), (100, 30), (120, 40),
    (160, 45), (200, 60),
)  # fmt: skip
NEVER: Final = ("Traceback", "answer could not be used")
"""What stands on the screen after an error that nobody foresaw."""
MOST_STEPS_BACK: Final = 25
"""More screens than ever stand before each other."""
REMEMBERED: Final = 60
"""Steps that a failure tells of."""
KEYS: Final = (
    *sorted({key for action in EXPLORER for key in action.keys.split(",")} - {"ctrl+z"}),
    *(chr(code) for code in range(0x20, 0x7F)),
    *sorted({key.value for key in Keys if not key.value.startswith("<")} - {"ctrl+c", "ctrl+z"}),
)
ODD: Final = (
    "é",
    "ß",
    "語",
    "👩",
    "\u0301",
    "\u202e",
    "\x00",
    "\ufffd",
    "\U0010ffff",
    "\ud800",
    "\u200d",
    "ﷺ",
)
"""Characters that few keyboards have."""
PASTES: Final = (
    *(text[:2_000] for text in TEXTS.values()),
    "myapp:1.0", "web", "!drift", "tag:latest", "~ma", "sha:6d", "A=1 B=2", "8080:80", "8080:80/udp, 1:1",
    "yes", "sh -c 'echo x'", "'", '"', "x" * 5_000, "\n" * 50, "a\nb\tc",
)  # fmt: skip


class Fault(AssertionError):
    """What must not be, and the steps that led to it."""


def resident() -> int:
    """The memory that this process has, in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@dataclass
class Figures:
    """What was done."""

    keys: int = 0
    explorers: int = 0
    left: int = 0
    """How often a screen was left by esc."""
    screens: Counter[str] = field(default_factory=Counter)
    """How often a key met each screen."""
    acts: Counter[str] = field(default_factory=Counter)
    """How acts ended: `done`, or why not."""
    most_threads: int = 0

    def words(self, changes: int) -> str:
        """All of it in a line."""
        done = sum(number for outcome, number in self.acts.items() if outcome.startswith("done"))
        others = self.acts.total() - done
        return (
            f"{self.keys} keys, {len(self.screens)} screens, {self.left} left by esc,"
            f" {self.explorers} explorers, {done} acts done, {others} not, {changes} changes by others,"
            f" {self.most_threads} threads at most"
        )


@contextmanager
def watching(found: list[str]) -> Iterator[None]:
    """Hear of every error that nobody foresaw, in whatever thread, also of those that are told in a line."""

    def unforeseen(text: object, *limits: int, **options: bool) -> str:
        kind, error, _ = sys.exc_info()
        if kind is not None and str(text) == f"{kind.__name__}: {error}":
            found.append(traceback.format_exc())
        return printable(text, *limits, **options)

    def escaped(arguments: threading.ExceptHookArgs) -> None:
        found.append(f"{arguments.thread}: {arguments.exc_type.__name__}: {arguments.exc_value}")

    before, threading.excepthook = threading.excepthook, escaped
    try:
        with ExitStack() as patched:
            for module in (threads, jobs, registries):
                patched.enter_context(mock.patch.object(module, "printable", unforeseen))
            yield
    finally:
        threading.excepthook = before


class RandomUser:
    """Presses keys for some time; the same seed begins in the same way."""

    def __init__(self, seed: int, folder: Path, say: Callable[[str], None] = lambda _: None) -> None:
        """`folder` is where the state file, settings and archives are, and is the working folder."""
        self._chance = random.Random(seed)
        self._folder = folder
        self._say = say
        self._seed = seed
        self.engine = demo_engine(int(time.time()))
        self.others = Others(self.engine, self._chance)
        self.figures = Figures()
        self.memory: list[tuple[float, int]] = []
        """Seconds, and the bytes that the program had then."""
        self._steps: deque[str] = deque(maxlen=REMEMBERED)
        self._unforeseen: list[str] = []
        self._apps: weakref.WeakSet[object] = weakref.WeakSet()
        self._began = self._measured = 0.0
        self._ends = 0.0
        state = State(self._state_path)
        self._log = self.engine.connect().id
        TagLog(state, self._log).restore(self.engine.diary)
        state.close()

    @property
    def living(self) -> int:
        """Explorers that are in memory, also those that were quit."""
        return len(self._apps)

    @property
    def _state_path(self) -> Path:
        return self._folder / "state" / "state.db"

    async def use(self, seconds: float, every: float = 60) -> None:
        """Open the explorer again and again; `every` so many seconds memory is measured.

        Raises Fault.
        """
        self._began = self._measured = time.monotonic()
        self._ends = self._began + seconds
        self._measure()
        with watching(self._unforeseen):
            while time.monotonic() < self._ends:
                try:
                    await self._explore(every)
                except Fault:
                    raise
                except BaseException as error:
                    raise Fault(f"seed {self._seed}: {error!r}\n\n{self._told}") from error
        self._measure()

    async def _explore(self, every: float) -> None:
        """Open the explorer once, until it is quit."""
        self.figures.explorers += 1
        answers = self._chance.random() > 0.1
        self.engine.answer_again() if answers else self.engine.stop_answering()
        silent = 0 if answers else self._chance.randrange(40)
        async with exploring(
            self.engine,
            self._chance.choice(SIZES[6:]),
            live=answers,
            cache=Cache(self._folder / "cache.db"),
            open_state=lambda: State(self._state_path),
            rules=RuleBook(self._folder / "config.toml", (), {action.id for action in EXPLORER}, {}),
            clock=time.time,
        ) as robot:
            self._apps.add(robot.app)
            while self._is_open(robot) and time.monotonic() < self._ends:
                silent -= 1
                if silent == 0:
                    self.engine.answer_again()
                try:
                    await self._step(robot)
                except ScreenStackError:
                    if self._is_open(robot):
                        raise
                self._check(robot)
                if time.monotonic() - self._measured >= every:
                    self._measured = time.monotonic()
                    self._measure()
            if self._is_open(robot):
                self.engine.answer_again()
                await self._leave(robot)
                await self._quit(robot)

    @staticmethod
    def _is_open(robot: Robot) -> bool:
        return robot.app.is_running and not robot.app._exit and robot.app._exception is None

    # ------------------------------------------------------------------ what is done

    async def _step(self, robot: Robot) -> None:
        steps: tuple[tuple[float, Callable[[Robot], object]], ...] = (
            (34, self._press),
            (14, self._press_an_action),
            (12, self._do_an_act),
            (8, self._type),
            (3, self._paste),
            (4, self._resize),
            (6, self._burst),
            (5, self._click),
            (20, self._change),
            (3, self._wait),
            (2, self._leave),
            (0.4, self._lose_engine),
            (0.3, self._quit),
        )
        step = self._chance.choices([step for _, step in steps], [weight for weight, _ in steps])[0]
        self.figures.screens[type(robot.app.screen).__name__] += 1
        made = step(robot)
        if asyncio.iscoroutine(made):
            await made

    def _note(self, text: str) -> None:
        self._steps.append(text)

    async def _send(self, robot: Robot, *keys: str) -> None:
        """Press keys, each when what came of the one before is shown."""
        for key in keys:
            if not self._is_open(robot):
                return
            if key in {"/", "slash"} and self._types_a_path(robot):
                continue
            self._note(f"{key} ({type(robot.app.screen).__name__})")
            self.figures.keys += 1
            await robot.press(key)

    @staticmethod
    def _types_a_path(robot: Robot) -> bool:
        """Whether what is typed may become a path, which must stay in this folder."""
        return isinstance(robot.app.focused, Input) and robot.app.focused.id == "asked"

    async def _press(self, robot: Robot) -> None:
        if self._chance.random() < 0.08:
            await self._odd_key(robot)
        else:
            await self._send(robot, self._chance.choice(KEYS))

    async def _odd_key(self, robot: Robot) -> None:
        character = self._chance.choice(ODD)
        self._note(f"key {character!r}")
        self.figures.keys += 1
        robot.app.post_message(Key("odd", character))
        await robot.pilot.pause()

    async def _press_an_action(self, robot: Robot) -> None:
        action = self._chance.choice([action for action in EXPLORER if action.id != "app.quit"])
        await self._send(robot, self._chance.choice(action.keys.split(",")))

    async def _do_an_act(self, robot: Robot) -> None:
        """Ask for a change and agree to it, as far as one gets by enter and by typing the word of a plan."""
        await self._leave(robot)
        actions = [action for action in EXPLORER if action.group == CHANGE]
        places = ("1", "2", "4")
        moves = self._chance.choices(("j", "k", "space", "enter", "G", "g"), k=self._chance.randrange(4))
        await self._send(robot, self._chance.choice(places), *moves)
        await self._send(robot, self._chance.choice(actions).keys.split(",")[0])
        for _ in range(self._chance.randrange(1, 5)):
            if not self._is_open(robot):
                return
            if isinstance(robot.app.focused, Input) and self._chance.random() < 0.5:
                await self._send(robot, *f"{self._chance.choice(NAMES[:2])}:{self._chance.choice(TAGS)}")
            if isinstance(robot.app.screen, PlanScreen) and robot.app.screen._word:
                await self._send(robot, *robot.app.screen._word)
            elif self._chance.random() < 0.3:
                await self._send(robot, self._chance.choice(("j", "down", "tab", "space")))
            await self._send(robot, "enter")
            await robot.pilot.pause(self._chance.choice((0.0, 0.02, 0.1)))

    async def _type(self, robot: Robot) -> None:
        word = self._chance.choice(
            (*NAMES, *TAGS, "!drift", "sha:", "used:web", "sh", "yes", "A=1", "8080:80")
        )
        await self._send(robot, *word)

    async def _paste(self, robot: Robot) -> None:
        text = self._chance.choice(PASTES)
        if self._types_a_path(robot):
            text = text.replace("/", "-")
        self._note(f"paste {text[:40]!r}")
        robot.app.post_message(Paste(text))
        await robot.pilot.pause()

    async def _resize(self, robot: Robot) -> None:
        size = self._chance.choice(SIZES)
        self._note(f"resize {size}")
        await robot.pilot.resize_terminal(*size)

    async def _burst(self, robot: Robot) -> None:
        """Many keys at once, as after a stall of the link."""
        keys = self._chance.choices(
            [key for key in KEYS if key not in {"/", "slash"}], k=self._chance.randrange(3, 30)
        )
        self._note(f"at once: {' '.join(keys)}")
        self.figures.keys += len(keys)
        for key in keys:
            robot.app.post_message(Key(key, key if len(key) == 1 else None))
        await robot.pilot.pause()

    async def _click(self, robot: Robot) -> None:
        width, height = robot.app.size
        place = Offset(self._chance.randrange(max(1, width)), self._chance.randrange(max(1, height)))
        self._note(f"click {place}")
        await robot.pilot.click(offset=place, times=self._chance.choice((1, 1, 2)))

    def _change(self, _: Robot) -> None:
        self.others.change()

    async def _wait(self, robot: Robot) -> None:
        await robot.pilot.pause(self._chance.choice((0.02, 0.1, 0.3)))

    async def _lose_engine(self, robot: Robot) -> None:
        """The engine goes and comes back, or is restarted."""
        self._note("the engine goes or comes")
        kind = self._chance.randrange(3)
        if kind == 0:
            self.engine.stop_answering()
            await self._send(robot, *self._chance.choices(KEYS, k=10))
        elif kind == 1:
            self.others.restart_engine()
        self.engine.answer_again()

    # ------------------------------------------------------------------ what has to hold

    async def _leave(self, robot: Robot) -> None:
        """Leave every screen by esc."""
        for _ in range(MOST_STEPS_BACK):
            if not self._is_open(robot) or self._is_at_top(robot):
                return
            self.figures.left += 1
            await self._send(robot, "escape")
        raise self._fault(robot, f"{MOST_STEPS_BACK} times esc, and still {type(robot.app.screen).__name__}")

    @staticmethod
    def _is_at_top(robot: Robot) -> bool:
        return robot.app.screen is robot.app.explorer or isinstance(robot.app.screen, NoEngineScreen)

    async def _quit(self, robot: Robot) -> None:
        """Quit from the top; what runs is stopped."""
        self._note("quit")
        await self._leave(robot)
        began = time.monotonic()
        while self._is_open(robot):
            await self._send(robot, "escape", "1", "q")
            if self._is_open(robot):
                await self._send(robot, "enter")
            if time.monotonic() - began > PATIENCE:
                raise self._fault(robot, "q does not quit")

    def _check(self, robot: Robot) -> None:
        if self._unforeseen:
            raise self._fault(robot, "\n".join(self._unforeseen))
        if robot.app._exception is not None:
            raise self._fault(robot, "the explorer raised") from robot.app._exception
        self.figures.most_threads = max(self.figures.most_threads, threading.active_count())
        if not self._is_open(robot):
            return
        lines = robot.lines
        if unsafe := [line for line in lines if UNSAFE.search(line) or any(word in line for word in NEVER)]:
            raise self._fault(robot, f"not to be shown: {unsafe!r}")
        if ESCAPES in robot.text:
            raise self._fault(robot, "an escape sequence is shown")

    def _look_at_acts(self) -> None:
        """Count how acts ended."""
        state = State(self._state_path)
        try:
            entries = Journal(state, self._log).entries()
            self.figures.acts = Counter(entry.outcome or "open" for entry in entries)
        finally:
            state.close()

    def _fault(self, robot: Robot, what: str) -> Fault:
        shown = robot.text if self._is_open(robot) else "closed"
        return Fault(f"seed {self._seed}: {what}\n\n{self._told}\n\n{shown}")

    @property
    def _told(self) -> str:
        return f"steps: {' | '.join(self._steps)}"

    def _measure(self) -> None:
        gc.collect()
        self._look_at_acts()
        took = time.monotonic() - self._began
        self.memory.append((took, resident()))
        self._say(
            f"{took / 60:6.1f} min  {resident() / 1e6:6.1f} MB  {threading.active_count()} threads  "
            f"{self.living} explorers in memory  {self.figures.words(self.others.changes)}"
        )
