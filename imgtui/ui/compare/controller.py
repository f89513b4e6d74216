"""Compares in the explorer: which two versions, and where they are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from imgtui.model.core.digest import short
from imgtui.model.core.image import Image
from imgtui.operations.compare.updates import Compared, FileCompared, FilesCompared, PackagesCompared
from imgtui.ui.actions import LOOK, Action, Needs

if TYPE_CHECKING:  # a start does not pay for what few sessions do
    from imgtui.ui.compare.screen import CompareScreen
    from imgtui.ui.controller import Handlers
    from imgtui.ui.explorer.screen import ExplorerScreen


class CompareController:
    """The first press marks A, the second one compares it with what is under the cursor then."""

    def __init__(self, explorer: ExplorerScreen) -> None:
        self._explorer = explorer
        self._screen: CompareScreen | None = None
        """The comparison, while it is looked at."""
        self.handlers: Handlers = dict.fromkeys(
            (Compared, FilesCompared, PackagesCompared, FileCompared), self._take
        )

    def compare(self) -> None:
        """Mark A, or compare with A; two marked versions are compared with each other."""
        explorer, known = self._explorer, self._explorer.known
        version = explorer.version
        marked = [key for key in explorer.rows if key in explorer.versions.marks]
        if len(marked) == 2:
            older, newer = sorted(marked, key=lambda key: explorer.rows[key].image.created)
            self.compare_two(older, newer)
        elif len(marked) > 2:
            explorer.say(f"two versions are compared, {len(marked)} are marked", bad=True)
        elif version is None:
            return
        elif known.side_a is None:
            known.side_a = version.image.id
            explorer.show_versions()
            explorer.say(f"A is {short(version.image.id)}: choose B and press the key again; esc: no longer")
        elif known.side_a == version.image.id:
            explorer.say("this is A: choose another version", bad=True)
        else:
            self.compare_two(known.side_a, version.image.id)

    def forget_side(self) -> bool:
        """A is marked no longer; whether it was."""
        if self._explorer.known.side_a is None:
            return False
        self._explorer.known.side_a = None
        self._explorer.show_versions()
        return True

    def compare_two(self, a: str, b: str, names: tuple[str, str] | None = None) -> None:
        """Compare two images, by their IDs; `names` are what they are called, else their tags."""
        from imgtui.ui.compare.screen import Compares, CompareScreen

        explorer, info = self._explorer, self._explorer.known.state.info
        if info is None:
            explorer.say("the engine does not answer yet", bad=True)
            return
        first, second = self._image(a), self._image(b)
        explorer.known.side_a = None
        explorer.quieten()
        explorer.show_versions()
        called = names or tuple(", ".join(image.tags[:2]) for image in (first, second))
        left, right = (Compares(image.id, name) for image, name in zip((first, second), called, strict=True))
        self._screen = CompareScreen(left, right, explorer.ask)
        explorer.app.push_screen(self._screen, self._left)
        catalog, store = explorer.known.catalog, info.store
        explorer.ask(lambda session: session.services.comparing.compare(first, second, store, catalog))

    def _take(self, update: Compared | FilesCompared | PackagesCompared | FileCompared) -> None:
        """More is known of what is compared."""
        if self._screen is not None:
            self._screen.tell(update)

    def _image(self, image_id: str) -> Image:
        """What is known of an image; of one that is gone what the log or the list has."""
        version = self._explorer.rows.get(image_id)
        found = self._explorer.known.catalog.images.get(image_id)
        return found or (version.image if version else Image(image_id))

    def _left(self, _: None) -> None:
        self._screen = None

    ACTIONS: ClassVar[Sequence[Action]] = (
        Action(
            "version.compare",
            "D",
            "compare",
            "Mark this version as A; on another one: what differs between both. With two marked versions:"
            " these",
            LOOK,
            compare,
            needs=Needs.VERSION,
            hint=3,
        ),
    )
