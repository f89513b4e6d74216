"""Where imgtui reads and writes: the XDG base directories."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/imgtui`: facts by digest; may be deleted at any time."""
    return platformdirs.user_cache_path("imgtui", appauthor=False)


def state_file(folder: str | None, environ: Mapping[str, str]) -> Path:
    """The state file: in `folder` (`--state`), else `IMGTUI_STATE`, else `$XDG_STATE_HOME/imgtui`."""
    chosen = folder or environ.get("IMGTUI_STATE")
    home = Path(chosen) if chosen else platformdirs.user_state_path("imgtui", appauthor=False)
    return home / "state.db"


def config_file() -> Path:
    """`$XDG_CONFIG_HOME/imgtui/config.toml`, or what IMGTUI_CONFIG names: settings, keys, keep rules."""
    named = os.environ.get("IMGTUI_CONFIG")
    return Path(named) if named else platformdirs.user_config_path("imgtui", appauthor=False) / "config.toml"
