"""The command that makes a container like another one: what must not be shown is taken from that one.

`docker inspect` tells the value when the command is run: so it does what imgtui does, and shows no secret.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Final

from imgtui.model.clone.config import name_of
from imgtui.model.clone.create_command import HIDDEN
from imgtui.model.clone.create_networks import connect_commands, disconnect_commands, without_further_networks
from imgtui.model.clone.podman_create import create_line
from imgtui.model.safety.json import LIBPOD, Json, mapping, texts
from imgtui.model.safety.mask import MASK
from imgtui.model.safety.secrets import mask_arguments, mask_assignment, mask_value

_QUOTED: Final = re.compile(rf"'([\w./:=@%+,-]*){HIDDEN}(\d+){HIDDEN}'")
"""A word that ends with what is hidden, as `shlex.quote` has it."""
_ANYWHERE: Final = re.compile(rf"{HIDDEN}(\d+){HIDDEN}")


def create_shown(
    name: str, body: Json, networks: Mapping[str, Json], left: Sequence[str], *, like: Json, like_name: str
) -> str:
    """What makes a container `name`, connects it to networks, and takes it out of those that are `left`.

    A command a line. `like` is what the engine tells of the container `like_name`. What is masked all the
    same, as that one does not have it, is said behind it.
    """
    hiding = _Hiding(like, like_name, "podman" if LIBPOD in body else "docker")
    at_once, further = (body, {}) if LIBPOD in body else without_further_networks(body)
    line = explained(hiding.put_in(create_line(name, hiding.without_secrets(at_once))))
    connected = connect_commands(name, {**further, **networks})
    return "\n".join([line, *connected, *disconnect_commands(name, left)])


def explained(command: str) -> str:
    """A command that can be run as it is printed, or one that says that it cannot."""
    return f"{command}  # {MASK} is masked: put the value there" if MASK in command else command


class _Hiding:
    """Puts a mark in the place of each secret that can be asked for, and a question in the place of that."""

    def __init__(self, like: Json, name: str, program: str) -> None:
        self._config, self._host = mapping(like.get("Config")), mapping(like.get("HostConfig"))
        self._name = name
        self._program = program
        self._questions: list[str] = []

    def without_secrets(self, body: Json) -> dict[str, object]:
        """The body with marks."""
        hidden = {
            **body,
            "Env": self._variables(texts(body.get("Env"))),
            "Labels": self._values(
                mapping(body.get("Labels")), mapping(self._config.get("Labels")), ".Config.Labels"
            ),
            "Cmd": self._words(texts(body.get("Cmd")), "Cmd"),
        }
        if self._program == "docker":  # Podman tells these otherwise
            hidden["Entrypoint"] = self._words(texts(body.get("Entrypoint")), "Entrypoint")
            hidden["Healthcheck"] = self._check(mapping(body.get("Healthcheck")))
            hidden["HostConfig"] = self._log(mapping(body.get("HostConfig")))
        return {key: value for key, value in hidden.items() if value or key in body}

    def put_in(self, line: str) -> str:
        """The line with questions in the places of marks."""
        line = _QUOTED.sub(lambda found: f'{found[1]}"{self._questions[int(found[2])]}"', line)
        return _ANYWHERE.sub(lambda found: f"""'"{self._questions[int(found[1])]}"'""", line)

    def _variables(self, entries: Sequence[str]) -> list[str]:
        own = texts(self._config.get("Env"))
        return [
            f"{name_of(entry)}={self._mark(_after(name_of(entry), own.index(entry)))}"
            if mask_assignment(entry) != entry and entry in own and _can_be_asked(entry)
            else entry
            for entry in entries
        ]

    def _values(self, entries: Json, own: Json, place: str) -> dict[str, object]:
        return {
            key: self._mark(f"index {place} {json.dumps(key, ensure_ascii=False)}")
            if isinstance(value, str)
            and mask_value(key, value) != value
            and own.get(key) == value
            and _can_be_asked(value)
            else value
            for key, value in entries.items()
        }

    def _words(self, words: Sequence[str], key: str) -> list[str]:
        own = texts(self._config.get(key))
        return [
            self._mark(f"index .Config.{key} {own.index(word)}")
            if masked != word and word in own and _can_be_asked(word)
            else word
            for word, masked in zip(words, mask_arguments(words), strict=True)
        ]

    def _check(self, check: Json) -> Json:
        """A command of a shell is one word."""
        test = texts(check.get("Test"))
        own = texts(mapping(self._config.get("Healthcheck")).get("Test"))
        if (
            test[:1] != ["CMD-SHELL"]
            or mask_arguments(test) == test
            or test != own
            or not _can_be_asked(test[-1])
        ):
            return check
        return {**check, "Test": [test[0], self._mark("index .Config.Healthcheck.Test 1")]}

    def _log(self, host: Json) -> Json:
        log = mapping(host.get("LogConfig"))
        own = mapping(mapping(self._host.get("LogConfig")).get("Config"))
        given = mapping(log.get("Config"))
        if not given:
            return host
        shown = self._values(given, own, ".HostConfig.LogConfig.Config")
        return {**host, "LogConfig": {**log, "Config": shown}}

    def _mark(self, template: str) -> str:
        asked = shlex.join([self._program, "inspect", "--format", f"{{{{{template}}}}}", self._name])
        self._questions.append(f"$({asked})")
        return f"{HIDDEN}{len(self._questions) - 1}{HIDDEN}"


def _after(name: str, place: int) -> str:
    """The template for the value of a variable: a string is sliced by bytes."""
    return f"slice (index .Config.Env {place}) {len(name.encode()) + 1}"


def _can_be_asked(value: str) -> bool:
    """A shell takes newlines at the end away."""
    return not value.endswith("\n")
