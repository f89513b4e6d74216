"""Launches: a container of exactly one digest, equal to what the docker command makes that is shown."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.docker.engine import DockerEngine
from imgtui.engine.port.errors import EngineError, ReadOnly
from imgtui.engine.wire.translate import image_id, items, mapping
from imgtui.model.acts.begun import LAUNCHED
from imgtui.model.clone.libpod import told_by_podman
from imgtui.model.core.image import Store
from imgtui.model.core.labels import CREATED_FROM
from imgtui.model.launch.form import Draft, Filled, check, free_name
from imgtui.model.launch.launch import Discard, Launch, Shell
from imgtui.model.launch.rest import Rest
from imgtui.operations.launch.launching import NEVER_CHECKED
from tests.engine.contract.carrying import settings
from tests.engine.contract.conftest import archive
from tests.engine.contract.hands import DockerHands, Hands, connect
from tests.engine.contract.launching import Launcher
from tests.engine.contract.podman_command import KINDS_OF_PODMAN, Podman
from tests.engine.contract.test_carry import OF_THE_HOST
from tests.engines import content
from tests.engines.gate import Cut, Gate
from tests.engines.kinds import PODMANS
from tests.engines.looked_at import IN_MEMORY, not_on, only_on
from tests.engines.private import PrivateEngine
from tests.engines.waiting import wait_until

ANONYMOUS = re.compile(r"\b[0-9a-f]{64}\b")
"""The name of a volume that nobody named: Podman has it among the binds."""
STAYS = ("sh", "-c", "sleep 1000")
Json = Mapping[str, object]


@pytest.fixture
def launcher(hands: Hands) -> Launcher:
    return Launcher(hands.engine)


@pytest.fixture
def free_port() -> int:
    """A port of the host that nobody has at the moment."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def inspected(hands: Hands, name: str) -> Json:
    found = hands.engine.inspect_container(name)
    assert found is not None
    return found


def test_a_launch_runs_exactly_the_digest_though_its_tag_has_moved(
    hands: Hands, launcher: Launcher, name: str, containers: list[str]
) -> None:
    before = hands.build(f"{name}:1", "before")
    after = hands.build(f"{name}:new", "after")
    made = launcher.draft(before, name)
    hands.tag(after, f"{name}:kept")
    hands.tag(before, f"{name}:still")
    hands.tag(after, f"{name}:1")
    containers.append(made.texts["name"])

    seen = launcher.launch(launcher.checked(made, command="sh -c 'sleep 1000'").launch)

    assert (seen.image_id, seen.state) == (before, "running")
    found = inspected(hands, seen.container_id)
    assert image_id(found.get("Image")) == before
    assert mapping(mapping(found.get("Config")).get("Labels")).get(CREATED_FROM) == f"{name}:1"


def test_a_launch_is_in_the_journal_with_its_command_and_no_secret(
    hands: Hands, launcher: Launcher, name: str, containers: list[str]
) -> None:
    built = hands.build(f"{name}:1", name)
    containers.append(name)
    launch = Launch(
        built, name, command=STAYS, environment=("DB_PASSWORD=hunter22",), variables=("DB_PASSWORD=hunter22",)
    )
    launcher.launch(launch)

    (entry,) = launcher.journal
    assert entry.outcome == "done"
    assert entry.command.startswith(f"docker run -d --name {name}")
    assert built in entry.command
    assert "hunter22" not in f"{entry} {launch} {launcher.told}"


@not_on(*IN_MEMORY, why="nothing runs in memory")
def test_what_does_not_start_leaves_nothing_and_says_why(
    hands: Hands, launcher: Launcher, name: str, containers: list[str]
) -> None:
    built = hands.build(f"{name}:1", name)
    containers.append(name)

    with pytest.raises(EngineError, match=r"did not start and was removed.*/no/such/program"):
        launcher.launch(Launch(built, name, command=("/no/such/program",)))

    assert hands.engine.inspect_container(name) is None
    assert str(launcher.journal[0].outcome).startswith("failed")


def test_a_host_port_that_is_taken_is_seen_before_and_told_by_the_engine_too(
    hands: Hands, launcher: Launcher, name: str, containers: list[str], free_port: int
) -> None:
    built = hands.build(f"{name}:1", name)
    containers.append(name)
    launcher.launch(Launch(built, name, command=STAYS, ports=(f"127.0.0.1:{free_port}:80",)))
    made = launcher.draft(built, name)

    assert made.texts["ports"] != f"127.0.0.1:{free_port}:80", "a free one is proposed"
    assert not launcher.checked(made).faults
    checked = launcher.checked(made, ports=f"127.0.0.1:{free_port}:80")

    other = made.texts["name"]
    assert checked.faults == {"ports": f"{free_port} is taken by {name}"}
    with pytest.raises(EngineError, match=rf"{other} did not start and was removed.*"):
        launcher.launch(checked.launch)
    assert hands.engine.inspect_container(other) is None


def test_a_form_is_filled_from_what_people_had_set_for_the_newest_container(
    hands: Hands, launcher: Launcher, name: str, containers: list[str]
) -> None:
    old = hands.build(f"{name}:1", "old")
    new = hands.build(f"{name}:2", "new")
    other = free_name(name, new, {})
    containers += [name, other]
    set_by_hand = Launch(
        old,
        name,
        command=STAYS,
        environment=("MODE=fast lane", "API_TOKEN=hunter22"),
        variables=("MODE=fast lane", "API_TOKEN=hunter22"),
        volumes=(f"{name}-data:/srv", "/cache"),
        restart="on-failure:3",
        memory="64m",
        labels=("team=web",),
    )
    launcher.launch(set_by_hand)

    made = launcher.draft(new, name)
    launch = launcher.checked(made).launch

    assert made.source == name
    assert "hunter22" not in str(made)
    assert (launch.image_id, launch.name, launch.restart) == (new, other, "")
    for field in ("command", "memory", "labels"):
        assert getattr(launch, field) == getattr(set_by_hand, field), field
    assert set(launch.variables) == set(set_by_hand.variables)
    assert set(launch.volumes) == set(set_by_hand.volumes)
    assert launcher.launch(launch).state == "running"


def test_the_way_back_stops_and_removes(
    hands: Hands, launcher: Launcher, name: str, containers: list[str]
) -> None:
    built = hands.build(f"{name}:1", name)
    containers.append(name)
    seen = launcher.launch(Launch(built, name, command=("sleep", "1000")))

    launcher.launching.discard(Discard(seen.container_id, name))

    assert launcher.launching.look(seen.container_id, name).gone
    assert [entry.title for entry in launcher.journal] == [
        f"stop and remove {name}",
        f"run {built[7:19]} as {name}",
    ]


def test_which_shell_an_image_has_is_found_without_running_anything_and_nothing_stays(
    hands: Hands, launcher: Launcher, name: str
) -> None:
    built = hands.build(f"{name}:1", name)
    before = {container.id for container in hands.engine.containers()}

    launch = launcher.launching.shell(Shell(built, f"{name}:1"), "nobody")

    assert launch.entrypoint == ("/bin/sh",)
    assert launch.terminal
    assert launch.remove
    assert launch.image_id == built
    assert {container.id for container in hands.engine.containers()} == before


def test_an_image_without_a_shell_says_so(hands: Hands, launcher: Launcher, name: str) -> None:
    bare = hands.load(archive(f"{name}:1", name))
    before = {container.id for container in hands.engine.containers()}

    with pytest.raises(EngineError, match=f"{bare[7:19]} has no shell"):
        launcher.launching.shell(Shell(bare), "nobody")

    assert {container.id for container in hands.engine.containers()} == before


def test_a_digest_without_a_name_is_kept_first_and_still_runs_after_it_is_pruned(
    hands: Hands, launcher: Launcher, name: str, containers: list[str]
) -> None:
    before = hands.build(f"{name}:1", "before")
    after = hands.build(f"{name}:2", "after")
    hands.tag(after, f"{name}:1")
    if hands.engine.image(before) is None:
        pytest.fail("a tag that moves drops no image")
    made = launcher.draft(before, name)
    containers.append(made.texts["name"])

    assert made.loses is (hands.store is Store.CONTAINERD)
    launch = check(
        made, Filled({**made.texts, "command": "sh -c 'sleep 1000'"}, keep=True), launcher.around()
    ).launch
    launcher.launch(launch)

    found = hands.engine.image(before)
    assert found is not None
    assert len(found.keeps) == 1
    assert [entry.title[:4] for entry in launcher.journal] == ["run ", "keep"]


@not_on(*IN_MEMORY, why="it is about the adapter of real engines")
def test_read_only_sends_nothing(hands: Hands, name: str) -> None:
    assert isinstance(hands, DockerHands)
    built = hands.build(f"{name}:1", name)
    launcher = Launcher(connect(hands.real, read_only=True))

    with pytest.raises(ReadOnly):
        launcher.launch(Launch(built, name, command=STAYS))
    with pytest.raises(ReadOnly):
        launcher.launching.shell(Shell(built), "nobody")

    assert hands.engine.inspect_container(name) is None


# ---------------------------------------------------------------------- equal to the docker command


def lines_of(name: str, image: str, port: int) -> list[Launch]:
    """Launches that use every option."""
    return [
        Launch(image, name, command=STAYS),
        Launch(
            image,
            name,
            created_from=f"{name}:1",
            entrypoint=("sh", "-c"),
            command=("sleep 1000",),
            ports=(f"127.0.0.1:{port}:80", "81/udp", "127.0.0.1::82-83"),
            environment=("MODE=fast", "EMPTY=", "TWO=a b"),
            variables=("MODE=fast", "EMPTY=", "TWO=a b"),
            volumes=(f"{name}-data:/srv:ro", "/etc:/host/etc:ro", "/cache"),
            restart="on-failure:3",
            user="1000:1000",
            memory="64m",
            cpus="0.5",
            labels=("team=web", "flag"),
        ),
        Launch(image, name, command=STAYS, network="none", remove=True, restart="no"),
    ]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_launch_equals_what_its_own_command_makes(
    real_engine: PrivateEngine, name: str, number: int, free_port: int
) -> None:
    hands = DockerHands(real_engine)
    built = hands.build(f"{name}:1", name)
    launch = lines_of(name, built, free_port)[number]
    Launcher(hands.engine).launch(launch)
    ours = comparable(inspected(hands, name))
    hands.discard(name)
    real_engine.docker(*launch.arguments[1:])
    theirs = comparable(inspected(hands, name))
    hands.discard(name)
    hands.engine.close()

    assert ours == theirs


def test_a_file_of_variables_and_the_environment_mean_what_they_mean_to_docker(
    real_engine: PrivateEngine, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "app.env"
    file.write_text(
        "# a comment\nFROM_FILE=one two\nBOTH=file\nPASSED_ON\nNOT_THERE\n  INDENTED=1\nQUOTED='x'\n"
    )
    monkeypatch.setenv("PASSED_ON", "from here")
    hands = DockerHands(real_engine)
    built = hands.build(f"{name}:1", name)
    launcher = Launcher(hands.engine)
    made = Draft(built, None, {"name": name, "command": "sh -c 'sleep 1000'"})
    checked = launcher.checked(
        made,
        {"PASSED_ON": "from here"},
        env_files=str(file),
        environment="BOTH=typed PASSED_ON NOT_THERE",
    )
    assert not checked.faults
    launcher.launch(checked.launch)
    ours = comparable(inspected(hands, name))
    hands.discard(name)
    real_engine.docker(*checked.launch.arguments[1:])
    theirs = comparable(inspected(hands, name))
    hands.discard(name)
    hands.engine.close()

    assert ours == theirs


def test_what_a_real_shell_is_called_is_found_behind_links_too(real_engine: PrivateEngine, name: str) -> None:
    hands = DockerHands(real_engine)
    bare = content.import_tar(real_engine, f"{name}:1", {"busybox/sh": b"x"})
    assert Launcher(hands.engine).launching.shell(Shell(bare), "x").entrypoint == ("/busybox/sh",)
    hands.engine.close()


def comparable(found: Json) -> dict[str, object]:
    """What is asked for of a container, and what of it can be compared."""
    config, host = dict(mapping(found.get("Config"))), dict(mapping(found.get("HostConfig")))
    config.pop("CreateCommand", None)
    config["Labels"] = {key: value for key, value in mapping(config.get("Labels")).items() if key != LAUNCHED}
    hostname = f"HOSTNAME={config.pop('Hostname', '')}"  # Podman adds it
    config["Env"] = sorted(entry for entry in map(str, items(config.get("Env"))) if entry != hostname)
    for key in ("ConsoleSize", "ContainerIDFile"):
        host.pop(key, None)
    mounts = sorted(
        (mount.get("Type"), mount.get("Destination"), mount.get("RW"), len(str(mount.get("Name"))))
        for mount in map(mapping, items(found.get("Mounts")))
    )
    binds = map(str, items(host.pop("Binds")))
    asked: dict[str, object] = {"Binds": sorted(ANONYMOUS.sub("anonymous", bind) for bind in binds)}
    asked |= {"Image": found.get("Image"), "Mounts": mounts}
    asked |= {f"Config.{key}": value for key, value in config.items()}
    asked |= {"Ports": [_bound(key, value) for key, value in mapping(host.pop("PortBindings")).items()]}
    asked |= {f"HostConfig.{key}": value for key, value in host.items()}
    return {key: value for key, value in asked.items() if value not in (None, [], {}, "", 0)}


def _bound(port: str, bindings: object) -> tuple[str, list[tuple[object, object]]]:
    """Where a port is bound: Podman tells the one that it chose where any was asked for."""
    return port, [
        (binding.get("HostIp"), port == "80/tcp" and binding.get("HostPort"))
        for binding in map(mapping, items(bindings))
    ]


ALIKE = ("rights", "all rights", "names", "limits", "more limits", "namespaces of the host")


@pytest.mark.matrix
@pytest.mark.parametrize("kind", ALIKE)
def test_all_else_that_the_newest_container_has_is_carried(
    real_engine: PrivateEngine, name: str, kind: str
) -> None:
    hands = DockerHands(real_engine)
    built = hands.build(f"{name}:1", name)
    options = [*OF_THE_HOST[kind], "--log-driver", "none", "--stop-timeout", "7", "--expose", "99"]
    real_engine.docker("create", "--name", name, "--restart", "always", *options, built, "sleep", "1000")
    launcher = Launcher(hands.engine)
    made = launcher.draft(built, name)
    launched = launcher.launching.make(launcher.checked(made).launch, launcher.told.append)
    before, after = (settings(dict(inspected(hands, each))) for each in (name, launched.container_id))
    for each in (name, launched.name):
        hands.discard(each)
    hands.engine.close()

    differ = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    # A quota of a period is so many processors; each has its own addresses; only `docker create` attaches.
    processors = tuple(f"HostConfig.{key}" for key in ("CpuPeriod", "CpuQuota", "NanoCpus"))
    own = ("HostConfig.RestartPolicy", "Config.Labels", "Config.Attach", "NetworkSettings.", *processors)
    assert not {key for key in differ if not key.startswith(own)}


@pytest.mark.parametrize("real_engine", KINDS_OF_PODMAN, indirect=True)
def test_what_only_podman_s_own_api_takes_is_carried_and_what_is_of_one_container_is_named(
    real_engine: PrivateEngine, name: str
) -> None:
    hands, podman = DockerHands(real_engine), Podman(real_engine)
    built = hands.build(f"{name}:1", name)
    podman("secret", "create", name, "-", stdin="sesame")
    content.network(real_engine, f"{name}-net")
    options = ("--secret", name, "--tz", "Europe/Berlin", "--annotation", "team=web", "--umask", "0077")
    alone = ("--network", f"{name}-net:mac=02:11:22:33:44:77", "--sysctl", "net.ipv4.ip_forward=1")
    podman("run", "-d", "--name", name, *options, *alone, "-e", "HOME=/mine", f"{name}:1", *STAYS)
    launcher = Launcher(hands.engine)

    made = launcher.draft(built, name)
    assert "--network …:…" in made.rest.left
    assert {"--secret", "--tz", "--annotation", "--umask", "--sysctl"} <= set(made.rest.flags)
    checked = launcher.checked(made)
    assert not checked.faults
    seen = launcher.launch(checked.launch)

    before, after = podman.told(name), podman.told(seen.container_id)
    assert after["Config"]["Secrets"] == before["Config"]["Secrets"]
    assert after["Config"]["Timezone"] == "Europe/Berlin"
    assert after["Config"]["Umask"] == "0077"
    assert after["Config"]["Annotations"]["team"] == "web"
    assert "HOME=/mine" in after["Config"]["Env"]
    read = real_engine.docker("exec", seen.container_id, "cat", f"/run/secrets/{name}")
    assert read == "sesame"
    told = told_by_podman(hands.engine.podman_document(seen.container_id))
    assert [option for option, _ in told.options] == ["--secret", "--tz", "--annotation", "--umask"]
    assert (told.host["Sysctls"], told.home_was_set, told.notes) == ({"net.ipv4.ip_forward": "1"}, True, ())
    by_command = [word for word in checked.launch.arguments[1:] if word != "-d"]
    assert checked.launch.arguments[0] == "podman"
    hands.discard(seen.name)
    podman(by_command[0], "-d", *by_command[1:])
    again = podman.told(seen.name)
    for key in ("Secrets", "Timezone", "Umask"):
        assert again["Config"][key] == after["Config"][key]
    for each in (name, seen.name):
        hands.discard(each)
    podman("secret", "rm", name)
    hands.engine.close()


@only_on(*PODMANS, why="other engines run health checks themselves")
def test_a_health_check_that_nobody_runs_is_told_as_one(real_engine: PrivateEngine, name: str) -> None:
    hands = DockerHands(real_engine)
    built = hands.build(f"{name}:1", name)
    check = {"Test": ["CMD", "true"], "Interval": 200_000_000, "Timeout": 1_000_000_000, "Retries": 1}
    launcher = Launcher(hands.engine)
    seen = launcher.launch(Launch(built, name, command=STAYS, rest=Rest({"Healthcheck": check})))
    wait_until(
        lambda: launcher.launching.look(seen.container_id, name).state == NEVER_CHECKED,
        "that it is known that nobody runs it",
    )
    hands.discard(name)
    hands.engine.close()


def test_a_container_whose_making_was_not_answered_is_not_left_behind(
    real_engine: PrivateEngine, gate: Gate, name: str
) -> None:
    hands = DockerHands(real_engine)
    built = hands.build(f"{name}:1", name)
    folder = real_engine.folder / "config"
    launcher = Launcher(DockerEngine(Endpoint(gate.host, "-H", None, None, folder)))
    gate.wait_for(Cut(1, ending="/create", after=True))
    with pytest.raises(EngineError):
        launcher.launch(Launch(built, name, command=STAYS))
    assert hands.engine.inspect_container(name) is None
    hands.engine.close()
