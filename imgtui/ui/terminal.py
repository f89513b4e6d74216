"""What the terminal can do, and what never reaches it."""

from __future__ import annotations

import re

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""What a terminal obeys, and halves of surrogate pairs, which nothing can be encoded with."""
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What reorders the text around it, in no cell."""

ASCII = str.maketrans("│─┌┐└┘╭╮╰╯■·●…≤←→↑↓×▁▔▊▎▐▸▾", "|-++++++++#.*~<<>^vx_-|||>v")
"""What stands for the characters that imgtui and Textual draw with, cell for cell."""


class SafeText(LineFilter):
    """The belt to the braces of `printable`: nothing that a terminal obeys reaches it.

    Textual 8.2 removes only BEL, BS, VT, FF and CR from text. Where the terminal's encoding is not
    UTF-8, characters outside ASCII are replaced too, one cell for one cell.
    """

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__()
        self._ascii_only = ascii_only

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Clean the segments of a line."""
        return [self._clean(segment) for segment in segments]

    def _clean(self, segment: Segment) -> Segment:
        text, style, control = segment
        if control is not None:
            return segment
        if CONTROLS.search(text):
            text = CONTROLS.sub("\ufffd", text)
        if not text.isascii():
            text = BIDI.sub("", text)
        if self._ascii_only and not text.isascii():
            text = text.translate(ASCII).encode("ascii", "replace").decode()
        return segment if text is segment.text else Segment(text, style)
