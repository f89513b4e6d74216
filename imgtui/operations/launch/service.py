"""Launches as a session does them: drafts, acts, and what becomes of a container afterwards."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError
from imgtui.engine.wire.translate import mapping, text
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.clock import SECOND
from imgtui.model.launch.launch import SHELL, SHELL_NAME, Discard, Launch, Shell
from imgtui.model.plans.plan import Plan
from imgtui.operations.launch.drafting import draft, surroundings
from imgtui.operations.launch.launching import Launching, Made, Tell
from imgtui.operations.protocol.updates import LaunchDrafted, Proposed, Publish, TerminalWanted
from imgtui.operations.taglog.recording import Recorder, moment
from imgtui.threads import ends_by_itself, in_background

ABANDONED_SECONDS: Final = 60
"""How old a throw-away container is that was never started, before it is taken for one that nobody wants."""


class LaunchService:
    """Launches on one engine. What it publishes may come from any thread.

    `keep` does the plan of a keep, which comes before a launch.
    """

    def __init__(
        self,
        engine: Engine,
        recorder: Recorder,
        publish: Publish,
        keep: Callable[[Plan], None],
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._engine = engine
        self._recorder = recorder
        self._publish = publish
        self._environ = environ
        self._launching = Launching(engine, recorder, keep)
        self._made: dict[str, Made] = {}
        """Containers that are to be started in the terminal, by ID."""

    def draft(self, catalog: Catalog, image_id: str, repository: str | None, no_terminal: str | None) -> None:
        """Prepare the form for a digest; `LaunchDrafted` has it, `Proposed` says why there is none."""
        info = self._recorder.info

        def prepare() -> None:
            now = self._recorder.now // SECOND
            made = draft(self._engine, catalog, info, image_id, repository, now)
            around = surroundings(self._engine, catalog, self._environ, no_terminal)
            self._publish(LaunchDrafted(made, around))

        self._begin(prepare)

    def perform(self, act: Launch | Shell | Discard, tell: Tell) -> str:
        """Do it; what there is to say of it. Raises EngineError."""
        if isinstance(act, Discard):
            tell(f"stopping {act.name}")
            self._launching.discard(act)
            return f"{act.name} is stopped and removed"
        if isinstance(act, Shell):
            act = self._launching.shell(act, owner())
        made = self._launching.make(act, tell)
        if act.terminal:
            self._made[made.container_id] = made
            self._publish(TerminalWanted(made.container_id))
            return f"{made.name} is made"
        seen = self._launching.start(made, tell)
        self._publish(seen)
        return f"{made.name} is started: {seen.state}"

    def left(self, container_id: str, complaint: str) -> None:
        """The terminal is back: `ContainerSeen` tells of the container, `Proposed` what went wrong.

        `complaint` is what the program said that attached the terminal.
        """
        made = self._made.pop(container_id)
        self._begin(lambda: self._publish(self._launching.started(made, complaint)))

    def look(self, container_id: str, name: str) -> None:
        """Look at a container again; `ContainerSeen` tells."""
        self._begin(lambda: self._publish(self._launching.look(container_id, name)))

    def tidy(self, catalog: Catalog) -> None:
        """Remove throw-away containers that an imgtui has left which was ended in the middle.

        Those are: never started and a minute old, or of a process of this machine that is no more.
        """
        now = self._recorder.now // SECOND
        for container in catalog.containers.values():
            if not container.name.startswith(SHELL_NAME):
                continue
            with suppress(EngineError):  # it is gone by now, or imgtui runs read-only
                found = self._engine.inspect_container(container.id) or {}
                labels = mapping(mapping(found.get("Config")).get("Labels"))
                old = not container.running and now - container.created > ABANDONED_SECONDS
                if SHELL in labels and (old or is_over(text(labels.get(SHELL)))):
                    self._engine.remove_container(container.id, volumes=True)

    def _begin(self, work: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work()
            except EngineError as error:
                self._publish(Proposed(None, str(error)))

        in_background("launch", run, lambda error: self._publish(Proposed(None, error)), ends_by_itself)


def owner() -> str:
    """How this process is named, so that another imgtui can tell whether it is still there."""
    return f"{_place()}/{os.getpid()}"


def is_over(process: str) -> bool:
    """Whether a process that `owner` named is no more; False for one of another machine or namespace."""
    place, _, number = process.rpartition("/")
    if not place or place != _place() or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)  # sends nothing
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        return False  # somebody else's
    return False


def _place() -> str:
    """The boot and the namespace in which a process number means something; empty for not known."""
    boot = moment().boot
    try:
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}" if boot else ""
    except OSError:  # only Linux has namespaces
        return f"{boot}/{sys.platform}" if boot and sys.platform != "linux" else ""
