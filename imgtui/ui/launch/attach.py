"""A program in the terminal of the explorer, which steps aside and comes back."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import termios
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType
from typing import IO, TYPE_CHECKING, Any, Final

from imgtui.model.core.printable import printable
from imgtui.operations.protocol.updates import EngineState, JobUpdated, LayersLearned, Remembered, Update

if TYPE_CHECKING:
    from textual.app import App

    from imgtui.engine.connect.docker_client import Program

Handler = Callable[[int, FrameType | None], object]
_TERMINAL: Final = "/dev/tty"
_LOGGED: Final = 'time="'
_LONGEST: Final = 2000
"""Bytes of the end of what a program says on standard error."""


def run_in_terminal(app: App[Any], program: Program, hung_up: Callable[[], None]) -> str:
    """Give a program the terminal until it ends; what went wrong by its standard error: one line, printable.

    The application does nothing meanwhile: it cannot write a byte to the terminal. A signal to end goes to
    the program; the application follows when it has the terminal again. Where the terminal itself has gone,
    `hung_up` is called and the process ends: Textual would wait for ever to write to it. Raises textual's
    SuspendNotSupported where the terminal cannot be given away.
    """
    with app.suspend(), tempfile.TemporaryFile() as errors:
        try:
            signals = _run(program, errors)
        except OSError as error:  # nothing may leave the block: the application would not come back
            return printable(f"{program.arguments[0]}: {error.strerror}", 300)
        if signal.SIGHUP in signals:
            hung_up()
            os._exit(128 + signal.SIGHUP)
        errors.seek(max(0, errors.seek(0, os.SEEK_END) - _LONGEST))
        return reason_in(errors.read().decode(errors="replace"))


def reason_in(said: str) -> str:
    """The line of a program's standard error that says why it failed, printable; empty where it said nothing.

    docker logs what it could not do next (`time="…" level=error …`), on a busy machine before the engine's
    own refusal.
    """
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    plain = [line for line in lines if not line.startswith(_LOGGED)] or lines
    return printable(next((line for line in plain if "rror" in line), plain[-1]), 300) if plain else ""


def _run(program: Program, errors: IO[bytes]) -> set[int]:
    """Run a program; the signals to end that came meanwhile.

    ctrl+c is the program's alone. A handler, unlike a signal that is ignored, is not inherited by it.
    """
    came: set[int] = set()
    running: list[subprocess.Popen[bytes]] = []

    def pass_on(number: int, _: FrameType | None) -> None:
        came.add(number)
        for process in running:
            process.send_signal(number)

    handlers: Mapping[signal.Signals, Handler] = {
        signal.SIGINT: lambda *_: None,
        signal.SIGTERM: pass_on,
        signal.SIGHUP: pass_on,
    }
    with _handling(handlers), open(_TERMINAL, "r+b", buffering=0) as terminal:  # noqa: PTH123 - a device
        before = termios.tcgetattr(terminal)
        process = subprocess.Popen(
            program.arguments, env=dict(program.environ), stdin=terminal, stdout=terminal, stderr=errors
        )
        running.append(process)
        process.wait()
        with suppress(termios.error):  # it has gone
            termios.tcsetattr(
                terminal, termios.TCSANOW, before
            )  # a docker that is ended leaves it raw (20.10)
    return came


@contextmanager
def _handling(handlers: Mapping[signal.Signals, Handler]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Held:
    """What a session tells while nobody looks: of what takes the place of what was told before, the last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: list[Update] | None = None

    def begin(self) -> None:
        """From now on hold everything."""
        with self._lock:
            self._held = []

    def hold(self, update: Update) -> bool:
        """Hold an update; False where everything is told at once. Called from any thread."""
        with self._lock:
            if self._held is None:
                return False
            self._held = with_news(self._held, update)
            return True

    def end(self) -> list[Update]:
        """Hold nothing any more; what was held, in its order."""
        with self._lock:
            held, self._held = self._held or [], None
            return held


def with_news(held: list[Update], update: Update) -> list[Update]:
    """What is held, and an update: of what takes the place of what was told before, the last alone."""
    if isinstance(update, EngineState | Remembered):
        held = [each for each in held if type(each) is not type(update)]
    elif isinstance(update, JobUpdated):
        held = [each for each in held if not _is_of(each, update.job.number)]
    elif isinstance(update, LayersLearned):
        before = [each for each in held if isinstance(each, LayersLearned)]
        held = [each for each in held if not isinstance(each, LayersLearned)]
        known = {image_id: layers for each in (*before, update) for image_id, layers in each.layers}
        update = LayersLearned(tuple(known.items()))
    return [*held, update]


def _is_of(update: Update, number: int) -> bool:
    """Whether it tells of a job."""
    return isinstance(update, JobUpdated) and update.job.number == number
