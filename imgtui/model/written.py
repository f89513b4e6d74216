"""What a container has written outside of its volumes: another one in its place does not have it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from imgtui.model.printable import printable
from imgtui.words import plural

_OF_VAR: Final = ("cache", "lock", "log", "run", "tmp")
PASSING: Final = tuple(
    f"/{folder}" for folder in ("dev", "proc", "run", "sys", "tmp", *(f"var/{each}" for each in _OF_VAR))
)
"""Folders of what nobody misses when a program starts anew (Filesystem Hierarchy Standard)."""
_OF_THE_ENGINE: Final = frozenset(
    {"/.dockerenv", "/etc/hostname", "/etc/hosts", "/etc/mtab", "/etc/resolv.conf", "/run/.containerenv"}
)
"""Files that engines write into each container."""
_FOLDERS: Final = frozenset(
    {"/bin", "/etc", "/home", "/lib", "/mnt", "/opt", "/root", "/sbin", "/srv", "/usr", "/var"}
)
"""Podman tells of the folder alone in which it has put a file of its own."""
_MOST: Final = 4
"""Paths that are named."""


def written_outside(changed: Iterable[str], mounted: Iterable[str]) -> tuple[str, ...]:
    """The files of `changed` paths that are in no volume, and that somebody may miss.

    `mounted` are the places of volumes and other mounts. A folder in which something changed is told by
    engines too: what has others below it is left out.
    """
    paths = sorted(set(changed))
    places = [*mounted]
    folders = {parent for path in (*paths, *places) for parent in _parents(path)} | _FOLDERS
    elsewhere = (*PASSING, *places)
    return tuple(
        path
        for path in paths
        if path not in folders
        and path not in _OF_THE_ENGINE
        and not any(path == place or path.startswith(f"{place.rstrip('/')}/") for place in elsewhere)
    )


def written_words(paths: Iterable[str], retired: str) -> str:
    """What the plan says of them, as it follows on the container's name."""
    found = list(paths)
    named = ", ".join(printable(path, 200) for path in found[:_MOST])
    more = ", …" if len(found) > _MOST else ""
    count = plural(len(found), "file")
    return (
        f"wrote {count} outside of volumes ({named}{more}): the new one does not have them,"
        f" they stay in {retired}"
    )


def _parents(path: str) -> Iterable[str]:
    while (path := path.rpartition("/")[0]) != "":
        yield path
