"""What the environment says of the terminal: read before Textual is imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LEFT_BEHIND: Final = ("\x1b[?1004h", "\x1b[?2048$p", "\x1b[?7l")
"""What Textual asks of a terminal, and what would go on at the prompt where the link is lost.

To tell of the focus; to tell of its size as if that were typed (`[48;24;80;…t`); not to wrap lines, long
commands among them. Textual does without: the size comes by a signal, each line is written at its place."""


def is_remote(environ: Mapping[str, str]) -> bool:
    """Whether it runs over ssh."""
    return "SSH_CONNECTION" in environ or "SSH_TTY" in environ


def wants_few_colours(environ: Mapping[str, str]) -> bool:
    """Whether to begin with the 16-colour theme: over ssh, without truecolor, or with NO_COLOR."""
    if "NO_COLOR" in environ or is_remote(environ):
        return True
    return environ.get("COLORTERM", "").lower() not in {"truecolor", "24bit"}


def textual_defaults(environ: Mapping[str, str]) -> dict[str, str]:
    """Environment for Textual, which reads it when it is first imported; what is set stays.

    Over ssh no animation and fewer frames: bytes are what makes it slow there. And none of kitty's keyboard
    protocol: where the link is lost nobody switches it off, and keys print `[27u` at the next prompt.
    """
    defaults = {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL_SMOOTH_SCROLL": "0"}
    if is_remote(environ):
        defaults |= {"TEXTUAL_FPS": "20", "TEXTUAL_DISABLE_KITTY_KEY": "1"}
    return {name: value for name, value in defaults.items() if name not in environ}
