"""Text from an engine, an archive, a registry or a Dockerfile, made safe for a terminal.

A terminal obeys control characters wherever they come from; bidirectional controls and invisible characters
make one text look like another. They are shown instead of dropped, so that nothing is hidden either.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

ELLIPSIS: Final = "…"
MAX_MARKS: Final = 4
"""Combining marks kept on one base character: enough for living scripts, too few to spill over lines."""

_NOT_PLAIN: Final = re.compile(r"[^ -~]+")
_NOT_PLAIN_LINES: Final = re.compile(r"[^ -~\n]+")

_NAMED: Final = {"\n": "↵", "\t": "→", "\x7f": "␡"}
_UNSHOWABLE: Final = frozenset({"Cc", "Cf", "Cn", "Cs", "Zl", "Zp"})
_INVISIBLE: Final = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
"""Default-ignorable characters (Unicode DerivedCoreProperties) whose general category does not tell."""


def printable(text: object, limit: int = 4096, *, newlines: bool = False) -> str:
    """Make `text` safe for a terminal, in at most `limit` characters; plain text is returned as it is.

    Controls become visible pictures (`␛`, `↵`, `→`), other characters without a shape their number
    (`⟨202e⟩`), marks that pile up and text beyond `limit` an ellipsis. With `newlines` a line feed stays one.
    Bytes are read as UTF-8.
    """
    whole = _as_text(text)
    outside = _NOT_PLAIN_LINES if newlines else _NOT_PLAIN
    plain = (whole.isascii() and whole.isprintable()) or outside.search(whole) is None
    if plain and len(whole) <= limit:
        return whole
    return _bounded(outside.sub(_show_run, whole[: limit + 1]), limit, cut=len(whole) > limit)


def safe_for_terminal(text: str, *, newlines: bool = False) -> bool:
    """Tell whether a terminal would only draw `text`: `printable` would not change it."""
    return printable(text, max(len(text), 1), newlines=newlines) == text


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _bounded(shown: str, limit: int, *, cut: bool) -> str:
    if not cut and len(shown) <= limit:
        return shown
    return shown[: limit - 1] + ELLIPSIS if limit > 0 else ""


def _show_run(run: re.Match[str]) -> str:
    """Show a run of characters that are not plain; a mark in it sits on the character before."""
    before = run.string[run.start() - 1] if run.start() else "\n"
    shown: list[str] = ["◌"] if before == "\n" and _is_mark(run[0][0]) else []
    marks = 0
    for char in run[0]:
        marks = marks + 1 if _is_mark(char) else 0
        if marks <= MAX_MARKS:
            shown.append(_show(char))
        elif marks == MAX_MARKS + 1:
            shown.append(ELLIPSIS)
    return "".join(shown)


@lru_cache(maxsize=4096)
def _show(char: str) -> str:
    if char in _NAMED:
        return _NAMED[char]
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if unicodedata.category(char) not in _UNSHOWABLE and _INVISIBLE.match(char) is None:
        return char
    return f"⟨{code:02x}⟩" if code < 0x100 else f"⟨{code:04x}⟩"


@lru_cache(maxsize=4096)
def _is_mark(char: str) -> bool:
    """Tell whether a character is drawn in the cell before it: marks, and Hangul vowels and finals."""
    if _INVISIBLE.match(char) is not None:
        return False
    return unicodedata.category(char).startswith("M") or "\u1161" <= char <= "\u11ff"
