"""Go's regular expressions, as gitleaks writes them, for Python's `re`: they match no less."""

import re
from typing import Final

_IDENTIFIER: Final = r"[\w.-]{0,50}?"
"""What may stand before the name of a service: it decides nothing, and costs 50 steps at each character."""

_ASSIGNED: Final = r"(?:=|>|:{1,3}=|\|\||:|=>|\?=|,)"
_ASSIGNED_HERE: Final = r"""(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)"""
"""A colon without a space is not one of configuration: `datadog/agent:SHA` is a name and a tag."""

_CATCHING: Final = re.compile(r"(?<!\\)\((?!\?)")

_ENDS: Final = r"""(?:[\x60'"\s;]|\\[nr]|$)"""
_REPEATED: Final = re.compile(r"\((?!\?)([^()]*)\)(?=\{)")
"""A group that stands there to be repeated; one that catches would be taken for the secret."""

_ENDS_HERE: Final = "(?![A-Za-z0-9])"
"""A token also ends at what ends it in a URL, a list or a header."""


def to_python(pattern: str, secret_group: int = 1) -> str:
    """Return a pattern for `re.ASCII` whose first group that matches is the secret.

    Raises ValueError for what cannot be translated.
    """
    for go, python in (
        (_IDENTIFIER, ""),
        (_ASSIGNED, _ASSIGNED_HERE),
        (_ENDS, _ENDS_HERE),
        (r"(?:[\x60'\"\s;]|\\[nr]|$|\b)", ""),
        (r"\z", r"\Z"),
        ("[[:alnum:]]", "[A-Za-z0-9]"),
    ):
        pattern = pattern.replace(go, python)
    pattern = re.sub(r"\(\?P<\w+>", "(?:", pattern)
    pattern = _REPEATED.sub(r"(?:\1)", pattern)
    for _ in range(secret_group - 1):
        pattern = _CATCHING.sub("(?:", pattern, count=1)
    return _scoped(pattern)


def _scoped(pattern: str) -> str:
    """Give `(?i)` in the middle, which holds to the end of its group, a group of its own."""
    if pattern.startswith("(?i)"):
        return "(?i)" + pattern[4:].replace("(?i)", "")
    while (at := pattern.find("(?i)")) >= 0:
        end = _end_of_group(pattern, at + 4)
        pattern = f"{pattern[:at]}(?i:{pattern[at + 4 : end]}){pattern[end:]}"
    return pattern


def _end_of_group(pattern: str, start: int) -> int:
    depth, position, in_class = 0, start, False
    while position < len(pattern):
        char = pattern[position]
        if char == "\\":
            position += 1
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
        elif char == "|" and depth == 0:
            raise ValueError(f"(?i) before an alternative: {pattern}")
        elif char in "()":
            depth += 1 if char == "(" else -1
            if depth < 0:
                return position
        position += 1
    return position
