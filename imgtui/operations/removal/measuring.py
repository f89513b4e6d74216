"""What a containerd store holds of images, blob by blob: known from before, else read out of its export."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Final

from imgtui.engine.archive.blobs import read_blobs
from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, Unavailable
from imgtui.model.removal.bytes import Blobs
from imgtui.operations.files.layer_files import exported
from imgtui.operations.protocol.cancellation import Stopped
from imgtui.store.cached.cache import Cache
from imgtui.threads import alarm

MEASURE_SECONDS: Final = 10.0
"""How long a plan waits for exact bytes. What was read until then is known the next time."""
_AT_ONCE: Final = 256 * 1024 * 1024
"""Bytes of content that are asked for at once: images beside each other share blobs, which come once."""
_MOST: Final = 20
"""Images that are asked for at once: what is not whole when the time is over has to be read again."""


def blobs_of(
    engine: Engine, cache: Cache, images: Mapping[str, int], seconds: float = MEASURE_SECONDS
) -> dict[str, Blobs]:
    """The blobs of images, by ID, as far as they are known in so many seconds.

    `images` tells the bytes of content that the engine counts of each: what does not add up to them (another
    platform was pulled since) is not used. Raises Unavailable.
    """
    found: dict[str, Blobs] = {}
    for image_id, content in images.items():
        known = cache.blobs(image_id)
        if known is not None and sum(known.values()) == content:
            found[image_id] = known
    missing = {key: size for key, size in images.items() if key not in found}
    if not missing:
        return found
    stop = threading.Event()
    over = alarm("measuring", seconds, stop.set)
    try:
        for read in _read(engine, deque(_groups(missing)), stop):
            right = {key: own for key, own in read.items() if sum(own.values()) == images[key]}
            cache.keep_blobs(right)
            found.update(right)
    except Stopped:
        pass  # the time is over
    finally:
        over.stop()
    return found


def _read(engine: Engine, groups: deque[list[str]], stop: threading.Event) -> Iterator[dict[str, Blobs]]:
    """What the exports of these images tell. Raises Stopped, Unavailable."""
    while groups:
        group = groups.popleft()
        try:
            with exported(engine, group, stop) as archive:
                yield dict(read_blobs(archive, group))
        except (Stopped, Unavailable):
            raise
        except EngineError:  # one of them is gone, or lacks a part: of that one the plan estimates
            groups.extend([image_id] for image_id in group if len(group) > 1)


def _groups(images: Mapping[str, int]) -> Iterator[list[str]]:
    group: list[str] = []
    size = 0
    for image_id, content in images.items():
        if group and (len(group) == _MOST or size + content > _AT_ONCE):
            yield group
            group, size = [], 0
        group.append(image_id)
        size += content
    if group:
        yield group
