"""What a press of an arrow key costs: bytes, time, CPU; and what follows when the moves pause."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.bench.report import Section, figure, single
from tests.bench.terminal import Stamped, TerminalSession

_IN_VIEW = (*["<down>"] * 4, *["<up>"] * 4) * 2
_WATCH_SECONDS = 1.0
_BACK = {"<down>": "<up>", "<up>": "<down>"}
_HELD_PRESSES = 200
_HELD_SECONDS = 1 / 30
_GAP_NS = 60_000_000
_END_OF_LIST = 12


@dataclass(frozen=True)
class Press:
    """One press: bytes and ms to the last byte of the answer, and the bytes that came after a pause."""

    answer_bytes: int
    last_ms: float
    after_bytes: int


@dataclass(frozen=True)
class Held:
    """Many presses at the rate of a held key."""

    moves: int
    sent: int
    last_ms: float
    after_bytes: int
    cpu_ms: tuple[float, ...]
    waits_ms: tuple[float, ...]


def burst(outputs: Sequence[Stamped]) -> int:
    """How many of the outputs belong to the first burst: those before a pause of 60 ms."""
    for position, (before, after) in enumerate(pairwise(outputs), start=1):
        if after.at - before.at > _GAP_NS:
            return position
    return len(outputs)


def _size(outputs: Sequence[Stamped]) -> int:
    return sum(len(output.data) for output in outputs)


def _press(session: TerminalSession, key: str) -> Press | None:
    """Press once and watch; None when nothing was written."""
    pressed = session.press(key)
    session.wait(_WATCH_SECONDS)
    outputs = session.between(pressed)
    if not outputs:
        return None
    length = burst(outputs)
    return Press(_size(outputs[:length]), (outputs[length - 1].at - pressed) / 1e6, _size(outputs[length:]))


def hold(session: TerminalSession, presses: int = _HELD_PRESSES) -> Held:
    """Hold arrow down; at the end of the list, where presses change nothing, arrow up, and so on."""
    key, silent = "<down>", 0
    session.receive()
    session.show()
    first = len(session.inputs)
    began = time.monotonic()
    for number in range(1, presses + 1):
        pressed = session.press(key)
        session.wait(max(0.0, began + number * _HELD_SECONDS - time.monotonic()))
        silent = 0 if session.between(pressed) else silent + 1
        if silent == _END_OF_LIST:
            key, silent = _BACK[key], 0
    if silent:  # the last press must be a move: its answer is timed
        session.press(_BACK[key])
    session.wait(_WATCH_SECONDS)
    inputs = session.inputs[first:]
    after_last = session.between(inputs[-1].at)
    rest = _size(after_last[burst(after_last) :])
    last = after_last[burst(after_last) - 1].at if after_last else inputs[-1].at
    return Held(
        moves=_moves(session, inputs),
        sent=_size(session.between(inputs[0].at)) - rest,
        last_ms=(last - inputs[-1].at) / 1e6,
        after_bytes=rest,
        cpu_ms=tuple((after.cpu - before.cpu) / 1e6 for before, after in pairwise(inputs)),
        waits_ms=tuple(_waits(inputs, session.outputs)),
    )


def _moves(session: TerminalSession, inputs: Sequence[Stamped]) -> int:
    """How many presses were moves: all but those in a long row that left the screen as it was.

    A few that changed nothing before the next press are moves that a busy program shows together.
    """
    before, unchanged, moved = session.screen.fingerprint(), 0, 0
    for following in (*inputs[1:], None):
        session.show(until=following.at if following else None)
        after = session.screen.fingerprint()
        unchanged = unchanged + 1 if after == before else 0
        moved += 1 if unchanged < _END_OF_LIST else 1 - _END_OF_LIST if unchanged == _END_OF_LIST else 0
        before = after
    return moved


def _waits(inputs: Sequence[Stamped], outputs: Sequence[Stamped]) -> list[float]:
    """For each press that anything followed, the ms to the first output after it."""
    waits, position = list[float](), 0
    for pressed in inputs:
        while position < len(outputs) and outputs[position].at < pressed.at:
            position += 1
        if position < len(outputs):
            waits.append((outputs[position].at - pressed.at) / 1e6)
    return waits


def moves(session: TerminalSession) -> Section:
    """Single moves in view, then 200 moves with the key held."""
    pressed = [press for key in _IN_VIEW if (press := _press(session, key))]
    held = hold(session)
    return Section(
        "Moves",
        (
            figure(
                "bytes of a move in view",
                [press.answer_bytes for press in pressed],
                "B",
                "≤ 500 with an ANSI theme, 1,000 truecolor",
            ),
            figure("time to their last byte", [press.last_ms for press in pressed], "ms"),
            figure(
                "bytes of the detail that follows each",
                [press.after_bytes for press in pressed],
                "B",
                "< 2,500",
            ),
            single(
                "bytes a move, arrow held, scrolling",
                held.sent / held.moves if held.moves else None,
                "B",
                "≤ 1,200",
                f"{held.moves} moves",
            ),
            single("last of these to its last byte", held.last_ms, "ms"),
            single("bytes of the detail after these", held.after_bytes, "B", "< 2,500"),
            figure("CPU of a move, arrow held", held.cpu_ms, "ms", "< 30"),
        ),
    )
