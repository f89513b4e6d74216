"""Who needs a container that is going to be replaced."""

from typing import Any

import pytest

from imgtui.model.containers.dependents import Dependent, Need, dependents, needs

IDENTIFIER = "0123456789ab" + "c" * 52
DB = {"Id": IDENTIFIER, "Name": "/db", "HostConfig": {"NetworkMode": "bridge"}}


def other(host: dict[str, Any], networks: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "Id": "d" * 64,
        "Name": "/api",
        "HostConfig": host,
        "NetworkSettings": {"Networks": networks or {}},
    }


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ({"NetworkMode": f"container:{IDENTIFIER}"}, "network"),
        ({"PidMode": "container:db"}, "PID"),
        ({"IpcMode": f"container:{IDENTIFIER[:12]}"}, "IPC"),
        ({"VolumesFrom": ["db:ro"]}, "volumes"),
        ({"Links": ["/db:/api/database"]}, "link"),
    ],
)
def test_one_that_names_it_needs_it(host: dict[str, Any], kind: str) -> None:
    assert dependents(DB, [other(host)]) == (Dependent("d" * 64, "api", (kind,)),)


def test_a_link_in_a_network_of_ones_own_goes_by_name() -> None:
    assert needs(other({}, {"front": {"Links": ["db:database"]}})) == (Need("link by name", "db"),)


def test_everything_that_is_needed_is_said_once() -> None:
    host = {"NetworkMode": "container:db", "PidMode": "container:db", "Links": ["/db:/api/a", "/db:/api/b"]}

    assert dependents(DB, [other(host)])[0].kinds == ("network", "PID", "link")


@pytest.mark.parametrize(
    "host",
    [{"NetworkMode": "bridge", "PidMode": "host"}, {"VolumesFrom": ["data"]}, {"IpcMode": "container:"}],
)
def test_one_that_names_others_or_none_does_not(host: dict[str, Any]) -> None:
    assert dependents(DB, [other(host)]) == ()


def test_it_does_not_need_itself() -> None:
    assert dependents(DB, [{**DB, "HostConfig": {"Links": ["/db:/db/self"]}}]) == ()


def test_a_name_goes_before_the_beginning_of_an_id() -> None:
    namesake = {"Id": "e" * 64, "Name": "/0123", "HostConfig": {}}

    assert dependents(DB, [other({"PidMode": "container:0123"}), namesake]) == ()
