"""A folder as the context of a build, packed as the docker command packs it.

The classic builder takes a file for another one, and builds it anew, when anything of its tar header but the
time differs: owner, their names, and in the mode the bits of the file type too (moby `pkg/tarsum`,
`pkg/archive` `fillGo18FileTypeBits`). What docker has built would else never be in the cache. The docker
command of 20.10 writes these bits, that of 28.2 does not (moby PR 44083): of what the latter has built by the
classic builder, nothing is found there.
"""

from __future__ import annotations

import io
import os
import stat
import tarfile
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Final, Literal

_IN_MEMORY: Final = 8 * 1024 * 1024
_BLOCK: Final = 512
_MODE: Final = slice(100, 108)
_CHECKSUM: Final = slice(148, 156)
"""Where they are in a header (POSIX.1-1988 ustar)."""


class _Entry(tarfile.TarInfo):
    """An entry whose header has the bits of the file type in its mode, which tarfile leaves out."""

    kind = stat.S_IFREG

    def tobuf(
        self,
        format: Literal[0, 1, 2] | None = tarfile.PAX_FORMAT,
        encoding: str | None = tarfile.ENCODING,
        errors: str = "surrogateescape",
    ) -> bytes:
        """The header, with another mode and so another checksum."""
        packed = bytearray(super().tobuf(format, encoding, errors))
        head = packed[-_BLOCK:]
        head[_MODE] = b"%07o\0" % (self.kind | stat.S_IMODE(self.mode))
        head[_CHECKSUM] = b" " * 8
        head[_CHECKSUM] = b"%06o\0 " % sum(head)
        return bytes(packed[:-_BLOCK] + head)


def pack_context(folder: Path, names: Iterable[str], more: Mapping[str, str]) -> IO[bytes]:
    """A tar of these files of a folder, and of others that are not in it, by name. Raises OSError."""
    packed = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - whoever sends it closes it
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT, tarinfo=_Entry) as tar:
        for name in sorted(set(names) - more.keys()):
            _add(tar, folder / name, name)
        for name, text in more.items():
            content = text.encode("utf-8", "surrogateescape")
            entry = _Entry(name)
            entry.size, entry.mode = len(content), 0o600
            tar.addfile(entry, io.BytesIO(content))
    packed.seek(0)
    return packed


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    entry = tar.gettarinfo(os.fspath(path), arcname=name)
    if not isinstance(entry, _Entry):  # None for a socket: docker leaves it out too
        return
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = int(max(0, entry.mtime))
    entry.kind = stat.S_IFMT(path.lstat().st_mode)
    if not entry.isreg():
        tar.addfile(entry)
        return
    with path.open("rb") as file:
        tar.addfile(entry, file)
