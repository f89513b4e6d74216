"""An error that nobody foresaw, in whatever thread of a session, is told in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.operations.protocol.updates import Failed, JournalRead, Proposed, Update
from imgtui.operations.session.facts_service import SIDE_BY_SIDE, FactsService
from imgtui.operations.session.session import Session
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.cached.cache import Cache
from imgtui.store.state import State
from tests.operations.listening import Counted, Listener, made


def fail(*_: object, **__: object) -> None:
    raise RuntimeError("nobody foresaw\x1b[2J\nthis")


@contextmanager
def following(told: Listener, *, headless: bool = False) -> Iterator[Session]:
    engine, state = Counted(MemoryEngine()), State(None)
    engine.memory.build(made("one"), "web:latest")
    recorder = Recorder(engine, lambda: state, gather=lambda *_: ())
    session = Session(engine, Cache(None), "", told, recorder=recorder, headless=headless)
    session.start()
    try:
        told.until_live()
        yield session
    finally:
        session.close()


def problems(update: Update) -> str:
    if isinstance(update, Failed):
        return update.problem
    if isinstance(update, Proposed):
        return update.error
    return (update.problem or "") if isinstance(update, JournalRead) else ""


def until_told(told: Listener, what: str) -> None:
    told.until(lambda: any("RuntimeError" in problems(update) for update in told.heard), what)
    said = {problems(update) for update in told.heard} - {""}
    for problem in said:  # facts are kept in two places, and each says what failed
        assert what in problem
        assert "\n" not in problem
        assert "\x1b" not in problem


@pytest.mark.parametrize(
    ("place", "what"),
    [
        (
            "imgtui.operations.taglog.recording.Recorder.gather_evidence",
            "moves before the first look",
        ),
        ("imgtui.store.facts.Facts.keep", "facts of images"),
        ("imgtui.operations.session.act_runner.ActRunner.tidy", "what has had its time was not removed"),
    ],
)
def test_what_fails_beside_the_following_is_told(
    monkeypatch: pytest.MonkeyPatch, place: str, what: str
) -> None:
    monkeypatch.setattr(place, fail)
    for headless in (False, True):
        told = Listener()
        with following(told, headless=headless):
            until_told(told, what)


ASKED: list[tuple[str, Callable[[Session], object], str]] = [
    ("imgtui.operations.taglog.recording.Recorder.answer", lambda s: s.answer(None), "the answer"),
    ("imgtui.operations.session.services.read_journal", lambda s: s.services.read_journal(), ""),
    (
        "imgtui.operations.transfers.registry_tags.remote_tags",
        lambda s: s.services.ask_registries(["web:1"]),
        "registries",
    ),
    (
        "imgtui.operations.launch.service.draft",
        lambda s: s.services.acts.launches.draft(s._state.catalog, "", None, None),
        "",
    ),
]


@pytest.mark.parametrize(("place", "ask", "what"), ASKED)
def test_what_fails_that_somebody_asked_for_is_told(
    monkeypatch: pytest.MonkeyPatch, place: str, ask: Callable[[Session], object], what: str
) -> None:
    told = Listener()
    with following(told) as session:
        monkeypatch.setattr(place, fail)
        ask(session)
        until_told(told, what)


def test_a_plan_that_fails_is_told() -> None:
    told = Listener()
    with following(told) as session:
        session.services.acts.propose(fail)  # type: ignore[arg-type]
        until_told(told, "")


def test_facts_are_fetched_again_after_errors_that_nobody_foresaw(monkeypatch: pytest.MonkeyPatch) -> None:
    told, memory = Listener(), MemoryEngine()
    desk = FactsService(memory, Cache(None), told)
    with monkeypatch.context() as broken:
        broken.setattr("imgtui.operations.session.facts_service.read_facts", fail)
        for number in range(2 * SIDE_BY_SIDE):
            desk.ask(memory.build(made(str(number)), f"web:{number}"))
            told.until(lambda: len(told.heard) > number, "the error")  # noqa: B023 - it is waited for here
        assert {type(update) for update in told.heard} == {Failed}
    built = memory.build(made("last"), "last:1")
    desk.ask(built)
    told.until(lambda: built in [facts.image_id for facts in told.facts], "the facts of the last")
    desk.close()
