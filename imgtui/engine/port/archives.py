"""What imgtui asks of an engine about archives: to write images into one, and to take them from one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from imgtui.engine.port.registry import UnderWay


class Archives(Protocol):
    """What an engine saves and loads. Calls raise as those of `imgtui.engine.port.engine.Engine` do."""

    def save_images(self, names: Sequence[str]) -> UnderWay[bytes]:
        """One tar archive of images, in parts, as `docker save` writes it.

        What is named by a tag has this tag in it, what is named by image ID has none. Nothing on the engine
        is changed. Raises NotFound, EngineError.
        """

    def load_images(self, archive: Iterable[bytes]) -> UnderWay[str]:
        """Have the engine take the images and tags of an archive, as `docker load` does.

        Iteration sends the parts of the archive, then tells what the engine says, a printable line each. What
        `archive` itself raises breaks it off and is raised. Once all of it is sent, an engine cannot be kept
        from loading it: what is closed then ends without a word, whatever becomes of it. Raises ReadOnly.
        """
