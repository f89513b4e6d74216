"""What an engine tells of a pull or a push, to the model: one JSON message after the other.

Measured on Docker 20.10, 28.5 (both image stores) and Podman 4.3. What they have in common: `id` is a layer's
short digest, `status` says what happens to it, `progressDetail` counts bytes while it is downloaded. Podman
names the configuration like a layer. The containerd store counts seconds while it extracts. An error after
the first message comes inside the stream, whose HTTP status is 200 by then; Podman's always does.

Of a push all of them tell last `1: digest: sha256:… size: 736`; Podman tells nothing else, the containerd
store no bytes of small layers.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from imgtui.engine.port.errors import EngineError
from imgtui.engine.wire.translate import LINE_LIMIT, mapping, number, text
from imgtui.model.jobs.progress import Transfer, TransferStage
from imgtui.model.keeps.keep import DOMAIN, is_keep

_STAGES: Final = {
    "Pulling fs layer": TransferStage.WAITING,
    "Waiting": TransferStage.WAITING,
    "Retrying": TransferStage.RETRYING,
    "Downloading": TransferStage.DOWNLOADING,
    "Verifying Checksum": TransferStage.EXTRACTING,
    "Extracting": TransferStage.EXTRACTING,
    "Download complete": TransferStage.EXTRACTING,
    "Pull complete": TransferStage.DONE,
    "Already exists": TransferStage.DONE,
    "Preparing": TransferStage.WAITING,
    "Pushing": TransferStage.UPLOADING,
    "Pushed": TransferStage.DONE,
    "Layer already exists": TransferStage.DONE,
    "Mounted from": TransferStage.DONE,
}
_PUSHED: Final = re.compile(r"\S+: digest: (sha256:[0-9a-f]{64}) size: \d+")


def refuse_own(reference: str) -> None:
    """What imgtui keeps images by is for this engine alone. Raises EngineError."""
    if is_keep(reference):
        raise EngineError(f"{DOMAIN} is where imgtui keeps its own references: they are never pushed")


def transferred(known: Transfer, raw: object, *, podman: bool = False) -> Transfer:
    """What is known after one more message. Raises EngineError for one that is an error.

    `podman` is whether "Download complete" is the last that is told of a layer.
    """
    message = mapping(raw)
    error = message.get("error") or mapping(message.get("errorDetail")).get("message")
    if error:
        raise EngineError(text(error, LINE_LIMIT))
    name, status = text(message.get("id"), 64), text(message.get("status"), 64)
    stage = next((stage for words, stage in _STAGES.items() if status.startswith(words)), None)
    if not name or stage is None:
        pushed = _PUSHED.fullmatch(text(message.get("status"), LINE_LIMIT))
        return known if pushed is None else replace(known, digest=pushed[1])
    if podman and status == "Download complete":
        stage = TransferStage.DONE
    detail = mapping(message.get("progressDetail"))
    if stage not in {TransferStage.DOWNLOADING, TransferStage.UPLOADING} or "total" not in detail:
        return known.with_layer(name, stage)
    return known.with_layer(name, stage, number(detail.get("current")), number(detail.get("total")))
