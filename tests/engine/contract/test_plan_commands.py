"""The docker commands of a plan are run as they are printed: they do what imgtui does, and show no secret."""

from __future__ import annotations

import os
import shlex
import subprocess
from typing import Any, Final

import pytest

from tests.engine.contract.podman_command import Podman
from tests.engine.contract.rolling import Site
from tests.engines import content
from tests.engines.kinds import DOCKERS, PODMANS
from tests.engines.looked_at import not_on, only_on

pytestmark = pytest.mark.matrix

SECRET: Final = "hunt er'22\"$x"
LONG: Final = "first line\nhunter22 `second`\n  third"
OPTIONS: Final = (
    *("-e", f"DB_PASSWORD={SECRET}", "-e", f"API_KEY={LONG}", "-e", "MODE=mine"),
    *("-l", f"api.token={SECRET}", "-l", "team=web"),
)
COMMAND: Final = ("sh", "-c", 'exec sleep 100000 # "$2"', "x", "--password", SECRET)


def shown(site: Site, *words: str) -> str:
    """The commands of a plan, as they are printed for people."""
    lines = site.imgtui("rollback", *words, "--plan").stdout.splitlines()
    return "\n".join(lines[lines.index("  the same with docker:") + 1 :])


def run_by_hand(site: Site, script: str) -> None:
    """As somebody does who copies it into a shell."""
    podman = shlex.join(site.real.inside("podman", "--remote", "--url", site.real.host))
    path = f"{site.real.programs}/usr/bin:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-ec", f'podman() {{ {podman} "$@"; }}\n{script}'],
        env={**os.environ, **site.real.env, "PATH": path},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{script}\n{done.stderr}"


def settings(site: Site, name: str) -> dict[str, Any]:
    """What people have set of a container; of Podman's variables, those that are theirs."""
    config = site.told(name)["Config"]
    names = ("DB_PASSWORD=", "API_KEY=", "MODE=")
    return {
        "env": sorted(entry for entry in config["Env"] if entry.startswith(names)),
        "labels": {key: config["Labels"][key] for key in ("api.token", "team")},
        "command": config["Cmd"],
    }


def test_secrets_are_taken_from_the_container_that_runs(site: Site) -> None:
    site.run(*OPTIONS, "--restart=always", command=COMMAND)
    before = settings(site, site.api)
    assert before["env"] == sorted([f"DB_PASSWORD={SECRET}", f"API_KEY={LONG}", "MODE=mine"])

    script = shown(site, site.api)

    assert "hunt" not in script
    assert "*" not in script
    run_by_hand(site, script)
    assert settings(site, site.api) == before
    assert site.seen().running == {site.api: site.old}
    assert site.seen().policies[site.api] == "always"


@only_on(*PODMANS, why="it is about what the podman command made")
def test_so_they_are_by_the_podman_command_for_what_that_made(site: Site) -> None:
    podman = Podman(site.real)
    podman("run", "-d", "--name", site.api, "--tz", "UTC", *OPTIONS, site.tag, *COMMAND)
    before = settings(site, site.api)

    script = shown(site, site.api)

    assert "podman create --name" in script
    assert "hunt" not in script
    assert "*" not in script
    run_by_hand(site, script)
    assert settings(site, site.api) == before
    assert site.seen().running == {site.api: site.old}


@only_on(*DOCKERS, why="Podman runs no health checks here, and its command has another form for them")
def test_so_are_those_of_a_health_check_and_of_a_log(site: Site) -> None:
    check = ("--health-cmd", "echo --password=hunter22", "--health-interval", "1h")
    log = ("--log-driver", "syslog", "--log-opt", "syslog-address=udp://127.0.0.1:9", "--log-opt")
    site.run(*check, *log, "tag=token=hunter22")
    before = site.told()

    script = shown(site, site.api)

    assert "hunt" not in script
    run_by_hand(site, script)
    after = site.told()
    assert after["Config"]["Healthcheck"] == before["Config"]["Healthcheck"]
    assert after["HostConfig"]["LogConfig"] == before["HostConfig"]["LogConfig"]


def test_what_cannot_be_asked_for_says_so(site: Site) -> None:
    site.run("-e", "DB_PASSWORD=hunter22\n", "-e", "MODE=mine")
    (line,) = (line for line in shown(site, site.api).splitlines() if "create" in line)
    assert "hunter22" not in line
    assert line.endswith("  # ******** is masked: put the value there")


def test_one_that_goes_when_it_stops_has_its_spare_by_the_commands_too(site: Site) -> None:
    site.run("--rm", *OPTIONS, command=COMMAND)
    before = settings(site, site.api)

    run_by_hand(site, shown(site, site.api))

    assert site.seen().running == {site.api: site.old}
    assert set(site.seen().policies) == {site.api, site.retired}
    assert settings(site, site.api) == settings(site, site.retired) == before
    assert site.told()["HostConfig"]["AutoRemove"]


@not_on(*PODMANS, why="Podman has no links")
def test_what_is_recreated_with_it_is_by_the_commands_too(site: Site) -> None:
    content.network(site.real, f"{site.name}-net")
    site.run(*OPTIONS)
    site.real.docker("network", "connect", "--alias", "second", f"{site.name}-net", site.api)
    side, other = f"{site.name}-side", f"{site.name}-other"
    site.run(f"--network=container:{site.api}", *OPTIONS, name=side, image=site.new, command=COMMAND)
    site.run("--link", f"{site.api}:db", *OPTIONS, name=other, image=site.new, command=COMMAND)
    before = settings(site, side)

    run_by_hand(site, shown(site, site.api))

    assert site.seen().running == {site.api: site.old, side: site.new, other: site.new}
    assert settings(site, side) == settings(site, other) == before
    assert site.told(side)["HostConfig"]["NetworkMode"] == f"container:{site.told()['Id']}"
    assert "second" in site.told()["NetworkSettings"]["Networks"][f"{site.name}-net"]["Aliases"]
    assert site.real.docker("exec", other, "true") == ""


def networks_of(site: Site) -> set[str]:
    return set(site.told()["NetworkSettings"]["Networks"])


def test_one_that_was_taken_out_of_its_networks_stays_out_also_by_the_commands(site: Site) -> None:
    site.run()
    (default,) = networks_of(site)
    site.real.docker("network", "disconnect", default, site.api)
    assert not networks_of(site)

    run_by_hand(site, shown(site, site.api))
    assert not networks_of(site)
    assert site.seen().running == {site.api: site.old}

    site.roll_back(site.api, "--to", site.new)
    assert not networks_of(site)
    assert site.seen().running == {site.api: site.new}


@only_on(*DOCKERS, why="Podman tells one mode for all networks")
def test_one_that_went_from_its_network_to_another_is_in_that_alone(site: Site) -> None:
    first, second = f"{site.name}-first", f"{site.name}-second"
    for network in (first, second):
        content.network(site.real, network)
    site.run("--network", first)
    site.real.docker("network", "connect", "--alias", "web", second, site.api)
    site.real.docker("network", "disconnect", first, site.api)

    run_by_hand(site, shown(site, site.api))
    assert networks_of(site) == {second}

    site.roll_back(site.api, "--to", site.new)
    assert networks_of(site) == {second}
    assert "web" in site.told()["NetworkSettings"]["Networks"][second]["Aliases"]
