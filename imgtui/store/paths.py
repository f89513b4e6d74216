"""Where imgtui writes: the XDG base directories."""

from __future__ import annotations

from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/imgtui`: facts by digest; may be deleted at any time."""
    return platformdirs.user_cache_path("imgtui", appauthor=False)
