"""Docker's own configuration with mistakes in it: a context, or a line that says why not and no secret."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtui.engine.connect.contexts import EndpointError, list_contexts
from imgtui.engine.connect.credentials import build_headers, registry_headers
from imgtui.engine.connect.docker_config import proxies, request_headers
from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.port.errors import EngineError
from imgtui.model.core.printable import safe_for_terminal
from tests.engine.docker_home import make_context, meta, resolve
from tests.engine.payloads import HOSTILE
from tests.engine.replay.mistakes import mistakes
from tests.suite.examples import examples

SECRET: Final = "MARKED-SECRET"
CONFIG: Final[dict[str, Any]] = {
    "auths": {
        "registry.example.com": {"auth": base64.b64encode(f"user:{SECRET}".encode()).decode()},
        "https://index.docker.io/v1/": {"identitytoken": SECRET},
    },
    "credHelpers": {"other.example.com": "there-is-none"},
    "HttpHeaders": {"X-Token": SECRET},
    "proxies": {"default": {"httpProxy": f"http://user:{SECRET}@proxy:1", "noProxy": "a,b"}},
    "currentContext": "prod",
}
META: Final = meta("prod", "tcp://prod.example.com:2376", skip_verify=True, description="the servers")
SCHEMES: Final = ("", "tcp://", "unix://", "ssh://", "npipe://", "fd://", "http://", "TCP://", "tcp:/", "://")
PLACES: Final = (
    "", "h", "h:1", ":1", "h:99999", "h:0", "h:-1", "h:１", "[::1]:1", "[::1", "::1", f"u:{SECRET}@h:1",
    f"u:{SECRET}@[bad", f"u:{SECRET[:6]}/{SECRET[6:]}@h:1", "h:1/prefix", "/run/x.sock", "/run/\x00.sock",
    "/" + "x" * 500, "-oProxyCommand=x@h", "u@-h", "h?x#y", "h:1 ", "\n", "é", "\ud800", "\u202eh", "%00",
    "%zz@h", "9" * 5_000, "h:" + "9" * 5_000,
)  # fmt: skip
NAMES: Final = ("prod", "", "default", "../x", "a b", "9" * 5_000, "x" * 3_000, *HOSTILE, "\ud800", "\0")
hosts = st.builds(lambda scheme, place: scheme + place, st.sampled_from(SCHEMES), st.sampled_from(PLACES))


def drawn(*texts: str) -> None:
    """Lines for a terminal that have no secret."""
    for text in texts:
        assert safe_for_terminal(text), ascii(text)[:300]
        assert SECRET not in text
        assert SECRET[6:] not in text


def outcome(ask: Callable[[], object]) -> None:
    """Ask: there is an answer, or an error in lines that are only drawn."""
    try:
        found = ask()
    except EndpointError as error:
        drawn(error.cause, error.remedy or "\0")
    except EngineError as error:
        drawn(str(error))
    else:
        problems = [each.problem for each in found] if isinstance(found, tuple) else []
        drawn(*filter(None, problems))


def everything(home: Path, host: str | None = None, context: str | None = None) -> None:
    """Ask whatever is asked of the configuration."""
    folder = home / ".docker"
    for ask in (
        lambda: resolve(home, host, context),
        lambda: list_contexts(folder),
        lambda: request_headers(folder, {}),
        lambda: proxies(folder, "unix:///run/x.sock"),
        lambda: registry_headers("registry.example.com/web:1", folder),
        lambda: registry_headers("web:1", folder),
        lambda: registry_headers("other.example.com/web:1", folder),
        lambda: build_headers(folder),
    ):
        outcome(ask)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def written(home: Path, config: str, meta_json: str | None) -> None:
    """A home folder with these two files."""
    shutil.rmtree(home / ".docker", ignore_errors=True)
    (home / ".docker").mkdir()
    (home / ".docker/config.json").write_text(config)
    if meta_json is not None:
        make_context(home, "prod", meta_json)


def test_what_is_right_is_used(home: Path) -> None:
    written(home, json.dumps(CONFIG), json.dumps(META))
    found = resolve(home)
    assert isinstance(found, Endpoint)
    assert (found.host, found.context) == ("tcp://prod.example.com:2376", "prod")
    assert "X-Registry-Auth" in registry_headers("registry.example.com/web:1", home / ".docker")
    everything(home)


@examples(80)
@given(
    config=mistakes([CONFIG]),
    of_context=mistakes([META]),
    whole=st.sampled_from(["", "", "", "cut", "bytes"]),
)
def test_wrong_files_are_told(
    home: Path, config: tuple[list[object], str], of_context: tuple[list[object], str], whole: str
) -> None:
    texts = json.dumps(config[0][0]), json.dumps(of_context[0][0])
    if whole == "cut":
        texts = texts[0][:-9], texts[1][:-9]
    written(home, *texts)
    if whole == "bytes":
        (home / ".docker/config.json").write_bytes(b"\xff\xfe\0" + texts[0].encode())
    everything(home)
    everything(home, context="prod")


@examples(60)
@given(name=st.sampled_from(NAMES), current=st.sampled_from(NAMES), host=hosts)
def test_any_name_and_any_host_is_an_engine_or_told(home: Path, name: str, current: str, host: str) -> None:
    written(home, json.dumps({"currentContext": current}), None)
    identifier = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    folder = home / ".docker/contexts/meta" / identifier
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(json.dumps(meta(name, host)))
    everything(home)
    everything(home, context=name or None)
    everything(home, host=host)
