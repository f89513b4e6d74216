"""The event stream of the engine in memory."""

import queue
from collections.abc import Iterator

from imgtui.model.core.event import Event


class MemoryEvents:
    """One listener's events."""

    def __init__(self) -> None:
        self.closed = False
        self._queue: queue.SimpleQueue[Event | None] = queue.SimpleQueue()

    def __iter__(self) -> Iterator[Event]:
        while not self.closed:
            event = self._queue.get()
            if event is not None and not self.closed:
                yield event

    def put(self, event: Event) -> None:
        """Add an event."""
        self._queue.put(event)

    def close(self) -> None:
        """End the iteration."""
        self.closed = True
        self._queue.put(None)
