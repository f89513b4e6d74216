"""Tags: pointing one at a version, and taking one away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from imgtui.model.plans.plan import NotPossible, plan_tag, plan_untag
from imgtui.ui.actions import CHANGE, Action, Needs

if TYPE_CHECKING:
    from imgtui.ui.controller import Handlers
    from imgtui.ui.explorer.screen import ExplorerScreen
    from imgtui.ui.features import Features


class TagsController:
    """Changes the tags of the version under the cursor."""

    def __init__(self, explorer: ExplorerScreen, features: Features) -> None:
        self._explorer = explorer
        self._features = features
        self.handlers: Handlers = {}

    def retag(self) -> None:
        """Ask for a tag, and show the plan that points it at this version."""
        explorer, version = self._explorer, self._explorer.version
        if version is None:
            return
        from imgtui.ui.dialogs.asking import AskScreen

        image_id, name = version.image.id, explorer.repository_of(version)

        def fault(text: str) -> str | None:
            try:
                plan_tag(explorer.known.catalog, image_id, text, 0)
            except NotPossible as error:
                return str(error)
            return None

        def asked(text: str | None) -> None:
            if text is not None:
                self._features.plans.propose(
                    lambda: plan_tag(explorer.known.catalog, image_id, text, int(explorer.known.now))
                )

        title = f"tag {image_id[7:19]} as"
        explorer.app.push_screen(AskScreen(title, f"{name}:" if name else "", fault), asked)

    def untag(self) -> None:
        """Take a tag of this version away; of several, which one is asked."""
        version = self._explorer.version
        if version is None:
            return
        tags = self._explorer.tags_of(version)
        if len(tags) == 1:
            self._untag(tags[0])
            return
        from imgtui.ui.dialogs.choice import ChoiceScreen

        screen = ChoiceScreen("Untag", [("tag", tag) for tag in tags])
        self._explorer.app.push_screen(screen, lambda tag: self._untag(tag) if tag else None)

    def _untag(self, tag: str) -> None:
        known = self._explorer.known
        self._features.plans.propose(lambda: plan_untag(known.catalog, tag, int(known.now)))

    def why_no_tag(self) -> str | None:
        """Why there is no tag to take away."""
        return self._explorer.why_no_tag()

    ACTIONS: ClassVar[Sequence[Action]] = (
        Action(
            "version.retag",
            "t",
            "retag",
            "Point a tag at this digest",
            CHANGE,
            retag,
            needs=Needs.IMAGE,
            hint=4,
        ),
        Action(
            "version.untag",
            "T",
            "untag",
            "Take a tag away; the image is kept",
            CHANGE,
            untag,
            why_no_tag,
            Needs.IMAGE,
        ),
    )
