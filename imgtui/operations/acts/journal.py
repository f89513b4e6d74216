"""What imgtui did to the engine that is followed, for people to read."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from imgtui.model.core.printable import printable
from imgtui.operations.protocol.updates import JournalRead
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.journal import Journal, JournalEntry

NEWEST: Final = 1000
"""Acts that are told."""
_LINE, _COMMANDS = 1000, 1_000_000
"""Characters: an act on a thousand versions has a command for each."""


def read_journal(recorder: Recorder) -> JournalRead:
    """The newest acts on the engine that a recorder follows, or why they cannot be read."""
    state, key = recorder.state, recorder.key
    if state is None or key is None:
        return JournalRead(problem=recorder.problem or str(recorder.trouble))
    entries = recorder.guarded(lambda: Journal(state, key).entries())
    if entries is None:
        return JournalRead(problem=recorder.problem)
    return JournalRead(tuple(map(_safe, entries[:NEWEST])))


def _safe(entry: JournalEntry) -> JournalEntry:
    """The file is its owner's, and anything can be in it."""
    return replace(
        entry,
        title=printable(entry.title, _LINE),
        command=printable(entry.command, _COMMANDS, newlines=True),
        outcome=None if entry.outcome is None else printable(entry.outcome, _LINE),
    )
