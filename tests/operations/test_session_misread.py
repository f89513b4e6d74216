"""A session on a real engine whose answers are wrong for a while: nothing of it is shown or recorded."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.docker.engine import DockerEngine
from imgtui.operations.protocol.updates import Phase
from imgtui.operations.session.session import Session
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.cached.cache import Cache
from imgtui.store.state import State
from tests.engines import content
from tests.engines.private import PrivateEngine
from tests.engines.wrong_answers import ANSWERS, WrongAnswers
from tests.operations.listening import Listener

LISTS = ("/images/json", "/containers/json", "/images/[^/]+/json")


@pytest.fixture
def between(real_engine: PrivateEngine, tmp_path: Path) -> Iterator[WrongAnswers]:
    with WrongAnswers(tmp_path, real_engine.host) as found:
        yield found


def was_lost(told: Listener, heard: int) -> bool:
    """Whether one of the states after so many says that the engine is lost."""
    return any(state.phase is Phase.LOST for state in told.states[heard:])


def test_the_explorer_shows_and_records_nothing_from_what_it_does_not_understand(
    between: WrongAnswers, real_engine: PrivateEngine, tmp_path: Path
) -> None:
    one = content.import_tar(real_engine, "misheard:1", {"file": b"one"})
    two = content.import_tar(real_engine, "misheard:2", {"file": b"two"})
    real_engine.docker("tag", one, "misheard:latest")
    engine = DockerEngine(Endpoint(between.host, "test", None, None, tmp_path))
    state, told = State(None), Listener()
    session = Session(
        engine, Cache(None), "test", told, recorder=Recorder(engine, lambda: state), headless=True
    )
    session.start()
    try:
        told.until_live(lambda catalog: catalog.tags.get("misheard:latest") == one, "the tag")
        log = session.recorder.log
        assert log is not None
        before, shown = log.moves(), told.catalog
        for wrong in ANSWERS[::3]:
            heard = len(told.states)
            between.answer(dict.fromkeys(LISTS, wrong))
            session.refresh()
            told.until(partial(was_lost, told, heard), f"{wrong}")
            lost = next(state for state in told.states[heard:] if state.phase is Phase.LOST)
            assert lost.problem is not None
            assert "not understood" in lost.problem.cause, wrong
            assert lost.catalog.images == shown.images, wrong
            assert all(state.catalog.images == shown.images for state in told.states[heard:]), wrong
            assert log.moves() == before, wrong
            between.answer({})
            session.refresh()
            told.until_live(lambda catalog: True, "live again")
            assert told.catalog.images == shown.images
            assert log.moves() == before, wrong
        between.answer(dict.fromkeys(LISTS, ANSWERS[0]))
        real_engine.docker("tag", two, "misheard:latest")  # what is heard of cannot be looked at
        told.until(lambda: told.state.phase is Phase.LOST, "lost")
        assert told.catalog.tags.get("misheard:latest") == one
        assert log.moves() == before
        between.answer({})
        session.refresh()
        told.until_live(lambda catalog: catalog.tags.get("misheard:latest") == two, "the move")
        told.until(lambda: len(log.moves()) == len(before) + 1, "recorded once")
    finally:
        session.close()
        engine.close()
        state.close()
