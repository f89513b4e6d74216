"""Asks registries where tags point: on request only, each tag once, a few at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError
from imgtui.model.catalog.registry_tag import RemoteTag
from imgtui.model.core.printable import printable
from imgtui.model.core.reference import Reference
from imgtui.threads import side_by_side

SIDE_BY_SIDE: Final = 4
"""Registries that are asked at the same time; of each one tag after the other."""
REFUSALS: Final = frozenset({401, 403, 404})
"""By which a registry says that it has no such tag, or does not show it."""
HOPELESS: Final = frozenset({None, 429})
"""Failures that the next tag would meet too: no answer in time, no credentials, too many requests."""


def remote_tags(engine: Engine, references: Iterable[str]) -> Iterator[RemoteTag]:
    """Where tags point in their registries, as the answers come; a failure is an answer too.

    A registry that does not answer holds up its own tags alone, and is not asked for the rest of them.
    """
    return side_by_side("registry", SIDE_BY_SIDE, partial(_of_one_registry, engine), _by_registry(references))


def _by_registry(references: Iterable[str]) -> list[list[str]]:
    found: dict[str, list[str]] = {}
    for reference in dict.fromkeys(references):
        found.setdefault(Reference.parse(reference).domain, []).append(reference)
    return list(found.values())


def _of_one_registry(engine: Engine, references: Iterable[str]) -> Iterator[RemoteTag]:
    hopeless = ""
    for reference in references:
        if hopeless:
            yield RemoteTag(reference, error=hopeless)
            continue
        try:
            yield engine.remote_tag(reference)
        except EngineError as error:
            if error.status in HOPELESS:
                hopeless = str(error)
            yield RemoteTag(reference, error=str(error), refused=error.status in REFUSALS)
        except Exception as unforeseen:  # somebody waits for the answer
            told = printable(f"{type(unforeseen).__name__}: {unforeseen}", 500)
            yield RemoteTag(reference, error=told)
