"""A launch, a pull or a load as a session does it, in a process of its own without a screen.

`doing.py launch IMAGE NAME NETWORK`, `discard NAME`, `pull REFERENCE`, `load FILE`; the engine is at
DOCKER_HOST. SIGTERM ends it as the explorer ends, also by `q`, which asks before. The exit status is that of
a verb.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from imgtui.engine.archive.tags import read_archive
from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.docker.engine import DockerEngine
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.clock import SECOND
from imgtui.model.jobs.plans import TransferPlan, plan_load, plan_pull_of
from imgtui.model.launch.launch import Discard, Launch
from imgtui.model.launch.rest import Rest
from imgtui.operations.protocol.updates import ActEnded, EngineState, JobUpdated, Phase, Settled, Update
from imgtui.operations.session.session import Session
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.cached.cache import Cache
from imgtui.store.config.paths import state_file
from imgtui.store.state import State
from imgtui.verbs.console.output import Exit, print_error
from tests.engines.waiting import PATIENCE

_SIGNAL: Final = None


def main() -> int:
    """Do what the words of the call say."""
    told: queue.SimpleQueue[Update | None] = queue.SimpleQueue()
    signal.signal(signal.SIGTERM, lambda *_: told.put(_SIGNAL))
    environ = dict(os.environ)
    endpoint = Endpoint(environ["DOCKER_HOST"], "DOCKER_HOST", None, None, Path(environ["DOCKER_CONFIG"]))
    engine = DockerEngine(endpoint)
    recorder = Recorder(engine, lambda: State(state_file(None, environ)))
    session = Session(engine, Cache(None), endpoint.host, told.put, recorder=recorder)
    session.start()
    catalog = _wait(told, _live)
    if isinstance(catalog, Catalog):
        kind, *words = sys.argv[1:]
        if kind == "launch":
            session.services.acts.act(_launch(*words))
        elif kind == "discard":
            (found,) = (each for each in catalog.containers.values() if each.name == words[0])
            session.services.acts.act(Discard(found.id, found.name))
        else:
            session.services.transfers.begin(_transfer(kind, words[0], catalog, recorder))
        error = _wait(told, _ended)
    else:
        error = "a signal"
    session.close()
    if error:
        print_error(str(error))
    return Exit.FAILED if error else Exit.DONE


def _wait(
    told: queue.SimpleQueue[Update | None], found: Callable[[Update], Catalog | str | None]
) -> Catalog | str:
    while True:
        update = told.get(timeout=PATIENCE)
        if update is _SIGNAL:
            return "a signal"
        if isinstance(update, Settled):
            print_error("; ".join(update.lines))
        if (answer := found(update)) is not None:
            return answer


def _live(update: Update) -> Catalog | None:
    return update.catalog if isinstance(update, EngineState) and update.phase is Phase.LIVE else None


def _ended(update: Update) -> str | None:
    """Why it failed; empty where it did not."""
    if isinstance(update, ActEnded):
        return update.error or ""
    if isinstance(update, JobUpdated) and not update.job.running:
        return "" if update.job.state.value == "done" else update.job.line
    return None


def _launch(image_id: str, name: str, network: str) -> Launch:
    return Launch(image_id, name, command=("sleep", "100000"), rest=Rest(networks=(network,)))


def _transfer(kind: str, what: str, catalog: Catalog, recorder: Recorder) -> TransferPlan:
    now = recorder.now // SECOND
    if kind == "pull":
        return plan_pull_of(catalog, what, now)
    store = recorder.info.store if recorder.info is not None else None
    return plan_load(catalog, read_archive(Path(what)), store, now)
