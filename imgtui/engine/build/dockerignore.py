"""What `.dockerignore` leaves out of a context, as the docker command reads it for the classic builder.

moby/patternmatcher, docker/cli `command/image/build`, and the walk of moby `pkg/archive`: a folder that is
left out is looked into only if an exception begins with its name. docker-py compares without regard to case,
and knows neither escapes nor a byte order mark. The docker command is the oracle of the tests; that of 20.10
takes `+(){}|` for a regular expression.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NAME: Final = ".dockerignore"
_WILD: Final = frozenset("*?[\\")
_CLASS: Final = re.compile(r"\[\^?(?:(?:\\.|[^\\\]-])(?:-(?:\\.|[^\\\]-]))?)+\]|\\.|[^\[\\]", re.DOTALL)
"""A part of a pattern as Go's `path.Match` has it."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    text: str
    exception: bool
    regex: re.Pattern[str] | None

    def matches(self, path: str) -> bool:
        return path == self.text if self.regex is None else self.regex.fullmatch(path) is not None


class Ignored:
    """Which paths patterns leave out; the last one that is about a path decides."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """Raises ValueError for a pattern that docker refuses."""
        self._patterns = [_pattern(pattern) for pattern in patterns]

    def matches(self, path: str) -> bool:
        """Whether a path, or a folder that it is in, is left out."""
        parts = path.split("/")
        all_of_it = ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]
        found = False
        for pattern in self._patterns:
            if pattern.exception == found and any(map(pattern.matches, all_of_it)):
                found = not pattern.exception
        return found

    def may_hold(self, folder: str) -> bool:
        """Whether an exception may be about something in a folder that is left out."""
        return any(
            pattern.exception and f"{pattern.text}/".startswith(f"{folder}/") for pattern in self._patterns
        )


def read_patterns(content: bytes) -> list[str]:
    """The patterns of a file; bytes that are no UTF-8 stand for themselves."""
    found = []
    for line in content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape").split("\n"):
        pattern = line.strip()
        if line.startswith("#") or not pattern:
            continue
        exception = pattern.startswith("!")
        pattern = pattern.removeprefix("!").strip()
        if pattern:
            pattern = _clean(pattern)
            pattern = pattern[1:] if len(pattern) > 1 and pattern.startswith("/") else pattern
        found.append(f"!{pattern}" if exception else pattern)
    return found


def context_names(folder: Path, dockerfile: str) -> list[str]:
    """Files and folders of a context that are sent; what the build itself is read from always is.

    Raises OSError, ValueError.
    """
    ignore = folder / NAME
    patterns = read_patterns(ignore.read_bytes()) if ignore.is_file() else []
    ignored = Ignored(patterns)
    kept = [f"!{name}" for name in (NAME, _clean(dockerfile)) if ignored.matches(name)]
    return sorted(_walk(folder, "", Ignored([*patterns, *kept])))


def _walk(top: Path, below: str, ignored: Ignored) -> Iterator[str]:
    with os.scandir(top / below) as entries:
        found = [(f"{below}/{entry.name}" if below else entry.name, entry) for entry in entries]
    for name, entry in found:
        left_out = ignored.matches(name)
        if not left_out:
            yield name
        if entry.is_dir(follow_symlinks=False) and (not left_out or ignored.may_hold(name)):
            yield from _walk(top, name, ignored)


def _pattern(text: str) -> _Pattern:
    """Raises ValueError."""
    exception = text.startswith("!")
    text = text.removeprefix("!")
    if exception and not text:
        raise ValueError('.dockerignore has an exception to nothing: "!"')
    if not _is_valid(text):
        raise ValueError(f".dockerignore has a pattern that cannot be read: {text!r}")
    return _Pattern(text, exception, re.compile(_regex(text), re.DOTALL) if _WILD & set(text) else None)


def _is_valid(pattern: str) -> bool:
    at = 0
    while at < len(pattern):
        part = _CLASS.match(pattern, at)
        if part is None:
            return False
        at = part.end()
    return True


def _regex(pattern: str) -> str:
    """As docker makes it."""
    found, at = "", 0
    while at < len(pattern):
        here, rest = pattern[at], pattern[at + 1 :]
        at += 1
        if here == "*" and rest.startswith("*"):
            at += 2 if rest.startswith("*/") else 1
            found += "(?:.*/)?" if at < len(pattern) else ".*"
        elif here == "*":
            found += "[^/]*"
        elif here == "?":
            found += "[^/]"
        elif here in ".+()|{}$":
            found += f"\\{here}"
        elif here == "\\":
            found += re.escape(rest[:1])
            at += 1
        else:
            found += here
    return found


def _clean(path: str) -> str:
    """As Go's `path.Clean`: POSIX keeps two slashes at the beginning."""
    return re.sub(r"^/+", "/", posixpath.normpath(path))
