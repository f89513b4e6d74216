"""The manual, by topic: the Markdown files of this folder, for command line, explorer and web alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

_ORDER = (
    "screens", "log", "keeps", "rollback", "run", "rebuild", "compare", "drift", "files", "transfers",
    "removing", "bytes", "keys", "commands", "json", "recorder", "hosts", "config", "security",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic."""

    name: str
    title: str
    about: str
    """One line."""
    text: str
    """All of it, Markdown: a title, the line about it, and the rest."""


def topic(name: str) -> Topic:
    """A topic by its name. Raises KeyError."""
    if name not in _ORDER:
        raise KeyError(name)
    text = files(__package__).joinpath(f"{name}.md").read_text(encoding="utf-8")
    title, _, about, *_ = text.splitlines()
    return Topic(name, title.removeprefix("# "), about, text)


def topics() -> Sequence[Topic]:
    """All topics, those that are wanted first before the others."""
    return [topic(name) for name in _ORDER]
