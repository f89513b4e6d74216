"""Containers that another program manages: it makes its own anew, so they are rolled back there.

Labels as the managers write them: moby `daemon/cluster/executor/container` (Swarm), podman-systemd.unit(5),
Kubernetes `pkg/kubelet/types/labels.go`, Nomad `drivers/docker`, Home Assistant `supervisor/docker`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from imgtui.model.core.printable import printable

_SWARM: Final = "com.docker.swarm.service.name"
_SYSTEMD: Final = "PODMAN_SYSTEMD_UNIT"
_POD: Final = "io.kubernetes.pod.name"
_NOMAD: Final = "com.hashicorp.nomad.alloc_id"
_NOMAD_JOB: Final = "com.hashicorp.nomad.job_name"
_HOME_ASSISTANT: Final = "supervisor_managed"


def managed_by(labels: Mapping[str, object], image: str) -> str | None:
    """Who manages a container and how its image is set there, as it follows on its name and `:`.

    None where nobody does, or Compose, which leaves such a container alone. `image` is a name for the digest
    that it shall run.
    """

    def said(label: str) -> str:
        value = labels.get(label)
        return printable(value, 200) if isinstance(value, str) else ""

    if service := said(_SWARM):
        return (
            f"it is a task of the Swarm service {service}, and Swarm would start another one:"
            f" docker service update --image {image} {service}"
        )
    if unit := said(_SYSTEMD):
        return (
            f"the systemd unit {unit} runs it, and makes it anew when it ends: set Image={image} in its"
            f" Quadlet file (or in the unit), then systemctl daemon-reload && systemctl restart {unit}"
        )
    if pod := said(_POD):
        return f"Kubernetes runs it in the pod {pod}: kubectl set image, or kubectl rollout undo"
    if allocation := said(_NOMAD):
        job = said(_NOMAD_JOB) or f"of the allocation {allocation}"
        return f"Nomad runs it: nomad job revert {job}, or set image = {image} in its job"
    if _HOME_ASSISTANT in labels:
        return "the Home Assistant Supervisor manages it, and makes it anew: choose the version there"
    return None
