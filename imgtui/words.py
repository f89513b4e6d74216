"""The words for bytes, numbers and ages: the same on the screen and on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import humanize

from imgtui.model.core.age import DAY, HOUR, MINUTE, age

if TYPE_CHECKING:
    from imgtui.model.keeps.rules import KeepRule

__all__ = ["HOUR", "MINUTE", "age", "ago", "at_least", "count", "plural", "size"]


def size(count: int) -> str:
    """Bytes in decimal units, as docker prints them: `31.2 MB`."""
    return humanize.naturalsize(count).replace(" Bytes", " B").replace(" Byte", " B")


def at_least(certain: int, about: int) -> str:
    """Bytes of which some are certain: `31.2 MB`, `31.2 MB or more (about 40.1 MB)`."""
    return size(certain) if certain == about else f"{size(certain)} or more (about {size(about)})"


def count(number: int) -> str:
    """A number with its thousands marked: `1,204`."""
    return humanize.intcomma(number)


def plural(number: int, noun: str) -> str:
    """`1 image`, `2 images`, `3 repositories`."""
    many = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count(number)} {noun if number == 1 else many}"


def ago(then: float, now: float) -> str:
    """How long ago, in words: `2 minutes ago`."""
    return humanize.naturaltime(max(0.0, now - then))


def span(seconds: float) -> str:
    """A length of time in its two greatest units: `23 h 59 m`, `2 d`, `0 s`."""
    left = int(seconds + 0.5)
    parts = []
    for unit, length in (("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", 1)):
        number, left = divmod(left, length)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts[:2]) or "0 s"


def rule_words(rule: KeepRule) -> str:
    """What a keep rule asks for, as it is written, with the grace time that holds."""
    said = [f"last = {rule.last}"] if rule.last is not None else []
    said += [f"days = {rule.days:g}"] if rule.days is not None else []
    said += ["all = true"] if rule.all else []
    said += [f"budget = {size(rule.budget)}"] if rule.budget is not None else []
    return ", ".join((*said, f"grace = {span(rule.grace)}"))
