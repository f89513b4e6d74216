"""Labels that imgtui gives to a container which takes the place of another one."""

from __future__ import annotations

from typing import Final

REPLACES: Final = "io.imgtui.replaces"
"""The ID of the container before it."""
CREATED_FROM: Final = "io.imgtui.created-from"
"""The tag that the container before it was created from."""
