"""The difference of two files in lines: as text, or as hexadecimal where one of them is no text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from itertools import islice
from typing import Final

from imgtui.model.core.printable import printable

MOST_BYTES: Final = 256 * 1024
"""Bytes of each file that are compared: difflib takes the square of the number of lines that differ."""
MOST_HEX: Final = 16 * 1024
"""Bytes of each file that are compared as hexadecimal."""
MOST_LINES: Final = 4000
"""Lines of a difference that are shown."""
LONGEST: Final = 1000
"""Characters of a line that are shown."""
CONTEXT: Final = 3
_ROW: Final = 16


@dataclass(frozen=True, slots=True)
class Half:
    """One of two files."""

    content: bytes
    """Its beginning, at most MOST_BYTES."""
    size: int
    """Bytes of the whole file."""


@dataclass(frozen=True, slots=True)
class TextDifference:
    """Lines of a unified diff, printable."""

    lines: tuple[str, ...]
    """Each with the sign of a unified diff before it; empty where nothing differs in what was compared."""
    binary: bool = False
    cut: str = ""
    """What was left out, in words."""


def text_difference(a: Half | None, b: Half | None) -> TextDifference:
    """Compare two files; None for one that is not there."""
    halves = [half for half in (a, b) if half is not None]
    texts = [_text(half) for half in halves]
    binary = any(text is None for text in texts)
    limit = MOST_HEX if binary else MOST_BYTES
    found = _lines(a, limit, binary=binary), _lines(b, limit, binary=binary)
    lines = list(islice(_difference(*found), MOST_LINES + 1))
    cut = []
    if any(half.size > limit for half in halves):
        cut.append(f"only the first {limit // 1024} KiB are compared")
    if len(lines) > MOST_LINES:
        cut.append(f"only the first {MOST_LINES} lines of the difference are shown")
    return TextDifference(tuple(lines[:MOST_LINES]), binary, "; ".join(cut))


def _difference(a: Sequence[str], b: Sequence[str]) -> Iterator[str]:
    """What both begin and end with is taken off first: what is left decides how long it takes."""
    shortest = min(len(a), len(b))
    first = next((n for n in range(shortest) if a[n] != b[n]), shortest)
    last = next((n for n in range(shortest - first) if a[-1 - n] != b[-1 - n]), shortest - first)
    start, end = max(0, first - CONTEXT), max(0, last - CONTEXT)
    left, right = a[start : len(a) - end], b[start : len(b) - end]
    diff = unified_diff(left, right, n=CONTEXT, lineterm="")
    for number, line in enumerate(diff):
        if number < 2:
            continue  # the names of the files
        yield _placed(line, start) if line.startswith("@@") else line


def _placed(mark: str, start: int) -> str:
    """A line `@@ -1,4 +1,4 @@`, counted from the beginning of the files."""
    parts = []
    for part in mark.split()[1:3]:
        first, comma, count = part[1:].partition(",")
        parts.append(f"{part[0]}{int(first) + start}{comma}{count}")
    return f"@@ {' '.join(parts)} @@"


def _lines(half: Half | None, limit: int, *, binary: bool) -> list[str]:
    if half is None:
        return []
    if binary:
        return list(_hex(half.content[:limit]))
    text = _text(half)
    return [printable(line, LONGEST) for line in (text or "").split("\n")] if half.content else []


def _text(half: Half) -> str | None:
    """The content as UTF-8; None where it is none, or no text."""
    content = half.content[:MOST_BYTES]
    if b"\0" in content:
        return None
    for cut in range(4):  # the end may be in the middle of a character
        try:
            return content[: len(content) - cut].decode()
        except UnicodeDecodeError as error:
            if half.size <= len(content) or error.start < len(content) - 4:
                return None
    return None


def _hex(content: bytes) -> Iterator[str]:
    """As `hexdump -C` shows it."""
    for start in range(0, len(content), _ROW):
        row = content[start : start + _ROW]
        shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        yield f"{start:08x}  {row.hex(' '):<{_ROW * 3 - 1}}  {shown}"
