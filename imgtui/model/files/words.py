"""Words for entries of layers, as `ls -l` has them."""

from __future__ import annotations

import stat
from typing import Final

from imgtui.model.core.printable import printable
from imgtui.model.files.entries import FileEntry, Kind

_TYPES: Final = {
    Kind.DIRECTORY: stat.S_IFDIR,
    Kind.SYMLINK: stat.S_IFLNK,
    Kind.CHARACTER_DEVICE: stat.S_IFCHR,
    Kind.BLOCK_DEVICE: stat.S_IFBLK,
    Kind.FIFO: stat.S_IFIFO,
}


def mode_text(entry: FileEntry | None) -> str:
    """`drwxr-xr-x`; empty for a folder that no entry names."""
    return "" if entry is None else stat.filemode(_TYPES.get(entry.kind, stat.S_IFREG) | entry.mode)


def link_text(entry: FileEntry | None) -> str:
    """` → target`, of a hard link from the root; empty for what is no link."""
    if entry is None or not entry.link:
        return ""
    target = f"/{entry.link}" if entry.kind is Kind.HARD_LINK else entry.link
    return f" → {printable(target, 1000)}"
