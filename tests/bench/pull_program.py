"""The explorer on an engine in memory, with a pull of a hundred layers that goes on until it is stopped.

Run as `python -m tests.bench.pull_program`: `big:1` is what can be pulled.
"""

import time
from collections.abc import Iterator
from itertools import cycle

from imgtui.engine.memory.blueprint import Blueprint, BlueprintStep, digest_of
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.memory.registry import MemoryTransfer
from imgtui.model.core.image import Layer
from imgtui.model.jobs.progress import Transfer, TransferStage
from imgtui.operations.protocol.updates import Publish
from imgtui.operations.session.session import Session
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.cached.cache import Cache
from imgtui.store.state import State
from imgtui.ui.app import EngineSource, ImgtuiApp

LAYERS, LAYER_BYTES, PART = 100, 4_000_000, 40_000
"""So that a percent is five times a second another one."""
NEWS_SECONDS = 0.002
"""Real engines tell of each layer ten times a second, and three to five of them at once."""


class EndlessPull(MemoryTransfer):
    """All layers move, and none comes to its end."""

    def __iter__(self) -> Iterator[Transfer]:
        known = Transfer()
        for number in cycle(range(LAYERS)):
            name = digest_of(str(number))[7:19]
            done = known.layers[name].done if name in known.layers else 0
            known = known.with_layer(
                name, TransferStage.DOWNLOADING, (done + PART) % LAYER_BYTES, LAYER_BYTES
            )
            yield known
            if self._closed.wait(NEWS_SECONDS):
                return


class PullingEngine(MemoryEngine):
    """Pulls of it have no end."""

    def pull(self, reference: str) -> MemoryTransfer:
        found = self._look_up(reference)
        return EndlessPull(found, lambda _: None, self._reach)


def engine() -> PullingEngine:
    """Twenty small images, and what can be pulled."""
    made = PullingEngine(name="bench")
    for number in range(20):
        layer = Layer(digest_of(f"layer {number}"), 1_000_000)
        made.build(
            Blueprint((BlueprintStep("COPY . /", layer),), int(time.time()) - number), f"app{number:02}:1"
        )
    made.publish("big:1", Blueprint((), int(time.time())))
    return made


def main() -> None:
    """Open it."""
    opened = engine()

    def open_session(publish: Publish) -> Session:
        recorder = Recorder(opened, lambda: State(None))
        return Session(opened, Cache(None), "bench", publish, recorder=recorder)

    source = EngineSource("bench", open_session)
    ImgtuiApp(source, source, clock=time.time, theme="imgtui-16").run()


if __name__ == "__main__":
    main()
