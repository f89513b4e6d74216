"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from imgtui.engine.port.errors import EngineError


class FileNotWritten(EngineError):
    """There is no such file now, or it is as it was; the message is one line that says why."""


class TargetExists(FileNotWritten):
    """Another file has the name."""


@contextmanager
def whole_file(path: Path, *, replace: bool, mode: int = 0o600) -> Iterator[IO[bytes]]:
    """A new file that takes its name in one step when all of it is on the disk; `mode` is who may use it.

    Unless it is to `replace` another, it takes a name that nothing has. Raises TargetExists, FileNotWritten;
    of what is raised inside nothing stays either.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:200]}.")
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            _take_name(Path(name), path, replace=replace)
        finally:
            with suppress(FileNotFoundError):
                Path(name).unlink()
    except FileExistsError as error:
        raise TargetExists(f"{path} is there by now: nothing was written") from error
    except OSError as error:
        raise FileNotWritten(f"{path} cannot be written: {error.strerror or error}") from error


def _take_name(made: Path, path: Path, *, replace: bool) -> None:
    if replace:
        made.replace(path)
    else:
        try:
            os.link(made, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            if path.exists():
                raise FileExistsError from None
            made.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
