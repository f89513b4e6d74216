"""A roll back that does not come to its end: everything is as it was, or it is said what is left to do."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from imgtui.operations.acts.acts import PlanOutdated
from imgtui.operations.containers.replacing import Watch
from tests.engine.contract.rolling import ENDS, ILL, SETTLE, Site
from tests.engines.gate import Cut, Gate
from tests.engines.kinds import PODMANS
from tests.engines.looked_at import not_on
from tests.engines.waiting import PATIENCE
from tests.engines.wrong_answers import Wrong
from tests.suite.sample import Share
from tests.verbs.command import IMGTUI, environment

READ_ONLY = (
    *("unshare", "--mount", "sh", "-ec"),
    'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; shift; exec "$@"',
    "sh",
)
"""Runs a command for which a folder is on a read-only disk."""
AT_ONCE = Watch(settling=0)
CREATED, STOPPED, STARTED = (Cut(1, ending=ending, passing=True) for ending in ("/create", "/stop", "/start"))


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        port: int = taken.getsockname()[1]
    return port


def taken(port: int) -> socket.socket:
    """Somebody who listens there."""
    thief = socket.socket()
    thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    thief.bind(("0.0.0.0", port))
    thief.listen()
    return thief


@pytest.mark.in_turn
def test_what_ends_at_once_leaves_everything_as_it_was(site: Site) -> None:
    ends = site.image("ends", ENDS)
    site.run("--restart=always")

    why = site.refused(site.api, "--to", ends)

    assert "everything is as it was" in why
    assert "no such database" in why
    assert site.seen() == site.as_it_was("always")
    assert site.take_up() == "nothing was interrupted\n"


@pytest.mark.in_turn
@pytest.mark.in_turn
@not_on(*PODMANS, why="Podman checks health by systemd, which is not here")
def test_what_is_not_healthy_leaves_everything_as_it_was(site: Site) -> None:
    ill = site.image("ill", ILL)
    site.run("--restart=unless-stopped")

    why = site.refused(site.tag, "--with", site.api, "--to", ill)

    assert "its health check fails: cannot connect; everything is as it was" in why
    assert site.seen() == site.as_it_was("unless-stopped")


def test_one_of_two_that_is_not_well_takes_both_back(site: Site) -> None:
    worker = f"{site.name}-worker"
    site.run("--restart=always")
    site.run(name=worker, command=("sh", "-c", "read v </etc/version; case $v in *new) sleep 100000; esac"))

    why = site.refused(site.tag, "--with", site.api, "--with", worker)

    assert "everything is as it was" in why
    seen = site.seen()
    assert seen.running == {site.api: site.new, worker: site.new}
    assert seen.policies == {site.api: "always", worker: "no"}
    assert seen.tag == site.new


@pytest.mark.in_turn
@pytest.mark.in_turn
def test_a_port_that_is_taken_for_a_moment_leaves_everything_as_it_was(site: Site, gate: Gate) -> None:
    port = free_port()
    site.run("-p", f"{port}:80", "--restart=always")
    thieves = ExitStack()

    def take() -> None:
        thieves.enter_context(taken(port))
        gate.wait_for(STARTED, thieves.close)

    gate.wait_for(STARTED, take)
    why = site.refused(site.api, host=gate.host)

    assert "everything is as it was" in why
    assert str(port) in why
    assert site.seen() == site.as_it_was("always")
    assert site.take_up() == "nothing was interrupted\n"


@not_on("docker28-rootless", why="runc without control groups cannot end what a refused port left (28.5)")
def test_a_port_that_stays_taken_leaves_it_to_be_taken_up(site: Site, gate: Gate) -> None:
    port = free_port()
    site.run("-p", f"{port}:80", "--restart=always")
    with ExitStack() as thieves:
        gate.wait_for(STARTED, lambda: thieves.enter_context(taken(port)))
        why = site.refused(site.api, host=gate.host)

        assert "could not be put back" in why
        assert "take it up again (!, --unfinished)" in why
        assert site.seen().running == {}
        assert "take it up first (!, --unfinished)" in site.refused(site.api)

    assert "everything is as it was" in site.take_up()
    assert site.seen() == site.as_it_was("always")


@pytest.mark.in_turn
def test_a_digest_that_goes_meanwhile_leaves_everything_as_it_was(site: Site, gate: Gate) -> None:
    site.run("--restart=always")
    other = site.build(f"{site.name}:other")
    gate.wait_for(CREATED, lambda: site.real.docker("rmi", "--force", other))

    why = site.refused(site.api, "--to", other, host=gate.host)

    assert "everything is as it was" in why
    assert site.seen() == site.as_it_was("always")


def gone(site: Site) -> None:
    site.real.docker("rmi", "--force", f"{site.name}:other")


def renamed(site: Site) -> None:
    site.real.docker("rename", site.api, f"{site.api}-other")
    site.run()


def stopped(site: Site) -> None:
    site.real.docker("stop", site.api)


def another(site: Site) -> None:
    site.real.docker("rm", "--force", site.api)
    site.run()


def limited(site: Site) -> None:
    site.real.docker("update", "--memory", "32m", "--memory-swap", "64m", site.api)


def connected(site: Site) -> None:
    site.real.docker("network", "create", f"{site.name}-late")
    site.real.docker("network", "connect", f"{site.name}-late", site.api)


@pytest.mark.in_turn
@pytest.mark.in_turn
@pytest.mark.parametrize(
    "change",
    [
        *(stopped, another, connected, renamed, gone),
        pytest.param(
            limited,
            marks=[
                not_on("podman", why="the Docker API of Podman 4.3 has no update"),
                not_on("docker28-rootless", why="there are no control groups for a user"),
            ],
        ),
    ],
)
def test_what_is_not_as_it_was_planned_for_is_not_touched(site: Site, change: Callable[[Site], None]) -> None:
    site.run()
    rollbacks, plan = site.planned(site.build(f"{site.name}:other") if change is gone else site.old)
    change(site)
    before = site.seen()

    with pytest.raises(PlanOutdated, match="nothing was done, look again"):
        rollbacks.perform(plan, lambda _: None, AT_ONCE)

    assert site.seen() == before


def test_nothing_that_happened_since_means_that_it_is_done(site: Site) -> None:
    site.run("--restart=always", "-v", "/data", "-e", "B=1", "-e", "A=2", "--label", "mine=1")
    rollbacks, plan = site.planned(site.old)

    rollbacks.perform(plan, lambda _: None, AT_ONCE)

    assert site.seen() == site.rolled_back("always")


@pytest.mark.in_turn
@pytest.mark.parametrize("cut", [CREATED, STARTED])
def test_two_at_once_are_one_after_the_other(site: Site, gate: Gate, cut: Cut) -> None:
    site.run("--restart=always")
    said: list[str] = []
    gate.wait_for(cut, lambda: said.append(site.refused(site.api)))

    site.roll_back(site.api, host=gate.host)

    assert "another imgtui rolls back on this engine" in said[0]
    assert site.seen() == site.rolled_back("always")


@pytest.mark.in_turn
@pytest.mark.in_turn
@pytest.mark.parametrize("cut", ["stop", "rename"])
def test_two_of_different_people_at_once_leave_one_that_runs(
    site: Site, gate: Gate, tmp_path: Path, cut: str
) -> None:
    site.run("--restart=always")
    arguments = (site.api, "--to", site.old)
    gate.wait_for(
        Cut(1, ending=f"/{cut}", passing=True),
        lambda: site.try_to_roll_back(*arguments, home=tmp_path / "else"),
    )

    site.try_to_roll_back(*arguments, host=gate.host)

    assert gate.came.wait(PATIENCE)
    assert site.seen() in (site.as_it_was("always"), site.rolled_back("always"))


def test_without_a_state_file_the_plan_says_the_risk(site: Site) -> None:
    site.run("--restart=always")
    site.state.unlink()
    site.state.mkdir()  # not even root can write to that

    (risk,) = site.plan(site.api, "--to", site.old)["risks"]

    assert risk.startswith(f"{site.api} is not written down (the state file ")
    assert risk.endswith("interrupted, it is not put back by itself")
    site.roll_back(site.api, "--to", site.old)
    assert site.seen() == site.rolled_back("always")


@pytest.mark.in_turn
def test_nobody_who_looks_on_any_more_stops_nothing(site: Site, gate: Gate) -> None:
    site.run("--restart=always")
    with site.begin(site.api, host=gate.host) as process:
        assert process.stderr
        gate.wait_for(STOPPED, process.stderr.close)
        process.wait()

    assert gate.came.wait(PATIENCE)
    assert site.seen() == site.rolled_back("always")


@pytest.mark.in_turn
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_asked_to_end_it_leaves_everything_as_it_was(site: Site, number: signal.Signals) -> None:
    site.run("--restart=always")
    with site.begin(site.api, "--settle", "600", host=site.real.host) as process:
        assert process.stderr
        next(line for line in process.stderr if "settling" in line)
        process.send_signal(number)
        why = process.stderr.read()

    assert process.returncode == 1
    assert "stopped by hand; everything is as it was" in why
    assert site.seen() == site.as_it_was("always")


def refusal(status: str) -> Wrong:
    return Wrong(status, '{"message": "not today"}', status)


FAULTS = (
    *map(refusal, ("403 Forbidden", "404 Not Found", "409 Conflict", "500 Internal Server Error")),
    Wrong("redirect", "", "302 Found", more="Location: /elsewhere\r\n"),
    Wrong("no content", status="204 No Content"),
    Wrong("null", "null"),
    Wrong("object", "{}"),
    Wrong("list", "[1]", "201 Created"),
    None,
)
"""What is answered to a request in the engine's place; None ends the connection."""


@pytest.mark.in_turn
def test_whatever_is_answered_to_one_request_it_is_done_or_everything_is_as_it_was(
    site: Site, gate: Gate, share: Share
) -> None:
    network = f"{site.name}-network"
    site.real.docker("network", "create", network)

    def start() -> None:
        site.remove_containers()
        site.run("--restart=always")
        site.real.docker("network", "connect", network, site.api)

    before, after = site.as_it_was("always"), site.rolled_back("always")
    for _ in range(2):  # the first one keeps what runs
        start()
        gate.wait_for(None)
        site.roll_back(site.api, host=gate.host)
    assert site.seen() == after
    made = len(gate.changes)
    assert 5 <= made <= 20, gate.changes
    for number, fault in share.of((number, fault) for number in range(1, made + 1) for fault in FAULTS):
        start()
        gate.wait_for(Cut(number, answer=fault))
        done = site.try_imgtui("rollback", site.api, "--yes", "--settle", "0", host=gate.host)
        shown = f"{number}: {gate.changes[-1]} answered by {fault}: {done.stdout}{done.stderr}"
        assert gate.came.is_set(), shown
        assert site.seen() == (after if done.returncode == 0 else before), shown
        assert network in site.told()["NetworkSettings"]["Networks"], shown
        assert not site.unfinished, shown


@pytest.mark.in_turn
def test_where_one_of_compose_cannot_be_removed_it_is_done_and_said(
    site: Site, gate: Gate, share: Share
) -> None:
    site.of_compose = True
    for fault in share.of(FAULTS):
        site.remove_containers()
        site.run("--restart=always")
        gate.wait_for(Cut(1, ending=f"/containers/{site.told()['Id']}", answer=fault))
        done = site.try_imgtui("rollback", site.api, "--yes", "--settle", "0", host=gate.host)
        shown = f"{gate.changes} answered by {fault}: {done.stdout}{done.stderr}"
        assert gate.came.is_set(), shown
        if done.returncode == 3:
            site.take_up()
        elif site.retired in site.seen().policies:
            assert done.returncode == 0, shown
            assert f"{site.retired} could not be removed" in done.stdout, shown
            site.real.docker("rm", site.retired)
        assert site.seen() == site.rolled_back("always"), shown
        assert not site.unfinished, shown


@pytest.mark.matrix
def test_on_a_read_only_disk_it_is_done_after_that_was_said(site: Site) -> None:
    site.run()
    folder = site.state.parent
    site.imgtui("ls")

    def call_there(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = (*READ_ONLY, str(folder), str(IMGTUI), *arguments)
        environ = environment(site.home, site.real.host)
        return subprocess.run(
            command, check=False, env=environ, capture_output=True, text=True, timeout=PATIENCE
        )

    plan = json.loads(call_there("rollback", site.api, "--to", site.old, "--plan", "--json").stdout)
    assert any("is not written down" in risk for risk in plan["risks"])

    done = call_there("rollback", site.api, "--to", site.old, "--yes", "--settle", SETTLE)

    assert done.returncode == 0, done.stderr
    assert site.seen().running == {site.api: site.old}
