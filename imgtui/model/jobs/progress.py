"""How far a pull, or a push, has come, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

MOST_LAYERS: Final = 1000
"""Layers that are counted; an image has at most 127 on a graph driver (moby `layer/layer_store.go`)."""


class TransferStage(StrEnum):
    """What happens to a layer now."""

    WAITING = "waiting"
    RETRYING = "retrying"
    """It broke off; the engine tries again after a pause."""
    DOWNLOADING = "downloading"
    UPLOADING = "uploading"
    EXTRACTING = "extracting"
    """All bytes are here, and are checked or unpacked."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class LayerTransfer:
    """One layer, or another blob that the engine counts."""

    stage: TransferStage = TransferStage.WAITING
    done: int = 0
    """Bytes that have arrived, compressed."""
    total: int = 0
    """Bytes that there are; 0 while the engine has not told."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """All layers, in the order in which the engine named them."""

    layers: Mapping[str, LayerTransfer] = field(default_factory=dict)
    """By the short digest that the engine names them by."""
    digest: str = ""
    """Of a push that is over: the digest that the registry gave."""

    @property
    def done(self) -> int:
        """Bytes that have arrived, of all layers."""
        return sum(layer.done for layer in self.layers.values())

    @property
    def total(self) -> int:
        """Bytes of all layers whose size the engine has told so far."""
        return sum(layer.total for layer in self.layers.values())

    @property
    def layers_done(self) -> int:
        """Layers that are here."""
        return sum(layer.stage is TransferStage.DONE for layer in self.layers.values())

    def with_layer(
        self, name: str, stage: TransferStage, done: int | None = None, total: int | None = None
    ) -> Transfer:
        """All layers, with news of one: its bytes are None where the news do not tell them.

        Layers beyond the most that are counted are left out.
        """
        known = self.layers.get(name)
        if known is None and len(self.layers) >= MOST_LAYERS:
            return self
        known = known or LayerTransfer()
        bytes_in_all = known.total if total is None else max(0, total)
        arrived = known.done if done is None else max(0, done)
        if stage in {TransferStage.EXTRACTING, TransferStage.DONE}:
            arrived = bytes_in_all
        layer = replace(known, stage=stage, done=arrived, total=max(bytes_in_all, arrived))
        return replace(self, layers={**self.layers, name: layer})
