"""Whose number a name of a user is in a container: another image may have another one for it."""

from __future__ import annotations

import tarfile
from io import BytesIO
from typing import Final

from imgtui.engine.port.containers import Containers
from imgtui.engine.port.errors import EngineError, raise_if_lost

_PASSWD: Final = "/etc/passwd"  # noqa: S105 - a file of names, not a password
_ROOT: Final = 0


def named_user(user: str) -> str:
    """The name in `USER name:group`; empty for root, for a number, and for none."""
    name = user.partition(":")[0]
    return "" if name.isdecimal() or name == "root" else name


def is_root(engine: Containers, container_id: str, user: str) -> bool:
    """Whether `USER user` is root in a container, running or not. Raises Unavailable."""
    if name := named_user(user):
        return _number_of(engine, container_id, name) == _ROOT
    number = user.partition(":")[0]
    return not number.isdecimal() or int(number) == _ROOT


def _number_of(engine: Containers, container_id: str, name: str) -> int | None:
    """The number of a user; None where that is not to be found."""
    try:
        archive = engine.read_file(container_id, _PASSWD)
    except EngineError as error:
        raise_if_lost(error)
        return None
    with tarfile.open(fileobj=BytesIO(archive)) as found:
        member = next((each for each in found if each.isfile()), None)
        file = found.extractfile(member) if member is not None else None
        lines = file.read().decode(errors="replace").splitlines() if file is not None else []
    for line in lines:
        fields = line.split(":")
        if fields[0] == name and len(fields) > 2 and fields[2].isdecimal():
            return int(fields[2])
    return None
