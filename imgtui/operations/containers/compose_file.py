"""Writing a Compose file that pins a digest: only when it is asked for, whole or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

from imgtui.model.containers.compose import Override
from imgtui.model.core.printable import printable
from imgtui.operations.tasks import atomic_file as whole
from imgtui.operations.tasks.atomic_file import whole_file


class NotWritten(Exception):
    """The file is as it was. The message is one line, safe for a terminal, with cause and remedy."""

    def __init__(self, cause: str) -> None:
        super().__init__(printable(cause, 1000))


class PinnedAlready(NotWritten):
    """There is another file of that name; a person decides whether it is replaced."""


def write_override(made: Override, *, replace: bool = False) -> None:
    """Write an override file beside the Compose file, as readable as that one.

    Raises PinnedAlready where another file has its name, unless it is to be replaced, and NotWritten.
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
        with whole_file(path, replace=replace, mode=mode) as file:
            file.write(made.text.encode())
    except whole.TargetExists as error:
        raise PinnedAlready(f"{path} is there already, and says something else") from error
    except whole.FileNotWritten as error:
        raise NotWritten(f"{error}: see to the folder") from error
    except OSError as error:
        raise NotWritten(f"{path} cannot be read ({error.strerror}): see to the folder") from error
