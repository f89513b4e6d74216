"""The containers of an engine: what each runs, and where the tag that it was created from points now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.getters import query_one

from imgtui.model.catalog.drift import Drift
from imgtui.model.catalog.registry_tag import references
from imgtui.ui.containers.text import (
    ASKED_COLUMNS,
    CONTAINER_COLUMNS,
    container_cells,
    container_lines,
    container_text,
)
from imgtui.ui.dialogs.aging import AgingScreen
from imgtui.ui.dialogs.wanting import Do, WantingScreen, WhyNot
from imgtui.ui.explorer.header import phase
from imgtui.ui.explorer.knowledge import Knowledge
from imgtui.ui.widgets.columns import Column
from imgtui.ui.widgets.page import Page
from imgtui.ui.widgets.spans import Line, Span
from imgtui.words import plural


class ContainersScreen(WantingScreen, AgingScreen[str | None]):
    """Ends with a container's ID, or None; `pane` says where to go."""

    FOOT = 8
    KEYS = (("rollback", "r roll back"), ("discard", "d remove"), ("undo", "z undo"), ("redo", "Z redo"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "roll_back", "roll back"),
        Binding("R", "ask", "ask the registries"),
        Binding("d", "discard", "remove one that was replaced"),
        Binding("z", "undo", "undo the newest change of a container, or of the tag of one"),
        Binding("Z", "redo", "do again what was undone last"),
        *(Binding(str(pane + 1), f"go({pane})", f"pane {pane + 1}", show=False) for pane in (0, 1, 2, 4)),
    ]

    page = query_one("#foot", Page)

    def __init__(
        self, known: Knowledge, why_not: WhyNot, do: Do, ask_registries: Callable[[tuple[str, ...]], None]
    ) -> None:
        self._known = known
        self._ask_registries = ask_registries
        self._drifts = self._read()
        self.pane: int | None = None
        self._followed: str | None = None
        """The name that the cursor stays on while an act has another container take it."""
        super().__init__(self._columns_now(), list(self._drifts), why_not, do)

    def on_mount(self) -> None:
        """Fill the table."""
        self.table.empty = "No container is here, or none has the words of the filter."
        super().on_mount()

    def tell(self) -> None:
        """Something new is known: show it; the cursor stays on its container."""
        known = self._read()
        self._keys = list(known)
        self._drifts |= known  # what is gone is still painted until the rows are others
        self.table.set_columns(self._columns_now())
        self.show_rows()
        self._drifts = known
        self._follow()
        self.page.show(self.foot(self.table.key) if self.table.key is not None else ())

    def want(self, verb: str) -> None:
        """Have it done; from now on the cursor stays on the name, which another container may get."""
        drift = self._drifts.get(self.table.key or "")
        self._followed = drift.container.name if drift is not None else None
        super().want(verb)

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self._followed = None
        super().action_move(rows)

    def _follow(self) -> None:
        named = (key for key, drift in self._drifts.items() if drift.container.name == self._followed)
        if (key := next(named, None)) is not None:
            self.table.select(key)

    def show_ages(self) -> None:
        """The rows, and the container under the cursor."""
        self.table.repaint()
        self.show_foot()

    def heading(self, shown: int, known: int) -> str:
        """How many containers, how many of them drift, and the keys."""
        drifting = sum(drift.drifted for drift in self._known.drifts())
        count = plural(known, "container")
        found = f"{shown} of {count}" if shown != known else count
        state = phase(self._known.state, self._known.now).text.strip()
        told = f"{found}, {drifting} drift" + ("" if state == "live" else f", {state}")
        return self.heading_of(told, "R registry")

    def cells(self, key: str) -> Sequence[Span]:
        """A container."""
        return container_cells(self._drifts[key], self._known)[: len(self._columns_now())]

    def text_of(self, key: str) -> str:
        """All that is shown of a container."""
        return container_text(self._drifts[key], self._known)

    def foot(self, key: str) -> Sequence[Line]:
        """The container under the cursor in full."""
        return container_lines(self._drifts[key], self._known)

    def action_roll_back(self) -> None:
        """Have this container run another digest."""
        self.want("rollback")

    def action_discard(self) -> None:
        """Have this container removed, which a roll back has replaced."""
        self.want("discard")

    def action_undo(self) -> None:
        """Have the newest change of a container, or of the tag of one, put back."""
        self.want("undo")

    def action_redo(self) -> None:
        """Have done again what was undone last."""
        self.want("redo")

    def action_ask(self) -> None:
        """Ask the registries where the tags point; what is being asked already is not asked twice."""
        wanted = tuple(name for name in references(self._drifts.values()) if not self._known.is_asking(name))
        self._known.ask(wanted)
        self._ask_registries(wanted)
        self.tell()

    def action_go(self, pane: int) -> None:
        """To a pane of the explorer."""
        self.pane = pane
        self.dismiss(None)

    def _read(self) -> dict[str, Drift]:
        return {drift.container.id: drift for drift in self._known.drifts()}

    def _columns_now(self) -> Sequence[Column]:
        return ASKED_COLUMNS if self._known.asked else CONTAINER_COLUMNS
