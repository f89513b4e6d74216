"""What a terminal sends: also bytes that are no text, and sequences that are no key.

A terminal in another encoding sends them for a letter, a bad line at any time. Textual 8.2 ends with a
traceback at the first byte that is not UTF-8, and at a key whose number is no character.
"""

from __future__ import annotations

from codecs import getincrementaldecoder
from functools import partial
from typing import Any

from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.events import Key


class Understanding(XTermParser):
    """Textual's parser, to which what names no key is none."""

    def _parse_extended_key(self, sequence: str) -> list[Key] | None:  # type: ignore[override]
        try:
            return super()._parse_extended_key(sequence)
        except (ValueError, OverflowError):
            return []


def take_anything() -> None:
    """Have Textual read whatever a terminal sends; what is no text is shown as a replacement character."""
    textual: Any = linux_driver
    textual.XTermParser = Understanding
    textual.getincrementaldecoder = lambda encoding: partial(getincrementaldecoder(encoding), "replace")
