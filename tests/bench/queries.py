"""What a terminal answers when a program asks it something, so that no program waits for an answer."""

import re
from collections.abc import Callable

Answer = Callable[[re.Match[bytes]], bytes]

_ST = b"\x1b\\"
_KNOWN_MODES = frozenset(
    {b"1", b"7", b"25", b"1000", b"1002", b"1003", b"1004", b"1006", b"1049", b"2004", b"2026"}
)


def _mode_report(query: re.Match[bytes]) -> bytes:
    """DECRPM: 2 is `reset`, 0 is `not recognised`; 2026 is synchronised output."""
    mode = query[1]
    return b"\x1b[?" + mode + (b";2$y" if mode in _KNOWN_MODES else b";0$y")


def _always(answer: bytes) -> Answer:
    return lambda _query: answer


_ANSWERS: tuple[tuple[re.Pattern[bytes], Answer], ...] = (
    (re.compile(rb"\x1b\[0?c"), _always(b"\x1b[?62;22c")),  # DA1: VT220 with colour
    (re.compile(rb"\x1b\[>0?c"), _always(b"\x1b[>1;10;0c")),  # DA2
    (re.compile(rb"\x1b\[>0?q"), _always(b"\x1bP>|bench 1" + _ST)),  # XTVERSION
    (re.compile(rb"\x1b\[5n"), _always(b"\x1b[0n")),  # DSR: no malfunction
    (re.compile(rb"\x1b\[(\??)6n"), lambda query: b"\x1b[" + query[1] + b"1;1R"),  # CPR: always the corner
    (re.compile(rb"\x1b\[\?(\d+)\$p"), _mode_report),  # DECRQM
    (re.compile(rb"\x1b\[\?u"), _always(b"\x1b[?0u")),  # kitty keyboard: supported, no flag set
    (re.compile(rb"\x1b\]10;\?(?:\x07|\x1b\\)"), _always(b"\x1b]10;rgb:d0d0/d0d0/d0d0" + _ST)),
    (re.compile(rb"\x1b\]11;\?(?:\x07|\x1b\\)"), _always(b"\x1b]11;rgb:1010/1010/1010" + _ST)),
    (re.compile(rb"\x1bP\+q[0-9A-Fa-f;]*\x1b\\"), _always(b"\x1bP0+r" + _ST)),  # XTGETTCAP: none
)
_LONGEST_QUERY = 64


class Queries:
    """Finds the queries in a program's output, also those that two reads cut in two."""

    def __init__(self) -> None:
        self._unfinished = b""

    def answers(self, output: bytes) -> list[bytes]:
        """The answers to the queries completed by `output`, in the order they were asked."""
        data = self._unfinished + output
        found = sorted(
            ((match.end(), answer(match)) for query, answer in _ANSWERS for match in query.finditer(data)),
            key=lambda item: item[0],
        )
        answered = found[-1][0] if found else 0
        self._unfinished = data[max(answered, len(data) - _LONGEST_QUERY) :]
        return [reply for _end, reply in found]
