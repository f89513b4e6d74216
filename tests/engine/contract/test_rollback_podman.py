"""Containers that the podman command made are rolled back: what its Docker-compatible API does not tell."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.engine.contract.rolling import Site
from tests.engines.private import PrivateEngine

OWN = {
    "sysctl": ["--sysctl", "net.ipv4.ip_forward=1"],
    "log size": ["--log-opt", "max-size=1m"],
    "IPC of the host": ["--ipc", "host"],
    "no IPC": ["--ipc", "none"],
    "what was set to what is so anyway": ["--passwd=true", "--read-only-tmpfs=true"],
}
"""What is carried over."""
LOST = {
    "--secret": ["--secret", "imgtui-site"],
    "--tz": ["--tz=Europe/Berlin"],
    "--no-hosts": ["--no-hosts"],
    "--annotation": ["--annotation", "team=web"],
    "--systemd": ["--systemd=false"],
    "--passwd": ["--passwd=false"],
    "--image-volume": ["--image-volume", "ignore"],
    "--umask": ["--umask", "0077"],
}
pytestmark = [pytest.mark.parametrize("real_engine", ["podman"], indirect=True)]


class Podman:
    """The podman command on a private Podman."""

    def __init__(self, engine: PrivateEngine) -> None:
        self.engine = engine

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        command = ("/usr/bin/podman", "--remote", "--url", self.engine.host, *arguments)
        done = subprocess.run(command, input=stdin, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def told(self, name: str) -> dict[str, Any]:
        """What Podman's own API tells."""
        found: dict[str, Any] = self.engine.ask("GET", f"/v4.0.0/libpod/containers/{name}/json")
        return found


@pytest.fixture
def podman(site: Site) -> Podman:
    if not Path("/usr/bin/podman").exists():
        pytest.skip("the podman command is not here")
    return Podman(site.real)


def settings(podman: Podman, name: str) -> dict[str, Any]:
    """What was set by people, as far as Podman's own API tells it."""
    document = podman.told(name)
    host = {key: value for key, value in document["HostConfig"].items() if key != "ContainerIDFile"}
    host["LogConfig"] = {key: value for key, value in host["LogConfig"].items() if key != "Path"}
    config = document["Config"]
    return {"host": host, "env": sorted(each for each in config["Env"] if not each.startswith("HOSTNAME="))}


@pytest.mark.matrix
@pytest.mark.parametrize("kind", OWN)
def test_what_the_docker_api_does_not_tell_is_carried(site: Site, podman: Podman, kind: str) -> None:
    podman("run", "-d", "--name", site.api, *OWN[kind], site.tag)
    before = settings(podman, site.api)
    sysctl = site.real.docker("exec", site.api, "cat", "/proc/sys/net/ipv4/ip_forward")
    assert site.plan(site.api)["risks"] == []

    site.roll_back(site.api)

    assert settings(podman, site.api) == before
    assert site.real.docker("exec", site.api, "cat", "/proc/sys/net/ipv4/ip_forward") == sysctl

    assert site.plan(site.api, "--to", site.new)["risks"] == []
    site.roll_back(site.api, "--to", site.new)

    assert settings(podman, site.api) == before, "the second time too"
    assert site.real.docker("exec", site.api, "cat", "/proc/sys/net/ipv4/ip_forward") == sysctl


@pytest.mark.matrix
@pytest.mark.parametrize("flag", LOST)
def test_what_cannot_be_carried_is_a_risk_by_name(site: Site, podman: Podman, flag: str) -> None:
    if flag == "--secret":
        podman("secret", "create", "imgtui-site", "-", stdin="sesame")
    try:
        podman("run", "-d", "--name", site.api, *LOST[flag], site.tag)
        (risk,) = [risk for risk in site.plan(site.api)["risks"] if "loses" in risk]
        assert risk == f"{site.api} loses {flag}, which Podman's Docker-compatible API cannot set"
        assert "sesame" not in risk
    finally:
        site.remove_containers()
        if flag == "--secret":
            podman("secret", "rm", "imgtui-site")


def test_one_that_has_nothing_of_the_kind_has_no_note_of_it(site: Site, podman: Podman) -> None:
    podman("run", "-d", "--name", site.api, "-e", "A=1", "-p", "127.0.0.1::80", site.tag)
    plan = site.plan(site.api)
    assert not plan["risks"]
    assert not any("Podman" in note for note in plan["notes"])


def test_the_home_of_the_image_s_user_is_that_of_the_other_image(site: Site, podman: Podman) -> None:
    podman("run", "-d", "--name", site.api, site.tag)
    site.real.docker("rm", "-f", site.api)
    site.run()
    site.roll_back(site.api)
    fresh = f"{site.name}-fresh"
    site.run(name=fresh, image=site.old)
    homes = [
        [each for each in site.told(name)["Config"]["Env"] if each.startswith("HOME=")]
        for name in (site.api, fresh)
    ]
    assert homes[0] == homes[1]


def test_a_member_of_a_pod_is_refused_before_anything_is_stopped(site: Site, podman: Podman) -> None:
    pod = f"{site.name}-pod"
    podman("pod", "create", "--infra=false", "--name", pod)
    try:
        podman("run", "-d", "--pod", pod, "--name", site.api, site.tag)
        assert "is a member of a pod of Podman" in site.refused(site.api)
        assert site.seen().running == {site.api: site.new}
    finally:
        podman("pod", "rm", "--force", pod)
