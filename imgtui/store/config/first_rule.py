"""A first keep rule, added to the settings of a person who asked for it.

The file is replaced in one step or not at all; what is in it stays byte for byte, and so do its owner and
rights. Nothing is written through a link, over a file of another user, or where the result would not be
understood.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from imgtui.model.core.printable import printable
from imgtui.model.keeps.rules import KeepRule
from imgtui.store.config.settings import SettingsError, parse_settings

FIRST_RULE: Final = KeepRule("*", last=5)
LINES: Final = ("[[keep]]", 'repository = "*"', "last = 5")
"""The rule, as it is written."""
_NOTE: Final = "# Added by imgtui: of every repository, what a rebuild replaces, and what containers run"
_TRIES: Final = 3


class RuleNotWritten(Exception):
    """The rule could not be added. The message is one line with cause and remedy, safe for a terminal."""

    def __init__(self, cause: str) -> None:
        super().__init__(printable(f"{cause}: add these lines by hand: {' / '.join(LINES)}"))


class _Changed(Exception):
    """Somebody else has changed the file meanwhile."""


def add_first_rule(path: Path) -> None:
    """Add the rule at the end of the file, which is made where there is none. Raises RuleNotWritten."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise RuleNotWritten(f"the folder {path.parent} cannot be written ({error.strerror})") from error
    try:
        for _ in range(_TRIES):
            with contextlib.suppress(_Changed):
                _add(path, folder)
                return
        raise RuleNotWritten(f"{path} is being changed by another program")
    except OSError as error:
        raise RuleNotWritten(f"{path} cannot be written ({error.strerror})") from error
    finally:
        os.close(folder)


def _add(path: Path, folder: int) -> None:
    """Raises _Changed, RuleNotWritten and OSError: then nothing is changed."""
    before = _seen(path, folder)
    old = b"" if before is None else _read(path, folder, before)
    new = _with_rule(old)
    try:
        rules = parse_settings(path, old).keep
    except SettingsError as error:
        raise RuleNotWritten(f"nothing is added to a file with a mistake ({error})") from error
    try:
        understood = parse_settings(path, new).keep == (*rules, FIRST_RULE)
    except SettingsError:
        understood = False
    if not understood:
        raise RuleNotWritten(f"{path} is written in a way that no rule can be added to at its end")
    name = f".{path.name}.{secrets.token_hex(8)}"
    made = os.open(
        name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=folder
    )
    try:
        with os.fdopen(made, "wb") as file:
            file.write(new)
            file.flush()
            if before is not None:
                if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                    os.fchown(made, before.st_uid, before.st_gid)
                os.fchmod(made, stat.S_IMODE(before.st_mode))
            os.fsync(made)
        _still(path, folder, before)
        os.rename(name, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)
        raise


def _seen(path: Path, folder: int) -> os.stat_result | None:
    """The file itself, never what a link points at; None where there is none. Raises RuleNotWritten."""
    try:
        seen = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(seen.st_mode):
        raise RuleNotWritten(f"{path} is a link to {os.readlink(path.name, dir_fd=folder)}")
    if not stat.S_ISREG(seen.st_mode):
        raise RuleNotWritten(f"{path} is no file")
    if seen.st_uid != os.geteuid():
        raise RuleNotWritten(f"{path} belongs to user {seen.st_uid}")
    if not seen.st_mode & stat.S_IWUSR:
        raise RuleNotWritten(f"{path} is read-only")
    return seen


def _read(path: Path, folder: int, expected: os.stat_result) -> bytes:
    found = os.open(path.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    with os.fdopen(found, "rb") as file:
        content = file.read()
    _still(path, folder, expected)
    return content


def _still(path: Path, folder: int, expected: os.stat_result | None) -> None:
    """Raises _Changed where the file is not the one that was seen any more."""
    if _mark(_seen(path, folder)) != _mark(expected):
        raise _Changed


def _mark(seen: os.stat_result | None) -> tuple[int, ...]:
    return () if seen is None else (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns)


def _with_rule(old: bytes) -> bytes:
    """The lines at the end, with the line breaks that the file has."""
    end = "\r\n" if b"\r\n" in old else "\n"
    before = "" if not old.strip() else ("" if old.endswith(b"\n") else end) + end
    return old + before.encode() + "".join(text + end for text in (_NOTE, *LINES)).encode()
