"""In a real terminal: whatever is typed or pasted, also what is no text and no key, ends nothing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.color import Color
from textual.message import Message

from imgtui.ui.keyboard import Understanding
from imgtui.ui.terminal import SafeText
from tests.bench.terminal import TerminalSession
from tests.engines.waiting import PATIENCE
from tests.ui.test_terminal_real import imgtui, sees

NOT_UTF8 = b"\xff\xe9\xc3("
NO_KEYS = b"\x1b[1114112u\x1b[99999999999999999999u\x1b[97:98;5:3;97u\x1b[55296;1;55296u\x1b[<0;999999999;1M"
PASTED = b"\x1b[200~" + "e\u202egnp\ud800\x9b2J\x07".encode(errors="surrogatepass") + b"\x1b[31m\x1b[201~"


def type_bytes(terminal: TerminalSession, data: bytes) -> None:
    """Send bytes as they are."""
    assert terminal._recorder.stdin is not None
    terminal._recorder.stdin.write(data)
    terminal._recorder.stdin.flush()


def back(terminal: TerminalSession) -> None:
    """Leave whatever came of the bytes: the terminal waits, so that no esc begins a sequence."""
    for _ in range(4):
        terminal.press("<esc>")
        assert terminal.wait_quiet(0.3, PATIENCE)
    sees(terminal, "enter open")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(NOT_UTF8, id="not UTF-8"),
        pytest.param(NO_KEYS, id="no keys", marks=pytest.mark.matrix),
        pytest.param(PASTED, id="pasted", marks=pytest.mark.matrix),
    ],
)
def test_the_explorer_goes_on_after_bytes_that_are_no_keys(tmp_path: Path, data: bytes) -> None:
    with imgtui("unix:///nowhere.sock", tmp_path, "--demo") as terminal:
        sees(terminal, "Repositories", "myapp")
        type_bytes(terminal, data)
        back(terminal)
        terminal.press("2/")
        sees(terminal, "!not  ~fuzzy")
        type_bytes(terminal, data)
        terminal.press("zz")
        sees(terminal, "zz")
        back(terminal)
        terminal.press("1q")
        ending = terminal.wait_end(PATIENCE)
    assert ending is not None
    assert (ending.status, ending.cooked) == (0, True)
    sent = b"".join(output.data for output in terminal.outputs)
    assert b"Traceback" not in sent
    assert "\u202e".encode() not in sent
    assert b"\x9b2J" not in sent.replace("\u202e".encode(), b"")


PIECES = (
    "\x1b", "[", "<", "?", ";", ":", "u", "~", "M", "m", "t", "y", "$", "R", "I", "O", "P", "]", "\\", "\x07",
    "0", "1", "2", "9", "200~", "201~", "a", "\x00", "\x7f", "é", "\ud800", "48;", "57", "99999999",
    "1114112", "55296",
)  # fmt: skip


def test_no_sequence_of_a_terminal_is_an_error() -> None:
    chance = random.Random(1)
    for _ in range(2_000):
        sent = "\x1b[" * chance.randrange(2) + "".join(chance.choices(PIECES, k=chance.randrange(1, 14)))
        parser = Understanding()
        read = [*parser.feed(sent), *parser.tick()]
        assert all(isinstance(message, Message) for message in read), sent


def test_nothing_that_reorders_a_line_or_cannot_be_encoded_reaches_a_terminal() -> None:
    line = [Segment("a\ud800\u202eb\u2069\u200f\x9b"), Segment("plain")]
    shown = SafeText(ascii_only=False).apply(line, Color(0, 0, 0))
    assert [segment.text for segment in shown] == ["a\ufffdb\ufffd", "plain"]
