"""The form of a rebuild: the recipe, where each field is known from, and the docker command."""

from __future__ import annotations

from collections.abc import Mapping

from imgtui.model.build.build import Build
from imgtui.model.build.form import BuildHost, RebuildDraft, RebuildFilled, check_rebuild
from imgtui.ui.build.text import (
    ROWS,
    TOGGLES,
    rebuild_command,
    rebuild_footer,
    rebuild_heading,
    rebuild_remarks,
)
from imgtui.ui.dialogs.form import FormScreen
from imgtui.ui.widgets.spans import Line


class RebuildScreen(FormScreen[Build]):
    """Ends with the build, or None."""

    def __init__(self, draft: RebuildDraft, ground: BuildHost) -> None:
        super().__init__(ROWS, draft.texts, dict.fromkeys(TOGGLES, False))
        self._draft = draft
        self._ground = ground
        self._filled = RebuildFilled(draft.texts)
        self._checked = check_rebuild(draft, self._filled, ground)

    def check(self, texts: Mapping[str, str], toggles: Mapping[str, bool]) -> None:
        self._filled = RebuildFilled(
            texts, look_first=toggles["look_first"], no_cache=toggles["no_cache"], pull=toggles["pull"]
        )
        self._checked = check_rebuild(self._draft, self._filled, self._ground)

    @property
    def faults(self) -> Mapping[str, str]:
        return self._checked.faults

    def wanted(self) -> Build:
        return self._checked.build

    def heading(self) -> Line:
        return rebuild_heading(self._draft)

    def remark_lines(self) -> list[Line]:
        return rebuild_remarks(self._draft, self._filled.texts, self._checked)

    def command_lines(self) -> list[Line]:
        return rebuild_command(self._draft, self._checked)

    def command_text(self) -> str:
        return self._checked.build.command

    def footer(self, focused: str | None) -> Line:
        return rebuild_footer(self._checked, focused)
