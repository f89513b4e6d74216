"""Options as people type them for `docker run`."""

from __future__ import annotations

import pytest

from imgtui.model.core.image import TakenPort
from imgtui.model.launch.options import (
    PublishedPort,
    WrongOption,
    read_cpus,
    read_environment_file,
    read_label,
    read_memory,
    read_ports,
    read_restart,
    read_variable,
    read_volume,
    taken_port,
)


@pytest.mark.parametrize(
    ("option", "published"),
    [
        ("80", [("80/tcp", "", "")]),
        ("8080:80", [("80/tcp", "", "8080")]),
        (":80", [("80/tcp", "", "")]),
        ("127.0.0.1:8080:80/udp", [("80/udp", "127.0.0.1", "8080")]),
        ("127.0.0.1::80", [("80/tcp", "127.0.0.1", "")]),
        ("[::1]:8080:80", [("80/tcp", "::1", "8080")]),
        ("8000-8001:80-81/SCTP", [("80/sctp", "", "8000"), ("81/sctp", "", "8001")]),
        ("8000-8010:80", [("80/tcp", "", "8000-8010")]),
        ("80-81", [("80/tcp", "", ""), ("81/tcp", "", "")]),
    ],
)
def test_ports(option: str, published: list[tuple[str, str, str]]) -> None:
    assert read_ports(option) == tuple(PublishedPort(*port) for port in published)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("", "nothing is no port"),
        ("http:80", "http is no port"),
        ("80:", "nothing is no port"),
        ("0:80", "a port is a number from 1 to 65535"),
        ("80:65536", "a port is a number from 1 to 65535"),
        ("82-80", "a port is a number from 1 to 65535"),
        ("80-81:80-82", "different lengths"),
        ("1.2.3:80:80", "1.2.3 is no IP address"),
        ("80/icmp", "tcp, udp or sctp"),
        ("8٠:80", "8٠ is no port"),
    ],
)
def test_a_wrong_port_is_named(option: str, said: str) -> None:
    with pytest.raises(WrongOption) as error:
        read_ports(option)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("mine", "theirs", "is_taken"),
    [
        ("8080:80", ("8080/tcp", "0.0.0.0"), True),
        ("127.0.0.1:8080:80", ("8080/tcp", "::"), True),
        ("8080:80", ("8080/tcp", "127.0.0.1"), True),
        ("127.0.0.1:8080:80", ("8080/tcp", "127.0.0.2"), False),
        ("8080:80/udp", ("8080/tcp", "0.0.0.0"), False),
        ("80", ("8080/tcp", "0.0.0.0"), False),
        ("8080-8090:80", ("8080/tcp", "0.0.0.0"), False),
    ],
)
def test_a_host_port_is_taken_on_its_address_and_protocol(
    mine: str, theirs: tuple[str, str], is_taken: bool
) -> None:
    (port,) = read_ports(mine)
    said = taken_port(port, [TakenPort(*theirs, "api")])
    assert said == ("8080 is taken by api" if is_taken else None)


@pytest.mark.parametrize(
    ("option", "volume"),
    [
        ("/data", ("", "/data", "")),
        ("cache:/data", ("cache", "/data", "")),
        ("/srv:/data:ro,z", ("/srv", "/data", "ro,z")),
    ],
)
def test_volumes(option: str, volume: tuple[str, str, str]) -> None:
    assert read_volume(option) == volume


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("data", "not absolute"),
        ("cache:data", "in the container is not absolute"),
        ("./here:/data", "on the host is not absolute"),
        ("~/here:/data", "on the host is not absolute"),
        ("a/b:/data", "on the host is not absolute"),
        ("cache:/data:rx", "no mode is called rx"),
        ("/a:/b:ro:z", "at most source:target:mode"),
        ("cache:/", "root"),
        ("x:/data", "at least two"),
    ],
)
def test_a_wrong_volume_is_named(option: str, said: str) -> None:
    with pytest.raises(WrongOption, match=said):
        read_volume(option)


def test_variables_take_their_values_from_the_environment_where_none_is_given() -> None:
    environ = {"HERE": "1"}
    assert [read_variable(option, environ) for option in ("A=b=c", "HERE", "AWAY", "E=")] == [
        "A=b=c",
        "HERE=1",
        "AWAY",
        "E=",
    ]
    with pytest.raises(WrongOption):
        read_variable("=x", environ)


def test_a_file_of_variables() -> None:
    text = "\ufeff# comment\n\nA=1 # stays\n  B= 2\nHERE\nAWAY\nQ='x'\n"
    assert read_environment_file(text, {"HERE": "h"}) == ("A=1 # stays", "B= 2", "HERE=h", "Q='x'")
    for wrong in ("=1", "A B=1"):
        with pytest.raises(WrongOption, match="line 1"):
            read_environment_file(wrong, {})


@pytest.mark.parametrize(
    ("option", "size"),
    [("512m", 512 << 20), ("1.5g", 3 << 29), ("2GB", 2 << 30), ("8MiB", 8 << 20), ("10000000", 10_000_000)],
)
def test_memory(option: str, size: int) -> None:
    assert read_memory(option) == size


@pytest.mark.parametrize("option", ["a lot", "1x", "5m", "-1", "1.m", ""])
def test_wrong_memory(option: str) -> None:
    with pytest.raises(WrongOption):
        read_memory(option)


def test_cpus() -> None:
    assert [read_cpus(option) for option in ("2", "0.5", ".25", "1.")] == [
        2_000_000_000,
        500_000_000,
        250_000_000,
        1_000_000_000,
    ]
    for wrong in ("many", "-1", ".", "", "1.5.1"):
        with pytest.raises(WrongOption):
            read_cpus(wrong)


def test_restart_policies() -> None:
    assert read_restart("unless-stopped") == {"Name": "unless-stopped", "MaximumRetryCount": 0}
    assert read_restart("on-failure:3") == {"Name": "on-failure", "MaximumRetryCount": 3}
    for wrong in ("sometimes", "always:3", "on-failure:", "on-failure:x"):
        with pytest.raises(WrongOption):
            read_restart(wrong)


def test_labels() -> None:
    assert read_label("a=b=c") == ("a", "b=c")
    assert read_label("flag") == ("flag", "")
    with pytest.raises(WrongOption):
        read_label("=x")
