"""The form of a launch: one line for each field, and the docker command that does the same."""

from __future__ import annotations

from collections.abc import Mapping

from imgtui.model.clone.shown_command import explained
from imgtui.model.launch.form import Draft, Filled, Surroundings, check
from imgtui.model.launch.launch import Launch
from imgtui.ui.dialogs.form import FormScreen
from imgtui.ui.launch.text import TOGGLES, command_lines, footer, heading, remarks, rows
from imgtui.ui.widgets.spans import Line


class LaunchScreen(FormScreen[Launch]):
    """Ends with the launch, or None."""

    def __init__(self, draft: Draft, around: Surroundings, filled: Filled | None = None) -> None:
        self._draft = draft
        self._around = around
        self._shown = rows(draft)
        self.filled = filled or Filled(draft.texts, keep=draft.loses)
        """What stands in the form now."""
        self._checked = check(draft, self.filled, around)
        begun = {
            "terminal": self.filled.terminal,
            "remove": self.filled.remove,
            "keep": self.filled.keep,
            "rest": self.filled.rest,
        }
        toggles = {row.name: begun[row.name] for row in TOGGLES if row in self._shown}
        super().__init__(self._shown, self.filled.texts, toggles, draft.hints)

    def check(self, texts: Mapping[str, str], toggles: Mapping[str, bool]) -> None:
        self.filled = Filled(
            texts,
            terminal=toggles.get("terminal", False),
            remove=toggles.get("remove", False),
            keep=toggles.get("keep", False),
            rest=toggles.get("rest", True),
        )
        self._checked = check(self._draft, self.filled, self._around)

    @property
    def faults(self) -> Mapping[str, str]:
        return self._checked.faults

    def wanted(self) -> Launch:
        return self._checked.launch

    def heading(self) -> Line:
        return heading(self._draft)

    def remark_lines(self) -> list[Line]:
        return remarks(self._draft, self._shown, self._checked)

    def command_lines(self) -> list[Line]:
        return command_lines(self._checked)

    def command_text(self) -> str:
        return explained(" && ".join(self._checked.launch.run_commands))

    def footer(self, focused: str | None) -> Line:
        return footer(self._checked, focused)
