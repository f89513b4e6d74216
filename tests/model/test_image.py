"""What an engine can do, by what it says of itself."""

import pytest

from imgtui.model.core.image import EngineInfo, Store


@pytest.mark.parametrize(
    ("store", "version", "can"),
    [
        (Store.GRAPH, "20.10.24", True),
        (Store.CONTAINERD, "28.5.2", True),
        (Store.PODMAN, "4.3.1", False),
        (Store.PODMAN, "5.0.3", False),
        (Store.PODMAN, "5.1.2", True),
        (Store.PODMAN, "5.8.6", True),
        (Store.PODMAN, "6.0.0-dev", True),
        (Store.PODMAN, "unknown", False),
    ],
)
def test_whether_a_restart_policy_can_be_changed(store: Store, version: str, can: bool) -> None:
    assert EngineInfo("id", "name", version, "1.44", store).changes_restart is can
