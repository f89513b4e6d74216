"""Credentials come from where docker has them; a helper that misbehaves is told, what it answers never."""

from __future__ import annotations

import base64
import json
import os
import pty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from imgtui.engine.connect.credentials import HUB, build_headers, registry_headers
from imgtui.engine.connect.program import talk
from imgtui.engine.port.errors import EngineError

SECRET = "a wrong horse"
NAME = "reg.example:5000/team/web:1"
LOGIN = {"serveraddress": "reg.example:5000", "username": "me", "password": SECRET}
AUTH = {"auth": base64.b64encode(f"me:{SECRET}".encode()).decode()}
ANSWER = json.dumps({"ServerURL": "reg.example:5000", "Username": "me", "Secret": SECRET})
NOTHING = "echo 'credentials not found in native keychain'; exit 1"

Config = Callable[..., Path]
Helper = Callable[[str, str], None]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Write a configuration of docker's; its folder."""

    def write(**content: object) -> Path:
        (tmp_path / "config.json").write_text(json.dumps(content))
        return tmp_path

    return write


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Helper:
    """Have a helper that does so."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def make(name: str, does: str) -> None:
        program = tmp_path / f"docker-credential-{name}"
        program.write_text(f"#!/bin/sh\n{does}\n")
        program.chmod(0o755)

    return make


def sent(folder: Path, name: str = NAME) -> object:
    """What an engine is sent of the registry of a name; None for nothing."""
    headers = registry_headers(name, folder)
    return json.loads(base64.urlsafe_b64decode(headers["X-Registry-Auth"])) if headers else None


def refused(folder: Path) -> str:
    with pytest.raises(EngineError) as raised:
        registry_headers(NAME, folder)
    text = str(raised.value)
    assert text.startswith(f"no credentials for {NAME}: ")
    assert text.isprintable()
    assert SECRET not in text
    return text


def test_to_have_none_is_no_error(tmp_path: Path, config: Config) -> None:
    assert sent(tmp_path / "nowhere") is None
    assert build_headers(tmp_path / "nowhere") == {}
    assert sent(config(auths={"other.example": AUTH, "reg.example:5000": {}})) is None


@pytest.mark.parametrize("key", ["reg.example:5000", "https://reg.example:5000/v2/"])
def test_what_the_file_has_is_found_by_the_host(config: Config, key: str) -> None:
    assert sent(config(auths={key: AUTH})) == LOGIN


def test_the_hub_has_the_name_that_docker_gives_it(config: Config) -> None:
    found = sent(config(auths={HUB: AUTH}), "web:1")
    assert found == {**LOGIN, "serveraddress": HUB}


def test_a_token_takes_the_place_of_user_and_password(config: Config, helper: Helper) -> None:
    token = {"serveraddress": "reg.example:5000", "identitytoken": SECRET}
    assert sent(config(auths={"reg.example:5000": {**AUTH, "identitytoken": SECRET}})) == token
    helper("mine", f"echo '{json.dumps({'Username': '<token>', 'Secret': SECRET})}'")
    assert sent(config(credsStore="mine")) == token


def test_a_helper_is_asked_for_the_registry_and_that_of_the_registry_first(
    config: Config, helper: Helper
) -> None:
    helper("mine", f'[ "$1 $(cat)" = "get reg.example:5000" ] && echo \'{ANSWER}\'')
    helper("theirs", "exit 1")
    assert sent(config(credsStore="mine")) == LOGIN
    assert sent(config(credsStore="theirs", credHelpers={"reg.example:5000": "mine"})) == LOGIN


@pytest.mark.parametrize("says", [NOTHING, 'echo \'{"Username": "", "Secret": ""}\''])
def test_what_a_helper_does_not_know_is_looked_for_in_the_file(
    config: Config, helper: Helper, says: str
) -> None:
    helper("mine", says)
    assert sent(config(credsStore="mine")) is None
    assert sent(config(credsStore="mine", auths={"reg.example:5000": AUTH})) == LOGIN


@pytest.mark.parametrize(
    ("does", "says"),
    [
        ("echo 'the key ring is locked'; exit 1", "docker-credential-mine failed: the key ring is locked"),
        ("exit 3", "docker-credential-mine failed: 3"),
        (f"echo 'key: {SECRET}'", "docker-credential-mine answered with something else"),
        (f"echo '[\"{SECRET}\"]'", "docker-credential-mine answered with something else"),
        (f'echo \'{{"Secret": "{SECRET}"}}\'', "docker-credential-mine answered with something else"),
        ("kill -9 $$", "there is no docker-credential-mine, or it did not come to an end"),
    ],
)
def test_a_helper_that_fails_is_told_and_not_what_it_answered(
    config: Config, helper: Helper, does: str, says: str
) -> None:
    helper("mine", does)
    assert refused(config(credsStore="mine")).endswith(says)


def test_a_helper_that_is_not_there_is_told(config: Config) -> None:
    assert "there is no docker-credential-no-such-one" in refused(config(credsStore="no-such-one"))


@pytest.mark.parametrize("auth", ["not base64", "/w=="])
def test_a_file_that_cannot_be_read_is_told(config: Config, tmp_path: Path, auth: str) -> None:
    assert "cannot be read" in refused(config(auths={"reg.example:5000": {"auth": auth}}))
    (tmp_path / "config.json").write_text(f'{{"auths": {{"{SECRET}')
    assert "no JSON" in refused(tmp_path)


def test_a_build_has_all_but_those_of_a_helper_that_fails(config: Config, helper: Helper) -> None:
    helper("mine", f'[ "$1" = list ] && echo \'{{"reg.example:5000": "me"}}\' || echo \'{ANSWER}\'')
    helper("broken", "exit 1")
    folder = config(credsStore="mine", credHelpers={"broken.example": "broken"}, auths={"file.example": AUTH})
    headers = build_headers(folder)
    found = json.loads(base64.urlsafe_b64decode(headers["X-Registry-Config"]))
    assert set(found) == {"reg.example:5000", "file.example"}
    assert found["reg.example:5000"] == LOGIN


@contextmanager
def terminal() -> Iterator[int]:
    """Standard error is a terminal meanwhile; its other side."""
    here, there = pty.openpty()
    before = os.dup(2)
    os.dup2(there, 2)
    try:
        yield here
    finally:
        os.dup2(before, 2)
        for number in (before, here, there):
            os.close(number)


def test_a_helper_writes_nothing_on_the_terminal(config: Config, helper: Helper) -> None:
    helper("mine", f"echo 'over the screen' >&2; echo '{ANSWER}'")
    folder = config(credsStore="mine")
    with terminal() as screen:
        found = sent(folder)
        os.set_blocking(screen, False)
        with pytest.raises(BlockingIOError):
            os.read(screen, 100)
    assert found == LOGIN


def test_a_helper_that_does_not_read_is_no_harm(tmp_path: Path) -> None:
    answer = talk(["true"], {"PATH": "/usr/bin:/bin"}, tmp_path, bytes(1_000_000), 20)
    assert answer is not None
    assert answer.status == 0


def test_the_variable_goes_before_file_and_helper(
    config: Config, helper: Helper, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = config(credsStore="here", auths={"other.example": AUTH})
    helper("here", NOTHING)
    told = {"auths": {"reg.example:5000": AUTH, HUB: AUTH}}
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", json.dumps(told))
    assert sent(folder) == LOGIN
    assert sent(folder, "busybox") == {**LOGIN, "serveraddress": HUB}
    assert sent(folder, "other.example/x") == {**LOGIN, "serveraddress": "other.example"}
    header = build_headers(folder)["X-Registry-Config"]
    assert json.loads(base64.urlsafe_b64decode(header)).keys() == {"reg.example:5000", HUB, "other.example"}


@pytest.mark.parametrize("told", ["{", "[]", '{"auths": []}', "[" * 100_000, SECRET])
def test_a_variable_that_cannot_be_read_is_said_without_its_value(
    config: Config, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", told)
    said = refused(config())
    assert "DOCKER_AUTH_CONFIG" in said
    assert SECRET not in said
