"""The docker command: called so that it speaks to the engine that imgtui speaks to."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from imgtui.engine.connect.endpoint import Endpoint

_NAME: Final = "docker"


@dataclass(frozen=True, slots=True)
class Program:
    """A program that takes the terminal."""

    arguments: tuple[str, ...]
    environ: Mapping[str, str] = field(repr=False)


class DockerClient:
    """The docker command of this machine, for one engine."""

    def __init__(self, endpoint: Endpoint, environ: Mapping[str, str]) -> None:
        self._endpoint = endpoint
        self._environ = environ

    def why_not(self) -> str | None:
        """Why it cannot be called; None when it can."""
        if shutil.which(_NAME, path=self._environ.get("PATH")) is None:
            return "no docker command is on this machine, and it is what attaches the terminal"
        return None

    def attached_start(self, container_id: str) -> Program:
        """Start a container and attach this terminal to it: its size follows, ctrl-p ctrl-q detaches."""
        environ = client_environment(self._endpoint, self._environ)
        return Program((_NAME, "start", "--attach", "--interactive", "--", container_id), environ)


def client_environment(endpoint: Endpoint, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment in which docker speaks to this engine."""
    chosen = {"DOCKER_CONTEXT": endpoint.context} if endpoint.context else {"DOCKER_HOST": endpoint.host}
    others = {name: value for name, value in environ.items() if name not in {"DOCKER_HOST", "DOCKER_CONTEXT"}}
    return {**others, **chosen, "DOCKER_CONFIG": str(endpoint.config_dir)}
