"""Writing a Compose file that pins a digest: only when it is asked for, whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from imgtui.model.compose import Override
from imgtui.model.printable import printable


class NotWritten(Exception):
    """The file is as it was. The message is one line, safe for a terminal, with cause and remedy."""

    def __init__(self, cause: str) -> None:
        super().__init__(printable(cause, 1000))


class AlreadyThere(NotWritten):
    """There is another file of that name; a person decides whether it is replaced."""


def write_override(made: Override, *, replace: bool = False) -> None:
    """Write an override file beside the Compose file, as readable as that one.

    Raises AlreadyThere where another file has its name, unless it is to be replaced, and NotWritten.
    """
    path, beside = Path(made.path), Path(made.beside)
    try:
        mode = stat.S_IMODE(beside.stat().st_mode) & 0o666
    except OSError as error:
        raise NotWritten(
            f"{beside} cannot be read here ({error.strerror}): write {path} where Compose is run"
        ) from error
    try:
        if path.is_file() and path.read_bytes() == made.text.encode():
            return
        _write(path, made.text, mode, replace=replace)
    except FileExistsError as error:
        raise AlreadyThere(f"{path} is there already, and says something else") from error
    except OSError as error:
        raise NotWritten(f"{path} cannot be written ({error.strerror}): see to the folder") from error


def _write(path: Path, text: str, mode: int, *, replace: bool) -> None:
    """A whole new file takes the name in one step: that of a file, or one that nothing has."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        if replace:
            Path(name).replace(path)
        else:
            os.link(name, path)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()
