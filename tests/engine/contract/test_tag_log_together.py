"""All that share a state file tell one log, whatever happens, and nothing that did not happen.

Random acts of docker and of imgtui, with two recorders, an explorer in a terminal, another one's session and
verbs on one file, with kills of all of them, restarts of the engine, clocks that were set back and answers
that are wrong in between. Who does an act writes down what becomes of the tags: at every rest the logs of all
are equal, and equal to that.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest

from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.docker.engine import DockerEngine
from imgtui.engine.port.errors import EngineError
from imgtui.engine.wire.translate import nanoseconds
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.clock import SECOND
from imgtui.model.core.event import Event
from imgtui.model.core.image import Store
from imgtui.model.plans.plan import Plan
from imgtui.model.taglog.moves import Cause, Move, Provenance
from imgtui.operations.session.session import Session
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.scan import look
from imgtui.store.cached.cache import Cache
from imgtui.store.state import State
from imgtui.verbs import acts, plans
from imgtui.verbs.console.asking import Manner
from tests.engine.contract.hands import DockerHands
from tests.engine.contract.story import CLOCK, Made, Story
from tests.engine.contract.tellers import LookedAt, Told, of_session, of_verb, rows_of
from tests.engines.private import CommandFailedError, PrivateEngine
from tests.engines.registry import Registry
from tests.engines.waiting import wait_until
from tests.engines.wrong_answers import ANSWERS, WrongAnswers
from tests.operations.listening import Listener
from tests.suite.sample import SHARES
from tests.verbs.command import IMGTUI, begin, call, environment

ROUNDS: Final = 3
STEPS: Final = 9
"""Acts between two rests."""
SEED: Final = int(os.environ.get("IMGTUI_TEST_SEED", "11"))
MORE: Final = 14
"""Seeds with twice as many rounds; one of the first seven is in each everyday run."""
TAGS: Final = ("latest", "1", "2")
ROOM: Final = 50
"""Moves that the explorer shows at least, where there are so many."""
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


ASKED: Final = (r"/images/json", r"/images/.*/json", r"/containers/json", r"/events", r"/info", r"/version")
"""Requests that are answered wrongly, one kind at a time."""


class Together:
    """An engine, everybody who works on it, and everybody who records it into one file."""

    def __init__(self, real: PrivateEngine, registry: Registry, folder: Path, chance: random.Random) -> None:
        self.real = real
        self.environ = environment(folder, real.host)
        self.path = folder / "imgtui/state.db"
        self._wrong = WrongAnswers(folder, real.host)
        self.chance = chance
        self.hands = DockerHands(real)
        self.story = Story(self.hands, "together", registry)
        self.endpoint = Endpoint(real.host, "-H", None, None, folder)
        self.told = Listener()
        self._recorders: dict[int, subprocess.Popen[str]] = {}
        self._explorer: LookedAt | None = None
        self._builds = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """With an explorer, a session and two recorders that follow."""
        look(self.hands.engine, self._recorder())
        engine = DockerEngine(self.endpoint)
        session = Session(engine, Cache(None), "", self.told, recorder=self._recorder(engine))
        session.start()
        try:
            self.told.until_live()
            for number in range(2):
                self._start(number)
            self._open_explorer()
            with self._wrong:
                yield
        finally:
            session.close()
            if self._explorer is not None:
                self._explorer.close()
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
            (2, self._look_at_nonsense),
            (2, lambda: self._kill(self.chance.randrange(2))),
            (1, self._open_explorer),
            (2, self._kill_a_verb),
            (1, self._remove_image),
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

    def _remove_image(self) -> None:
        """`docker rmi --force` of an ID: all its names at once."""
        if self.story.points_at:
            image_id = self.chance.choice(sorted(self.story.points_at.values()))
            names = [tag.rpartition(":")[2] for tag in self.story.points_at]
            with self.story.moving(Cause.DELETE, names):
                assert self.hands.remove(image_id, force=True)

    def _kill_a_verb(self) -> None:
        """An act of imgtui's that is killed at any moment: it happened, or it did not."""
        images = self.story.images
        if not images:
            return
        with self.story.moving(Cause.UNKNOWN, TAGS, who="imgtui"):
            reference = f"{self.story.name}:{self._tag()}"
            with begin(self.environ, "tag", self.chance.choice(images), reference, "--yes") as verb:
                killing = threading.Timer(self.chance.random() / 2, verb.kill)
                killing.start()
                verb.wait()
                killing.cancel()

    def _look_at_nonsense(self) -> None:
        """A proxy that answers one kind of request as nobody should."""
        self._wrong.answer({self.chance.choice(ASKED): self.chance.choice(ANSWERS)})
        call({**self.environ, "DOCKER_HOST": self._wrong.host}, "record", "--once")

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

    def _open_explorer(self) -> None:
        """Open it; one that is open is killed."""
        if self._explorer is not None:
            self._explorer.close()
        self._explorer = LookedAt(self.environ)

    def _start(self, number: int) -> None:
        """The first is `imgtui record`; where that runs, the other is one without its lock."""
        if number == 0:
            self._recorders[0] = subprocess.Popen(
                [str(IMGTUI), "record"],
                env=self.environ,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            return
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

    def rest(self) -> list[Told]:
        """Wait until all tell the same, and it leads to where the tags point; the log, oldest first."""
        explorer = self._explorer
        assert explorer is not None
        told: dict[str, Sequence[object]] = {}

        def settled() -> bool:
            wanted, rows = of_verb(self.environ), explorer.rows()
            told.update(verb=wanted, session=of_session(self.told), explorer=rows)
            return (
                self._leads_here(wanted)
                and told["session"] == wanted
                and rows == rows_of(wanted)[: len(rows)]
                and len(rows) >= min(len(wanted), ROOM)
            )

        try:
            wait_until(settled, "one log for all")
        except TimeoutError:
            lines = [f"{who}: {move}" for who, moves in told.items() for move in moves]
            happened = [f"happened: {made}" for made in self.story.happened]
            shown = [*lines, *happened, str(self.story.points_at), *explorer.lines]
            raise AssertionError("\n".join(shown)) from None
        return of_verb(self.environ)[::-1]

    def _leads_here(self, newest_first: Sequence[Told]) -> bool:
        last = {move["ref"]: move["to"] for move in newest_first[::-1]}
        return {tag: target for tag, target in last.items() if target} == self.story.points_at


def assert_happened(moves: Sequence[Told], happened: Sequence[Made], *, podman: bool) -> None:
    """What is told did happen, in that order, when it is told to have happened."""
    for reference in {move["ref"] for move in moves} | {made.reference for made in happened}:
        told = [move for move in moves if move["ref"] == reference]
        real = [made for made in happened if made.reference == reference]
        shown = "\n".join(map(str, [reference, "told:", *told, "happened:", *real]))
        rest = iter(real)
        before: str | None = None
        for move in told:
            assert move["from"] == before, f"a chain: {move}\n{shown}"
            before = move["to"]
            made = next((made for made in rest if _is(move, made, podman=podman)), None)
            assert made is not None, f"did not happen: {move}\n{shown}"


def _is(move: Told, made: Made, *, podman: bool) -> bool:
    """Whether this is what was told: where it led, when, and who did it."""
    late = SECOND // 5 if podman else CLOCK  # Podman 4.3 writes an event up to 0.1 s after the act
    at = nanoseconds(move["at"])
    earliest = at if move["exact"] else nanoseconds(move["not_before"] or "")
    in_time = earliest <= made.ended + late and at >= made.begun - late
    by_whom = made.who == move["actor"] or not (move["exact"] and move["known"] == Provenance.EVENT)
    return bool(move["to"] == made.target and in_time and by_whom)


# docker-py 7.2 leaves a socket that could not connect to the collector of garbage.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.parametrize(
    ("seed", "rounds"),
    [
        pytest.param(SEED, ROUNDS, id="everyday"),
        *(
            pytest.param(
                seed,
                2 * ROUNDS,
                id=str(seed),
                marks=pytest.mark.matrix if seed < SHARES else pytest.mark.full,
            )
            for seed in range(MORE)
        ),
    ],
)
def test_whatever_happens_all_tell_one_log_and_nothing_that_did_not_happen(
    own_engine: PrivateEngine, real_registry: Registry, tmp_path: Path, seed: int, rounds: int
) -> None:
    together = Together(own_engine, real_registry, tmp_path, random.Random(seed))
    podman = together.hands.store is Store.PODMAN
    with together.running():
        for number in range(rounds):
            if number == rounds - 2:
                together.restart()
            for _ in range(STEPS):
                together.step()
            moves = together.rest()
            assert_happened(moves, together.story.happened, podman=podman)
