"""What Podman's own document of a container tells more, and what is lost, by name."""

from __future__ import annotations

from typing import Any

import pytest

from imgtui.model.clone.libpod import MADE_BY_DOCKER_API, NOT_KNOWN, named, told_by_podman


def document(*words: str, **host: Any) -> dict[str, Any]:
    return {"Config": {"CreateCommand": [*words]}, "HostConfig": host, "Pod": ""}


def told(*words: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of what Podman's own API is asked for, and of what is lost."""
    found = told_by_podman(document("podman", "run", *words))
    return named(found.options), found.lost


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (["--secret", "token", "web"], ("--secret",)),
        (["-dit", "--tz=UTC", "-e", "--annotation=1", "web"], ("--tz",)),
        (["--name", "a", "--requires", "db", "--requires", "mq", "web", "--secret", "x"], ("--requires",)),
        (["--log-opt", "tag=x", "--log-opt", "max-size=1m", "web"], ("--log-opt tag",)),
        (["--network", "front:ip=10.0.0.9", "web"], ("--network …:…",)),
        (["--net=front:ip=10.0.0.9", "web"], ("--network …:…",)),
        (["--passwd=false", "--systemd=always", "web"], ("--passwd", "--systemd")),
        (["-h", "web1", "--secret", "token", "web"], ("--secret",)),
        (["-p80:80", "-dite", "A=1", "--secret", "token", "web"], ("--secret",)),
        (["--env-merge", "A=${A}", "--unsetenv-all", "--tz", "UTC", "web"], ("--unsetenv-all", "--tz")),
    ],
)
def test_what_the_docker_api_does_not_tell_is_asked_for(words: list[str], asked: tuple[str, ...]) -> None:
    assert told(*words) == (asked, ())


@pytest.mark.parametrize(
    ("words", "lost"),
    [
        (["--userns", "auto", "--tz", "UTC", "web"], "--userns"),
        (["--uidmap", "0:1:2", "--uidmap", "3:4:5", "web"], "--uidmap"),
        (["--secret", "token,colour=red", "web"], "--secret"),
        (["--log-opt", "a=b,c=d", "web"], "--log-opt a"),
    ],
)
def test_what_cannot_be_is_lost_and_named_once_without_its_value(words: list[str], lost: str) -> None:
    assert told(*words)[1] == (lost,)


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
    assert told(*words) == ((), ())
    assert told_by_podman(document("podman", "container", "create", *words)).notes == ()


def test_annotations_in_one_option_are_told_apart_by_what_podman_tells() -> None:
    found = document("podman", "run", "--annotation", "a=b,c=d", "web")
    found["Config"]["Annotations"] = {"a": "b", "c": "d", "io.kubernetes.cri-o.TTY": "false"}
    told = told_by_podman(found)
    assert told.options == (("--annotation", "a=b"), ("--annotation", "c=d"))
    assert told.noted == {"io.kubernetes.cri-o.TTY": "false"}
    found["Config"]["Annotations"] = {"a": "b,c=d"}
    assert told_by_podman(found).options == (("--annotation", "a=b,c=d"),)


def test_the_variables_of_secrets_are_known() -> None:
    found = document("podman", "run", "--secret", "s", "--secret", "t,type=env,target=TOKEN", "web")
    assert told_by_podman(found).from_secrets == {"TOKEN": "t"}


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


@pytest.mark.parametrize("size", ["", "0B", "-1B"])
def test_a_log_without_a_limit_has_none_again(size: str) -> None:
    told = told_by_podman(document("podman", "run", "web", LogConfig={"Type": "k8s-file", "Size": size}))
    assert told.host["LogConfig"] == {"Type": "k8s-file", "Config": {}}


def test_annotations_that_the_docker_api_tells_it_can_be_asked_for() -> None:
    words = ["podman", "run", "--annotation", "team=web", "--tz", "UTC", "web"]
    assert told_by_podman(document(*words)).beyond_docker == ("--annotation", "--tz")
    assert told_by_podman(document(*words, Annotations={"team": "web"})).beyond_docker == ("--tz",)


@pytest.mark.parametrize(
    ("host", "begins"), [({}, False), ({"HostsFile": ""}, True), ({"HostsFile": "none"}, False)]
)
def test_whether_the_names_of_the_machine_are_in_it_is_known(host: dict[str, str], begins: bool) -> None:
    assert told_by_podman(document("podman", "run", "web", **host)).machine_hosts is begins
    assert told_by_podman(document(**host)).machine_hosts is begins


def test_a_swappiness_of_0_is_one_where_somebody_set_it() -> None:
    words = ["podman", "run", "--memory-swappiness=0", "web"]
    assert told_by_podman(document(*words)).host["MemorySwappiness"] == 0
    assert "MemorySwappiness" not in told_by_podman(document("podman", "run", "web")).host
