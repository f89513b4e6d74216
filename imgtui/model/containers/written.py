"""What a container has written outside of its volumes: another one in its place does not have it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from imgtui.model.core.printable import printable
from imgtui.words import plural

_OF_VAR: Final = ("cache", "lock", "log", "run", "tmp")
PASSING: Final = tuple(
    f"/{folder}" for folder in ("dev", "proc", "run", "sys", "tmp", *(f"var/{each}" for each in _OF_VAR))
)
"""Folders of what nobody misses when a program starts anew (Filesystem Hierarchy Standard)."""
_SECRETS: Final = ("/run/secrets",)
_ETC: Final = ("/etc",)
_OF_THE_ENGINE: Final = frozenset(
    {
        "/.dockerenv",
        "/etc/hostname",
        "/etc/hosts",
        "/etc/mtab",
        "/etc/resolv.conf",
        "/run/.containerenv",
        "/sbin/docker-init",
    }
)
"""Files that engines write into containers (the last one with `--init`)."""
_FOLDERS: Final = frozenset(
    {"/bin", "/etc", "/home", "/lib", "/mnt", "/opt", "/root", "/sbin", "/srv", "/usr", "/var"}
)
"""Podman tells of the folder alone in which it has put a file of its own."""
NANOSECONDS: Final = 1_000_000_000
MOST_LOOKED_AT: Final = 200
"""As many changed files are looked at, one by one, for those that were put into a container."""
_MOST: Final = 4
"""Paths that are named."""


def outside_of_mounts(changed: Iterable[str], mounted: Iterable[str]) -> tuple[str, ...]:
    """The files of `changed` paths that are in no volume, and that the engine did not write.

    `mounted` are the places of volumes and other mounts. A folder in which something changed is told by
    engines too: what has others below it is left out.
    """
    paths = sorted(set(changed))
    places = [*mounted]
    folders = {parent for path in (*paths, *places) for parent in _parents(path)} | _FOLDERS
    return tuple(
        path
        for path in paths
        if path not in folders and path not in _OF_THE_ENGINE and not _is_in(path, places)
    )


def worth_telling(paths: Iterable[str]) -> tuple[str, ...]:
    """Those that somebody may miss."""
    return tuple(path for path in paths if _is_in(path, _SECRETS) or not _is_in(path, PASSING))


def likely_injected_first(paths: Iterable[str]) -> list[str]:
    """Changed files, those first that are where Compose puts secrets and configs by itself, or commonly."""
    return sorted(
        paths, key=lambda path: (not _is_in(path, _SECRETS), path.count("/") > 1, not _is_in(path, _ETC))
    )


def is_injected(modified: int, created: int, started: int, *, copied: bool = False) -> bool:
    """Whether a file was put into a container before it started, as Compose does with configs and secrets.

    Compose writes them right before it starts a container, which may wait for others to be healthy, from a
    tar archive, which has times to the second; what a program writes has the time of a file system. `copied`
    is whether a roll back has made the container: what it copied has the time it had. Times are nanoseconds
    since the epoch.
    """
    before_start = modified % NANOSECONDS == 0 and modified <= started + NANOSECONDS
    return before_start and (copied or created - NANOSECONDS <= modified)


def written_words(paths: Iterable[str], retired: str | None) -> str:
    """What the plan says of them, as it follows on the container's name; None for one that is removed."""
    where = f"they stay in {retired}" if retired is not None else "and they go with the one before"
    return f"wrote {_named(paths)} outside of volumes: the new one does not have them, {where}"


def injected_words(paths: Iterable[str]) -> str:
    """What the plan says of files that Compose put into it, as it follows on the container's name."""
    return f"{_named(paths)} that Compose seems to have put there: copied into the new one"


def _named(paths: Iterable[str]) -> str:
    found = list(paths)
    named = ", ".join(printable(path, 200) for path in found[:_MOST])
    return f"{plural(len(found), 'file')} ({named}{', …' if len(found) > _MOST else ''})"


def _is_in(path: str, places: Iterable[str]) -> bool:
    return any(path == place or path.startswith(f"{place.rstrip('/')}/") for place in places)


def _parents(path: str) -> Iterable[str]:
    while (path := path.rpartition("/")[0]) != "":
        yield path
