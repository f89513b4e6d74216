"""The emulated screen: pyte, and around it what pyte does not know of today's terminals."""

import contextlib
import re
from collections.abc import Callable

import pyte

_TOKEN = re.compile(
    rb"\x1b\[(?P<parameters>[0-?]*)(?P<intermediate>[ -/]*)(?P<final>[@-~])"
    rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC
    rb"|\x1b[P_^X][^\x1b]*\x1b\\"  # DCS, APC, PM, SOS
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[ -?]*|\][^\x07\x1b]*\x1b?|[P_^X][^\x1b]*\x1b?)?\Z")
_ALTERNATE = frozenset({47, 1047, 1049})
_MOUSE = frozenset({9, 1000, 1002, 1003, 1015, 1016})
_NAMES = {
    1004: "focus events",
    1006: "mouse coordinates",
    2004: "bracketed paste",
    2026: "synchronised output",
}


class _Grid(pyte.Screen):
    """pyte's screen with scrolling (SU, SD) and repetition (REP), which ncurses uses for xterm."""

    def scroll_up(self, count: int = 1) -> None:
        self._at_top_margin(count, self.delete_lines)

    def scroll_down(self, count: int = 1) -> None:
        self._at_top_margin(count, self.insert_lines)

    def repeat_character(self, count: int = 1) -> None:
        before = self.buffer[self.cursor.y][max(0, self.cursor.x - 1)].data
        self.draw(before * max(1, count))

    def _at_top_margin(self, count: int, act: Callable[[int], None]) -> None:
        x, y = self.cursor.x, self.cursor.y
        self.cursor.y = self.margins.top if self.margins else 0
        act(count)
        self.cursor.x, self.cursor.y = x, y


class _Stream(pyte.ByteStream):
    csi = pyte.ByteStream.csi | {
        "S": "scroll_up",
        "T": "scroll_down",
        "b": "repeat_character",
        "s": "save_cursor",
        "u": "restore_cursor",
    }
    events = pyte.ByteStream.events | {"scroll_up", "scroll_down", "repeat_character"}


class Screen:
    """What is on a terminal of `columns` × `rows`, and which private modes are set."""

    def __init__(self, columns: int, rows: int) -> None:
        self._grid = _Grid(columns, rows)
        self._stream = _Stream(self._grid)
        self._unfinished = b""
        self.modes: dict[int, bool] = {}

    @property
    def lines(self) -> list[str]:
        """The text of each line, padded to the width."""
        return self._grid.display

    def fingerprint(self) -> int:
        """The same number for the same text in the same colours."""
        buffer = self._grid.buffer
        rows, columns = range(self._grid.lines), range(self._grid.columns)
        return hash(tuple(buffer[row][column] for row in rows for column in columns))

    def feed(self, output: bytes) -> None:
        """Show `output`; a sequence cut at its end is kept for the next call."""
        data = self._unfinished + output
        cut = _UNFINISHED.search(data)
        end = cut.start() if cut else len(data)
        data, self._unfinished = data[:end], data[end:]
        shown = 0
        for token in _TOKEN.finditer(data):
            self._show(data[shown : token.start()])
            shown = token.end()
            if token["final"] is not None:
                self._control(token["parameters"], token["intermediate"], token["final"])
        self._show(data[shown:])

    def left_on(self) -> list[str]:
        """What a program that has ended should have put back: empty when the terminal is as it was."""
        on = {mode for mode, is_set in self.modes.items() if is_set}
        left = [name for name, modes in (("alternate screen", _ALTERNATE), ("mouse", _MOUSE)) if on & modes]
        if self.modes.get(25, True) is False:
            left.append("cursor hidden")
        return left + [name for mode, name in _NAMES.items() if mode in on]

    def _control(self, parameters: bytes, intermediate: bytes, final: bytes) -> None:
        private = parameters[:1] in (b"<", b"=", b">", b"?")
        if intermediate:
            return
        if parameters[:1] == b"?" and final in b"hl":
            self._set_modes(parameters[1:], is_set=final == b"h")
        elif parameters[:1] == b"?" and final in b"JK":
            self._show(b"\x1b[" + parameters[1:] + final)
        elif not private and final in b"m" and b":" in parameters:
            return  # colours with sub-parameters: no figure needs them, and pyte would print them
        elif not private:
            self._show(b"\x1b[" + parameters + final)

    def _set_modes(self, parameters: bytes, *, is_set: bool) -> None:
        for mode in (int(parameter) for parameter in parameters.split(b";") if parameter.isdigit()):
            self.modes[mode] = is_set
            if mode in _ALTERNATE:
                self._show(b"\x1b[2J\x1b[H")
        self._show(b"\x1b[?" + parameters + (b"h" if is_set else b"l"))

    def _show(self, data: bytes) -> None:
        # pyte raises TypeError for a sequence with more parameters than it expects; the next is fine again.
        with contextlib.suppress(TypeError):
            self._stream.feed(data)
