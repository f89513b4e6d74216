"""Image references, read and normalised as docker does.

The rules are those of github.com/distribution/reference, the package that the docker command line and the
engine use: its grammar in `reference.go` and `regexp.go`, its normalisation in `normalize.go`.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Self

from imgtui.model.core.digest import digest_fault, is_identifier

DEFAULT_DOMAIN: Final = "docker.io"
DEFAULT_TAG: Final = "latest"
MAX_PATH_LENGTH: Final = 255
"""Characters of a repository path; the domain does not count (`RepositoryNameTotalLengthMax`)."""

_LEGACY_DOMAIN: Final = "index.docker.io"
_OFFICIAL: Final = "library/"
_LONGEST_ENGINE_TEXT: Final = 1024
_CACHED_NAMES: Final = 16_384

_DOMAIN: Final = re.compile(
    r"(?:[a-zA-Z0-9]++(?:-++[a-zA-Z0-9]++)*+(?:\.[a-zA-Z0-9]++(?:-++[a-zA-Z0-9]++)*+)*+|\[[a-fA-F0-9:]+\])"
    r"(?::[0-9]+)?"
)
_COMPONENT: Final = r"[a-z0-9]++(?:(?:\.|__?|-++)[a-z0-9]++)*+"
_PATH: Final = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*+")
_TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


class InvalidReference(ValueError):
    """A text that docker would not accept as an image reference; the message is one line with the cause."""

    def __init__(self, text: str, cause: str) -> None:
        shown = text if len(text) <= 80 else f"{text[:79]}…"
        super().__init__(f"invalid reference {shown!r}: {cause}")
        self.text = text
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Reference:
    """A normalised image reference. Build it with `parse`, which checks what the constructor does not.

    `domain` is empty only where docker has none either: for a first component that has a dot and an
    underscore, such as `my_host.example/app`.
    """

    domain: str
    path: str
    tag: str | None = None
    digest: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a reference in familiar or canonical form (`ParseNormalizedNamed`).

        Raises InvalidReference, also for 64 hexadecimal digits, which are an image ID.
        """
        if is_identifier(text):
            raise InvalidReference(text, "64 hexadecimal digits are an image ID, not a repository name")
        tagged, at, digest = text.partition("@")
        name, tag = _cut_tag(tagged)
        try:
            domain, path = _split_name(name)
            _check_tag(tag)
        except ValueError as error:
            raise InvalidReference(text, str(error)) from None
        fault = digest_fault(digest) if at else None
        if fault is not None:
            raise InvalidReference(text, fault)
        return cls(domain, path, tag, digest if at else None)

    @property
    def name(self) -> str:
        """The canonical repository name: `docker.io/library/web`."""
        return f"{self.domain}/{self.path}" if self.domain else self.path

    @property
    def familiar_name(self) -> str:
        """The repository name as docker prints it: `web`.

        The domain stays where the short form would be read as another repository (`docker.io/localhost/web`).
        """
        if self.domain != DEFAULT_DOMAIN:
            return self.name
        official = self.path.removeprefix(_OFFICIAL)
        short = self.path if "/" in official else official
        first, slash, _ = short.partition("/")
        misread = bool(slash) and ("." in first or first == "localhost")
        return self.name if misread or is_identifier(short) else short

    @property
    def canonical(self) -> str:
        """The whole reference with its domain: `docker.io/library/web:latest`."""
        return self.name + self._suffix

    @property
    def familiar(self) -> str:
        """The whole reference as docker prints it: `web:latest`, `web@sha256:…`, `web:latest@sha256:…`."""
        return self.familiar_name + self._suffix

    @property
    def repository(self) -> "Reference":
        """The reference without tag and digest (`TrimNamed`)."""
        return Reference(self.domain, self.path)

    @property
    def _suffix(self) -> str:
        return (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    def with_default_tag(self) -> "Reference":
        """Return the reference with `latest` if it has neither tag nor digest (`TagNameOnly`)."""
        return self if self.tag or self.digest else replace(self, tag=DEFAULT_TAG)

    def with_tag(self, tag: str) -> "Reference":
        """Return the reference with this tag; raises InvalidReference for a malformed tag."""
        try:
            _check_tag(tag)
        except ValueError as error:
            raise InvalidReference(f"{self.familiar_name}:{tag}", str(error)) from None
        return replace(self, tag=tag)

    def with_digest(self, digest: str) -> "Reference":
        """Return the reference with this digest; raises InvalidReference for a malformed digest."""
        fault = digest_fault(digest)
        if fault is not None:
            raise InvalidReference(f"{self.familiar_name}@{digest}", fault)
        return replace(self, digest=digest)

    def resolved(self) -> "Reference":
        """Return what docker acts on: the digest where there is one, else the tag, else `latest`."""
        return replace(self, tag=None) if self.digest else self.with_default_tag()

    def __str__(self) -> str:
        return self.canonical


def split_tagged(text: str) -> tuple[str, str] | None:
    """Split a tag as an engine reports it into familiar repository name and tag.

    `docker.io/library/web:1` (as Podman prints it) gives `("web", "1")`. None for what is no tag: a repo
    digest, `<none>:<none>`, malformed text. Never raises.
    """
    if "@" in text or len(text) > _LONGEST_ENGINE_TEXT:
        return None
    name, tag = _cut_tag(text)
    if tag is None or _TAG.fullmatch(tag) is None:
        return None
    repository = _familiar_name(name)
    return None if repository is None else (repository, tag)


def repository_of(text: str) -> str | None:
    """Return the familiar repository name of a repo digest or tag as an engine reports it. Never raises."""
    if len(text) > _LONGEST_ENGINE_TEXT:
        return None
    tagged, at, digest = text.partition("@")
    name, tag = _cut_tag(tagged)
    if at and digest_fault(digest) is not None:
        return None
    if tag is not None and _TAG.fullmatch(tag) is None:
        return None
    if not at and tag is None and is_identifier(text):
        return None
    return _familiar_name(name)


@lru_cache(maxsize=_CACHED_NAMES)
def _familiar_name(name: str) -> str | None:
    try:
        return Reference(*_split_name(name)).familiar_name
    except ValueError:
        return None


def _cut_tag(text: str) -> tuple[str, str | None]:
    name, colon, tag = text.rpartition(":")
    return (name, tag) if colon and "/" not in tag else (text, None)


def _check_tag(tag: str | None) -> None:
    if tag is not None and _TAG.fullmatch(tag) is None:
        raise ValueError(
            "a tag has 1 to 128 letters, digits, dots, dashes and underscores, and no dot or dash first"
        )


def _split_name(name: str) -> tuple[str, str]:
    """Split a name without tag into domain and path; raises ValueError with the cause."""
    if not name:
        raise ValueError("the repository name is empty")
    domain, path = _split_domain(name)
    if _DOMAIN.fullmatch(domain) is None:
        # docker then takes the domain as the first path component.
        domain, path = "", f"{domain}/{path}"
    if _PATH.fullmatch(path) is None:
        raise ValueError(_path_fault(name, path))
    if len(path) > MAX_PATH_LENGTH:
        raise ValueError(f"the repository name must not be more than {MAX_PATH_LENGTH} characters")
    return domain, path


def _split_domain(name: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    if not slash:
        return DEFAULT_DOMAIN, _OFFICIAL + name
    if first == _LEGACY_DOMAIN:
        first = DEFAULT_DOMAIN
    elif first != "localhost" and not (set(".:") & set(first)) and first.lower() == first:
        first, rest = DEFAULT_DOMAIN, name
    if first == DEFAULT_DOMAIN and "/" not in rest:
        rest = _OFFICIAL + rest
    return first, rest


def _path_fault(name: str, path: str) -> str:
    if "://" in name:
        return "a reference has no URL scheme such as https://"
    if _PATH.fullmatch(path.lower()) is not None:
        return f"repository name ({path.removeprefix(_OFFICIAL)}) must be lowercase"
    return "a repository name has lowercase letters and digits, joined by . _ __ - and /"
