"""Every pane and screen of the explorer that asks an engine, opened by its keys."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from tests.ui.robot import Robot

Keys = Callable[[Robot], Awaitable[None]]


@dataclass(frozen=True)
class Place:
    """A screen, and how a person gets there from a version of a repository."""

    name: str
    keys: tuple[str, ...]
    pane: str = "pane.versions"
    """Where the keys are pressed."""

    def __str__(self) -> str:
        return self.name

    async def open(self, robot: Robot) -> None:
        """Press the keys."""
        await robot.do(self.pane)
        await robot.press(*self.keys)


SCREENS: Final = (
    Place("nothing but the list", ()),
    Place("layers", ("3", "right_square_bracket")),
    Place("masked values", ("3", "x")),
    Place("containers", ("4",)),
    Place("registries", ("4", "R")),
    Place("roll back", ("4", "r", "enter")),
    Place("keep", ("m",)),
    Place("retag", ("t",)),
    Place("untag", ("T",)),
    Place("removal", ("d",)),
    Place("bulk removal", ("b", "enter")),
    Place("build cache", ("b", "G", "enter")),
    Place("undo", ("z",)),
    Place("run", ("r",)),
    Place("files", ("F",)),
    Place("compare", ("D", "j", "D")),
    Place("what changed", ("V",)),
    Place("tag log", ("L",)),
    Place("journal", ("at",)),
    Place("keep rules", ("M",)),
    Place("rebuild", ("B",)),
    Place("pull", ("p",)),
    Place("push", ("P",)),
    Place("save", ("w",)),
    Place("ask again", ("R",)),
)
