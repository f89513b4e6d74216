"""What is chosen before a roll back: the digest that shall run, and the containers that go with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from imgtui.model.catalog.catalog import Version
from imgtui.model.core.digest import short
from imgtui.model.core.image import Container
from imgtui.ui.dialogs.picking import PickingScreen
from imgtui.ui.explorer.knowledge import Knowledge
from imgtui.ui.explorer.rows import VERSION_COLUMNS, version_cells
from imgtui.ui.widgets.columns import Column
from imgtui.ui.widgets.spans import Span

WITH_COLUMNS = (
    Column("CONTAINER", 16, rank=9, stretch=2),
    Column("STATE", 8, rank=5),
    Column("RUNS", 12, rank=8),
    Column("SERVICE", 10, rank=3, stretch=1),
)


class TargetScreen(PickingScreen):
    """Ends with the digest that a container shall run, or None."""

    def __init__(self, name: str, runs: str, versions: Mapping[str, Version], known: Knowledge) -> None:
        self._versions = versions
        self._known = known
        title = f"Roll {name} back from {short(runs)} to   enter: this one   esc: back"
        super().__init__(title, VERSION_COLUMNS, list(versions))

    def cells(self, key: str) -> Sequence[Span]:
        """A version, as in the list of versions."""
        return version_cells(self._versions[key], self._known)


class WithItScreen(PickingScreen):
    """Ends with the key of a row where the roll back goes on; `chosen` are the marked containers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "mark"),
        Binding("asterisk", "mark_all", "mark all"),
    ]

    def __init__(self, what: str, target: str, containers: Sequence[Container]) -> None:
        """`what` is the tag, or the container, that is rolled back."""
        self._containers = {container.id: container for container in containers}
        title = f"{what} to {short(target)}, with   space: mark   *: all   enter: go on"
        super().__init__(title, WITH_COLUMNS, list(self._containers))

    @property
    def chosen(self) -> tuple[str, ...]:
        """IDs of the marked ones."""
        return tuple(key for key in self._containers if key in self.table.marks)

    def cells(self, key: str) -> Sequence[Span]:
        """A container that may go with it."""
        container = self._containers[key]
        return (
            Span(container.name, "strong" if container.running else ""),
            Span(container.state, "" if container.running else "dim"),
            Span(short(container.image_id)),
            Span(container.compose_service or "", "dim"),
        )

    def action_mark(self) -> None:
        """Have this one go with the tag, or not."""
        self.table.toggle_mark()

    def action_mark_all(self) -> None:
        """All, or none."""
        every = set(self.table.keys)
        self.table.mark(() if self.table.marks == every else every)
