"""Traces of an image's past in the JSON of `inspect`, and the times in it.

What was measured:

| | Docker 20.10 | 28.5 graph driver | 28.5 containerd store | Podman 4.3 |
| --- | --- | --- | --- | --- |
| `LastTagTime` after build, tag, import | set | set | set | always Go's zero time |
| after load | zero time | zero time | set | |
| the same tag set again | | moves on | by `tag` stays, by `load` moves on | |
| after untagging | stays | stays | that of the youngest tag left | |
| earlier names | none | none | none | `NamesHistory`, without times |

`Identity` (API 1.53) is from moby's source, not run here (`api/types/image/identity.go`,
`daemon/containerd/image_identity.go`): only the containerd store has it, and a push adds to `Pull` the
repository that was pushed to.
"""

from __future__ import annotations

from typing import Final

from imgtui.engine.wire.answers import Entry
from imgtui.engine.wire.translate import familiar_tag, nanoseconds
from imgtui.model.core.reference import repository_of
from imgtui.model.keeps.keep import is_keep
from imgtui.model.taglog.traces import Traces

SECOND: Final = 1_000_000_000


def traces(raw: object) -> Traces:
    """Read the answer to `inspect`: Docker's, or Podman's own (`/libpod/images/{name}/json`).

    Raises WrongShape.
    """
    entry = Entry(raw)
    entry.image_id("Id")
    identity = entry.entry("Identity")
    repositories = (repository_of(pull.raw_text("Repository") or "") for pull in identity.entries("Pull"))
    builds = (nanoseconds(build.raw_text("CreatedAt")) for build in identity.entries("Build"))
    names = (familiar_tag(name) for name in entry.texts("NamesHistory"))
    return Traces(
        last_tag=nanoseconds(entry.entry("Metadata").raw_text("LastTagTime")),
        pulled_from=tuple(dict.fromkeys(name for name in repositories if name)),
        builds=tuple(sorted(build for build in builds if build)),
        names=tuple(dict.fromkeys(name for name in names if name and not is_keep(name))),
    )
