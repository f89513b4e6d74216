"""The beginning of a file as lines: text, or hexadecimal for what is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from imgtui.model.core.printable import printable
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.words import size

if TYPE_CHECKING:
    from imgtui.operations.files.reading_files import FileContent

MOST_LINES: Final = 50_000
LONGEST_LINE: Final = 4_000
MOST_HEX: Final = 65_536
"""Bytes that are shown as hexadecimal digits."""
_LOOKED_AT: Final = 8_192
_ROW: Final = 16


def content_lines(content: FileContent) -> list[Line]:
    """All that is shown of a file, and what is left out."""
    shown = content.beginning
    if is_binary(shown):
        return [*_hexadecimal(shown[:MOST_HEX]), *_rest(content.size - min(len(shown), MOST_HEX))]
    text = shown.decode("utf-8", "surrogateescape").split("\n", MOST_LINES)
    left = len(text.pop().encode("utf-8", "surrogateescape")) if len(text) > MOST_LINES else 0
    if text and not text[-1]:
        text.pop()
    lines = [line(f" {printable(row.expandtabs(8), LONGEST_LINE)}") for row in text]
    return [*(lines or [line(Span(" This file is empty.", "dim"))]), *_rest(content.size - len(shown) + left)]


def is_binary(beginning: bytes) -> bool:
    """Whether it has a NUL byte near its beginning, as git and grep decide it."""
    return b"\0" in beginning[:_LOOKED_AT]


def _hexadecimal(content: bytes) -> Iterator[Line]:
    """As `hexdump -C` prints it."""
    for offset in range(0, len(content), _ROW):
        row = content[offset : offset + _ROW]
        digits = row.hex(" ")
        halves = f"{digits[:23]:<23}  {digits[24:]:<23}"
        text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        yield line(Span(f" {offset:08x}  ", "dim"), halves, Span(f"  {text}", "accent"))


def _rest(left: int) -> Iterator[Line]:
    if left > 0:
        yield line(Span(f" … {size(left)} more are not shown: extract it to see all", "warn"))
