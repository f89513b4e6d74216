"""Keeping versions, and keeping them no longer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from imgtui.model.plans.plan import Plan, plan_keep, plan_unkeep, together
from imgtui.ui.actions import CHANGE, Action, Needs

if TYPE_CHECKING:
    from imgtui.model.catalog.catalog import Version
    from imgtui.ui.controller import Handlers
    from imgtui.ui.explorer.screen import ExplorerScreen
    from imgtui.ui.features import Features


class KeepController:
    """Keeps the marked versions, else the one under the cursor."""

    def __init__(self, explorer: ExplorerScreen, features: Features) -> None:
        self._explorer = explorer
        self._features = features
        self.handlers: Handlers = {}

    def keep(self) -> None:
        """Keep them; where all of them are kept, keep them no longer."""
        explorer = self._explorer
        chosen, catalog = explorer.chosen_versions(), explorer.known.catalog
        kept, now = all(version.image.keeps for version in chosen), int(explorer.known.now)

        def plan_of(version: Version) -> Plan:
            image_id = version.image.id
            if kept:
                return plan_unkeep(catalog, image_id)
            return plan_keep(catalog, image_id, explorer.repository_of(version), now)

        wanted = [version for version in chosen if kept or not version.image.keeps]
        title = f"{'stop keeping' if kept else 'keep'} {len(wanted)} versions"
        self._features.plans.propose(lambda: together(title, [plan_of(version) for version in wanted]))

    ACTIONS: ClassVar[Sequence[Action]] = (
        Action(
            "version.keep",
            "m",
            "keep",
            "Keep this version, or the marked ones, through rebuilds, moved tags and prune; again: no longer."
            " A keep does not hold against prune -a and removal by force",
            CHANGE,
            keep,
            needs=Needs.IMAGE,
            hint=6,
        ),
    )
