"""Copying: to tmux where imgtui runs in it, else to the terminal by OSC 52, which answers to nobody.

tmux takes no OSC 52 of a program by default (`set-clipboard external`, tmux(1)): it has a buffer for what is
copied, and hands that on to the terminal itself with `-w`. What tmux and GNU screen do not know they pass on
to the terminal in an envelope: `ESC P tmux ;` with every ESC doubled, where the user allows it, and `ESC P`,
of which screen takes 768 bytes at once. mosh (1.4) hands on what names the clipboard `c`, as Textual does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from textual.driver import Driver

from imgtui.engine.connect.program import talk
from imgtui.ui.environment import LEFT_BEHIND, is_remote

SECONDS: Final = 1.0
"""The longest time that tmux is waited for."""
CHUNK: Final = 76
"""Characters in each envelope for GNU screen, as hterm's osc52.sh sends them."""
PLAIN_KEYS: Final = "\x1b[<u"
_OSC_52: Final = re.compile(r"\x1b\]52;[^\a]*\a")


def to_tmux(text: str, environ: Mapping[str, str]) -> bool:
    """Whether tmux has taken a text into its buffer, and to the terminal's clipboard if that takes it."""
    if not environ.get("TMUX"):
        return False
    answer = talk(["tmux", "load-buffer", "-w", "-"], environ, Path.cwd(), text.encode(), SECONDS)
    return answer is not None and answer.status == 0


def enveloped(data: str, environ: Mapping[str, str]) -> str:
    """What is written to the terminal: what it shall copy comes through tmux and GNU screen."""
    if "\x1b]52;" not in data:
        return data
    if environ.get("TMUX"):
        return _OSC_52.sub(lambda found: f"\x1bPtmux;\x1b{found[0]}\x1b\\", data)
    if environ.get("STY"):
        return _OSC_52.sub(lambda found: _for_screen(found[0]), data)
    return data


def driver_of(base: type[Driver], environ: Mapping[str, str]) -> type[Driver]:
    """A driver that does the same, but for envelopes, the end, and what would stay where a link is lost."""
    unwanted = LEFT_BEHIND if is_remote(environ) else ()

    class Enveloping(base):  # type: ignore[misc, valid-type]
        """Writes what the terminal shall copy so that it comes there."""

        def write(self, data: str) -> None:
            """Write to the terminal."""
            for sequence in unwanted:
                data = data.replace(sequence, "")
            super().write(enveloped(data, environ))

        def stop_application_mode(self) -> None:
            """Give the terminal back, with plain keys before its echo.

            Textual 8.2 ends kitty's keyboard protocol last: a key that is pressed meanwhile leaves its `u`.
            """
            self.write(PLAIN_KEYS)
            self.flush()
            super().stop_application_mode()

    return Enveloping


def said(text: str, *, taken: bool) -> str:
    """What is told of a copy: whether anything has it is known of tmux alone."""
    return f"copied to tmux: {text}" if taken else f"sent to the terminal (OSC 52): {text}"


def _for_screen(sequence: str) -> str:
    pieces = (sequence[at : at + CHUNK] for at in range(0, len(sequence), CHUNK))
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
