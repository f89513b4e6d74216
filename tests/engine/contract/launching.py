"""Launches in tests: with what a session has, but without threads."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from imgtui.engine.port.engine import Engine
from imgtui.model.launch.form import Checked, Draft, Filled, Surroundings, check
from imgtui.model.launch.launch import Launch
from imgtui.operations.acts.acts import Acts
from imgtui.operations.launch.drafting import draft, surroundings
from imgtui.operations.launch.launching import Launching
from imgtui.operations.protocol.updates import ContainerSeen
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.scan import everything
from imgtui.store.journal import Journal, JournalEntry
from imgtui.store.state import State


class Launcher:
    """Somebody who launches what is in an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._state = State(None)
        self._recorder = Recorder(engine, lambda: self._state)
        self._recorder.follow(engine.connect())
        acts = Acts(engine, self._recorder)
        self.launching = Launching(engine, self._recorder, lambda plan: [acts.perform(plan)].clear())
        self.told: list[str] = []

    def launch(self, launch: Launch) -> ContainerSeen:
        """Do it as a session does."""
        return self.launching.start(self.launching.make(launch, self.told.append), self.told.append)

    def draft(self, image_id: str, repository: str | None) -> Draft:
        """The form as it is opened."""
        info = self._engine.connect()
        return draft(self._engine, everything(self._engine), info, image_id, repository, int(time.time()))

    def around(self, environ: Mapping[str, str] | None = None) -> Surroundings:
        """What a launch can collide with."""
        return surroundings(self._engine, everything(self._engine), environ or {}, None)

    def checked(self, made: Draft, environ: Mapping[str, str] | None = None, **texts: str) -> Checked:
        """A form with these fields changed."""
        return check(made, Filled({**made.texts, **texts}), self.around(environ))

    @property
    def journal(self) -> Sequence[JournalEntry]:
        """The acts, the newest first."""
        info = self._recorder.info
        assert info is not None
        return Journal(self._state, info.id).entries()
