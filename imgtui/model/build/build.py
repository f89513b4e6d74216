"""A build that somebody wants, and the docker command that does the same."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from posixpath import isabs, join
from typing import Final

from imgtui.model.jobs.job import JobBar
from imgtui.model.safety.mask import MASK
from imgtui.model.safety.secrets import looks_secret, mask_assignment, mask_text

_REMOTE: Final = re.compile(r"(?:https?|git|ssh)://|git@|github\.com/")
"""How the address of a context begins that the builder itself fetches (docker/cli `build/context.go`)."""
_SECRET_WHERE: Final = re.compile(r"(?:(?<=,)|^)((?:src|source|env)=)[^,]*")
_TEMPLATE: Final = re.compile(r"([$%])(?=\{)")
TARGET: Final = "default"
"""The one target of a definition."""


class BuilderKind(StrEnum):
    """What builds."""

    BUILDKIT = "BuildKit"
    """Through `docker buildx build`."""
    CLASSIC = "classic builder"
    """The engine's own, through `POST /build`."""


@dataclass(frozen=True, slots=True)
class BuilderFound:
    """What builds for an engine."""

    kind: BuilderKind
    why: str = ""
    """Why it is not BuildKit; empty where it is."""


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """How far a build is. Text is printable, secrets that are known are masked."""

    steps: tuple[JobBar, ...]
    lines: tuple[str, ...] = ()
    """New lines of its log."""


@dataclass(frozen=True, slots=True)
class Build:
    """What is to be built, and how."""

    context: str = field(repr=False)
    """A folder of this machine, or an address that the builder fetches."""
    tags: tuple[str, ...] = ()
    """Tagged familiar references that the result is for."""
    dockerfile: str = ""
    """Path in the context, or absolute; empty for `Dockerfile`."""
    target: str = ""
    arguments: tuple[str, ...] = field(default=(), repr=False)
    """`NAME=value`, or `NAME` for the value that the environment of imgtui has."""
    labels: tuple[str, ...] = field(default=(), repr=False)
    platform: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """As `--secret` takes them: `id=npm,src=/run/npm` or `id=npm,env=NPM`."""
    cache_from: tuple[str, ...] = field(default=(), repr=False)
    network: str = ""
    builder: str = ""
    """Of buildx; empty for the engine's own."""
    no_cache: bool = False
    pull: bool = False
    """Whether newer base images are looked for."""
    look_first: bool = False
    """Whether the tags stay where they are until somebody has looked at the result."""
    kind: BuilderKind = BuilderKind.BUILDKIT
    image_id: str = ""
    """The version that is built anew."""
    repository: str | None = None
    """The repository that the result is kept in, while it has no tag."""

    @property
    def title(self) -> str:
        """One line for people."""
        return f"rebuild {self.tags[0]}" if self.tags else "build"

    @property
    def remote(self) -> bool:
        """Whether the builder fetches the context by itself."""
        return is_remote(self.context)

    @property
    def command(self) -> str:
        """The docker command that does the same, secrets masked."""
        program = ["docker", "buildx", "build"] if self.kind is BuilderKind.BUILDKIT else ["docker", "build"]
        return shlex.join([*program, *self.masked_options, mask_text(self.context)])

    @property
    def masked_options(self) -> list[str]:
        """The options for people."""
        return self._options(
            list(map(mask_assignment, self.arguments)),
            list(map(mask_assignment, self.labels)),
            list(map(mask_secret, self.secrets)),
            list(map(mask_text, self.cache_from)),
        )

    def definition(self, environ: Mapping[str, str]) -> str:
        """What `docker buildx bake -f -` reads to do it, as JSON: of the data nothing is an argument.

        The arguments of a program can be read by everybody on its machine, and a name in its environment may
        be one that docker, git or a credential helper reads. One without a value has that of `environ`.
        """
        target = {
            "context": self.context,
            "dockerfile": self._file,
            "target": self.target,
            "tags": [] if self.look_first else list(self.tags),
            "args": assignments(self.arguments, environ),
            "labels": assignments(self.labels, {}),
            "platforms": self.platform.split(",") if self.platform else [],
            "secret": list(self.secrets),
            "cache-from": list(self.cache_from),
            "network": self.network,
            "no-cache": self.no_cache,
            "pull": self.pull,
        }
        given = {name: _literal(value) for name, value in target.items() if value}
        return json.dumps({"target": {TARGET: given}})

    @property
    def secret_values(self) -> tuple[str, ...]:
        """Values that must not be seen in what a builder says."""
        pairs = (whole.partition("=") for whole in (*self.arguments, *self.labels))
        return tuple(value for name, _, value in pairs if value and looks_secret(name))

    @property
    def words(self) -> dict[str, tuple[str, ...]]:
        """What may be written down of it: values that look secret are masked, of secrets there is the ID."""
        return {
            name: values
            for name, values in (
                ("tags", self.tags),
                ("context", (mask_text(self.context),)),
                ("dockerfile", _one(self.dockerfile)),
                ("target", _one(self.target)),
                ("arguments", tuple(map(mask_assignment, self.arguments))),
                ("labels", tuple(map(mask_assignment, self.labels))),
                ("platform", _one(self.platform)),
                ("secrets", tuple(f"id={secret_id(secret)}" for secret in self.secrets)),
                ("cache_from", tuple(map(mask_text, self.cache_from))),
                ("network", _one(self.network)),
                ("builder", _one(self.builder)),
            )
            if values
        }

    @property
    def _file(self) -> str:
        """The Dockerfile; of a folder the whole path."""
        relative = self.dockerfile and not self.remote and not isabs(self.dockerfile)
        return join(self.context, self.dockerfile) if relative else self.dockerfile

    def _options(
        self,
        arguments: Sequence[str],
        labels: Sequence[str],
        secrets: Sequence[str],
        cache_from: Sequence[str],
    ) -> list[str]:
        given: list[tuple[str, Sequence[str]]] = [
            ("--builder", _one(self.builder)),
            ("-t", () if self.look_first else self.tags),
            ("-f", _one(self._file)),
            ("--target", _one(self.target)),
            ("--build-arg", arguments),
            ("--label", labels),
            ("--platform", _one(self.platform)),
            ("--secret", secrets),
            ("--cache-from", cache_from),
            ("--network", _one(self.network)),
        ]
        flags = [*(["--no-cache"] if self.no_cache else []), *(["--pull"] if self.pull else [])]
        return [*(word for name, values in given for value in values for word in (name, value)), *flags]


def is_remote(context: str) -> bool:
    """Whether a context is an address that the builder fetches."""
    return _REMOTE.match(context) is not None


def assignments(words: Sequence[str], environ: Mapping[str, str]) -> dict[str, str]:
    """`NAME=value` by name; a name alone has the value of the environment, if any."""
    pairs = (word.partition("=") for word in words)
    return {
        name: value if equals else environ[name] for name, equals, value in pairs if equals or name in environ
    }


def secret_id(option: str) -> str:
    """The ID of a `--secret`; empty where it has none."""
    return secret_parts(option).get("id", "")


def secret_parts(option: str) -> dict[str, str]:
    """What a `--secret` says, by key: `id`, and `src` or `env`."""
    pairs = (part.partition("=") for part in option.split(","))
    return {{"source": "src"}.get(key, key): value for key, _, value in pairs}


def mask_secret(option: str) -> str:
    """A `--secret` without where it is from."""
    return _SECRET_WHERE.sub(rf"\g<1>{MASK}", option)


def _literal(value: object) -> object:
    """A value in which bake sees no `${template}`."""
    if isinstance(value, str):
        return _TEMPLATE.sub(r"\1\1", value)
    if isinstance(value, dict):
        return {_literal(name): _literal(member) for name, member in value.items()}
    return [_literal(member) for member in value] if isinstance(value, list) else value


def _one(value: str) -> tuple[str, ...]:
    return (value,) if value else ()
