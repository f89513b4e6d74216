"""Labels that imgtui gives to a container which takes the place of another one.

Labels are claims: `docker commit` copies those of a container into an image, and each container of that has
them. So those that the image of a container has too say nothing of the container.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OWN: Final = "io.imgtui."
"""How they begin."""

REPLACES: Final = "io.imgtui.replaces"
"""The ID of the container before it."""
CREATED_FROM: Final = "io.imgtui.created-from"
"""The tag that the container before it was created from."""
CARRIED: Final = "io.imgtui.carried"
"""JSON of what a container was given that Podman's Docker-compatible API does not tell of it."""


def own_labels(labels: Mapping[str, str], of_image: Mapping[str, str]) -> dict[str, str]:
    """The labels of imgtui's that were given to a container itself, of all that it has."""
    return {
        name: value for name, value in labels.items() if name.startswith(OWN) and of_image.get(name) != value
    }
