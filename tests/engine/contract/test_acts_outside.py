"""Somebody does something with docker between two requests of an act: nothing of theirs is undone or lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import pytest

from tests.engine.contract.acting import ACTS, Act, Seen, Shelf, report
from tests.engine.contract.rolling import Site
from tests.engines.gate import Cut, Gate
from tests.engines.private import CommandFailedError
from tests.engines.registry import Registry
from tests.suite.sample import Share

pytestmark = pytest.mark.matrix
Outside = Callable[[Shelf], object]


def another_name(shelf: Shelf) -> None:
    shelf.site.real.docker("tag", shelf.own, shelf.extra)


def removed_by_force(shelf: Shelf) -> None:
    shelf.site.real.docker("rmi", "--force", shelf.own)


def tag_moved(shelf: Shelf) -> None:
    shelf.site.real.docker("tag", shelf.site.new, shelf.tag)


def container_made(shelf: Shelf) -> None:
    shelf.site.real.docker("create", "--name", f"{shelf.site.name}-theirs", shelf.own, "true")


def container_removed(shelf: Shelf) -> None:
    shelf.site.real.docker("rm", "--force", shelf.container)


def container_renamed(shelf: Shelf) -> None:
    shelf.site.real.docker("rename", shelf.container, f"{shelf.container}-theirs")


OF_IMAGES: Final = (another_name, removed_by_force, tag_moved, container_made)
OF_CONTAINERS: Final = (container_removed, container_renamed)


@pytest.fixture
def shelf(site: Site, real_registry: Registry) -> Iterator[Shelf]:
    found = Shelf(site, real_registry)
    yield found
    found.clear()


def cells() -> Iterator[tuple[Act, Cut, Outside]]:
    """Each act of theirs before and after each change of each act of imgtui's."""
    for act in ACTS:
        for number in range(1, act.changes + 1):
            for after in (False, True):
                cut = Cut(number, after=after, passing=True)
                if act.name not in {"launch", "discard"}:
                    yield from ((act, cut, outside) for outside in OF_IMAGES)
                elif number > 1 or after or act.running:
                    yield from ((act, cut, outside) for outside in OF_CONTAINERS)


def test_what_somebody_does_between_two_requests_is_neither_undone_nor_lost(
    shelf: Shelf, gate: Gate, share: Share
) -> None:
    tried = share.of(cells())
    wrong: list[str] = []
    for act, cut, outside in tried:
        shelf.reset(act)
        outside_failed: list[Exception] = []

        def do(what: Outside = outside, failed: list[Exception] = outside_failed) -> None:
            try:
                what(shelf)
            except CommandFailedError as error:  # the image, or the tag, has gone by then
                failed.append(error)

        gate.wait_for(cut, do)
        done = shelf.do(act, gate.host)
        assert gate.came.is_set(), f"{act}, {cut}"
        gate.wait_quiet()
        shown = f"{act}, {cut}, {outside.__name__} {outside_failed}: {done.returncode}, {done.stderr}"
        said_done = (shelf.entry.outcome or "").startswith("done")
        if said_done != (done.returncode == 0) or "Traceback" in done.stderr:
            wrong.append(f"{shown}, but the journal: {shelf.entry.outcome}")
            continue
        wrong += faults(shelf, act, outside, shelf.seen(), shown, failed=bool(outside_failed))
    report(share, len(tried), wrong)


def faults(shelf: Shelf, act: Act, outside: Outside, seen: Seen, shown: str, *, failed: bool) -> list[str]:
    """What is not right."""
    outcome = shelf.entry.outcome or ""
    done = outcome.startswith("done")
    own = seen.get("own", frozenset())
    containers = {name: state for name, state in seen.items() if name.startswith("container ")}
    right = {
        "written down": bool(outcome),
    }
    if outside is another_name and not failed:
        right["their name is there"] = shelf.extra in own
    if outside is tag_moved and not failed and not (done and act.name in {"pull", "load"}):
        at_theirs = shelf.tag in seen[shelf.site.new]
        right["their tag is where it was put, or what was done is what came last"] = at_theirs or done
    if outside is container_made and not failed:
        right["their container has its image"] = "own" in seen and len(containers) == 1
    if act.name == "launch":
        right["what is there has run"] = all("runs" in state for state in containers.values())
        theirs = outside is container_removed and not failed
        right["done or nothing"] = len(containers) == (1 if done and not theirs else 0)
    elif act.name == "discard":
        right["done"] = done and not containers
    elif act.name.startswith("rm") and done:
        right["gone"] = "own" not in seen
    if not done and outside is not removed_by_force and not act.kept:
        right["no keep but for its last name"] = "a keep" not in own or own == {"a keep"}
    if not done and outside is another_name and not failed:
        given = {shelf.second: act.second, "a keep": act.kept}
        right["its names as before"] = own == {shelf.tag, shelf.extra, *(n for n, g in given.items() if g)}
    return [f"{shown}: not {what}: {outcome}, {seen}" for what, holds in right.items() if not holds][:1]
