"""Themes of imgtui's own: one dark, one light, and one that takes the terminal's 16 colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from textual.theme import BUILTIN_THEMES, Theme

from imgtui.ui.environment import wants_few_colours

DARK = Theme(
    name="imgtui-dark",
    primary="#7aa2f7",
    secondary="#7dcfff",
    accent="#7dcfff",
    success="#9ece6a",
    warning="#e0af68",
    error="#f7768e",
    foreground="#c8d0e8",
    background="#16181f",
    surface="#16181f",
    panel="#242836",
    dark=True,
)
LIGHT = Theme(
    name="imgtui-light",
    primary="#2e5cb8",
    secondary="#00688b",
    accent="#00688b",
    success="#2f6f1f",
    warning="#8a5a00",
    error="#b3203c",
    foreground="#20242f",
    background="#fafafa",
    surface="#fafafa",
    panel="#dde2ec",
    dark=False,
)
SIXTEEN = replace(BUILTIN_THEMES["ansi-dark"], name="imgtui-16")
"""The terminal's own colours: half the bytes of truecolor, and right on any background."""
ANSI = frozenset({SIXTEEN.name, "ansi-dark", "ansi-light"})
"""Names of the themes that take the terminal's own colours."""
ALL = (DARK, LIGHT, SIXTEEN)


def choose(environ: Mapping[str, str]) -> str:
    """The theme to begin with: IMGTUI_THEME, else what the terminal can show."""
    return environ.get("IMGTUI_THEME") or (SIXTEEN.name if wants_few_colours(environ) else DARK.name)
