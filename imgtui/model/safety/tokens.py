"""Masks tokens of services by their published shapes: the rules of gitleaks (`secret_rules.py`).

Nothing is read or compiled before a text has to be masked. As in gitleaks, a rule's pattern is tried only
where one of its words is.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from imgtui.model.safety.mask import MASK

_SHORT: Final = 3
"""Characters of a word that is in any text, such as `ey`: a token follows it."""

_LONG_WORD_FOLLOWS: Final = r"(?=[^\s\"'`,;]{16})"


class _Rules(NamedTuple):
    any_word: re.Pattern[str]
    """Whether there is any word of a rule in a text in lower case, in one walk through it."""
    by_word: dict[str, list[str]]


def mask_tokens(text: str) -> str:
    """Mask what has the shape of a service's token."""
    lower = text.lower()
    if _rules().any_word.search(lower) is None:
        return text
    for pattern in dict.fromkeys(_tried(lower)):
        text = _compiled(pattern).sub(_mask_secret, text)
    return text


def _tried(lower: str) -> Iterator[str]:
    for word, patterns in _rules().by_word.items():
        if word in lower:
            yield from patterns


def _mask_secret(found: re.Match[str]) -> str:
    secret = next((number for number in range(1, (found.lastindex or 0) + 1) if found[number]), 0)
    before, after = found.start(secret) - found.start(), found.end(secret) - found.start()
    return found[0][:before] + MASK + found[0][after:]


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


@cache
def _rules() -> _Rules:
    from imgtui.model.safety.rules import RULES

    by_word: dict[str, list[str]] = {}
    for _, words, pattern in RULES:
        for word in words:
            by_word.setdefault(word, []).append(pattern)
    return _Rules(re.compile(_one_of(list(by_word))), by_word)


def _one_of(words: list[str]) -> str:
    """A pattern for any of some words that looks at each character once: `a(?:b|c)`, not `ab|ac`."""
    short = "|".join(re.escape(word) + _LONG_WORD_FOLLOWS for word in words if len(word) <= _SHORT)
    return f"{_tree([word for word in words if len(word) > _SHORT])}|{short}"


def _tree(ends: list[str]) -> str:
    if "" in ends:
        return ""
    by_first: dict[str, list[str]] = {}
    for end in ends:
        by_first.setdefault(end[0], []).append(end[1:])
    branches = [re.escape(first) + _tree(rest) for first, rest in sorted(by_first.items())]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
