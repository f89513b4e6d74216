"""The form of a rebuild: what is typed in its fields, and what is wrong with it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import isabs, join
from typing import Final

from imgtui.model.build.build import Build, BuilderFound, BuilderKind, is_remote, secret_id, secret_parts
from imgtui.model.build.recipe import Recipe
from imgtui.model.core.reference import InvalidReference, Reference
from imgtui.model.keeps.keep import is_keep
from imgtui.model.safety.mask import MASK

TYPED: Final = (
    "tags", "context", "dockerfile", "target", "arguments", "secrets", "labels", "platform", "cache_from",
    "network", "builder",
)  # fmt: skip
"""What is typed; several values in one field are separated as a shell would have them."""
_SEVERAL: Final = frozenset({"tags", "arguments", "secrets", "labels", "cache_from"})
_PLATFORM: Final = re.compile(r"[a-z0-9_]+/[a-z0-9_]+(?:/[a-z0-9_.]+)?")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


class _Wrong(ValueError):
    """A field is wrong; the message is one short line."""


@dataclass(frozen=True, slots=True)
class BuildHost:
    """What a build can find on this machine."""

    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_folder: Callable[[str], bool] = lambda _: False
    is_file: Callable[[str], bool] = lambda _: False


@dataclass(frozen=True, slots=True)
class RebuildDraft:
    """A form as it is opened."""

    image_id: str
    repository: str | None
    recipe: Recipe
    builder: BuilderFound
    keeps: tuple[str, ...] = ()
    """Images that would lose their last name, where the tags are moved at once: they are kept first."""

    @property
    def texts(self) -> dict[str, str]:
        """What stands in the fields."""
        return {
            name: shlex.join(self.recipe.values(name))
            if name in _SEVERAL
            else " ".join(self.recipe.values(name))
            for name in TYPED
        }


@dataclass(frozen=True, slots=True)
class RebuildFilled:
    """What a person has made of a form."""

    texts: Mapping[str, str] = field(repr=False)
    look_first: bool = False
    no_cache: bool = False
    pull: bool = False


@dataclass(frozen=True, slots=True)
class RebuildChecked:
    """A build as far as it can be read, and what is wrong: one short line for a field."""

    build: Build
    faults: Mapping[str, str]


def check_rebuild(draft: RebuildDraft, filled: RebuildFilled, ground: BuildHost) -> RebuildChecked:
    """Read a form. All faults are told at once."""
    faults: dict[str, str] = {}

    def words(name: str) -> tuple[str, ...]:
        text = filled.texts.get(name, "")
        if name not in _SEVERAL:
            return (text.strip(),) if text.strip() else ()
        try:
            return tuple(shlex.split(text))
        except ValueError:
            faults[name] = "a quote is not closed"
            return ()

    def one(name: str) -> str:
        return next(iter(words(name)), "")

    build = Build(
        _at_home(one("context"), ground.environ),
        words("tags"),
        one("dockerfile"),
        one("target"),
        words("arguments"),
        words("labels"),
        one("platform"),
        tuple(_secret_at_home(word, ground.environ) for word in words("secrets")),
        words("cache_from"),
        one("network"),
        one("builder"),
        no_cache=filled.no_cache,
        pull=filled.pull,
        look_first=filled.look_first,
        kind=draft.builder.kind,
        image_id=draft.image_id,
        repository=draft.repository,
    )
    for name, judge in _JUDGES:
        try:
            judge(build, ground)
        except _Wrong as wrong:
            faults.setdefault(name, str(wrong))
    return RebuildChecked(build, faults)


def _at_home(path: str, environ: Mapping[str, str]) -> str:
    """A path as a shell would give it to docker."""
    home = environ.get("HOME", "")
    return home + path[1:] if home and path.startswith("~/") else path


def _secret_at_home(word: str, environ: Mapping[str, str]) -> str:
    """A `--secret` whose file docker would not look for at home."""
    path = secret_parts(word).get("src", "")
    return word.replace(f"={path}", f"={_at_home(path, environ)}") if path.startswith("~/") else word


def _tags(build: Build, _: BuildHost) -> None:
    if not build.tags:
        raise _Wrong("say what it shall be called")
    for tag in build.tags:
        try:
            named = Reference.parse(tag)
        except InvalidReference as error:
            raise _Wrong(str(error)) from None
        if named.digest is not None or named.tag is None or is_keep(tag):
            raise _Wrong(f"{tag} is no tag, such as web:latest")


def _context(build: Build, ground: BuildHost) -> None:
    context = build.context
    if not context:
        raise _Wrong("nothing tells the context: say its folder or address")
    if MASK in context:
        raise _Wrong(f"type the password that {MASK} stands for")
    if is_remote(context):
        return
    if not isabs(context):
        raise _Wrong("a whole path is wanted, or an address")
    if not ground.is_folder(context):
        raise _Wrong("there is no such folder on this machine")


def _dockerfile(build: Build, ground: BuildHost) -> None:
    if build.remote or not ground.is_folder(build.context):
        return
    name = build.dockerfile or "Dockerfile"
    if not ground.is_file(join(build.context, name)):
        raise _Wrong("there is no such file" if isabs(name) else f"there is no {name} in the context")


def _target(build: Build, _: BuildHost) -> None:
    if re.search(r"\s", build.target):
        raise _Wrong("one stage is wanted")


def _arguments(build: Build, ground: BuildHost) -> None:
    for word in build.arguments:
        name, equals, value = word.partition("=")
        if not _NAME.fullmatch(name):
            raise _Wrong(f"{name or word} is no name")
        if MASK in value:
            raise _Wrong(f"type the value of {name}: it is never stored")
        if not equals and name not in ground.environ:
            raise _Wrong(f"{name} is not in the environment of imgtui")


def _labels(build: Build, _: BuildHost) -> None:
    for word in build.labels:
        name, _equals, value = word.partition("=")
        if not name:
            raise _Wrong("a name is wanted before =")
        if MASK in value:
            raise _Wrong(f"type the value of {name}: it is never stored")


def _platform(build: Build, _: BuildHost) -> None:
    if build.platform and not _PLATFORM.fullmatch(build.platform):
        raise _Wrong("one platform is wanted, such as linux/amd64")


def _secrets(build: Build, ground: BuildHost) -> None:
    for word in build.secrets:
        _secret(word, ground)
    if build.secrets and build.kind is BuilderKind.CLASSIC:
        raise _Wrong("the classic builder takes no secrets")


def _secret(word: str, ground: BuildHost) -> None:
    parts, name = secret_parts(word), secret_id(word)
    if not name:
        raise _Wrong("id=NAME is wanted first")
    if "src" in parts:
        if not isabs(parts["src"]) or not ground.is_file(parts["src"]):
            raise _Wrong(f"{name}: there is no such file; a whole path is wanted")
    elif "env" in parts:
        if parts["env"] not in ground.environ:
            raise _Wrong(f"{name}: that is not in the environment of imgtui")
    else:
        raise _Wrong(f"type where {name} is: id={name},src=FILE or id={name},env=NAME")


def _cache_from(build: Build, _: BuildHost) -> None:
    for word in build.cache_from:
        if MASK in word:
            raise _Wrong(f"type what {MASK} stands for")
        if "type=" in word and build.kind is BuilderKind.CLASSIC:
            raise _Wrong("the classic builder takes images alone")


def _network(build: Build, _: BuildHost) -> None:
    if build.kind is BuilderKind.BUILDKIT and build.network not in {"", "default", "none", "host"}:
        raise _Wrong("BuildKit knows default, none and host")


def _builder(build: Build, _: BuildHost) -> None:
    if build.builder and build.kind is BuilderKind.CLASSIC:
        raise _Wrong("buildx is not used here")
    if build.builder and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", build.builder):
        raise _Wrong("this is no name of a builder")


_JUDGES: Final[Sequence[tuple[str, Callable[[Build, BuildHost], None]]]] = (
    ("tags", _tags),
    ("context", _context),
    ("dockerfile", _dockerfile),
    ("target", _target),
    ("arguments", _arguments),
    ("secrets", _secrets),
    ("labels", _labels),
    ("platform", _platform),
    ("cache_from", _cache_from),
    ("network", _network),
    ("builder", _builder),
)
