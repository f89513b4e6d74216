"""What is known of the engine and its images: taken over, and shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from imgtui.operations.protocol.updates import EngineState, FactsReady, LayersLearned

if TYPE_CHECKING:
    from textual.timer import Timer

    from imgtui.ui.actions import Action
    from imgtui.ui.controller import Handlers
    from imgtui.ui.explorer.screen import ExplorerScreen

GATHER = 0.1
"""Seconds in which layers that are learned one after the other are gathered before they are shown."""


class StateController:
    """Has no actions: it takes what a session tells of the engine."""

    ACTIONS: ClassVar[Sequence[Action]] = ()

    def __init__(self, explorer: ExplorerScreen) -> None:
        self._explorer = explorer
        self.gathering: Timer | None = None
        """Runs while layers are gathered that are learned one after the other."""
        self.handlers: Handlers = {
            EngineState: self._take_state,
            LayersLearned: self._take_layers,
            FactsReady: self._take_facts,
        }

    def _take_state(self, state: EngineState) -> None:
        self._explorer.known.take_state(state)
        self._explorer.show_all()
        self._explorer.show_list()

    def _take_layers(self, learned: LayersLearned) -> None:
        self._explorer.known.take_layers(learned)
        if self.gathering is None:
            self.gathering = self._explorer.set_timer(GATHER, self._show_learned)

    def _take_facts(self, ready: FactsReady) -> None:
        explorer = self._explorer
        looked_at = explorer.version is not None and explorer.version.image.id == ready.image_id
        if ready.revealed and not (explorer.revealed and looked_at):
            return  # asked for before the move: what nobody looks at is not held
        explorer.known.take_facts(ready)
        if looked_at:
            explorer.show_detail(top=False)

    def _show_learned(self) -> None:
        self.gathering = None
        self._explorer.show_rows()
        if self._explorer.known.complete:
            self._explorer.show_detail(top=False)
