"""The log of the machine's own recorder, for people who may read its state file and not write it.

What it has seen is taken over into the person's own file, so that all the rest knows one log. It is in WAL
mode, and a reader without the right to write reads it: while a program has it open, and after one was killed,
by the `-shm` and `-wal` files beside it, which the group may read too; after all have closed it these are
gone, SQLite cannot make them, and the file alone is whole (measured with SQLite 3.40, the recorder root, the
reader another user of the group; sqlite.org/wal.html, "Read-Only Databases").
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from imgtui.model.core.image import Store
from imgtui.model.keeps.keep import is_keep
from imgtui.model.taglog.identity import Doubt, Place, identify
from imgtui.model.taglog.moves import Provenance
from imgtui.model.taglog.observation import IN_FLIGHT
from imgtui.store.engines import Engines
from imgtui.store.facts import Facts
from imgtui.store.presence import is_held
from imgtui.store.pulls import Pulls
from imgtui.store.state import State
from imgtui.store.state_errors import StateUnusable
from imgtui.store.tag_log import TagLog, Theirs


@dataclass(frozen=True, slots=True)
class Shared:
    """What the machine's recorder knows of an engine."""

    log: Theirs
    facts: Mapping[str, str] = field(default_factory=dict)
    """By image ID what it was made of: of the images that are not known here."""
    unread: str | None = None
    """What of the file is not understood, in one line."""


def read_shared(path: Path, own: TagLog, here: Place, store: Store, known: Collection[str]) -> Shared | None:
    """What the machine's file has of the engine at a place and `own` has not; None for nothing.

    `known` are the images whose facts are known here. Raises StateUnusable, also where it is not clear which
    of its engines this is.
    """
    check_shared(path)
    before = _stamp(path)
    with closing(State.for_reading(path)) as state:
        engine = identify(here, Engines(state).known(), lambda _: None)
        if isinstance(engine, Doubt):
            raise StateUnusable(f"the machine's log {path} is not read: {engine.question}")
        log = TagLog(state, engine)
        confirmed = log.confirmed()
        mine, oldest = own.confirmed(), own.oldest()
        if confirmed is None or (
            mine is not None
            and mine - IN_FLIGHT >= confirmed
            and not _reaches_further_back(log.oldest(), oldest)
        ):
            return None
        moves = (move for move in log.moves() if move.known is not Provenance.UNREAD)
        theirs = Theirs(
            confirmed,
            tuple(move for move in moves if not is_keep(move.reference)),
            log.recorded(),
            tuple(log.images().values()),
            Pulls(state, engine).all(),
            tuple(log.seen()),
        )
        facts = Facts(state)
        missing = facts.known(store).difference(known)
        found = ((image_id, facts.document(store, image_id)) for image_id in missing)
        documents = {image_id: document for image_id, document in found if document is not None}
        unread = state.unread.words
    if before != _stamp(path):
        raise StateUnusable(f"{path} was written while it was read: try again", passing=True)
    return Shared(theirs, documents, unread)


def is_watched(own: Path | None, machine: Path | None, key: str, here: Place) -> bool:
    """Whether a recorder without a screen watches the engine at a place, for this user or for the machine.

    `key` is that of its log in the user's `own` file. In the machine's file it may have another one; where
    that file cannot be read, it is taken for the same.
    """
    if own is not None and is_held(own.parent, key):
        return True
    if machine is None:
        return False
    try:
        check_shared(machine)
        with closing(State.for_reading(machine)) as state:
            there = identify(here, Engines(state).known(), lambda _: None)
    except StateUnusable:
        there = key
    return not isinstance(there, Doubt) and is_held(machine.parent, there)


def _reaches_further_back(theirs: int | None, mine: int | None) -> bool:
    return theirs is not None and (mine is None or theirs < mine)


def _stamp(path: Path) -> tuple[int, int] | None:
    """What changes when the file itself is written; None where a `-wal` holds what is new."""
    if path.with_name(f"{path.name}-wal").exists():
        return None
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def check_shared(path: Path) -> None:
    """Only root or this user may have written it. Raises StateUnusable."""
    try:
        folder, file = path.parent.stat(), path.lstat()
    except OSError as error:
        raise StateUnusable(
            f"the machine's log {path} cannot be read ({error.strerror}): be in the group that may"
        ) from error
    owners = {0, os.geteuid()}
    if not stat.S_ISREG(file.st_mode) or not {folder.st_uid, file.st_uid} <= owners:
        raise StateUnusable(f"the machine's log {path} is not read: it is no plain file of root's")
    if (folder.st_mode | file.st_mode) & (stat.S_IWGRP | stat.S_IWOTH):
        raise StateUnusable(f"the machine's log {path} is not read, as others can write it: chmod go-w")
