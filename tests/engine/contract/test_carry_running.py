"""A container that runs, and the one that is put in its place: addresses, data, namespaces, health."""

from collections.abc import Iterator
from typing import Any

import pytest

from imgtui.model.containers.dependents import dependents
from tests.engine.contract.carrying import NEEDED, OLD_IMAGE, Carrier, settings
from tests.engines.kinds import CONTAINERD_STORES, DOCKER28, PODMANS, SINCE_DOCKER26
from tests.engines.looked_at import not_on, only_on
from tests.engines.waiting import wait_until

MAC = "02:11:22:33:44:55"
pytestmark = pytest.mark.matrix


def start(carrier: Carrier, suffix: str, *arguments: str) -> dict[str, Any]:
    """It is killed where others are asked to stop, so that nothing waits for it."""
    made = carrier.create(suffix, "--stop-signal=KILL", *arguments)
    carrier.hands.engine.start_container(made["Id"])
    return carrier.told(made["Id"])


def networks_of(document: dict[str, Any]) -> dict[str, Any]:
    networks: dict[str, Any] = document["NetworkSettings"]["Networks"]
    return networks


def names_in(document: dict[str, Any], network: str) -> set[str]:
    return set(networks_of(document)[network]["Aliases"]) - {document["Id"][:12]}


@pytest.fixture
def plain(carrier: Carrier) -> str:
    """An image that sleeps as root."""
    return f"{carrier.name}:plain"


@pytest.fixture
def connected(carrier: Carrier, plain: str) -> Iterator[dict[str, Any]]:
    """A running container with addresses and names in two networks."""
    (front, address), (back, other) = carrier.network("front"), carrier.network("back")
    made = carrier.create(
        "before",
        *(
            "--stop-signal=KILL",
            "--network",
            front,
            "--ip",
            address,
            "--mac-address",
            MAC,
            "--network-alias",
            "web",
            plain,
        ),
    )
    join = ("--ip", other, "--alias", "web-behind", back, made["Id"])
    carrier.hands.real.docker("network", "connect", *join)
    carrier.hands.engine.start_container(made["Id"])
    yield carrier.told(made["Id"])
    carrier.clean()


def test_names_in_all_networks_are_those_of_the_next_one(carrier: Carrier, connected: dict[str, Any]) -> None:
    after = carrier.replace(connected, carrier.carry(connected, carrier.plain))

    assert after["State"]["Running"]
    assert set(networks_of(after)) == set(networks_of(connected))
    for network in networks_of(connected):
        assert names_in(after, network) == names_in(connected, network)


def test_addresses_that_were_chosen_are_those_of_the_next_one(
    carrier: Carrier, connected: dict[str, Any]
) -> None:
    what = carrier.work_out(connected, carrier.plain)
    if carrier.podman:
        assert any("fixed addresses" in note for note in what.notes)
        return

    after = carrier.replace(connected, carrier.make("next", what))

    for network, told in networks_of(connected).items():
        assert networks_of(after)[network]["IPAddress"] == told["IPAddress"]
    assert networks_of(after)[f"{carrier.name}-front"]["MacAddress"] == MAC
    assert after["Config"]["MacAddress"] == MAC


@only_on(*DOCKER28, why="Docker 28 sets one for each network")
def test_a_mac_address_that_may_have_been_set_is_that_of_the_next_one(
    carrier: Carrier, connected: dict[str, Any]
) -> None:
    what = carrier.work_out(connected, carrier.plain)

    after = carrier.replace(connected, carrier.make("next", what))

    back = f"{carrier.name}-back"
    assert networks_of(after)[back]["MacAddress"] == networks_of(connected)[back]["MacAddress"]
    assert what.notes == (f"it keeps its MAC address in {back}, as nobody tells who chose it",)


@only_on(*SINCE_DOCKER26, why="Docker 26 and later make a container in several networks")
def test_everything_that_was_set_in_networks_is_set_again(carrier: Carrier, plain: str) -> None:
    (front, address), (back, other) = carrier.network("front"), carrier.network("back")
    sysctl = "driver-opt=com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.log_martians=1"
    has_priorities = carrier.hands.real.kind in DOCKER28
    priority = ",gw-priority=5" if has_priorities else ""
    before = carrier.create(
        "before",
        *("--network", f"name={front},ip={address},alias=web,mac-address={MAC},{sysctl}"),
        *("--network", f"name={back},ip={other},alias=behind,link-local-ip=169.254.7.7{priority}", plain),
    )

    after = carrier.carry(before, carrier.plain)

    assert settings(after) == settings(before)
    assert networks_of(after)[back].get("GwPriority") == (5 if has_priorities else None)
    assert networks_of(after)[back]["IPAMConfig"]["LinkLocalIPs"] == ["169.254.7.7"]


def test_a_network_that_was_named_by_its_id_is_found_again(carrier: Carrier, plain: str) -> None:
    name, _ = carrier.network("front")
    shown = carrier.hands.real.docker("network", "inspect", "--format", "{{.Id}}", name).strip()
    before = start(carrier, "before", "--network", shown, "--network-alias", "web", plain)

    after = carrier.replace(before, carrier.carry(before, carrier.plain))

    assert set(networks_of(after)) == set(networks_of(before)) == {name}
    assert "web" in names_in(after, name)


def test_what_is_in_a_volume_without_a_name_is_there_again(carrier: Carrier) -> None:
    before = start(carrier, "before", "-v", "/mine", f"{carrier.name}:old")
    for folder in ("/data", "/olddata", "/mine"):
        carrier.execute(before, "/bin/busybox", "sh", "-c", f"echo kept > {folder}/text")

    after = carrier.replace(before, carrier.carry(before, carrier.new))

    for folder in ("/data", "/olddata", "/mine"):
        assert carrier.execute(after, "/bin/cat", f"{folder}/text") == "kept\n"


def test_what_was_deleted_in_a_volume_does_not_come_back(carrier: Carrier, plain: str) -> None:
    before = start(carrier, "before", "-v", "/spool", plain)
    carrier.execute(before, "/bin/busybox", "rm", "/spool/version")

    after = carrier.replace(before, carrier.carry(before, carrier.plain))

    assert carrier.execute(after, "/bin/busybox", "ls", "/spool") == ""


def test_a_volume_outlives_a_container_that_goes_when_it_stops(carrier: Carrier, plain: str) -> None:
    before = start(carrier, "before", "--rm", "-v", "/mine", plain)
    carrier.execute(before, "/bin/busybox", "sh", "-c", "echo kept > /mine/text")

    after = carrier.replace(before, carrier.carry(before, carrier.plain))

    engine = carrier.hands.engine
    wait_until(lambda: engine.inspect_container(before["Id"]) is None, "that the old one goes")
    assert carrier.execute(after, "/bin/cat", "/mine/text") == "kept\n"


def test_volumes_of_another_container_are_there_again(carrier: Carrier, plain: str) -> None:
    source = carrier.create(NEEDED, "-v", "/theirs", plain)
    before = start(carrier, "before", "--volumes-from", f"{source['Name'][1:]}:ro", "-v", "/mine", plain)

    after = carrier.replace(before, carrier.carry(before, carrier.plain))

    def volumes(document: dict[str, Any]) -> dict[str, object]:
        return {mount["Destination"]: (mount["Name"], mount["RW"]) for mount in document["Mounts"]}

    assert volumes(after) == volumes(before)
    assert set(volumes(after)) == {"/theirs", "/mine"}


def test_namespaces_of_another_container_are_shared_again(carrier: Carrier, plain: str) -> None:
    other = start(carrier, NEEDED, "--ipc", "shareable", plain)
    name = other["Name"][1:]
    modes = [f"--{kind}=container:{name}" for kind in ("network", "pid", "ipc")]
    before = start(carrier, "before", *modes, plain)

    after = carrier.replace(before, carrier.carry(before, carrier.plain))

    assert after["State"]["Running"]
    for key in ("NetworkMode", "PidMode", "IpcMode"):
        assert after["HostConfig"][key] == before["HostConfig"][key]
    (dependent,) = dependents(other, [before])
    assert dependent.kinds == ("network", "PID", "IPC")
    assert dependent.container_id == before["Id"]


def test_a_container_that_others_have_volumes_or_a_link_of_is_needed(carrier: Carrier, plain: str) -> None:
    other = start(carrier, NEEDED, "-v", "/mine", plain)
    name = other["Name"][1:]
    # Podman has no links.
    link = [] if carrier.podman else ["--link", f"{name}:db"]
    user = carrier.create("user", "--volumes-from", name, *link, plain)

    (dependent,) = dependents(other, [user, other])

    assert dependent.kinds == (("volumes",) if carrier.podman else ("volumes", "link"))
    assert dependents(user, [other]) == ()


@not_on(*PODMANS, why="Podman has no links")
def test_links_lead_to_the_same_container(carrier: Carrier, plain: str) -> None:
    other = start(carrier, NEEDED, plain)
    before = start(carrier, "before", "--link", f"{other['Name'][1:]}:db", plain)

    after = carrier.replace(before, carrier.carry(before, carrier.plain))

    assert after["HostConfig"]["Links"] == [f"{other['Name']}:{after['Name']}/db"]
    assert "db" in carrier.execute(after, "/bin/cat", "/etc/hosts")


@not_on(*PODMANS, why="Podman checks health by systemd, which is not here")
def test_a_health_check_of_ones_own_is_made_again(carrier: Carrier) -> None:
    own = ("--health-cmd", "true", "--health-interval", "1s", "--health-timeout", "30s")
    before = start(carrier, "before", *own, f"{carrier.name}:old")

    after = carrier.replace(before, carrier.carry(before, carrier.new))

    wait_until(
        lambda: carrier.told(after["Id"])["State"]["Health"]["Status"] == "healthy", "that it is healthy"
    )


def test_one_whose_image_is_gone_runs_on_another(carrier: Carrier) -> None:
    tag = carrier.build("gone", OLD_IMAGE)
    before = start(
        carrier,
        "before",
        *("-e", "MODE=own", "-e", "TOKEN=hush", "-l", "mine=1", "-v", "/mine", f"{carrier.name}:gone"),
    )

    what = carrier.work_out(before, carrier.new, gone=True)
    after = carrier.replace(before, carrier.make("next", what))

    assert after["State"]["Running"]
    assert before["Image"] == tag
    environment = set(after["Config"]["Env"])
    assert {"MODE=own", "TOKEN=hush", "NEW=1", "OLD=1"} <= environment
    assert carrier.podman or "LEVEL=debug" in environment
    assert after["Config"]["Cmd"] == before["Config"]["Cmd"]
    (note,) = [note for note in what.notes if note.startswith("the image it was made from is gone")]
    assert "TOKEN" in note
    assert "hush" not in note


@only_on(*CONTAINERD_STORES, why="other engines keep the image")
def test_a_rebuild_takes_the_image_away_from_a_container(carrier: Carrier) -> None:
    carrier.build("moving", OLD_IMAGE)
    before = start(carrier, "before", "-e", "MODE=own", f"{carrier.name}:moving")
    moved = carrier.build("moving", OLD_IMAGE.replace("OLD=1", "OLD=2"))
    assert carrier.hands.engine.image_config(before["Image"]) is None

    after = carrier.replace(before, carrier.carry(before, moved))

    assert after["State"]["Running"]
    assert {"MODE=own", "OLD=2", "LEVEL=info"} <= set(after["Config"]["Env"])
    assert "OLD=1" not in after["Config"]["Env"]
