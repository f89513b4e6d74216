"""Whether a builder can be asked for its history: of some BuildKits that may end dockerd.

BuildKit 0.20 to 0.28 (Docker 28 and 29) holds a record, until it is restarted, once it was asked for by its
reference: by `history inspect`, by `buildx build --metadata-file`, so by every `docker compose build`. Where
such a record is removed, by `history rm`, or after 48 hours because of 50 newer ones, the next `history ls`,
whoever asks, ends dockerd with a nil pointer (`filterHistoryEvents`; mended by pull request 6614, in 0.29).
Seen on Docker 28.5.2, with `history rm`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

ASK: Final = "IMGTUI_BUILD_HISTORY"
"""`always` asks all the same, `never` asks no builder."""
FAULTY_FROM: Final = (0, 20)
MENDED_IN: Final = (0, 29)
FAULTY_ENGINE: Final = 28
"""The first major version of Docker with such a BuildKit, where that does not say its own version."""

NOT_WANTED: Final = f"the build history is not asked: {ASK}=never"
MAY_END: Final = (
    "the build history is not asked: listing it may end this dockerd (BuildKit 0.20 to 0.28);"
    f" {ASK}=always asks all the same"
)

_BUILDKIT: Final = re.compile(r"^BuildKit(?: version)?:\s*v?(\d+)\.(\d+)\.\d+", re.MULTILINE)
_ENGINE: Final = re.compile(r"\s*(\d+)\.")


def why_not_ask(inspected: str, engine_version: Callable[[], str | None], environ: Mapping[str, str]) -> str:
    """Why the history is left alone, in words; empty where it can be asked.

    `inspected` is what `docker buildx inspect` prints. The version of the engine is asked for where a
    distribution's build of BuildKit says none of its own (`v0.0.0+unknown`, Debian).
    """
    wish = environ.get(ASK, "")
    if wish == "never":
        return NOT_WANTED
    if wish == "always":
        return ""
    found = _BUILDKIT.search(inspected)
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    if version != (0, 0):
        return MAY_END if FAULTY_FROM <= version < MENDED_IN else ""
    engine = _ENGINE.match(engine_version() or "")
    return "" if engine and int(engine[1]) < FAULTY_ENGINE else MAY_END
