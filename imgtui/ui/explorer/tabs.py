"""The tabs of the detail, and what each shows."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from imgtui.model.catalog.catalog import Version
from imgtui.operations.protocol.updates import FactsReady, Phase
from imgtui.ui.explorer.details import config, json_lines
from imgtui.ui.explorer.hints import KeyOf
from imgtui.ui.explorer.knowledge import Knowledge
from imgtui.ui.explorer.layer_map import layer_map
from imgtui.ui.explorer.overview import overview
from imgtui.ui.taglog.text import log_lines
from imgtui.ui.widgets.spans import Line, Span, line


class Tab(StrEnum):
    """Names of the tabs, in their order."""

    OVERVIEW = "Overview"
    LAYERS = "Layers"
    LOG = "Tag log"
    FILES = "Files"
    CONFIG = "Config"
    CONTAINERS = "Containers"
    JSON = "JSON"


TABS = tuple(Tab)
CUT = frozenset({Tab.LAYERS, Tab.CONTAINERS, Tab.LOG, Tab.FILES})
"""Tabs whose lines are columns: they are cut where others are wrapped."""
WITH_AGES = frozenset({Tab.OVERVIEW, Tab.LOG, Tab.CONTAINERS})
"""Tabs that say how long ago something was."""


def tab_lines(
    tab: Tab,
    version: Version,
    ready: FactsReady | None,
    siblings: Sequence[Version],
    known: Knowledge,
    width: int,
    key_of: KeyOf,
) -> list[Line]:
    """The lines of a tab for a version."""
    facts = ready.facts if ready is not None else None
    if tab is Tab.OVERVIEW:
        return overview(version, facts, known, key_of)
    if tab in {Tab.CONTAINERS, Tab.LOG}:
        return (_containers if tab is Tab.CONTAINERS else _log)(version, known)
    if ready is None or facts is None:
        return [line(Span(f" {why_not_known(version, ready, known)}", "dim"))]
    if tab is Tab.FILES:
        from imgtui.ui.files.text import files_lines

        return files_lines(known.files(version.image.id))
    if tab is Tab.LAYERS:
        return layer_map(version, facts, siblings, known, width)
    return config(facts, key_of) if tab is Tab.CONFIG else json_lines(ready.document)


def _containers(version: Version, known: Knowledge) -> list[Line]:
    from imgtui.ui.containers.text import containers  # a start does not pay for it

    return containers(version, known)


def _log(version: Version, known: Knowledge) -> list[Line]:
    """The log of the version's repository; among all images the moves from and to this one."""
    moves = known.moves(version.repository)
    image_id = version.image.id
    if version.repository is None:
        moves = [move for move in moves if image_id in {move.origin, move.target}]
    return log_lines(moves, known.where, known.now, image_id)


def why_not_known(version: Version, ready: FactsReady | None, known: Knowledge) -> str:
    """Why the facts of a version are not there, or not yet."""
    if ready is not None and version.image.id not in known.catalog.images:
        return "The engine does not have this image any more, and its facts were not kept."
    if ready is not None:
        return "The engine does not tell the facts of this image."
    if known.state.phase is Phase.LOST:
        return "The engine does not answer, and the facts of this image were not kept."
    return "reading…"
