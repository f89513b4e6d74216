"""All that share a state file tell one log, whatever happens, and nothing that did not happen.

Random acts of docker and of imgtui, with two recorders, an explorer's session and verbs on one file, with
kills, restarts of the engine, clocks that were set back and answers that fail in between. Who does an act
writes down what becomes of the tags: at every rest the logs of all are equal, and equal to that.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest

from imgtui.engine.docker_engine import DockerEngine
from imgtui.engine.endpoint import Endpoint
from imgtui.engine.errors import EngineError
from imgtui.model.catalog import Catalog
from imgtui.model.event import Event
from imgtui.model.image import Store
from imgtui.model.keep import is_keep
from imgtui.model.moves import SECOND, Cause, Known, Move
from imgtui.model.plan import Plan
from imgtui.operations.look import look
from imgtui.operations.recording import Recorder
from imgtui.operations.session import Session
from imgtui.operations.updates import Phase, Remembered
from imgtui.store.cache import Cache
from imgtui.store.state import State
from imgtui.verbs import acts, plans
from imgtui.verbs.asking import Manner
from tests.engine.contract.hands import DockerHands
from tests.engine.contract.story import CLOCK, Made, Story
from tests.engines.private import CommandFailedError, PrivateEngine
from tests.engines.registry import Registry
from tests.engines.waiting import wait_until
from tests.operations.listening import Listener

ROUNDS: Final = 3
STEPS: Final = 9
"""Acts between two rests: more of both, and other seeds, make a longer search."""
SEED: Final = int(os.environ.get("IMGTUI_TEST_SEED", "11"))
TAGS: Final = ("latest", "1", "2")
HOUR: Final = 3600 * SECOND


def undoing(reference: str) -> plans.Planner:
    """Put the newest move of a tag back."""

    def plan(catalog: Catalog, moves: Callable[[], Sequence[Move]], now: int) -> Plan:
        newest = plans.newest_change(catalog, moves(), (), reference, now, redo=False)
        assert isinstance(newest, Move)
        return plans.putting_back(newest, redo=False)(catalog, moves, now)

    return plan


class Failing(DockerEngine):
    """An engine of which one kind of answer fails."""

    def __init__(self, endpoint: Endpoint, failing: str) -> None:
        super().__init__(endpoint)
        self._failing = failing

    def past_events(self, since: int) -> list[Event]:
        if self._failing == "events":
            raise EngineError("forbidden by a proxy", status=403)
        return super().past_events(since)

    def containers(self, ids: Sequence[str] | None = None) -> list:  # type: ignore[type-arg]  # as the port says
        if self._failing == "containers":
            raise EngineError("broken", status=500)
        return super().containers(ids)


class Together:
    """An engine, everybody who works on it, and everybody who records it into one file."""

    def __init__(self, real: PrivateEngine, registry: Registry, folder: Path, chance: random.Random) -> None:
        self.real = real
        self.path = folder / "state.db"
        self.chance = chance
        self.hands = DockerHands(real)
        self.story = Story(self.hands, "together", registry)
        self.endpoint = Endpoint(real.host, "-H", None, None, folder)
        self.told = Listener()
        self._recorders: dict[int, subprocess.Popen[str]] = {}
        self._builds = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """With an explorer's session and two recorders that follow."""
        look(self.hands.engine, self._recorder())
        engine = DockerEngine(self.endpoint)
        session = Session(engine, Cache(None), "", self.told, recorder=self._recorder(engine))
        session.start()
        try:
            self.told.until_live()
            for number in range(2):
                self._start(number)
            yield
        finally:
            session.close()
            for process in self._recorders.values():
                process.kill()
                process.communicate()
            engine.close()
            self.hands.engine.close()

    # ------------------------------------------------------------------ what happens

    def step(self) -> None:
        """Something happens; what an engine refuses does not."""
        everything: list[tuple[int, Callable[[], object]]] = [
            (3, lambda: self.story.build(self._tag(), self._text())),
            (6, self._retag),
            (3, self._remove),
            (2, lambda: self.story.load(self._tag(), self._text())),
            (1, lambda: self.story.pull("pulled", self._text())),
            (1, self.story.prune),
            (3, lambda: self._act("keep", plans.keeping)),
            (3, lambda: self._act("unkeep", plans.unkeeping)),
            (2, lambda: self._act("untag", plans.untagging)),
            (2, lambda: self._act("tag", lambda ref: plans.tagging(ref, f"{self.story.name}:{self._tag()}"))),
            (2, lambda: self._act("undo", undoing)),
            (3, self._look),
            (1, lambda: self._look_in_vain("events")),
            (1, lambda: self._look_in_vain("containers")),
            (2, lambda: self._kill(self.chance.randrange(2))),
            (1, self._set_the_clock_back),
        ]
        weights = [weight for weight, _ in everything]
        (_, do) = self.chance.choices(everything, weights)[0]
        with suppress(CommandFailedError):
            do()

    def restart(self) -> None:
        """The engine goes away and comes back; Docker has forgotten its events."""
        self.real.restart()

    def _retag(self) -> None:
        if self.story.images:
            self.story.tag(self.chance.choice(self.story.images), self._tag())

    def _remove(self) -> None:
        mine = [tag for tag in self.story.points_at if tag.startswith(f"{self.story.name}:")]
        if mine:
            self.story.remove(self.chance.choice(mine).rpartition(":")[2])

    def _act(self, verb: str, planner: Callable[[str], plans.Planner]) -> None:
        """An act of imgtui's; whatever tag it moved, it moved."""
        ref = f"{self.story.name}:{self._tag()}"
        with self.story.moving(Cause.UNKNOWN, TAGS, who="imgtui"):
            acts.run(self.hands.engine, self._recorder(), [planner(ref)], Manner(yes=True))

    def _look(self) -> None:
        look(self.hands.engine, self._recorder())

    def _look_in_vain(self, failing: str) -> None:
        engine = Failing(self.endpoint, failing)
        with suppress(EngineError):
            look(engine, self._recorder(engine))
        engine.close()

    def _set_the_clock_back(self) -> None:
        """Leave in the file what a look by a clock that was an hour ahead leaves there."""
        state = State(self.path)
        with state.changing() as file:
            file.execute("UPDATE engines SET confirmed = confirmed + ?", (HOUR,))
        state.close()

    def _kill(self, number: int) -> None:
        process = self._recorders.pop(number)
        process.kill()
        process.communicate()
        self._start(number)

    def _start(self, number: int) -> None:
        command = (sys.executable, "-m", "tests.operations.recording_process")
        self._recorders[number] = subprocess.Popen(
            [*command, self.real.host, str(self.path)], stdout=subprocess.PIPE, text=True
        )

    def _recorder(self, engine: DockerEngine | None = None) -> Recorder:
        return Recorder(engine or self.hands.engine, lambda: State(self.path))

    def _tag(self) -> str:
        return self.chance.choice(TAGS)

    def _text(self) -> str:
        self._builds += 1
        return str(self.chance.choice([self._builds, self._builds // 2]))

    # ------------------------------------------------------------------ what is told

    def rest(self) -> list[Move]:
        """Wait until all tell the same, and it leads to where the tags point; the log, oldest first."""

        def settled() -> bool:
            wanted, explorer = self._of_a_verb(), self._of_the_explorer()
            return self._leads_here(wanted) and explorer == wanted

        try:
            wait_until(settled, "one log for all", 20)
        except TimeoutError:
            told = {"verb": self._of_a_verb(), "explorer": self._of_the_explorer()}
            lines = [f"{who}: {move}" for who, moves in told.items() for move in moves]
            happened = [f"happened: {made}" for made in self.story.happened]
            raise AssertionError("\n".join([*lines, *happened, str(self.story.points_at)])) from None
        return [move for move in self._of_a_verb()[::-1] if not is_keep(move.reference)]

    def _of_a_verb(self) -> list[Move]:
        recorder = self._recorder()
        look(self.hands.engine, recorder)
        assert recorder.log is not None
        found = recorder.log.moves()
        recorder.close()
        return found

    def _of_the_explorer(self) -> list[Move]:
        told = [update for update in self.told.heard if isinstance(update, Remembered)]
        return list(told[-1].log) if told and self.told.state.phase is Phase.LIVE else []

    def _leads_here(self, newest_first: Sequence[Move]) -> bool:
        last = {move.reference: move.target for move in newest_first[::-1] if not is_keep(move.reference)}
        return {tag: target for tag, target in last.items() if target} == self.story.points_at


def assert_happened(moves: Sequence[Move], happened: Sequence[Made], *, podman: bool) -> None:
    """What is told did happen, in that order, when it is told to have happened."""
    for reference in {move.reference for move in moves} | {made.reference for made in happened}:
        told = [move for move in moves if move.reference == reference]
        real = [made for made in happened if made.reference == reference]
        shown = "\n".join(map(str, [reference, "told:", *told, "happened:", *real]))
        rest = iter(real)
        before: str | None = None
        for move in told:
            assert move.origin == before, f"a chain: {move}\n{shown}"
            before = move.target
            made = next((made for made in rest if _is(move, made, podman=podman)), None)
            assert made is not None, f"did not happen: {move}\n{shown}"


def _is(move: Move, made: Made, *, podman: bool) -> bool:
    """Whether this is what was told: where it led, when, and who did it."""
    late = SECOND // 5 if podman else CLOCK  # Podman 4.3 writes an event up to 0.1 s after the act
    in_time = (move.not_before or (move.at if move.not_before is None else 0)) <= made.ended + late
    exact = move.not_before is None and move.known is Known.EVENT
    by_whom = made.who == move.actor or not exact
    return move.target == made.target and in_time and move.at >= made.begun - late and by_whom


def test_whatever_happens_all_tell_one_log_and_nothing_that_did_not_happen(
    own_engine: PrivateEngine, real_registry: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    together = Together(own_engine, real_registry, tmp_path, random.Random(SEED))
    podman = together.hands.store is Store.PODMAN
    with together.running():
        for number in range(ROUNDS):
            if number == ROUNDS - 2:
                together.restart()
            for _ in range(STEPS):
                together.step()
            moves = together.rest()
            assert_happened(moves, together.story.happened, podman=podman)
            assert capsys.readouterr()
