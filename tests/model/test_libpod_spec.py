"""A body for Docker's API as one for Podman's own; test_rollback_libpod.py sees it on real engines."""

from __future__ import annotations

from typing import Any

import pytest

from imgtui.model.clone.libpod_spec import NoTranslation, spec_generator, with_libpod
from imgtui.model.clone.podman_create import create_line


def body(
    *options: tuple[str, str],
    noted: dict[str, str] | None = None,
    host: dict[str, Any] | None = None,
    **config: Any,
) -> dict[str, Any]:
    words = ["podman", "run", "web"]
    return with_libpod(
        {"Image": "sha256:1a", "HostConfig": host or {}, **config}, options, words, noted or {}
    )


def test_what_is_asked_for_is_united_with_what_the_options_say() -> None:
    spec = spec_generator(
        "web",
        body(
            ("--annotation", "team=web"),
            ("--systemd", "always"),
            noted={"io.kubernetes.cri-o.TTY": "false"},
            host={
                "LogConfig": {"Type": "k8s-file", "Config": {"max-size": "1.5MB"}},
                "NanoCpus": 500_000_000,
            },
        ),
    )
    assert (spec["name"], spec["image"], spec["systemd"]) == ("web", "1a", "always")
    assert spec["annotations"] == {"io.kubernetes.cri-o.TTY": "false", "team": "web"}
    assert spec["containerCreateCommand"] == ["podman", "run", "web"]
    assert spec["log_configuration"] == {"driver": "k8s-file", "size": 1_500_000}
    assert spec["resource_limits"] == {"cpu": {"period": 100_000, "quota": 50_000}}


def test_a_swappiness_of_0_is_asked_for_and_none_is_not() -> None:
    spec = spec_generator("web", body(host={"MemorySwappiness": 0}))
    assert spec["resource_limits"] == {"memory": {"swappiness": 0}}
    assert "resource_limits" not in spec_generator("web", body(host={"MemorySwappiness": None}))


def test_an_address_of_an_option_is_that_of_its_network() -> None:
    networks = {"front": {"Aliases": ["w"]}, "back": {"IPAMConfig": {"IPv4Address": "10.0.1.9"}}}
    spec = spec_generator(
        "web",
        body(
            ("--network", "front:ip=10.0.0.9,alias=w"),
            ("--network", "gone:ip=10.0.2.9"),
            host={"NetworkMode": "front"},
            NetworkingConfig={"EndpointsConfig": networks},
            MacAddress="02:11:22:33:44:55",
        ),
    )
    assert spec["Networks"] == {
        "front": {"aliases": ["w"], "static_ips": ["10.0.0.9"], "static_mac": "02:11:22:33:44:55"},
        "back": {"static_ips": ["10.0.1.9"]},
    }


def test_volumes_and_folders_of_the_host_are_told_apart() -> None:
    spec = spec_generator(
        "web", body(host={"Binds": ["data:/data:rw,nodev", "/usr:/host:ro"], "Tmpfs": {"/q": "size=1m"}})
    )
    assert spec["volumes"] == [{"Name": "data", "Dest": "/data", "Options": ["rw", "nodev"]}]
    assert [(each["destination"], each["type"]) for each in spec["mounts"]] == [  # type: ignore[attr-defined]
        ("/host", "bind"),
        ("/q", "tmpfs"),
    ]


def test_what_is_told_and_asked_for_is_asked_for_once() -> None:
    host = {
        "Devices": [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/x", "CgroupPermissions": "rwm"}],
        "SecurityOpt": ["unmask=all", "no-new-privileges"],
        "Binds": ["/made/merge:/img:lowerdir=/made", "data:/data"],
    }
    spec = spec_generator(
        "web",
        body(
            ("--device", "/dev/null:/dev/x:r"),
            ("--security-opt", "unmask=ALL"),
            ("--mount", "type=image,source=web:1,destination=/img"),
            host=host,
        ),
    )
    assert spec["devices"] == [{"path": "/dev/null:/dev/x:r"}]
    assert (spec["unmask"], spec["no_new_privileges"]) == (["ALL"], True)
    assert spec["mounts"] == []
    assert spec["image_volumes"] == [{"Source": "web:1", "Destination": "/img", "ReadWrite": False}]
    with pytest.raises(NoTranslation, match="Binds"):
        spec_generator("web", body(host=host))


def test_the_folders_of_a_read_only_file_system_can_be_written_to_unless_they_must_not() -> None:
    assert spec_generator("web", body(host={"ReadonlyRootfs": True}))["read_write_tmpfs"] is True
    never = body(("--read-only-tmpfs", "false"), host={"ReadonlyRootfs": True})
    assert spec_generator("web", never)["read_write_tmpfs"] is False
    assert "read_write_tmpfs" not in spec_generator("web", body(("--read-only-tmpfs", "false")))


@pytest.mark.parametrize(
    "host",
    [
        {"UsernsMode": "private"},
        {"Binds": ["/usr:/host:O"]},
        {"Mounts": [{"Type": "bind", "Source": "/usr", "Target": "/host"}]},
        {"Links": ["db:db"]},
        {"DeviceRequests": [{"Count": -1}]},
        {"NetworkMode": "pasta:-T,80"},
        {"SecurityOpt": ["colour=red"]},
        {"SomethingNew": 1},
    ],
)
def test_what_has_no_translation_is_refused(host: dict[str, Any]) -> None:
    with pytest.raises(NoTranslation):
        spec_generator("web", body(host=host))


def test_the_command_shown_is_podman_s() -> None:
    said = body(
        ("--secret", "s,type=env"),
        ("--network", "front:ip=10.0.0.9"),
        ("--passwd", "false"),
        host={"NetworkMode": "front"},
        NetworkingConfig={"EndpointsConfig": {"front": {"Aliases": ["w"]}}},
        Entrypoint=["sleep", "9"],
        Healthcheck={"Test": ["CMD", "true", "a b"]},
        Env=["TOKEN=sesame"],
    )
    line = create_line("web", said)
    assert line.startswith("podman create --name web ")
    assert "--network front:ip=10.0.0.9,alias=w --secret=s,type=env" in line
    assert """--health-cmd '["true", "a b"]'""" in line
    assert """--entrypoint '["sleep", "9"]' sha256:1a""" in line
    assert line.endswith("  # with --passwd=false, which only podman run has")
    assert "sesame" not in line
