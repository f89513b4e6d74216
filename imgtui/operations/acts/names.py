"""Names of images: where they point, and steps that are undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, ReadOnly, raise_if_lost
from imgtui.model.plans.plan import Step


class Names:
    """The tags and keeps of an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def point_at(self, reference: str) -> str | None:
        """The image that a tag or a keep points at; None where it is not there. Raises EngineError."""
        found = self._engine.find_images([reference])
        return found[0].id if found else None

    def are_done(self, steps: Sequence[Step]) -> bool:
        """Whether each step is done. Raises EngineError."""
        return all(self.point_at(step.reference) == step.target for step in steps)

    def put_back(
        self, steps: Sequence[Step], move: Callable[[Step], None] | None = None
    ) -> tuple[list[str], str]:
        """Undo those steps that were done, the last one first: what had moved, and what could not be undone.

        `move` does a step; without it the engine is asked. Raises Unavailable, ReadOnly.
        """
        moved: list[str] = []
        left: list[str] = []
        for step in reversed(steps):
            try:
                if self.point_at(step.reference) != step.target:
                    continue  # somebody else has moved it meanwhile
                moved.append(step.reference)
                if step.origin is None and self._is_last_name(step):
                    continue
                (move or self._move)(step.reverse)
                if self.point_at(step.reference) != step.origin:
                    left.append(f"{step.reference} was not put back, though the engine took it")
            except ReadOnly:
                raise
            except EngineError as error:
                raise_if_lost(error)
                left.append(f"{step.reference} was not put back: {error}")
        return moved, "; ".join(left)

    def _move(self, step: Step) -> None:
        if step.target is not None:
            self._engine.tag(step.target, step.reference)
        else:
            self._engine.untag(step.reference)

    def _is_last_name(self, step: Step) -> bool:
        """Whether the engine would delete the image with the name that a step gave to it."""
        image = self._engine.image(step.image_id)
        return image is None or {*image.tags, *image.keeps} <= {step.reference}
