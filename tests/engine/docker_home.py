"""A home folder with docker's configuration in it, and what docker makes of addresses and variables."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from imgtui.engine.connect.endpoint import Endpoint, EndpointError, resolve_endpoint


def resolve(home: Path, host: str | None = None, context: str | None = None, **environ: str) -> Endpoint:
    # No engine of this machine may decide a test: there is no runtime folder, and no default socket.
    environment = {"XDG_RUNTIME_DIR": str(home / "run"), **environ}
    return resolve_endpoint(host, context, environment, home, default_socket=home / "docker.sock")


def refusal(home: Path, host: str | None = None, context: str | None = None, **environ: str) -> EndpointError:
    with pytest.raises(EndpointError) as caught:
        resolve(home, host, context, **environ)
    assert "\n" not in caught.value.cause + caught.value.remedy
    assert caught.value.remedy
    return caught.value


def make_context(home: Path, name: str, meta: object, tls: Mapping[str, str] | None = None) -> Path:
    """Write a context as docker does; `tls` maps file names to contents."""
    identifier = hashlib.sha256(name.encode()).hexdigest()
    folder = home / ".docker" / "contexts" / "meta" / identifier
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(meta if isinstance(meta, str) else json.dumps(meta))
    if tls is not None:
        files = home / ".docker" / "contexts" / "tls" / identifier / "docker"
        files.mkdir(parents=True)
        for file, content in tls.items():
            (files / file).write_text(content)
    return folder / "meta.json"


def meta(name: str, host: str, *, skip_verify: bool = False, description: str = "") -> dict[str, object]:
    return {
        "Name": name,
        "Metadata": {"Description": description},
        "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": skip_verify}},
    }


def use(home: Path, name: str) -> None:
    (home / ".docker" / "config.json").write_text(json.dumps({"currentContext": name}))


class Choice(NamedTuple):
    """What names an engine, and which one it has to be."""

    options: tuple[str | None, str | None]
    environ: dict[str, str]
    host: str
    source: str


BOTH = {"DOCKER_HOST": "tcp://env:1", "DOCKER_CONTEXT": "two"}
PRECEDENCE = [
    Choice(("tcp://option:1", None), BOTH, "tcp://option:1", "-H"),
    Choice((None, "one"), BOTH, "tcp://one:1", "context one (-c)"),
    Choice((None, None), BOTH, "tcp://env:1", "DOCKER_HOST"),
    Choice((None, None), {"DOCKER_CONTEXT": "two"}, "tcp://two:1", "context two (DOCKER_CONTEXT)"),
    Choice((None, None), dict.fromkeys(BOTH, ""), "tcp://three:1", "context three (docker context use)"),
    Choice((None, "default"), {"DOCKER_HOST": "tcp://env:1"}, "tcp://env:1", "DOCKER_HOST"),
    Choice((None, "default"), {}, "unix:///var/run/docker.sock", "default"),
    Choice((None, None), {"DOCKER_CONTEXT": "default"}, "unix:///var/run/docker.sock", "default"),
]


ADDRESSES = [
    ("tcp://h:2376", "tcp://h:2376"),
    ("tcp://h", "tcp://h:2375"),
    ("tcp://", "tcp://localhost:2375"),
    ("h:1", "tcp://h:1"),
    (":1", "tcp://localhost:1"),
    ("h", "tcp://h:2375"),
    ("tcp://h:1/prefix", "tcp://h:1/prefix"),
    ("tcp://[::1]:1", "tcp://[::1]:1"),
    ("tcp://[::1]:", "tcp://[::1]:2375"),
    ("tcp://::1", "tcp://[::1]:2375"),
    ("/run/x.sock", "tcp://localhost:2375/run/x.sock"),
    ("  tcp://h:1  ", "tcp://h:1"),
    ("", "unix:///var/run/docker.sock"),
    ("unix://", "unix:///var/run/docker.sock"),
    ("unix:///run/x.sock", "unix:///run/x.sock"),
    ("unix://unix:///run/x.sock", "unix:///run/x.sock"),
    ("ssh://user@h:2222", "ssh://user@h:2222"),
    ("ssh://h/run/x.sock", "ssh://h/run/x.sock"),
]

REFUSED = [
    ("http://h:1", "http:// is not a scheme"),
    ("https://h:1", "https:// is not a scheme"),
    ("foo://h", "foo:// is not a scheme"),
    ("tcp://h:abc", "port is not a number"),
    ("tcp://[::1]", "IPv6"),
    ("unix://tcp://h", "not a path"),
    ("ssh://", "no host name"),
    ("ssh://u:secret@h", "password"),
    ("ssh://h?x", "query"),
]


TLS_ENVIRONMENT = [
    ({}, None),
    ({"DOCKER_TLS_VERIFY": "1"}, True),
    ({"DOCKER_TLS_VERIFY": "0"}, True),
    ({"DOCKER_TLS": "1"}, False),
    ({"DOCKER_TLS": "1", "DOCKER_TLS_VERIFY": "1"}, True),
    ({"DOCKER_TLS_VERIFY": ""}, None),
]
