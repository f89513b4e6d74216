"""What Podman's own document of a container tells more, and what is lost, by name."""

from __future__ import annotations

from typing import Any

import pytest

from imgtui.model.carry_libpod import MADE_BY_DOCKER_API, NOT_KNOWN, told_by_podman


def document(*words: str, **host: Any) -> dict[str, Any]:
    return {"Config": {"CreateCommand": [*words]}, "HostConfig": host, "Pod": ""}


def lost(*words: str) -> tuple[str, ...]:
    return told_by_podman(document("podman", "run", *words)).lost


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--secret", "token", "web"], "--secret"),
        (["-dit", "--tz=UTC", "-e", "--annotation=1", "web"], "--tz"),
        (["--name", "a", "--requires", "db", "--requires", "mq", "web", "--secret", "x"], "--requires"),
        (["--log-opt", "tag=x", "--log-opt", "max-size=1m", "web"], "--log-opt tag"),
        (["--network", "front:ip=10.0.0.9", "web"], "--network …:…"),
        (["--passwd=false", "--systemd=always", "web"], "--passwd, --systemd"),
        (["-h", "web1", "--secret", "token", "web"], "--secret"),
        (["-p80:80", "-dite", "A=1", "--secret", "token", "web"], "--secret"),
        (["--env-merge", "A=${A}", "--unsetenv-all", "--tz", "UTC", "web"], "--unsetenv-all, --tz"),
    ],
)
def test_what_is_lost_is_named_once_without_its_value(words: list[str], named: str) -> None:
    assert lost(*words) == (f"{named}, which Podman's Docker-compatible API cannot set",)


@pytest.mark.parametrize(
    "words",
    [
        ["web"],
        ["-d", "--name", "a", "-p", "80:80", "-v", "data:/data", "--rm", "web", "--secret", "x", "--tz", "y"],
        ["--passwd", "--read-only-tmpfs", "--systemd=true", "--network", "container:db", "web"],
        ["--env", "X=--secret", "web"],
    ],
)
def test_what_is_the_default_or_the_command_s_own_is_not(words: list[str]) -> None:
    assert lost(*words) == ()
    assert told_by_podman(document("podman", "container", "create", *words)).notes == ()


def test_what_can_be_asked_for_is_carried() -> None:
    words = ["--sysctl", "net.core.somaxconn=9", "--sysctl=kernel.shm_rmid_forced=1", "--ip", "10.0.0.9"]
    log = {"Type": "k8s-file", "Size": "1MB"}
    told = told_by_podman(document("podman", "run", *words, "web", IpcMode="host", LogConfig=log))
    assert told.host == {
        "IpcMode": "host",
        "LogConfig": {"Type": "k8s-file", "Config": {"max-size": "1MB"}},
        "Sysctls": {"net.core.somaxconn": "9", "kernel.shm_rmid_forced": "1"},
    }
    assert told.address == "10.0.0.9"


def test_of_what_the_docker_api_made_or_nobody_tells_the_note_is_kept() -> None:
    service = document("podman", "--root", "/run", "system", "service", "--time=0", "unix:///x")
    assert told_by_podman(service).notes == (MADE_BY_DOCKER_API,)
    assert told_by_podman(document()).notes == (NOT_KNOWN,)
    assert told_by_podman(None).notes == (NOT_KNOWN,)


@pytest.mark.parametrize(
    ("words", "was_set"),
    [
        (["-e", "HOME=/data", "web"], True),
        (["-eHOME=/x", "web"], True),
        (["-dh", "a", "web"], False),
        (["--env=HOME=/x", "web"], True),
        (["-e", "HOMES=1", "web"], False),
    ],
)
def test_whether_somebody_has_set_home_is_known(words: list[str], was_set: bool) -> None:
    assert told_by_podman(document("podman", "run", *words)).home_was_set is was_set


def test_what_cannot_be_parsed_is_not_known() -> None:
    assert told_by_podman(document("podman", "run", "-Zx", "web", "--secret", "y")).notes == (NOT_KNOWN,)


def test_a_member_of_a_pod_is_known() -> None:
    assert told_by_podman({**document("podman", "run", "web"), "Pod": "p" * 64}).pod
