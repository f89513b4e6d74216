"""What is given to a worker at once: tests of one file that need one engine, and how long they last took.

A lane is the kind of engine that tests need, or `""`. `durations.json` beside this file has the seconds of
each test function by lane, of the last run with `--write-durations`; a function that it does not know is
taken for short.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("durations.json")
UNKNOWN_SECONDS: Final = 0.1
LONGEST_SECONDS: Final = 25.0
"""A file that takes longer is parted by its functions."""


@dataclass(frozen=True)
class Place:
    """Where a test stands, read from its node ID, to which pytest-xdist has added `@GROUP`."""

    lane: str
    file: str
    function: str

    @property
    def key(self) -> str:
        """What it is called in `durations.json`."""
        return f"{self.lane} {self.file}::{self.function}"

    @property
    def unit(self) -> str:
        """The unit that it belongs to."""
        whole = f"{self.lane} {self.file}"
        return self.key if file_seconds().get(whole, 0.0) > LONGEST_SECONDS else whole


def place_of(node_id: str) -> Place:
    """The place of a test with this node ID."""
    at = node_id.rfind("@")
    name, lane = (node_id[:at], node_id[at + 1 :]) if at > node_id.rfind("]") else (node_id, "")
    file, _, rest = name.partition("::")
    return Place(lane, file, rest.partition("[")[0])


@cache
def durations() -> Mapping[str, float]:
    """Seconds by `Place.key`."""
    found: dict[str, float] = json.loads(FILE.read_text()) if FILE.exists() else {}
    return found


@cache
def file_seconds() -> Mapping[str, float]:
    """Seconds of all functions of a file in one lane, by `LANE FILE`."""
    found: dict[str, float] = {}
    for key, seconds in durations().items():
        whole = key.partition("::")[0]
        found[whole] = found.get(whole, 0.0) + seconds
    return found


def write_durations(seconds: Mapping[str, float]) -> None:
    """Keep what a run has measured; functions that it did not run stay as they were."""
    kept = {**durations(), **{key: round(value, 1) for key, value in seconds.items()}}
    long = {key: value for key, value in sorted(kept.items()) if value > UNKNOWN_SECONDS}
    FILE.write_text(json.dumps(long, indent=0) + "\n")
