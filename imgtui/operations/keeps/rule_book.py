"""The settings that are in force while imgtui runs: those of the file, read again when it has changed.

Keep rules and how containers are rolled back follow it. Keys hold for as long as an explorer is open.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from imgtui.model.keeps.rules import KeepRule
from imgtui.store.config.settings import RollbackSettings, SettingsError, read_settings


class RuleBook:
    """Follows a settings file; without one it has the rules that it was made with.

    While the file has a mistake the rules before stay in force, and `problem` is that mistake in one line.
    """

    def __init__(
        self,
        path: Path | None = None,
        rules: Sequence[KeepRule] = (),
        actions: Collection[str] | None = None,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        """`rules` and `keys` are what the file had when it was read first; `actions` for `read_settings`."""
        self._actions = actions
        self.path = path
        self.rules = tuple(rules)
        self.rollback: RollbackSettings | None = None
        """How containers are rolled back; None until the file was read."""
        self.other_keys = False
        """Whether the file has other keys by now than those that hold; False where nobody has keys."""
        self._keys = keys
        self.problem: str | None = None
        self._mark: object = object()

    @property
    def counts_bytes(self) -> bool:
        """Whether a rule counts bytes: only then somebody has to read what images are made of."""
        return any(rule.budget is not None for rule in self.rules)

    def look(self) -> bool:
        """Read the file if it is another one than at the last look; whether rules or mistake changed."""
        if self.path is None:
            return False
        mark = _mark(self.path)
        if mark == self._mark:
            return False
        self._mark = mark
        before = self.rules, self.problem
        try:
            settings = read_settings(self.path, self._actions)
        except SettingsError as error:
            in_force = "the keep rules before stay in force" if self.rules else "no keep rule is in force"
            self.problem = f"{error}; {in_force}"
        else:
            self.rules, self.rollback, self.problem = settings.keep, settings.rollback, None
            self.other_keys = self._keys is not None and settings.keys != self._keys
        return before != (self.rules, self.problem)


def _mark(path: Path) -> object:
    """What changes with the file; a file that cannot be looked at is read, to have the reason."""
    try:
        seen = path.stat()
    except OSError as error:
        return error.errno
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns
