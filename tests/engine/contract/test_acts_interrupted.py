"""imgtui, or the engine, is ended at each request of an act: it ends as done or as before all the same."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.contract.acting import ACTS, Act, Seen, Shelf, report
from tests.engine.contract.rolling import Site
from tests.engines.gate import Cut, Gate
from tests.engines.private import PrivateEngine
from tests.engines.registry import Registry
from tests.engines.waiting import PATIENCE
from tests.suite.sample import Share

pytestmark = pytest.mark.matrix
UNKNOWN_YET = [act for act in ACTS if act.name == "load"]
"""An engine that has an archive loads it, whoever waits for that: it shows later what was done."""


@pytest.fixture
def shelf(site: Site, real_registry: Registry) -> Iterator[Shelf]:
    found = Shelf(site, real_registry)
    yield found
    found.clear()


def cuts() -> Iterator[tuple[Act, Cut]]:
    """Before and after each change of each act; the answer to a pull or a load has begun by then."""
    for act in ACTS:
        for number in range(1, act.changes + 1):
            yield act, Cut(number)
            yield act, Cut(number, after=True)


def faults(shelf: Shelf, act: Act, before: Seen, shown: str) -> list[str]:
    """What is not as the journal says, or as it should be."""
    after, seen, outcome = act.after(shelf, before), shelf.seen(), shelf.entry.outcome
    done = bool(outcome and outcome.startswith("done"))
    if act.name == "launch" and "ran" in seen.get(f"container {shelf.container}", ()):
        # It ended with its engine.
        after = {**after, f"container {shelf.container}": frozenset({"ran", shelf.network})}
    if act.name == "load" and not done and "new" in seen:
        # An engine that is ended between the two has the image, and has not moved the tag yet.
        before = {**before, "new": frozenset()}
    return shelf.faults(after if done else before, f"{shown}, the journal: {outcome}, {seen == after=}")


def test_imgtui_is_killed_at_any_change_of_an_act_and_the_next_one_puts_it_right(
    shelf: Shelf, gate: Gate, share: Share
) -> None:
    cells = share.of(cuts())
    wrong: list[str] = []
    for act, cut in cells:
        before = shelf.reset(act)
        with shelf.begin(act, gate.host) as process:
            gate.wait_for(cut, process.kill)
            process.wait()
        assert gate.came.is_set(), f"{act}, {cut}"
        gate.wait_quiet()
        said = shelf.put_right()
        wrong += faults(shelf, act, before, f"{act}, {cut}: {gate.changes[-1]}: {said}")
    report(share, len(cells), wrong)


def test_imgtui_is_asked_to_end_at_any_change_of_an_act_and_leaves_it_done_or_as_before(
    shelf: Shelf, gate: Gate, share: Share
) -> None:
    cells = share.of((act, Cut(cut.number, after=cut.after, passing=True)) for act, cut in cuts())
    wrong: list[str] = []
    for act, cut in cells:
        before = shelf.reset(act)
        with shelf.begin(act, gate.host) as process:
            gate.wait_for(cut, lambda one=process: one.send_signal(signal.SIGTERM))  # type: ignore[misc]
            status = process.wait()
            said = process.stderr.read() if process.stderr else ""
        assert gate.came.is_set(), f"{act}, {cut}"
        gate.wait_quiet()
        if act in UNKNOWN_YET and shelf.entry.outcome is None:
            said += shelf.put_right()
        wrong += faults(shelf, act, before, f"{act}, {cut}: {gate.changes}: exit {status}, {said}")
    report(share, len(cells), wrong)


def test_the_engine_is_killed_at_any_change_of_an_act_and_the_next_imgtui_puts_it_right(
    own_engine: PrivateEngine, real_registry: Registry, tmp_path: Path, share: Share
) -> None:
    site = Site(own_engine, tmp_path, "ended")
    shelf = Shelf(site, real_registry)
    cells = share.of(cuts())
    wrong: list[str] = []
    with Gate(tmp_path, own_engine.host) as gate:
        for act, cut in cells:
            before = shelf.reset(act)
            gate.wait_for(cut, own_engine.kill)
            done = shelf.do(act, gate.host)
            assert gate.came.wait(PATIENCE), f"{act}, {cut}"
            own_engine.start()
            said = f"exit {done.returncode}, {done.stderr}{shelf.put_right()}"
            wrong += faults(shelf, act, before, f"{act}, {cut}: {gate.changes[-1]}: {said}")
    site.engine.close()
    report(share, len(cells), wrong)


def test_a_second_signal_ends_a_verb_whose_engine_does_not_answer(shelf: Shelf, gate: Gate) -> None:
    (act,) = (act for act in ACTS if act.name == "tag that takes the last name away")
    before, asked, answered = shelf.reset(act), threading.Event(), threading.Event()

    def hang() -> None:
        asked.set()
        answered.wait(PATIENCE)

    with shelf.begin(act, gate.host) as process:
        gate.wait_for(Cut(act.changes, passing=True), hang)
        assert asked.wait(PATIENCE)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        assert process.wait() == -signal.SIGTERM
    answered.set()
    gate.wait_quiet()
    said = shelf.put_right()
    assert faults(shelf, act, before, said) == []
