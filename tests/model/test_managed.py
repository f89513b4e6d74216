"""Who manages a container is told by its labels, with the line that a person needs."""

from __future__ import annotations

import pytest

from imgtui.model.containers.managed import managed_by

IMAGE = "shop/web@sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (
            {"com.docker.swarm.service.name": "shop_web", "com.docker.swarm.task.id": "x"},
            f"docker service update --image {IMAGE} shop_web",
        ),
        ({"PODMAN_SYSTEMD_UNIT": "web.service"}, f"set Image={IMAGE} in its Quadlet file"),
        ({"PODMAN_SYSTEMD_UNIT": "web.service"}, "systemctl restart web.service"),
        ({"io.kubernetes.pod.name": "web-7f"}, "Kubernetes runs it in the pod web-7f"),
        ({"com.hashicorp.nomad.alloc_id": "1-2"}, "of the allocation 1-2"),
        (
            {"com.hashicorp.nomad.alloc_id": "1-2", "com.hashicorp.nomad.job_name": "web"},
            "nomad job revert web",
        ),
        ({"supervisor_managed": ""}, "Home Assistant Supervisor"),
        ({"com.docker.swarm.service.name": "a\x1b[2J\nb"}, "a␛[2J↵b"),
    ],
)
def test_it_is_rolled_back_there(labels: dict[str, str], said: str) -> None:
    assert said in str(managed_by(labels, IMAGE))


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {"com.docker.compose.project": "a", "com.docker.compose.service": "b"},
        {"supervisor": ""},
        {"x": "y"},
    ],
)
def test_others_are_rolled_back_here(labels: dict[str, str]) -> None:
    assert managed_by(labels, IMAGE) is None
