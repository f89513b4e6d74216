"""Read-only is refused at the boundary: every call of the port that can change something, on every engine."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import pytest

from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.docker.engine import DockerEngine
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import ReadOnly
from imgtui.model.build.build import BuilderKind
from tests.engine.contract.hands import DockerHands, Hands, MemoryHands, connect
from tests.verbs import command

QUESTIONS: Final = frozenset(
    {
        "build_records",
        "build_cache",
        "builder",
        "changed_paths",
        "close",
        "compose_service",
        "connect",
        "clock",
        "container_log",
        "containers",
        "dangling_images",
        "document",
        "events",
        "file_stat",
        "find_images",
        "has_path",
        "holdings",
        "image",
        "image_config",
        "inspect_container",
        "list_images",
        "networks",
        "past_events",
        "proxies",
        "podman_document",
        "read_file",
        "remote_tag",
        "save_images",
        "taken_ports",
        "traces",
    }
)
"""Calls that only ask. Whatever else the port has, or is given, changes something: it is tried here."""

ACTS: Final = sorted(
    name
    for name, _ in inspect.getmembers(Engine, inspect.isfunction)
    if not name.startswith("_") and name not in QUESTIONS
)


def arguments_of(call: Callable[..., object]) -> dict[str, Any]:
    """Something for every argument that has to be given."""
    wanted = {
        name: str(parameter.annotation)
        for name, parameter in inspect.signature(call).parameters.items()
        if parameter.default is inspect.Parameter.empty and name != "self"
    }
    return {name: example_of(hint) for name, hint in wanted.items()}


def example_of(hint: str) -> object:
    if hint in {"str", "int"}:
        return "web:latest" if hint == "str" else 1
    return {} if hint.startswith(("Mapping", "Document")) else []


@pytest.fixture
def guarded(hands: Hands) -> Engine:
    """The engine, opened read-only."""
    if isinstance(hands, MemoryHands):
        return MemoryEngine(store=hands.store, read_only=True)
    assert isinstance(hands, DockerHands)
    return connect(hands.real, read_only=True)


def look_at(begun: object) -> None:
    """What goes on is sent when it is looked at."""
    if isinstance(begun, Iterable):
        for _ in begun:
            pass


@pytest.mark.parametrize("name", ACTS)
def test_what_changes_something_is_refused(guarded: Engine, name: str) -> None:
    call = getattr(guarded, name)
    try:
        if name == "set_restart" and not guarded.connect().changes_restart:
            assert call("web", {}) is False  # it cannot, and sends nothing
            return
        with pytest.raises(ReadOnly):
            look_at(call(**arguments_of(getattr(Engine, name))))
    finally:
        guarded.close()


def test_no_program_is_started_that_would_ask_the_engine_otherwise(hands: Hands, tmp_path: Path) -> None:
    if not isinstance(hands, DockerHands):
        assert MemoryEngine(store=hands.store, read_only=True).builder().kind is BuilderKind.BUILDKIT
        return
    spy = tmp_path / "docker"
    spy.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\nexit 1\n')
    spy.chmod(0o755)
    environ = {**command.environment(tmp_path, hands.real.host), "PATH": f"{tmp_path}:/usr/bin:/bin"}
    environ["IMGTUI_BUILD_HISTORY"] = "always"
    endpoint = Endpoint(hands.real.host, "-H", None, None, tmp_path)
    engine = DockerEngine(endpoint, read_only=True, environ=environ)
    try:
        assert engine.builder().kind is BuilderKind.CLASSIC
        assert engine.build_records("sha256:" + "0" * 64).record is None
    finally:
        engine.close()
    for words in (("log",), ("ls",), ("drift",), ("doctor",)):
        done = command.call_installed(environ, "--read-only", *words)
        assert done.returncode in {0, 1, 4}, done.stderr
    assert not (tmp_path / "asked").exists(), (tmp_path / "asked").read_text()


def test_the_questions_are_calls_of_the_port() -> None:
    assert {name for name in QUESTIONS if hasattr(Engine, name)} == QUESTIONS
    assert {"tag", "untag", "pull", "create_container", "remove_container"} <= set(ACTS)
