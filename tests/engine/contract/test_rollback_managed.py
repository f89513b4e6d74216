"""Containers that another program manages are refused on real engines, with the line that is needed there."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Final

import pytest

from tests.engine.contract.rolling import Site
from tests.engines.kinds import PODMANS
from tests.engines.looked_at import not_on
from tests.engines.private import PrivateEngine
from tests.engines.waiting import wait_until

MANAGED: Final = {
    "PODMAN_SYSTEMD_UNIT=web.service": "the systemd unit web.service runs it",
    "io.kubernetes.pod.name=web-7d4b9": "Kubernetes runs it in the pod web-7d4b9: kubectl set image",
    "com.hashicorp.nomad.alloc_id=a1b2c3": "Nomad runs it: nomad job revert",
    "supervisor_managed=": "the Home Assistant Supervisor manages it",
    "com.docker.swarm.service.name=shop_web": "it is a task of the Swarm service shop_web",
}
"""What is said for each label, as its manager writes it; that manager is not there."""


@pytest.mark.matrix
def test_what_a_manager_labels_is_refused_by_its_container_and_by_its_tag(site: Site) -> None:
    names = [f"{site.name}-{number}" for number, _ in enumerate(MANAGED)]
    for name, label in zip(names, MANAGED, strict=True):
        site.run("--label", label, name=name)
    before = site.seen()
    for name, said in zip(names, MANAGED.values(), strict=True):
        assert f"{name}: {said}" in site.refused(name)
        assert f"{name}: {said}" in site.refused(site.tag, "--with", name)
    assert site.seen() == before
    assert not site.unfinished


@pytest.mark.matrix
def test_where_one_of_several_is_managed_none_is_rolled_back(site: Site) -> None:
    site.run()
    managed = f"{site.name}-managed"
    site.run("--label", "PODMAN_SYSTEMD_UNIT=web.service", name=managed)
    before = site.seen()

    assert f"{managed}: the systemd unit" in site.refused(site.tag, "--with-all")

    assert site.seen() == before


@pytest.fixture
def swarm(real_engine: PrivateEngine) -> Iterator[PrivateEngine]:
    """The engine as the only node of a swarm."""
    real_engine.docker("swarm", "init", "--advertise-addr", "127.0.0.1", "--listen-addr", "127.0.0.1:2377")
    yield real_engine
    real_engine.docker("swarm", "leave", "--force")


@not_on(*PODMANS, why="Podman has no Swarm")
@pytest.mark.matrix
def test_a_task_of_a_real_swarm_is_refused_and_the_line_rolls_its_service_back(
    site: Site, swarm: PrivateEngine
) -> None:
    service = f"{site.name}-service"
    swarm.docker(
        "service", "create", "--detach", "--no-resolve-image", "--name", service, "--network", "bridge",
        site.tag,
    )  # fmt: skip
    wait_until(lambda: site.new in site.seen().running.values(), "the task")
    (task,) = site.seen().running

    why = site.refused(task)

    assert f"{task}: it is a task of the Swarm service {service}" in why
    assert site.seen().running == {task: site.new}
    line = why[why.index("docker service update") :]
    swarm.docker(*shlex.split(line)[1:], "--detach", "--no-resolve-image")
    wait_until(lambda: set(site.seen().running.values()) == {site.old}, "the line to do it")
    swarm.docker("service", "rm", service)
    wait_until(lambda: not site.seen().policies, "its tasks to go")
