"""Containers that the podman command made are rolled back: what its Docker-compatible API does not tell."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.contract.carrying import GENERATED_ANNOTATIONS
from tests.engine.contract.podman_command import KINDS_OF_PODMAN, Podman
from tests.engine.contract.rolling import SETTLE, Site

OWN = {
    "sysctl": ["--sysctl", "net.ipv4.ip_forward=1"],
    "log size": ["--log-opt", "max-size=1m"],
    "IPC of the host": ["--ipc", "host"],
    "no IPC": ["--ipc", "none"],
    "annotation": ["--annotation", "team=web"],
    "what was set to what is so anyway": ["--passwd=true", "--read-only-tmpfs=true"],
}
"""What is carried over."""
LOST = {"--uidmap": ["--uidmap", "0:100000:65536", "--gidmap", "0:100000:65536"]}
pytestmark = [pytest.mark.parametrize("real_engine", KINDS_OF_PODMAN, indirect=True)]


@pytest.fixture
def podman(site: Site) -> Podman:
    return Podman(site.real)


def settings(podman: Podman, name: str) -> dict[str, Any]:
    """What was set by people, as far as Podman's own API tells it."""
    document = podman.told(name)
    host = {key: value for key, value in document["HostConfig"].items() if key != "ContainerIDFile"}
    host["LogConfig"] = {key: value for key, value in host["LogConfig"].items() if key != "Path"}
    host["Annotations"] = {
        name: value
        for name, value in host.get("Annotations", {}).items()
        if not name.startswith(GENERATED_ANNOTATIONS)
    }
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


@pytest.mark.parametrize("flag", LOST)
def test_what_cannot_be_carried_is_a_risk_by_name(site: Site, podman: Podman, flag: str) -> None:
    podman("create", "--name", site.api, *LOST[flag], site.tag)
    (risk,) = [risk for risk in site.plan(site.api)["risks"] if "loses" in risk]
    assert risk == f"{site.api} loses {flag}, --gidmap, which Podman is not asked for again"


def test_undo_and_redo_keep_it_too(site: Site, podman: Podman) -> None:
    podman("run", "-d", "--name", site.api, "--tz=UTC", "--restart", "always", site.tag)
    before = podman.settings(site.api)
    site.roll_back(site.api)
    after = podman.settings(site.api)
    assert podman.told(site.api)["Config"]["Timezone"] == "UTC"
    for arguments, image, as_then in (((), site.new, before), (("--redo",), site.old, after)):
        site.imgtui("undo", *arguments, "--yes", "--settle", SETTLE)
        assert site.seen().running == {site.api: image}
        assert podman.settings(site.api) == as_then
    site.roll_back(site.api, "--to", site.new)
    assert podman.settings(site.api) == before, "made a third time"


def test_what_goes_when_it_is_stopped_comes_back_as_it_was(site: Site, podman: Podman) -> None:
    podman("run", "-d", "--rm", "--name", site.api, "--tz=UTC", "--annotation", "team=web", site.tag)
    before = podman.settings(site.api)
    site.roll_back(site.api)
    assert site.seen().running == {site.api: site.old}
    assert podman.told(site.api)["HostConfig"]["AutoRemove"]
    site.imgtui("undo", "--yes", "--settle", SETTLE)
    assert site.seen().running == {site.api: site.new}
    assert podman.settings(site.api) == before


def test_one_that_was_removed_meanwhile_is_made_again_by_the_journal(site: Site, podman: Podman) -> None:
    podman("run", "-d", "--name", site.api, "--tz=UTC", "-e", "A=1", site.tag)
    before = podman.settings(site.api)
    site.roll_back(site.api)
    site.real.docker("rm", site.retired)
    site.imgtui("undo", "--yes", "--settle", SETTLE)
    assert site.seen().running == {site.api: site.new}
    assert podman.settings(site.api) == before


def test_what_shares_its_network_is_recreated_as_it_was(site: Site, podman: Podman) -> None:
    podman("run", "-d", "--name", site.api, "--tz=UTC", site.tag)
    side = f"{site.name}-side"
    podman("run", "-d", "--name", side, "--network", f"container:{site.api}", "--umask", "0077", site.new)
    commands = {each["name"]: each["commands"][0] for each in site.plan(site.api)["containers"]}
    assert "--tz=UTC" in commands[site.api]
    assert f"--network container:{site.api} --umask=0077" in commands[side]
    before = podman.settings(side)
    own = podman.told(site.api)["Id"]

    site.roll_back(site.api)

    assert site.seen().running == {site.api: site.old, side: site.new}
    api = podman.told(site.api)["Id"]
    assert podman.told(side)["HostConfig"]["NetworkMode"] == f"container:{api}"
    assert podman.told(site.api)["Config"]["Timezone"] == "UTC"
    after = podman.settings(side)
    differ = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert all(own[:12] in str(before[key]) for key in differ - {"oci linux.namespaces"}), differ


def test_what_requires_it_starts_the_old_one_which_is_a_risk(site: Site, podman: Podman) -> None:
    podman("run", "-d", "--name", site.api, site.tag)
    other = f"{site.name}-other"
    podman("run", "-d", "--name", other, "--requires", site.api, site.new)
    plan = site.plan(site.api)
    assert [each["name"] for each in plan["containers"]] == [site.api]
    (risk,) = plan["risks"]
    assert risk.startswith(
        f"{other} requires {site.api}: until it is recreated by hand, Podman starts the old"
    )
    site.roll_back(site.api)
    podman("stop", "-t", "0", other)
    podman("start", other)
    assert site.seen().running[site.retired] == site.new


def test_a_secret_that_is_gone_leaves_all_as_it_was(site: Site, podman: Podman) -> None:
    secret = f"{site.name}-secret"
    podman("secret", "create", secret, "-", stdin="sesame")
    podman("run", "-d", "--name", site.api, "--secret", secret, site.tag)
    podman("secret", "rm", secret)
    assert "secret" in site.try_imgtui("rollback", site.api, "--yes").stderr
    assert site.seen() == site.as_it_was()


def test_one_that_has_nothing_of_the_kind_has_no_note_of_it(site: Site, podman: Podman) -> None:
    podman("run", "-d", "--name", site.api, "-e", "A=1", "-p", "127.0.0.1::80", site.tag)
    plan = site.plan(site.api)
    assert not plan["risks"]
    assert not any("Podman" in note for note in plan["notes"])


def test_the_names_of_the_machine_stay_in_its_file_of_hosts(site: Site, podman: Podman) -> None:
    """Podman 5 tells of a container whether that begins with the file of the machine."""
    podman("run", "-d", "--name", site.api, site.tag)
    before = podman.told(site.api)["HostConfig"].get("HostsFile")
    assert (before is not None) == (site.real.kind == "podman5")
    for target in (site.old, site.new):
        assert not any("/etc/hosts" in note for note in site.plan(site.api, "--to", target)["notes"])
        site.roll_back(site.api, "--to", target)
        assert podman.told(site.api)["HostConfig"].get("HostsFile") == before


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
