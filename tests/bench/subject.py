"""The program that is measured: how it is started, and how its list is recognised."""

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.bench.terminal import Shows, Stamped, TerminalSession

_NOT_INHERITED = re.compile(
    r"TMUX.*|STY|LINES|COLUMNS|NO_COLOR|COLORFGBG|TERM_PROGRAM.*|SSH_.*|TEXTUAL.*|IMGTUI_.*"
    r"|DOCKER_(HOST|CONTEXT|TLS_VERIFY|CERT_PATH|API_VERSION)"
)

_BACK_SECONDS = 0.5


class NotReadyError(Exception):
    """The list did not show in time; the screen as it was then."""

    def __init__(self, command: Sequence[str], lines: Sequence[str]) -> None:
        screen = "\n".join(line.rstrip() for line in lines).rstrip()
        super().__init__(f"{' '.join(command)}: the list did not show (--ready). The screen:\n{screen}")


class Home:
    """Private XDG folders, so that a first start is a first one and nobody's own state is touched."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="imgtui-bench-home-")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point there."""
        return {
            f"XDG_{kind}_HOME": str(Path(self._folder.name) / kind) for kind in ("STATE", "CACHE", "CONFIG")
        }


@dataclass(frozen=True)
class Subject:
    """A command, the terminal it gets, and what its list looks like."""

    command: tuple[str, ...]
    size: tuple[int, int]
    ready: re.Pattern[str]
    ready_lines: int
    complete: re.Pattern[str] | None = None
    list_keys: str = ""
    back_keys: str = ""
    hang_keys: str = ""
    quit_keys: str = "q"
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 60.0

    def shows_list(self, lines: list[str]) -> bool:
        """Whether enough lines of the screen match `ready`."""
        return sum(bool(self.ready.search(line)) for line in lines) >= self.ready_lines

    def open(self, home: Home, host: str | None) -> TerminalSession:
        """Start the program with its engine at `host`, or without an engine."""
        inherited = {name: value for name, value in os.environ.items() if not _NOT_INHERITED.fullmatch(name)}
        terminal = {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
        }
        engine = {"DOCKER_HOST": host} if host else {}
        environment = {**inherited, **terminal, **home.environment, **engine, **self.environment}
        environment = {name: value for name, value in environment.items() if value}
        return TerminalSession(self.command, self.size, environment, measured=True)

    def wait_ready(self, session: TerminalSession) -> Stamped:
        """The output with which the list first stands on the screen. Raises NotReadyError."""
        return self._wait(session, self.shows_list)

    def wait_complete(self, session: TerminalSession) -> Stamped | None:
        """The output with which `complete` first shows, None without such a pattern. Raises NotReadyError."""
        complete = self.complete
        if complete is None:
            return None
        return self._wait(session, lambda lines: any(complete.search(line) for line in lines))

    def go_to_list(self, session: TerminalSession) -> None:
        """Press the keys that lead to a list longer than the screen."""
        if self.list_keys:
            session.press(self.list_keys)

    def go_back(self, session: TerminalSession) -> None:
        """Press the keys that lead from there to where the quit keys end the program."""
        if self.back_keys:
            session.press(self.back_keys)
            session.wait(_BACK_SECONDS)

    def _wait(self, session: TerminalSession, shows: Shows) -> Stamped:
        shown = session.wait_until(shows, self.timeout)
        if shown is None:
            raise NotReadyError(self.command, session.screen.lines)
        return shown
