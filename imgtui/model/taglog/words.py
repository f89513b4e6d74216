"""Moves in words: what happened to a tag, by whom, and how long ago."""

from __future__ import annotations

from typing import Final

from imgtui.model.core.age import age
from imgtui.model.core.clock import SECOND
from imgtui.model.core.digest import short
from imgtui.model.keeps.keep import is_keep
from imgtui.model.taglog.moves import IMGTUI, Cause, Move

_COMMANDS: Final = {
    Cause.BUILD: "by docker build",
    Cause.PULL: "by docker pull",
    Cause.TAG: "by docker tag",
    Cause.LOAD: "by docker load",
    Cause.IMPORT: "by docker import",
    Cause.COMMIT: "by docker commit",
    Cause.UNTAG: "by docker rmi",
    Cause.DELETE: "by docker rmi",
    Cause.PRUNE: "by docker image prune",
}
YOU: Final = "by you"
"""Who acts through imgtui."""


def happened(move: Move, now: int) -> str:
    """`was moved to 8f3c123b90a4 by docker build 4 s ago`. `now` is in seconds since the epoch."""
    return f"{_what(move)} {by_whom(move)} {when(move.at, now, exact=move.not_before is None)}"


def by_whom(move: Move) -> str:
    """`by you` for what imgtui did; else by which docker command, as far as that is known."""
    if move.actor == IMGTUI:
        return YOU
    return _COMMANDS.get(move.cause, "outside imgtui")


def when(at: int, now: int, *, exact: bool = True) -> str:
    """`4 s ago`; `at least 4 s ago` where only the latest time is known. `at` is in nanoseconds."""
    ago = f"{age(at // SECOND, now)} ago"
    return ago if exact else f"at least {ago}"


def _what(move: Move) -> str:
    if is_keep(move.reference):
        return "was kept" if move.target is not None else "was let go"
    if move.target is None:
        return "was removed"
    if move.origin is None:
        return "was put there"
    how = "rolled back" if move.cause is Cause.ROLLBACK else "moved"
    return f"was {how} to {short(move.target)}"
