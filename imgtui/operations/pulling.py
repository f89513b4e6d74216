"""Pulls exactly one image: by digest, told while it arrives, stopped by hand; or leaves what was there."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Final

from imgtui.engine.errors import EngineError
from imgtui.engine.port import Engine
from imgtui.engine.port_registry import Pull
from imgtui.model.digest import short
from imgtui.model.plan import Step
from imgtui.model.reference import Reference
from imgtui.model.transfer import Transfer
from imgtui.operations.replacing import Stopped
from imgtui.words import plural, size

TELL_SECONDS: Final = 0.2
"""At most five lines a second are told: a slow terminal paints each."""
LOOK_SECONDS: Final = 0.05
"""How soon it is seen that somebody wants it stopped."""
PATIENCE_SECONDS: Final = 2.0
"""How long the engine is given to end a pull that is stopped: it ends at once, unless it waits for a registry."""

Tell = Callable[[str], None]


def pull(engine: Engine, step: Step, tell: Tell, stop: threading.Event | None = None) -> None:
    """Do the step of a plan that pulls; its image is there when this returns.

    Raises Stopped and EngineError: then nothing that was there is changed, and a name that the pull gave to
    another image is taken away again.
    """
    arriving = _Arriving(engine, step)
    told = 0.0
    while (news := arriving.next()) is not _Over.DONE:
        if stop is not None and stop.is_set():
            arriving.give_up()
        if isinstance(news, Transfer) and time.monotonic() - told >= TELL_SECONDS:
            told = time.monotonic()
            tell(_line(step, news))
    arriving.verify()


def _line(step: Step, transfer: Transfer) -> str:
    named = Reference.parse(step.reference)
    name = f"{named.familiar_name}@{short(named.digest or '')}"
    layers = f"{transfer.layers_done} of {plural(len(transfer.layers), 'layer')}"
    counted = f"{size(transfer.done)} of {size(transfer.total)}, " if transfer.total else ""
    return f"pulling {name}: {counted}{layers}"
