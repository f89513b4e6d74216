"""Lines that say the same of several containers are one line that names all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_NAME, _RETIRED = "\0", "\1"


def said_together(lines: Iterable[str], names: Mapping[str, str]) -> tuple[str, ...]:
    """The lines in their order; those that differ only in one container of `names` are joined.

    `names` has, by a container's name, the name that it gets when another one replaces it.
    """
    about: dict[str, list[tuple[str, str]]] = {}
    for line in dict.fromkeys(lines):
        found = [
            (text, name, retired)
            for name, retired in names.items()
            if (text := _without(line, name, retired)) != line
        ]
        if len(found) == 1:
            text, name, retired = found[0]
            about.setdefault(text, []).append((name, retired))
        else:
            about.setdefault(line, [])
    return tuple(_with(text, containers) for text, containers in about.items())


def each_together(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines in their order; those that differ only in their first word, what is in danger, are joined."""
    about: dict[str, dict[str, None]] = {}
    for line in lines:
        name, _, happens = line.partition(" ")
        about.setdefault(happens, {})[name] = None
    return tuple(
        f"{', '.join(names)}: each {happens}" if len(names) > 1 else f"{next(iter(names))} {happens}"
        for happens, names in about.items()
    )


def _without(line: str, name: str, retired: str) -> str:
    for found, mark in ((retired, _RETIRED), (name, _NAME)):
        line = re.sub(rf"(?<![\w./:-]){re.escape(found)}(?![\w./-])", mark, line)
    return line


def _with(text: str, containers: list[tuple[str, str]]) -> str:
    for mark, words in zip((_NAME, _RETIRED), zip(*containers, strict=True), strict=False):
        text = text.replace(mark, ", ".join(words))
    return text
