"""A container made with the docker command, of many options, is the same on another image."""

import shlex
from typing import Final

import pytest

from imgtui.model.clone.create_command import create_command
from imgtui.model.clone.create_networks import connect_commands
from tests.engine.contract.carrying import Carrier, settings
from tests.engines.kinds import PODMANS, SINCE_DOCKER26
from tests.engines.looked_at import not_on

OF_AN_IMAGE: Final[dict[str, list[str]]] = {
    "nothing": [],
    "all that an image has, too": [
        *("-e", "MODE=own", "-e", "MINE=1", "-l", "who=me", "-l", "mine=1", "--user", "5", "-w", "/tmp"),
        *("--stop-signal", "HUP", "--health-cmd", "false", "--health-retries", "7", "--expose", "99"),
        *("-v", "/mine", "-p", "127.0.0.1:18081:80"),
    ],
    "no health check": ["--no-healthcheck"],
}
"""Options that have to do with what images give."""
COMMANDS: Final[dict[str, tuple[list[str], list[str]]]] = {
    "a command": ([], ["7"]),
    "an entry point": (["--entrypoint", "/bin/true"], []),
    "both": (["--entrypoint", "/bin/echo"], ["one", "two words"]),
    "no entry point": (["--entrypoint", ""], ["/bin/sleep", "7"]),
}
OF_THE_HOST: Final[dict[str, list[str]]] = {
    "rights": [
        *("--cap-add", "NET_ADMIN", "--cap-drop", "MKNOD", "--security-opt", "no-new-privileges"),
        *("--security-opt", "label=disable", "--group-add", "55", "--ulimit", "nofile=512:600"),
        *("--sysctl", "net.ipv4.ip_forward=1"),
    ],
    "all rights": ["--privileged", "--security-opt", "seccomp=unconfined"],
    "names": [
        *("--dns", "1.1.1.1", "--dns-search", "a.example", "--dns-option", "ndots:2"),
        *("--add-host", "db:1.2.3.4", "--hostname", "api"),
    ],
    "limits": [
        *("--memory", "64m", "--memory-reservation", "32m", "--memory-swap", "96m", "--cpus", "0.5"),
        *("--cpu-shares", "100", "--pids-limit", "50", "--cpuset-cpus", "0", "--oom-score-adj", "100"),
        *("--shm-size", "1m", "--cgroup-parent", "/imgtui-carry"),
    ],
    "more limits": ["--cpu-quota", "20000", "--cpu-period", "50000", "--memory-swappiness", "3"],
    "a life": ["--restart", "on-failure:3", "--stop-timeout", "3", "-t", "-i", "--read-only", "--init"],
    "no log, gone when it stops": ["--log-driver", "none", "--rm"],
    "namespaces of the host": ["--pid", "host", "--uts", "host", "--userns", "host"],
    "no network": ["--network", "none", "--ipc", "shareable"],
    "the network of the host": ["--network", "host"],
    "volumes and folders": [
        *("-v", "carry-named:/named", "-v", "/usr:/folder:ro", "--mount", "type=volume,dst=/unnamed"),
        *("--mount", "type=volume,src=carry-labelled,dst=/labelled,volume-nocopy,volume-label=a=b"),
        *("--mount", "type=bind,src=/usr,dst=/private,readonly,bind-propagation=private"),
        *("--mount", "type=tmpfs,dst=/quick,tmpfs-size=100000,tmpfs-mode=700"),
        *("--tmpfs", "/quick2:size=1m,noexec", "-v", "/own"),
    ],
    "published ports": ["-P", "--expose", "77", "-p", "127.0.0.1:18082:80/udp", "-p", "18083:81"],
}
"""Options that have nothing to do with images."""
ONLY_DOCKER: Final[dict[str, list[str]]] = {
    "devices": ["--device", "/dev/null:/dev/zero2:rw", "--device-cgroup-rule", "c 1:3 rwm", "--gpus", "all"],
    "what Podman does not tell": [
        *("--domainname", "example", "--ipc", "host", "--log-opt", "max-size=1m", "--blkio-weight", "100"),
        *("--security-opt", "systempaths=unconfined", "--mac-address", "02:11:22:33:44:66"),
    ],
    "a driver for volumes": ["--volume-driver", "local", "-v", "carry-driven:/driven", "--runtime", "runc"],
}
ONLY_SINCE_DOCKER_26: Final[dict[str, list[str]]] = {
    "what is newer": [
        *("--annotation", "a=b", "--health-cmd", "true", "--health-start-interval", "2s"),
        *("--health-start-period", "5s", "--mount", "type=volume,src=carry-sub,dst=/sub,volume-subpath=."),
        *("--mount", "type=bind,src=/usr,dst=/usr2,readonly,bind-recursive=writable"),
    ],
}
ALL: Final = {**OF_AN_IMAGE, **OF_THE_HOST, **ONLY_DOCKER, **ONLY_SINCE_DOCKER_26}
CHOSEN_BY_PODMAN: Final = frozenset(
    {
        *("Config.Healthcheck", "Config.ExposedPorts", "HostConfig.Binds", "HostConfig.PortBindings"),
        "NetworkSettings.Ports",
    }
)
"""Podman tells what was the image's, a name or a port that it chose, as if it had been set."""


def options(carrier: Carrier, kind: str) -> list[str]:
    """The options of a kind, as far as this engine has them."""
    if carrier.podman and kind in ONLY_DOCKER:
        pytest.skip("Podman 4.3 does not tell it, or the docker command does not ask it")
    if kind in ONLY_SINCE_DOCKER_26 and carrier.hands.real.kind not in SINCE_DOCKER26:
        pytest.skip("Docker 26 and later have it")
    given = ALL[kind]
    # Podman needs a program for it that Debian packs separately.
    return [option for option in given if option != "--init"] if carrier.podman else given


@pytest.mark.matrix
@pytest.mark.parametrize("kind", ALL)
def test_on_the_same_image_everything_is_as_before(carrier: Carrier, kind: str) -> None:
    before = carrier.create("before", *options(carrier, kind), f"{carrier.name}:old")

    after = carrier.carry(before, carrier.old)

    assert settings(after) == settings(before)
    assert after["Image"] == carrier.old


@pytest.mark.matrix
@pytest.mark.parametrize("kind", ALL)
def test_on_another_image_it_is_as_one_made_from_that(carrier: Carrier, kind: str) -> None:
    given = options(carrier, kind)
    before = carrier.create("before", *given, f"{carrier.name}:old")
    fresh = carrier.create("fresh", *given, f"{carrier.name}:new")

    after = carrier.carry(before, carrier.new)

    without = CHOSEN_BY_PODMAN if carrier.podman else frozenset()
    found, expected = settings(after, without=without), settings(fresh, without=without)
    mounts, expected_mounts, own = found.pop("Mounts"), expected.pop("Mounts"), settings(before)
    user, _ = found.pop("Config.User"), expected.pop("Config.User")
    assert found == expected
    assert user == own["Config.User"], "who set it cannot be told: it stays"
    assert set(mounts) == set(expected_mounts) | {"/olddata"}
    assert mounts.items() >= own["Mounts"].items()


@not_on(*PODMANS, why="the docker command asks Podman for more than was asked for before")
@pytest.mark.matrix
@pytest.mark.parametrize("kind", ALL)
def test_the_command_that_the_plan_shows_makes_the_same(carrier: Carrier, kind: str) -> None:
    before = carrier.create("before", *options(carrier, kind), f"{carrier.name}:old")
    what, name = carrier.work_out(before, carrier.old), f"{carrier.name}-shown"

    for line in (create_command(name, what.body), *connect_commands(name, what.networks)):
        carrier.hands.real.docker(*shlex.split(line)[1:])

    assert settings(carrier.told(name)) == settings(before)


@pytest.mark.matrix
@pytest.mark.parametrize("kind", COMMANDS)
def test_a_command_of_ones_own_stays_and_that_of_the_image_does_not(carrier: Carrier, kind: str) -> None:
    given, words = COMMANDS[kind]
    before = carrier.create("before", *given, f"{carrier.name}:old", *words)
    fresh = carrier.create("fresh", *given, f"{carrier.name}:new", *words)

    again, after = carrier.carry(before, carrier.old), carrier.carry(before, carrier.new, "after")

    for made, like in ((again, before), (after, fresh)):
        assert (made["Path"], made["Args"]) == (like["Path"], like["Args"])
        assert made["Config"]["Cmd"] == like["Config"]["Cmd"]
        assert made["Config"]["Entrypoint"] == like["Config"]["Entrypoint"]


@not_on(*PODMANS, why="Podman mixes the variables")
def test_a_variable_that_was_set_to_what_the_image_says_stays(carrier: Carrier) -> None:
    before = carrier.create("before", "-e", "LEVEL=info", f"{carrier.name}:old")

    environment = carrier.carry(before, carrier.new)["Config"]["Env"]

    assert {"LEVEL=info", "MODE=dev", "NEW=1"} <= set(environment)
    assert "OLD=1" not in environment


def test_carried_on_twice_it_is_still_the_same(carrier: Carrier) -> None:
    before = carrier.create("before", *ALL["volumes and folders"], "-l", "mine=1", f"{carrier.name}:old")

    there = carrier.carry(before, carrier.new, "there")
    back = carrier.carry(there, carrier.old, "back")

    # What was only in the image between stays mounted, with what was written there.
    mounts = settings(back)["Mounts"]
    assert set(mounts) - set(settings(before)["Mounts"]) == {"/newdata"}
    del mounts["/newdata"]
    expected = settings(before)
    if carrier.podman:
        del expected["HostConfig.Binds"]
    assert {key: value for key, value in settings(back).items() if key in expected} | {
        "Mounts": mounts
    } == expected
