"""Compares in the explorer: which two versions, and where they are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgtui.model.core.digest import short
from imgtui.model.core.image import Image
from imgtui.ui.messages import CompareAsked
from imgtui.ui.removal.controller import ExplorerRemoval

if TYPE_CHECKING:  # a start does not pay for what few sessions do
    from imgtui.operations.compare.updates import Compared, FileCompared, FilesCompared, PackagesCompared
    from imgtui.ui.compare.screen import CompareScreen


class ExplorerCompare(ExplorerRemoval):
    """The first press marks A, the second one compares it with what is under the cursor then."""

    _compare: CompareScreen | None = None
    """The comparison, while it is looked at."""

    def do_version_compare(self) -> None:
        version = self.version
        marked = [key for key in self.rows if key in self.versions.marks]
        if len(marked) == 2:
            older, newer = sorted(marked, key=lambda key: self.rows[key].image.created)
            self.compare_two(older, newer)
        elif len(marked) > 2:
            self.say(f"two versions are compared, {len(marked)} are marked", bad=True)
        elif version is None:
            return
        elif self.known.side_a is None:
            self.known.side_a = version.image.id
            self.show_versions()
            self.say(f"A is {short(version.image.id)}: choose B and press the key again; esc: no longer")
        elif self.known.side_a == version.image.id:
            self.say("this is A: choose another version", bad=True)
        else:
            self.compare_two(self.known.side_a, version.image.id)

    def do_go_back(self) -> None:
        if self.known.side_a is None or self.query("#filter"):
            super().do_go_back()
        else:
            self.known.side_a = None
            self.show_versions()

    def compare_two(self, a: str, b: str, names: tuple[str, str] | None = None) -> None:
        """Compare two images, by their IDs; `names` are what they are called, else their tags."""
        from imgtui.ui.compare.screen import Compares, CompareScreen

        info = self.known.state.info
        if info is None:
            self.say("the engine does not answer yet", bad=True)
            return
        images = [self._image(image_id) for image_id in (a, b)]
        self.known.side_a = None
        self.quieten()
        self.show_versions()
        called = names or tuple(", ".join(image.tags[:2]) for image in images)
        left, right = (Compares(image.id, name) for image, name in zip(images, called, strict=True))
        self._compare = CompareScreen(left, right)
        self.app.push_screen(self._compare, self._left_compare)
        self.post_message(CompareAsked(images[0], images[1], info.store, self.known.catalog))

    def take_compared(self, update: Compared | FilesCompared | PackagesCompared | FileCompared) -> None:
        """More is known of what is compared."""
        if self._compare is not None:
            self._compare.tell(update)

    def _image(self, image_id: str) -> Image:
        """What is known of an image; of one that is gone what the log or the list has."""
        catalog = self.known.catalog
        version = self.rows.get(image_id)
        return catalog.images.get(image_id) or (version.image if version else Image(image_id))

    def _left_compare(self, _: None) -> None:
        self._compare = None
