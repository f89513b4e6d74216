"""In a real terminal: no escape but those that the program sends for any engine."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tests.bench.terminal import TerminalSession
from tests.engines.waiting import PATIENCE

SECONDS = PATIENCE
SIZE = (120, 40)
ROOT = Path(__file__).parents[2]

ESCAPES = re.compile(
    rb"\x1b\](?P<string>[^\x07\x1b]*)\x07?"  # OSC
    rb"|\x1b[P_^X](?P<device>[^\x1b]*)"  # DCS, APC, PM, SOS
    rb"|\x1b\[(?P<parameters>[0-?]*)(?P<final>[ -/]*[@-~])"
    rb"|\x1b(?P<other>.)",
    re.DOTALL,
)
CONTROLS = re.compile(rb"[\x00-\x07\x0b-\x0c\x0e-\x1a\x1c-\x1f\x7f]|\xc2[\x80-\x9f]")
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


def sent_to_the_terminal(home: Path, *arguments: str) -> bytes:
    """Everything that is sent while somebody looks at every tab, reveals, filters, copies, and quits."""
    environ = {
        "TERM": "xterm-256color",
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "tests.ui.hostile", *arguments]
    with TerminalSession(command, SIZE, environ) as terminal:
        assert terminal.wait_until(lambda lines: "live" in lines[0], SECONDS)
        for keys in ("2", "j", "]", "]", "]", "]", "]", "x", "?", "<esc>", "/", "z", "<enter>", "<esc>"):
            terminal.press(keys)
            terminal.wait_quiet(0.15, SECONDS)
        terminal.press("<ctrl+c>")
        ending = terminal.wait_end(SECONDS)
    assert ending is not None
    assert (ending.status, ending.cooked, terminal.screen.left_on()) == (0, True, [])
    return b"".join(output.data for output in terminal.outputs)


def kinds(sent: bytes) -> set[tuple[str, bytes]]:
    """The kinds of escapes in what was sent; strings with all that they say."""
    found = set()
    for escape in ESCAPES.finditer(sent):
        name = str(escape.lastgroup)
        private = (escape["parameters"] or b"")[:1]
        found.add((name, private * (private in b"<=>?") + escape[name]))
    return found


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, bytes]]:
    """The kinds of escapes that are sent for the demo."""
    return kinds(sent_to_the_terminal(tmp_path_factory.mktemp("home")))


@pytest.mark.parametrize("name", ["title", "clipboard", "clear", "c1", "controls", "bidi", "lines"])
def test_no_escape_of_an_engine_reaches_the_terminal(
    name: str, usual: set[tuple[str, bytes]], tmp_path: Path
) -> None:
    sent = sent_to_the_terminal(tmp_path, name)
    assert kinds(sent) <= usual
    assert CONTROLS.findall(ESCAPES.sub(b"", sent)) == []
    assert BIDI.findall(sent.decode()) == []
