"""The tabs of the detail, and what each shows."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from imgtui.model.catalog import Version
from imgtui.operations.updates import FactsReady
from imgtui.ui.knowledge import Knowledge
from imgtui.ui.present.details import config, containers, json_lines
from imgtui.ui.present.layer_map import layer_map
from imgtui.ui.present.overview import overview
from imgtui.ui.present.spans import Line


class Tab(StrEnum):
    """Names of the tabs, in their order."""

    OVERVIEW = "Overview"
    LAYERS = "Layers"
    CONFIG = "Config"
    CONTAINERS = "Containers"
    JSON = "JSON"


TABS = tuple(Tab)
CUT = frozenset({Tab.LAYERS, Tab.CONTAINERS})
"""Tabs whose lines are columns: they are cut where others are wrapped."""


def tab_lines(
    tab: Tab,
    version: Version,
    ready: FactsReady | None,
    siblings: Sequence[Version],
    known: Knowledge,
    width: int,
) -> list[Line]:
    """The lines of a tab for a version."""
    facts = ready.facts if ready is not None else None
    match tab:
        case Tab.OVERVIEW:
            return overview(version, facts, known)
        case Tab.LAYERS:
            return layer_map(version, facts, siblings, known, width)
        case Tab.CONFIG:
            return config(facts)
        case Tab.CONTAINERS:
            return containers(version, known.catalog)
        case Tab.JSON:
            return json_lines(ready.document if ready is not None else "")
