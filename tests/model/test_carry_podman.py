"""What Podman tells of a container, taken as it is meant."""

from typing import Any

import pytest

from imgtui.model.clone.clone import Carried
from imgtui.model.clone.libpod import NO_MACHINE_HOSTS, LibpodTold
from imgtui.model.clone.podman import refuses_update
from imgtui.model.core.image import Store
from tests.model.carrying import PATH, SHORT, again, container, endpoints, host_of


def on_podman(document: dict[str, Any], old: dict[str, Any] | None = None) -> Carried:
    return again(document, old, api=(1, 41), store=Store.PODMAN)


def test_what_podman_adds_by_itself_is_not_asked_for() -> None:
    environment = ["TERM=xterm", "container=podman", f"HOSTNAME={SHORT}", PATH, "MINE=1"]
    document = container(
        {"Env": environment, "StopSignal": "10", "WorkingDir": "/"},
        {"MemorySwappiness": -1, "ContainerIDFile": "/run/id", "Runtime": "oci"},
        {"podman": {"Aliases": [SHORT]}},
    )

    result = on_podman(document, {"StopSignal": "SIGUSR1"})

    assert result.body["Env"] == ["MINE=1"]
    assert not {"StopSignal", "WorkingDir"} & set(result.body)
    assert not {"ContainerIDFile", "Runtime"} & set(host_of(result))
    assert host_of(result)["MemorySwappiness"] is None
    assert endpoints(result) == {"podman": {}}


@pytest.mark.parametrize(
    ("signal", "number"), [("SIGTERM", "15"), ("", "15"), ("hup", "1"), ("SIGRTMIN+3", "37"), ("9", "9")]
)
def test_the_stop_signal_of_an_image_is_known_by_its_number(signal: str, number: str) -> None:
    assert "StopSignal" not in on_podman(container({"StopSignal": number}), {"StopSignal": signal}).body


def test_a_stop_signal_that_was_set_stays() -> None:
    assert on_podman(container({"StopSignal": "1"}), {"StopSignal": "INT"}).body["StopSignal"] == "1"


def test_limits_are_asked_for_in_the_words_that_podman_reads() -> None:
    limits = {
        "Ulimits": [{"Name": "RLIMIT_NOFILE", "Soft": 1, "Hard": 2}],
        "NanoCpus": 500_000_000,
        "CpuPeriod": 100_000,
        "CpuQuota": 50_000,
    }

    host = host_of(on_podman(container(host=limits)))

    assert host["Ulimits"] == [{"Name": "nofile", "Soft": 1, "Hard": 2}]
    assert (host["NanoCpus"], host["CpuQuota"]) == (0, 50_000)


def test_what_podman_does_not_do_is_said() -> None:
    document = container({"Healthcheck": {"Test": ["CMD", "run", "a b"]}})

    carried = on_podman(document)

    assert carried.lost == ("the arguments of its health check: Podman splits them at blanks",)


def test_a_health_check_stays_which_is_said_as_podman_does_not_tell_whose_it_is() -> None:
    check = {"Test": ["CMD-SHELL", "true"], "Interval": 1}

    result = on_podman(container({"Healthcheck": check}))

    assert result.body["Healthcheck"] == check
    assert (
        result.notes[-1] == "Podman does not tell whether its health check was the image's: it stays as it is"
    )


def test_what_podman_5_tells_and_refuses_is_spelled_as_it_takes_it() -> None:
    devices = [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/mynull", "CgroupPermissions": ""}]
    host = {"Devices": devices, "IpcMode": "none", "ShmSize": 65536000}

    found = host_of(again(container({}, host), store=Store.PODMAN))

    assert found["Devices"] == [{**devices[0], "CgroupPermissions": "rwm"}]
    assert found["ShmSize"] == 0


def on_podman_5(document: dict[str, Any], old: dict[str, Any] | None = None, **more: Any) -> Carried:
    return again(document, old, api=(1, 44), store=Store.PODMAN, **more)


def test_what_podman_5_generates_is_not_asked_for() -> None:
    generated = {
        "io.container.manager": "libpod",
        "io.podman.annotations.userns": "host",
        "org.opencontainers.image.stopSignal": "9",
        "org.systemd.property.KillSignal": "9",
        "org.systemd.property.TimeoutStopUSec": "uint64 10000000",
    }
    private = {"PidMode": "private", "UTSMode": "private"}
    network = {"Aliases": ["web", SHORT, "api"], "MacAddress": "e2:77:0b:c4:51:cf", "IPAddress": "10.0.0.2"}
    document = container(
        {"Hostname": "api", "Env": ["HOME=", "MINE=1"]},
        {"Annotations": {**generated, "team": "web"}, "MemorySwappiness": 0, **private},
        {"podman": network},
    )

    result = on_podman_5(document)

    assert result.body["Env"] == ["MINE=1"]
    host = host_of(result)
    assert host["Annotations"] == {"team": "web"}
    assert host["MemorySwappiness"] is None
    assert (host["UsernsMode"], host["PidMode"], host["UTSMode"]) == ("host", "", "")
    assert endpoints(result) == {"podman": {"Aliases": ["web"]}}
    assert result.notes == ()


def test_a_name_of_the_host_that_somebody_made_an_alias_stays() -> None:
    network = {"Aliases": ["api", SHORT]}
    result = on_podman(container({"Hostname": "api"}, networks={"podman": network}))
    assert endpoints(result) == {"podman": {"Aliases": ["api"]}}


@pytest.mark.parametrize(
    ("check", "refuses"),
    [({}, False), ({"Test": ["NONE"]}, True), ({"Test": ["CMD", "true"], "Timeout": 30_000_000_000}, False)],
)
def test_what_has_no_health_check_by_its_command_podman_5_does_not_change(
    check: dict[str, Any], refuses: bool
) -> None:
    assert refuses_update(container({"Healthcheck": check})) is refuses


def test_the_names_of_the_machine_are_lost_only_where_the_docker_api_makes_it() -> None:
    command = ("podman", "run", "web")
    told = LibpodTold(command=command, machine_hosts=True)
    assert NO_MACHINE_HOSTS not in on_podman_5(container(), told=told).notes
    untranslated = container(host={"UsernsMode": "private"})
    assert NO_MACHINE_HOSTS in on_podman_5(untranslated, told=told).notes
    assert NO_MACHINE_HOSTS in on_podman_5(container(), told=LibpodTold(machine_hosts=True)).notes


def test_an_annotation_is_no_loss_where_the_docker_api_makes_it_and_takes_them() -> None:
    options = (("--annotation", "team=web"), ("--tz", "UTC"))
    untranslated = container(host={"UsernsMode": "private", "Annotations": {"team": "web"}})
    told = LibpodTold(options=options, command=("podman", "run", "web"), annotates=True)
    (lost,) = on_podman_5(untranslated, told=told).lost
    assert lost.startswith("--tz (with ")


def test_podman_5_does_not_split_the_arguments_of_a_health_check() -> None:
    assert on_podman_5(container({"Healthcheck": {"Test": ["CMD", "run", "a b"]}})).lost == ()


def test_a_port_that_only_the_image_before_exposed_stays_published_and_the_plan_says_so() -> None:
    ports = {"80/tcp": [{"HostPort": "40001"}], "90/tcp": [{"HostPort": "40002"}]}
    exposed: dict[str, Any] = {"80/tcp": {}, "90/tcp": {}}
    document = container(host={"PublishAllPorts": True, "PortBindings": ports})

    result = on_podman_5(document, {"ExposedPorts": exposed}, new_image={"ExposedPorts": {"80/tcp": {}}})

    assert host_of(result)["PortBindings"] == ports
    told = "Podman does not tell whether it was named or is the image's (-P)"
    assert result.notes[-1] == f"published ports: 90/tcp stays published: {told}"
