"""Where the state file is: a file of its own user in a folder that nobody else can write.

What is in the file decides what an undo does, so nobody else may have written it. It is never followed
through a link, which can lead anywhere, and nothing but a plain file is opened.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import Final

from imgtui.model.core.shell import operand
from imgtui.store.state_errors import StateUnusable, of_system

_KINDS: Final = (
    (stat.S_ISLNK, "link"),
    (stat.S_ISDIR, "folder"),
    (stat.S_ISFIFO, "named pipe"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
)
ALONE: Final = 0o600
"""The rights of a file; one that was given to a group other than its owner's first may be read by that."""
GROUP_READS: Final = 0o640
GROUP_ENTERS: Final = 0o750


def check_folder(folder: Path) -> None:
    """Make it where it is missing; nobody else may write it. Raises StateUnusable."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except OSError as error:
        raise of_system(error, folder / "state.db") from error
    if found.st_uid not in {os.geteuid(), 0}:
        raise StateUnusable(
            f"the folder {folder} of the state file belongs to user {found.st_uid}:"
            " run as that user, or use --state with another folder"
        )
    if _others_write(found):
        raise StateUnusable(
            f"others can write the folder {folder} of the state file: chmod go-w {operand(folder)}"
        )


def check_file(path: Path) -> os.stat_result | None:
    """What there is; None where nothing is. Raises StateUnusable."""
    try:
        found = path.lstat()
        _refuse(path, found)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise of_system(error, path) from error
    return found


def keep_from_others(path: Path, *, shared: bool) -> None:
    """Take from others the right to read a file of imgtui's and what belongs to it.

    Of a `shared` one its group may. Raises StateUnusable.
    """
    for suffix in ("", "-wal", "-shm"):
        beside = path.with_name(path.name + suffix)
        try:
            found = beside.lstat()
            wanted = GROUP_READS if shared or found.st_gid != os.getegid() else ALONE
            if (mode := stat.S_IMODE(found.st_mode)) & ~wanted:
                beside.chmod(mode & wanted)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise of_system(error, path) from error


def let_group_read(path: Path, group: int) -> None:
    """Have a group enter the folder, and read the file and what belongs to it. Raises StateUnusable."""
    try:
        os.chown(path.parent, -1, group)
        path.parent.chmod(GROUP_ENTERS)
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                beside = path.with_name(path.name + suffix)
                os.chown(beside, -1, group)
                beside.chmod(GROUP_READS)
    except OSError as error:
        raise of_system(error, path) from error


def _refuse(path: Path, found: os.stat_result) -> None:
    kind = next((name for is_kind, name in _KINDS if is_kind(found.st_mode)), None)
    if kind is not None:
        to = f" to {path.readlink()}" if kind == "link" else ""
        raise StateUnusable(
            f"the state file {path} is a {kind}{to}, not a plain file:"
            " move it away, or use --state with the folder where the file is"
        )
    if found.st_uid != os.geteuid():
        raise StateUnusable(
            f"the state file {path} belongs to user {found.st_uid}:"
            " run as that user, or use --state with another folder"
        )
    if _others_write(found):
        raise StateUnusable(
            f"others can write the state file {path}: look at what is in it, then chmod go-w {operand(path)}"
        )


def _others_write(found: os.stat_result) -> bool:
    """The group too, unless it is the user's own: many systems give each user one, and let it write."""
    mode = found.st_mode
    return bool(mode & stat.S_IWOTH or (mode & stat.S_IWGRP and found.st_gid != os.getegid()))
