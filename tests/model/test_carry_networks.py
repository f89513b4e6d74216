"""Networks, addresses and links of a container that is carried on."""

from typing import Any

import pytest

from tests.model.carrying import (
    BEFORE_SEVERAL,
    SEVERAL,
    SHORT,
    WITHOUT_MAC,
    again,
    container,
    endpoints,
    host_of,
)


def test_what_was_set_is_asked_for_and_what_the_engine_chose_is_not() -> None:
    settings = {
        "IPAMConfig": {"IPv4Address": "10.0.0.9"},
        "Aliases": ["db", SHORT],
        "Links": ["other:o"],
        "DriverOpts": {"a": "b"},
        "GwPriority": 3,
        "IPAddress": "10.0.0.9",
        "MacAddress": "02:42:0a:00:00:09",
        "NetworkID": "n" * 64,
        "EndpointID": "e" * 64,
    }

    result = again(container(host={"NetworkMode": "front"}, networks={"front": settings}))

    assert endpoints(result) == {
        "front": {
            "IPAMConfig": {"IPv4Address": "10.0.0.9"},
            "Aliases": ["db"],
            "Links": ["other:o"],
            "DriverOpts": {"a": "b"},
            "GwPriority": 3,
        }
    }
    assert not result.networks
    assert not result.notes


def test_since_api_1_44_it_is_made_in_all_networks() -> None:
    two = container(host={"NetworkMode": "front"}, networks={"back": {}, "front": {}})

    result = again(two, api=SEVERAL)

    assert list(endpoints(result)) == ["front", "back"]
    assert not result.networks


def test_before_it_is_made_in_one_and_connected_to_the_others() -> None:
    two = container(host={"NetworkMode": "front"}, networks={"back": {"Aliases": ["b"]}, "front": {}})

    result = again(two, api=BEFORE_SEVERAL)

    assert endpoints(result) == {"front": {}}
    assert result.networks == {"back": {"Aliases": ["b"]}}


def test_a_mac_address_that_was_set_is_that_of_the_main_network() -> None:
    document = container(
        {"MacAddress": "02:11:22:33:44:55"}, {"NetworkMode": "a" * 12}, {"front": {"NetworkID": "a" * 64}}
    )

    assert endpoints(again(document, api=SEVERAL)) == {"front": {"MacAddress": "02:11:22:33:44:55"}}
    old = again(document, api=BEFORE_SEVERAL)
    assert old.body["MacAddress"] == "02:11:22:33:44:55"
    assert endpoints(old) == {"front": {}}


@pytest.mark.parametrize(
    ("api", "main", "kept"),
    [
        *((BEFORE_SEVERAL, "front", False), (SEVERAL, "front", True)),
        *((SEVERAL, "back", False), (WITHOUT_MAC, "back", True)),
    ],
)
def test_a_mac_address_stays_where_nobody_tells_whether_it_was_set(
    api: tuple[int, int], main: str, kept: bool
) -> None:
    networks: dict[str, Any] = {main: {}}
    networks["back"] = {"IPAddress": "10.0.0.9", "MacAddress": "de:ad:be:ef:00:01"}

    result = again(container(host={"NetworkMode": main}, networks=networks), api=api)

    asked = {**endpoints(result), **result.networks}["back"]
    assert asked.get("MacAddress") == ("de:ad:be:ef:00:01" if kept else None)
    note = "it keeps its MAC address in back, as nobody tells who chose it"
    assert (note in result.notes) is kept


def test_one_that_the_engine_made_of_the_address_does_not() -> None:
    made = {"IPAddress": "10.0.0.9", "MacAddress": "02:42:0a:00:00:09"}

    result = again(container(networks={"bridge": {}, "back": made}), api=SEVERAL)

    assert endpoints(result) == {"bridge": {}, "back": {}}
    assert not result.notes


def test_it_is_said_that_the_engine_does_not_tell_one_of_a_container_that_does_not_run() -> None:
    result = again(container(networks={"bridge": {}, "back": {"MacAddress": ""}}), api=SEVERAL)

    assert result.notes == ("a MAC address that was set in back is not told, and lost",)


@pytest.mark.parametrize("mode", ["host", "none", "container:abc", "slirp4netns:mtu=1500"])
def test_without_a_network_of_its_own_none_is_asked_for(mode: str) -> None:
    result = again(container(host={"NetworkMode": mode}, networks={"host": {}, "other": {}}))

    assert endpoints(result) == {}
    assert not result.networks


def test_ports_of_an_image_are_not_exposed_where_the_network_is_of_another_container() -> None:
    ports: dict[str, Any] = {"ExposedPorts": {"80/tcp": {}}}

    assert "ExposedPorts" not in again(container(ports, {"NetworkMode": "container:abc"})).body


def test_links_are_asked_for_as_the_engine_takes_them() -> None:
    document = container(host={"Links": ["/db:/api/database"]})

    assert host_of(again(document))["Links"] == ["db:database"]


@pytest.mark.parametrize(
    ("mode", "networks", "left"),
    [
        ("bridge", {}, ("bridge",)),
        ("default", {}, ("bridge",)),
        ("front", {}, ("front",)),
        ("front", {"back": {"IPAMConfig": {"IPv4Address": "10.0.0.9"}}}, ("front",)),
        ("abc", {"front": {"NetworkID": "abcdef"}}, ()),
    ],
)
def test_one_that_was_taken_out_of_its_network_is_taken_out_again(
    mode: str, networks: dict[str, Any], left: tuple[str, ...]
) -> None:
    result = again(container(host={"NetworkMode": mode}, networks=networks))
    assert result.left == left
    assert not left or endpoints(result) == {}
    assert not left or result.networks == networks
    assert not result.notes
