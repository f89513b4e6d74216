"""Somebody does something with docker between two requests of a roll back: neither none nor both run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import pytest

from tests.engine.contract.acting import report
from tests.engine.contract.rolling import SETTLE, Site
from tests.engines.gate import Cut, Gate
from tests.engines.private import CommandFailedError
from tests.suite.sample import Share

POLICY: Final = "always"


@dataclass
class Act:
    """One roll back of a tag and its container, and what somebody did in the middle of it."""

    site: Site
    old: str
    target: str

    @property
    def new(self) -> list[str]:
        """IDs of what imgtui has made."""
        return [each["Id"] for each in self.site.documents() if each["Id"] != self.old]


def old_removed(act: Act) -> None:
    act.site.real.docker("rm", "--force", act.old)


def new_removed(act: Act) -> None:
    for each in act.new:
        act.site.real.docker("rm", "--force", each)


def old_renamed(act: Act) -> None:
    act.site.real.docker("rename", act.old, f"{act.site.name}-theirs")


def new_renamed(act: Act) -> None:
    for each in act.new:
        act.site.real.docker("rename", each, f"{act.site.name}-theirs")


def tag_moved(act: Act) -> None:
    act.site.real.docker("tag", act.site.image("third"), act.site.tag)


def target_removed(act: Act) -> None:
    act.site.real.docker("rmi", "--force", act.target)


OUTSIDE: Final = (old_removed, new_removed, old_renamed, new_renamed, tag_moved, target_removed)


@pytest.mark.matrix
def test_what_somebody_does_between_two_requests_leaves_one_that_runs(
    site: Site, gate: Gate, share: Share
) -> None:
    site.image("third")
    tried = share.of(cells(site, gate))
    wrong = [said for cut, outside in tried for said in faults(site, gate, cut, outside)]
    report(share, len(tried), wrong)


def cells(site: Site, gate: Gate) -> Iterator[tuple[Cut, Callable[[Act], None]]]:
    """Each act of theirs before and after each change that a roll back makes."""
    for _ in range(2):  # only the first one keeps what runs
        act = start(site)
        gate.wait_for(None)
        site.roll_back(site.tag, "--with", site.api, "--to", act.target, host=gate.host)
    cuts = [Cut(number, passing=True) for number in range(1, len(gate.changes) + 1)]
    yield from product([*cuts, *(replace(cut, after=True) for cut in cuts)], OUTSIDE)


def start(site: Site) -> Act:
    """The tag and its container as they are before it; the target has a tag of its own."""
    site.remove_containers()
    target = site.build(f"{site.name}:target")
    site.move(site.new)
    return Act(site, site.run(f"--restart={POLICY}"), target)


def faults(site: Site, gate: Gate, cut: Cut, outside: Callable[[Act], None]) -> list[str]:
    """What is not right when it has ended, and was taken up where it was not at its end."""
    act, failed = start(site), list[Exception]()

    def do() -> None:
        try:
            outside(act)
        except CommandFailedError as error:  # what it was about has gone by then
            failed.append(error)

    gate.wait_for(cut, do)
    done = site.try_imgtui(
        "rollback",
        site.tag,
        "--with",
        site.api,
        "--to",
        act.target,
        "--yes",
        "--settle",
        SETTLE,
        host=gate.host,
    )
    assert gate.came.is_set(), cut
    gate.wait_quiet()
    said = site.take_up() if site.unfinished else ""
    seen = site.seen()
    shown = f"{outside.__name__} {cut}: {gate.changes[cut.number - 1 :][:1]} {failed}: {done.returncode}"
    names, theirs = set(seen.running), f"{site.name}-theirs"
    known = {each["Id"] for each in site.documents()}
    right = {
        # What is removed when nothing is left to be done is not missed.
        "one runs, if one is there": len(names) == (1 if known else 0)
        or (outside is new_removed and not gate.changes[cut.number :]),
        "it has its name, or theirs": names <= {site.api, theirs},
        "it is started again": all(seen.policies[name] == POLICY for name in names),
        "no other is started again": not site.changes_restart
        or all(policy == "no" for name, policy in seen.policies.items() if name not in names),
        "nothing is left of it": not any(
            name.endswith(("-imgtui-new", "-imgtui-old")) for name in seen.policies
        ),
        "it is over": not site.unfinished,
        "one line says why": done.returncode == 0 or "Traceback" not in done.stderr,
        "their tag is theirs, or it is done": outside is not tag_moved
        or seen.tag == site.image("third")
        or done.returncode == 0,
    }
    return [
        f"{shown}: not: {what}: {seen} {done.stderr}{said}" for what, holds in right.items() if not holds
    ][:1]
