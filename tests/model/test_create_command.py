"""The `docker create` line for a body, where the docker command itself has nothing to be tried with."""

from __future__ import annotations

import shlex

import pytest

from imgtui.model.clone.create_command import create_command


@pytest.mark.parametrize(
    ("request_", "shown"),
    [
        ({"Count": -1, "Capabilities": [["gpu"]]}, "all"),
        ({"Count": 2, "Capabilities": [["gpu"]]}, "2"),
        (
            {"DeviceIDs": ["1"], "Capabilities": [["compute", "utility", "gpu"]]},
            'device=1,"capabilities=compute,utility"',
        ),
        ({"DeviceIDs": ["0", "GPU-a"], "Capabilities": [["gpu"]]}, '"device=0,GPU-a"'),
        ({"Driver": "nvidia", "Count": -1, "Capabilities": [["gpu"]]}, "count=all,driver=nvidia"),
    ],
)
def test_gpus_are_those_that_were_asked_for(request_: dict[str, object], shown: str) -> None:
    words = shlex.split(create_command("web", {"HostConfig": {"DeviceRequests": [request_]}}))
    assert words[words.index("--gpus") + 1] == shown


def test_devices_of_the_container_device_interface_are_devices() -> None:
    request = {"Driver": "cdi", "DeviceIDs": ["vendor.com/gpu=0"]}
    words = shlex.split(create_command("web", {"HostConfig": {"DeviceRequests": [request]}}))
    assert words[words.index("--device") + 1] == "vendor.com/gpu=0"
    assert "--gpus" not in words


def test_a_password_in_the_options_of_a_volume_is_masked() -> None:
    options = {"type": "cifs", "password": "hunter22"}
    mount = {
        "Type": "volume",
        "Target": "/data",
        "VolumeOptions": {"DriverConfig": {"Name": "local", "Options": options}},
    }
    shown = create_command("web", {"HostConfig": {"Mounts": [mount]}})
    assert "hunter22" not in shown
    assert "volume-opt=type=cifs" in shown
