"""What the plan of a roll back tells, held against what an engine does: differences, dependants, commands."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from imgtui.engine.wire.translate import nanoseconds
from imgtui.model.core.digest import short
from tests.engine.contract.rolling import ENDS, SETTLE, Site
from tests.engines.kinds import CONTAINERD_STORES
from tests.engines.looked_at import only_on

pytestmark = pytest.mark.matrix

OLDER = 'CMD ["sleep", "100000"]\nENV LEVEL=old OLD=1\nLABEL who=old\nWORKDIR /old\nEXPOSE 80\n'
NEWER = 'CMD ["sleep", "100001"]\nENV LEVEL=new NEW=1\nLABEL who=new\nWORKDIR /new\nEXPOSE 90\n'


def differing(site: Site) -> tuple[str, str]:
    """An older and a newer image that give other things to a container; their IDs."""
    return site.build(f"{site.name}:o", OLDER), site.build(f"{site.name}:n", NEWER)


def plan_of(site: Site, *words: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(site.imgtui(*words, "--plan", "--json").stdout)
    return document


def test_the_difference_is_told_before_and_after_also_where_it_is_undone_and_done_again(site: Site) -> None:
    old, new = differing(site)
    site.run("-e", "MODE=mine", "-e", "API_TOKEN=hunter22", "-v", "/data", image=new)

    def told(before: str, after: str) -> set[str]:
        was, becomes = (("new", "old"), ("old", "new"))[before == "old"]
        ports = "+80/tcp, -90/tcp" if after == "old" else "-80/tcp, +90/tcp"
        ends = {"old": "sleep 100000", "new": "sleep 100001"}
        more = "-NEW (was 1), +OLD=1" if after == "old" else "+NEW=1, -OLD (was 1)"
        return {
            f"{site.api}: working directory: /{was} -> /{becomes}",
            f"{site.api}: command: {ends[before]} -> {ends[after]}",
            f"{site.api}: variables: LEVEL {was} -> {becomes}, {more}",
            f"{site.api}: exposed ports: {ports}",
            f"{site.api}: labels: who {was} -> {becomes}",
        }

    plan = site.plan(site.api, "--to", old)
    assert set(plan["changes"]) == told("new", "old")
    site.roll_back(site.api, "--to", old)

    assert set(plan_of(site, "undo", site.api)["changes"]) == told("old", "new")
    site.imgtui("undo", site.api, "--yes", "--settle", SETTLE)
    assert set(plan_of(site, "undo", site.api, "--redo")["changes"]) == told("new", "old")


def test_what_was_set_since_is_told_where_an_undo_takes_it_away(site: Site) -> None:
    site.run("--memory", "64m")
    site.roll_back(site.api)
    network = f"{site.name}-late"
    site.real.docker("network", "create", network)
    site.real.docker("network", "connect", "--alias", "second", network, site.api)
    if site.changes_restart:
        site.real.docker("update", "--memory", "80m", "--memory-swap", "160m", site.api)

    changes = plan_of(site, "undo", site.api)["changes"]

    assert f"{site.api}: networks: {network} alias second -> none" in changes
    swap = "--memory 83886080b -> 67108864b, --memory-swap 167772160b -> 134217728b"
    options = [f"{site.api}: options: {swap}"] if site.changes_restart else []
    assert [change for change in changes if "options" in change] == options
    site.real.docker("rm", site.retired)
    assert (
        f"{site.api}: networks: {network} alias second -> none" in plan_of(site, "undo", site.api)["changes"]
    )


def test_the_command_line_tells_the_change_then_risks_then_notes_then_commands(site: Site) -> None:
    old, new = differing(site)
    site.run(image=new)
    site.real.docker("exec", site.api, "sh", "-c", "echo 1 > /etc/c1")

    lines = site.imgtui("rollback", site.api, "--to", old, "--plan").stdout.splitlines()

    kinds = [_kind(line) for line in lines]
    assert kinds == sorted(kinds), "\n".join(lines)
    assert set(kinds) == {0, 1, 2, 3, 4}
    assert lines[0] == f"roll {site.api} back to {short(old)}"
    assert any(line.startswith(f"  {site.api}: command: sleep 100001 -> sleep 100000") for line in lines)


def _kind(line: str) -> int:
    """In which part of a plan a line belongs."""
    starts = (
        ("roll ", 0),
        ("  RISK: ", 2),
        ("  note: ", 3),
        ("  the same with docker:", 4),
        ("  docker ", 4),
        ("  podman ", 4),
    )
    return next((kind for start, kind in starts if line.startswith(start)), 1)


def _times(note: str) -> tuple[float, float]:
    """The least and the most seconds that a note names."""
    found = re.search(r"([0-9.]+) to ([0-9.]+) s and", note)
    assert found is not None, note
    return float(found[1]), float(found[2])


def test_the_downtime_of_what_is_recreated_with_it_is_as_it_is_told(site: Site) -> None:
    """Stopped first, it waits for all that come before it."""
    settle, starts = 1.5, 20.0
    site.run("--stop-timeout", "3")
    side, third = f"{site.name}-side", f"{site.name}-third"
    site.run(f"--network=container:{site.api}", "--stop-timeout", "2", name=side, image=site.new)
    site.run(f"--network=container:{side}", "--stop-timeout", "1", name=third, image=site.new)
    words = ("rollback", site.api, "--settle", str(settle))
    notes = json.loads(site.imgtui(*words, "--plan", "--json").stdout)["notes"]
    told = {name: next(note for note in notes if note.startswith(f"{name}: down")) for name in (side, third)}
    assert _times(told[side]) == (settle, settle + 2 + 3)
    assert _times(told[third]) == (2 * settle, 2 * settle + 1 + 2 + 3)
    assert (
        f"{side} stops (within 2 s), {site.api} stops (within 3 s), {site.api} has run 1.5 s)" in told[side]
    )
    simple = f"{site.api}: down from when the old one is stopped (within 3 s, then it is killed)"
    assert any(note.startswith(simple) for note in notes)
    before = {name: site.told(name)["Id"] for name in told}

    site.imgtui(*words, "--yes")

    for name, note in told.items():
        ended = nanoseconds(site.told(before[name])["State"]["FinishedAt"])
        down = (nanoseconds(site.told(name)["State"]["StartedAt"]) - ended) / 1e9
        least, most = _times(note)
        assert least <= down <= most + starts, (name, down, note)


@only_on(*CONTAINERD_STORES, why="other engines keep what a rebuild replaces")
def test_a_digest_that_a_rebuild_took_away_is_passed_over_by_the_default(site: Site) -> None:
    gone = site.build(site.tag)
    site.imgtui("record", "--once")
    site.build(site.tag, ENDS)
    site.imgtui("record", "--once")
    site.build(site.tag)
    site.imgtui("record", "--once")
    site.run()
    notes = site.plan(site.api)["notes"]
    assert "are passed over: gone, and no registry is known to have it" in notes[0]
    assert short(gone) in notes[0]

    site.roll_back(site.api)

    assert site.seen().running == {site.api: site.new}
