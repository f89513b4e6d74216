"""The manual, by topic: the Markdown files of this folder, for command line, explorer and web alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from textwrap import wrap

_AS_IT_STANDS = ("    ", "|", "#")
"""How an example, a table and a heading begin."""
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

    def lines(self, width: int) -> list[str]:
        """All of it, with paragraphs and items of lists filled to so many cells; the rest as it stands."""
        found: list[str] = []
        for block in self.text.split("\n\n"):
            if found:
                found.append("")
            for part in _parts(block):
                stands = part.startswith(_AS_IT_STANDS)
                found += (
                    part.split("\n")
                    if stands
                    else wrap(part.replace("\n", " "), width, break_on_hyphens=False, break_long_words=False)
                    or [""]
                )
        return found


def _parts(block: str) -> list[str]:
    """A paragraph, or the items of a list."""
    if block.startswith(_AS_IT_STANDS):
        return [block]
    return re.split(r"\n(?=- |\d+\. )", block)


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
