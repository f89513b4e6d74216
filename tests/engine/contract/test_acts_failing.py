"""Every request of an act is answered wrongly in turn: the act is done, or everything is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import Final

import pytest

from tests.engine.contract.acting import ACTS, Act, Shelf, report
from tests.engine.contract.rolling import Site
from tests.engine.contract.test_rollback_failing import FAULTS
from tests.engines.gate import Cut, Gate
from tests.engines.private import PrivateEngine
from tests.engines.registry import Registry
from tests.faults import impatient_cli
from tests.faults.proxy import Played
from tests.faults.table import BY_NAME
from tests.suite.sample import Share
from tests.verbs.command import CLI

pytestmark = pytest.mark.matrix
HALF_A_MINUTE = 30.0
LOOKS = 3
"""Questions after its first change that each act is tested with; some ask fewer."""
ODD = tuple(fault for fault in FAULTS if str(fault)[:3] in {"403", "404", "500", "nul", "Non"})
"""What is answered to a question."""
FOREIGN: Final = tuple(
    Played(BY_NAME[name])
    for name in ("gzip", "two lengths", "a text without an end", "500 whose message is an object")
)
"""What no engine answers, whether it has done what it was asked or never got it."""
DRIPS: Final = Played(BY_NAME["a body that drips"])


@pytest.fixture
def shelf(site: Site, real_registry: Registry) -> Iterator[Shelf]:
    found = Shelf(site, real_registry)
    yield found
    found.clear()


def test_each_act_is_done_by_as_many_requests_as_it_is_said_to_take(shelf: Shelf, gate: Gate) -> None:
    for act in ACTS:
        before = shelf.reset(act)
        gate.wait_for(None)
        done = shelf.do(act, gate.host)
        assert done.returncode == 0, f"{act}: {done.stderr}"
        assert shelf.seen() == act.after(shelf, before), act
        assert len(gate.changes) == act.changes, (act, gate.changes)
        assert shelf.entries[0].outcome is not None, act


@pytest.mark.in_turn
def test_whatever_is_answered_to_one_request_of_an_act_it_is_done_or_everything_is_as_it_was(
    shelf: Shelf, gate: Gate, share: Share
) -> None:
    cells = share.of(
        (act, Cut(number, answer=fault))
        for act in ACTS
        for number in range(1, act.changes + 1)
        for fault in FAULTS
    )
    report(share, len(cells), [wrong for cell in cells for wrong in faults(shelf, gate, *cell)])


@pytest.mark.in_turn
def test_whatever_comes_that_is_no_answer_of_an_engine_the_act_is_done_or_everything_is_as_it_was(
    shelf: Shelf, gate: Gate, share: Share
) -> None:
    cells = share.of(
        (act, Cut(number, answer=fault, after=after))
        for act in ACTS
        for number in range(1, act.changes + 1)
        for fault in FOREIGN
        for after in (False, True)
    )
    report(share, len(cells), [wrong for cell in cells for wrong in faults(shelf, gate, *cell)])


@pytest.mark.in_turn
def test_an_act_does_not_wait_for_ever_and_is_done_or_everything_is_as_it_was(
    shelf: Shelf, gate: Gate, share: Share
) -> None:
    cells = share.of(
        (replace(act, module=impatient_cli.__name__), Cut(number, answer=DRIPS, after=after))
        for act in ACTS
        if act.module == CLI
        for number in range(1, act.changes + 1)
        for after in (False, True)
    )
    report(share, len(cells), [wrong for cell in cells for wrong in faults(shelf, gate, *cell)])


@pytest.mark.in_turn
def test_whatever_is_answered_to_one_look_after_a_change_it_is_done_or_everything_is_as_it_was(
    shelf: Shelf, gate: Gate, share: Share
) -> None:
    cells = share.of(
        (act, Cut(number, answer=fault, reads=True))
        for act in ACTS
        for number in range(1, LOOKS + 1)
        for fault in ODD
    )
    report(share, len(cells), [wrong for cell in cells for wrong in faults(shelf, gate, *cell)])


def faults(shelf: Shelf, gate: Gate, act: Act, cut: Cut) -> list[str]:
    """What is not right after an act to one of whose requests was answered wrongly."""
    before = shelf.reset(act)
    gate.wait_for(cut)
    done = shelf.do(act, gate.host)
    gate.wait_quiet()
    asked = (gate.looks if cut.reads else gate.changes)[: cut.number]
    assert gate.came.is_set() or cut.reads, (act, cut)
    said = ""
    untold = cut.answer is None or cut.reads or isinstance(cut.answer, Played)
    if untold and shelf.entry.outcome is None:
        said = shelf.put_right()  # it was not told what was done: it is known later
    ended = (shelf.entry.outcome or "").startswith("done")
    shown = (
        f"{act}, {cut.number}: {asked[-1:]} answered by {cut.answer}: {done.returncode}, {done.stderr}{said}"
    )
    if "Traceback" in done.stderr or (done.returncode == 0) > ended:
        return [f"{shown}, and the journal: {shelf.entry.outcome}"]
    if act.name == "pull of a digest" and not ended and cut.reads and "new" in shelf.seen():
        before = {**before, "new": frozenset()}  # it arrived, which nobody could be told; no tag has moved
    return shelf.faults(act.after(shelf, before) if ended else before, shown)


@pytest.mark.in_turn
def test_an_answer_that_comes_half_a_minute_late_is_waited_for(
    real_engine: PrivateEngine, real_registry: Registry, tmp_path: Path
) -> None:
    late = [act for act in ACTS if act.name != "pull of a digest"]  # which has no name to be told apart by
    with ExitStack() as stack, ThreadPoolExecutor(len(late)) as pool:
        shelves = []
        for number, act in enumerate(late):
            home = tmp_path / str(number)
            home.mkdir()
            shelf = Shelf(Site(real_engine, home, f"late-{number}"), real_registry)
            stack.callback(shelf.close)
            gate = stack.enter_context(Gate(home, real_engine.host))
            shelf.site.imgtui("ls", host=gate.host)
            before = shelf.reset(act)
            gate.wait_for(Cut(act.changes, after=True, passing=True), partial(Event().wait, HALF_A_MINUTE))
            shelves.append((act, shelf, gate, before))
        done = [pool.submit(shelf.do, act, gate.host) for act, shelf, gate, _ in shelves]
        for (act, shelf, gate, before), ended in zip(shelves, done, strict=True):
            assert ended.result().returncode == 0, (act, ended.result().stderr)
            assert gate.came.is_set(), act
            seen, right = (  # images without a name of this site are of others
                {key: names for key, names in each.items() if names}
                for each in (shelf.seen(), act.after(shelf, before))
            )
            assert seen == right, act
            assert shelf.entry.outcome is not None, act
