"""Containers that share a namespace with one that is rolled back are made anew with it, on a real engine."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from imgtui.model.core.digest import short
from imgtui.operations.acts.acts import PlanOutdated
from imgtui.operations.containers.replacing import Watch
from tests.engine.contract.rolling import ENDS, SETTLE, WAITS, Site
from tests.engines.gate import Cut, Gate
from tests.engines.kinds import PODMANS
from tests.engines.looked_at import not_on
from tests.engines.waiting import PATIENCE
from tests.engines.wrong_answers import Wrong
from tests.suite.sample import Share

MODES = {"network": "NetworkMode", "pid": "PidMode", "ipc": "IpcMode"}


@dataclass
class Pod:
    """`api`, a sidecar that shares its namespaces, and one that shares those of the sidecar."""

    site: Site
    kinds: tuple[str, ...] = ("network", "pid")

    def __post_init__(self) -> None:
        self.api = self.site.run("--restart=always")
        self.side = self.beside("side", self.site.api, "--restart=always", "-e", "MODE=mine")
        self.third = self.beside("third", self.name("side"))

    def name(self, which: str) -> str:
        return f"{self.site.name}-{which}"

    def beside(self, which: str, of: str, *options: str) -> str:
        shared = [f"--{kind}=container:{of}" for kind in self.kinds]
        return self.site.run(*shared, *options, name=self.name(which), image=self.site.new)

    @property
    def names(self) -> list[str]:
        return [self.site.api, self.name("side"), self.name("third")]

    def joined(self) -> list[str]:
        """IDs of the containers whose namespaces the second and the third share."""
        found = []
        for which in ("side", "third"):
            host = self.site.told(self.name(which))["HostConfig"]
            (mode,) = {host[MODES[kind]] for kind in self.kinds}
            found.append(mode.removeprefix("container:"))
        return found

    def assert_well(self) -> None:
        """All run, each in the namespaces of the one that has the name now."""
        running = self.site.seen().running
        assert set(running) == set(self.names)
        assert self.joined() == [self.site.told(name)["Id"] for name in self.names[:2]]
        for name in self.names:
            assert self.site.told(name)["State"]["Running"]

    def assert_as_it_was(self) -> None:
        """The three are there as before, and nothing else."""
        self.assert_well()
        assert [self.site.told(name)["Id"] for name in self.names] == [self.api, self.side, self.third]
        assert set(self.site.seen().policies) == set(self.names)
        assert [self.site.seen().policies[name] for name in self.names] == ["always", "always", "no"]


@pytest.mark.matrix
@pytest.mark.parametrize("kinds", [("network", "pid"), ("network",), ("pid",)], ids="+".join)
def test_what_shares_a_namespace_is_made_anew_after_it_on_its_image(
    site: Site, kinds: tuple[str, ...]
) -> None:
    pod = Pod(site, kinds)
    plan = site.plan(site.api)
    assert not any("side" in risk for risk in plan["risks"])
    assert [each["name"] for each in plan["containers"]] == pod.names

    site.roll_back(site.api)

    pod.assert_well()
    assert site.seen().running == dict(zip(pod.names, (site.old, site.new, site.new), strict=True))
    assert "MODE=mine" in site.told(pod.name("side"))["Config"]["Env"]
    assert site.seen().policies[pod.name("side")] == "always"
    assert site.told(pod.name("side"))["Id"] != pod.side


@pytest.mark.matrix
def test_the_plan_has_the_docker_commands_in_their_order(site: Site) -> None:
    pod = Pod(site)
    shown = site.imgtui("rollback", site.api, "--plan").stdout
    order = [
        f"docker stop {pod.name('third')}",
        f"docker stop {pod.name('side')}",
        f"docker stop {site.api}",
        f"docker start {site.api}",
        f"docker create --name {pod.name('side')}-imgtui-new",
        f"docker start {pod.name('side')}",
        f"docker create --name {pod.name('third')}-imgtui-new",
        f"docker start {pod.name('third')}",
    ]
    places = [shown.index(command) for command in order]
    assert places == sorted(places)
    assert f"--network container:{site.api}" in shown
    assert f"--network container:{pod.name('side')}" in shown


@pytest.mark.matrix
def test_it_is_undone_and_done_again_together(site: Site) -> None:
    pod = Pod(site)
    site.roll_back(site.api)
    forward = [site.told(name)["Id"] for name in pod.names]

    site.imgtui("undo", site.api, "--yes", "--settle", SETTLE)
    pod.assert_well()
    assert [site.told(name)["Id"] for name in pod.names] == [pod.api, pod.side, pod.third]

    site.imgtui("undo", site.api, "--redo", "--yes", "--settle", SETTLE)
    pod.assert_well()
    assert [site.told(name)["Id"] for name in pod.names] == forward


@not_on(*PODMANS, why="Podman removes no container that another one needs")
@pytest.mark.matrix
def test_where_the_one_before_was_removed_what_shares_it_is_made_anew_when_it_is_undone(site: Site) -> None:
    pod = Pod(site)
    site.roll_back(site.api)
    for which in ("third", "side"):
        site.real.docker("rm", f"{pod.name(which)}-{short(site.new)}")
    site.real.docker("rm", site.retired)

    site.imgtui("undo", site.api, "--yes", "--settle", SETTLE)

    pod.assert_well()
    assert set(site.seen().running.values()) == {site.new}


@pytest.mark.matrix
def test_one_that_came_since_is_taken_along_when_it_is_undone(site: Site) -> None:
    site.run()
    site.roll_back(site.api)
    side = f"{site.name}-side"
    site.run(f"--network=container:{site.api}", name=side)

    site.imgtui("undo", site.api, "--yes", "--settle", SETTLE)

    assert site.seen().running == {site.api: site.new, side: site.new}
    assert site.told(side)["HostConfig"]["NetworkMode"] == f"container:{site.told()['Id']}"


def test_where_the_new_one_does_not_work_all_run_as_before(site: Site) -> None:
    pod = Pod(site)

    why = site.refused(site.api, "--to", site.image("ends", ENDS))

    # One that runs again at the moment when it is looked at tells no code.
    assert why.startswith(
        (f"imgtui: {site.api}: it ended with code 3", f"imgtui: {site.api}: it has ended, and is")
    )
    assert "everything is as it was; it said: no such database" in why
    pod.assert_as_it_was()


@pytest.mark.matrix
def test_where_what_shares_it_does_not_work_it_is_said_which_one_and_what_it_said(site: Site) -> None:
    """It ends when it is started for the second time, also as another container: a volume tells."""
    site.run()
    side, once = f"{site.name}-side", "[ ! -e /data/ran ] || { echo not twice; exit 3; }; echo > /data/ran"
    mount = ("-v", "/data", f"--network=container:{site.api}")
    site.run(*mount, name=side, image=site.new, command=("sh", "-c", f"{once}; sleep 100000"))

    why = site.refused(site.api, "--settle", "2")

    assert why.startswith(f"imgtui: {side}: it ended with code 3")
    assert f"{side} was started again, and has ended" in why
    assert "everything is as it was" not in why
    assert "it said: not twice" in why
    assert site.seen().running == {site.api: site.new}


@pytest.mark.matrix
def test_one_that_comes_while_the_new_one_is_made_is_not_cut_off(site: Site, gate: Gate) -> None:
    site.run()
    side = f"{site.name}-side"
    gate.wait_for(
        Cut(1, ending="/create", passing=True), lambda: site.run(f"--network=container:{site.api}", name=side)
    )

    why = site.refused(site.api, host=gate.host)

    assert f"{side} uses {site.api} by now" in why
    assert "everything is as it was" in why
    assert site.seen().running == {site.api: site.new, side: site.new}


@not_on("docker20-overlay2", "docker28-overlay2", *PODMANS, why="it has the image of what runs")
@pytest.mark.parametrize("kind", ["network", "pid"])
@pytest.mark.matrix
def test_what_cannot_be_recreated_is_started_again_with_the_one_before(site: Site, kind: str) -> None:
    side, gone = f"{site.name}-side", site.build(f"{site.name}:side")
    site.run()
    site.run(f"--{kind}=container:{site.api}", name=side, image=gone)
    site.build(f"{site.name}:side", WAITS + "LABEL another=1\n")
    assert any(risk.startswith(f"{side} uses") for risk in site.plan(site.api)["risks"])

    why = site.refused(site.api, "--to", site.image("ends", ENDS))

    shared = "PID" if kind == "pid" else kind
    assert f"{side}, which shares {shared} of {site.api}, was started again" in why
    assert site.seen().running == {site.api: site.new, side: gone}
    began = [site.told(name)["State"]["StartedAt"] for name in (site.api, side)]
    assert began == sorted(began)


@pytest.mark.matrix
def test_who_does_not_want_that_is_refused(site: Site) -> None:
    pod = Pod(site)

    why = site.refused(site.api, "--no-dependents")

    assert f"{pod.name('side')} uses network, PID of {site.api}" in why
    pod.assert_as_it_was()


@pytest.mark.matrix
def test_both_are_rolled_back_where_both_are_wanted(site: Site) -> None:
    site.run()
    side = f"{site.name}-side"
    site.run(f"--network=container:{site.api}", name=side)

    site.roll_back(site.tag, "--with", side, "--with", site.api)

    assert site.seen().running == {site.api: site.old, side: site.old}
    assert site.told(side)["HostConfig"]["NetworkMode"] == f"container:{site.told()['Id']}"


@pytest.mark.matrix
def test_one_that_is_stopped_can_be_started_afterwards(site: Site) -> None:
    pod = Pod(site, ("network",))
    site.real.docker("stop", pod.name("third"))

    site.roll_back(site.api)

    assert set(site.seen().running) == {site.api, pod.name("side")}
    site.real.docker("start", pod.name("third"))
    pod.assert_well()


@pytest.mark.matrix
def test_one_that_goes_when_it_stops_is_put_back_and_what_shares_it_is_refused(site: Site) -> None:
    site.run()
    side = f"{site.name}-side"
    site.run("--rm", f"--network=container:{site.api}", name=side)

    assert "everything is as it was" in site.refused(site.api, "--to", site.image("ends", ENDS))
    assert set(site.seen().running) == {site.api, side}
    assert site.told(side)["HostConfig"]["AutoRemove"]

    site.roll_back(site.api)
    assert set(site.seen().running) == {site.api, side}
    assert site.told(side)["HostConfig"]["NetworkMode"] == f"container:{site.told()['Id']}"


@pytest.mark.matrix
def test_what_shares_one_that_goes_when_it_stops_is_refused(site: Site) -> None:
    site.run("--rm")
    site.run(f"--network=container:{site.api}", name=f"{site.name}-side")

    assert "goes when it is stopped (--rm)" in site.refused(site.api)
    assert set(site.seen().running) == {site.api, f"{site.name}-side"}


@not_on(*PODMANS, why="Podman removes no container that another one needs")
@pytest.mark.matrix
def test_where_the_one_before_was_removed_in_the_middle_the_new_one_keeps_its_place(
    site: Site, gate: Gate
) -> None:
    pod = Pod(site, ("network",))
    refused = Wrong("500", '{"message": "not today"}', "500 Internal Server Error")
    gate.wait_for(
        Cut(2, ending="/create", answer=refused), lambda: site.real.docker("rm", "-f", site.retired)
    )
    done = site.try_imgtui("rollback", site.api, "--yes", "--settle", SETTLE, host=gate.host)

    assert f"there is no way back for {site.api}: the new one has its place" in done.stderr
    assert site.seen().running == {site.api: site.old}
    assert f"new {pod.name('side')} can be started: what it shared is gone" in done.stderr
    assert not site.unfinished


@pytest.mark.matrix
def test_one_that_comes_while_the_plan_is_looked_at_is_not_cut_off(site: Site) -> None:
    site.run()
    rollbacks, plan = site.planned(site.old)
    site.run(f"--network=container:{site.api}", name=f"{site.name}-side")

    with pytest.raises(PlanOutdated, match=f"{site.name}-side uses {site.api} by now: nothing was done"):
        rollbacks.perform(plan, lambda _: None, Watch(settling=0))

    assert site.seen().running == {site.api: site.new, f"{site.name}-side": site.new}


@pytest.mark.in_turn
def test_killed_at_any_change_all_or_none_are_rolled_back(site: Site, gate: Gate, share: Share) -> None:
    for _ in range(2):  # only the first one keeps what the containers had
        site.remove_containers()
        pod = Pod(site, ("network",))
        gate.wait_for(None)
        site.roll_back(site.api, host=gate.host)
    changes = len(gate.changes)
    assert changes > 12, gate.changes
    for number in share.of(range(1, changes + 1)):
        site.remove_containers()
        pod = Pod(site, ("network",))
        with site.begin(site.api, host=gate.host) as process:
            gate.wait_for(Cut(number), process.kill)
            process.wait()
            said = process.stderr.read() if process.stderr else ""
        assert gate.came.wait(PATIENCE), f"{number}: {said}"

        said = site.take_up()

        if "everything is as it was" in said:
            pod.assert_as_it_was()
        else:
            pod.assert_well()
        assert not site.unfinished
