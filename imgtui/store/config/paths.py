"""Where imgtui reads and writes: the XDG base directories."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import platformdirs

MACHINE: Final = Path("/var/lib/imgtui")
"""Where the machine's recorder keeps its state (`StateDirectory=imgtui`)."""
NAME: Final = "state.db"


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/imgtui`: facts by digest; may be deleted at any time."""
    return platformdirs.user_cache_path("imgtui", appauthor=False)


def state_file(folder: str | None, environ: Mapping[str, str]) -> Path:
    """The state file: in `folder` (`--state`), else `IMGTUI_STATE`, else `$XDG_STATE_HOME/imgtui`.

    Whoever runs the machine's recorder, and has no other file, has its file.
    """
    chosen = folder or environ.get("IMGTUI_STATE")
    if chosen:
        return Path(chosen) / NAME
    own = platformdirs.user_state_path("imgtui", appauthor=False) / NAME
    machine = MACHINE / NAME
    return machine if not own.exists() and _is_mine(machine) else own


def machine_file(folder: str | None, environ: Mapping[str, str]) -> Path | None:
    """The state file of the machine's recorder, where it is another one than this user's own.

    None where a folder was chosen, and where there is none. Whether it can be read is another question.
    """
    machine = MACHINE / NAME
    if folder or environ.get("IMGTUI_STATE") or state_file(folder, environ) == machine:
        return None
    closed = MACHINE.is_dir() and not os.access(MACHINE, os.X_OK)
    return machine if closed or os.access(machine, os.F_OK) else None


def _is_mine(path: Path) -> bool:
    try:
        return path.lstat().st_uid == os.geteuid()
    except OSError:
        return False


def config_file() -> Path:
    """`$XDG_CONFIG_HOME/imgtui/config.toml`, or what IMGTUI_CONFIG names: settings, keys, keep rules."""
    named = os.environ.get("IMGTUI_CONFIG")
    return Path(named) if named else platformdirs.user_config_path("imgtui", appauthor=False) / "config.toml"
