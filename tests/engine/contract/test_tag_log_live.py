"""A session in its threads, while everything happens at full speed: each move once, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest

from imgtui.engine.docker.engine import DockerEngine
from imgtui.engine.port.engine import Engine
from imgtui.model.core.image import Store
from imgtui.model.keeps.rules import KeepRule
from imgtui.model.taglog.moves import Move, Provenance
from imgtui.operations.session.session import Session
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.scan import look
from imgtui.store.cached.cache import Cache
from imgtui.store.state import State
from tests.engine.contract.conftest import archive
from tests.engine.contract.hands import DockerHands, connect
from tests.engine.contract.story import Story, steps
from tests.engine.contract.test_tag_log import ARRIVALS, REBUILDS, RETAGS, begun, tells_builds
from tests.engines.kinds import HIDES_BUILDS
from tests.engines.looked_at import only_on
from tests.engines.private import PrivateEngine
from tests.engines.registry import Registry
from tests.engines.waiting import wait_until
from tests.operations.listening import Listener


@contextmanager
def following(engine: Engine, state: State, rules: Sequence[KeepRule] = ()) -> Iterator[Session]:
    """A session that is live."""
    told, recorder = Listener(), Recorder(engine, lambda: state)
    session = Session(engine, Cache(None), "engine", told, recorder=recorder, rules=rules)
    session.start()
    told.until_live()
    yield session
    session.close()


def recorded(session: Session, name: str) -> list[Move]:
    """What is in the log of tags of a name, oldest first."""
    log = session.recorder.log
    assert log is not None
    return [move for move in log.moves()[::-1] if f"{name}:" in move.reference]


def leads_to(session: Session, story: Story) -> bool:
    """Whether the log leads to where the tags of a story point, and no cause is still to come."""
    moves = recorded(session, story.name)
    last = {move.reference: move.target for move in moves}
    there = {tag: target for tag, target in last.items() if target}
    return there == story.points_at


@tells_builds
@pytest.mark.parametrize("acts", [RETAGS + REBUILDS, ARRIVALS], ids=["tags", "arrivals"])
def test_a_session_records_each_move_that_events_tell_once_and_nothing_that_was_not(
    real_engine: PrivateEngine, name: str, real_registry: Registry, tmp_path: Path, acts: tuple[object, ...]
) -> None:
    """Of what no event tells whole, two moves within one burst are seen as one."""
    hands, state = DockerHands(real_engine), State(tmp_path / "state")
    containers: list[str] = []
    story = begun(hands, name, containers, real_registry, acts)  # type: ignore[arg-type]  # of test_tag_log
    with following(hands.engine, state) as session:
        for act in acts:
            act(story)  # type: ignore[operator]  # as above
        wait_until(lambda: leads_to(session, story), "the log leads to the present", 10)
        sure = [made.step for made in story.happened if made.told and made.target]
        moves = recorded(session, name)
        for tag in {made.reference for made in story.happened}:
            really = [target for at, _, target in steps(story.happened) if at == tag]
            told = [move.target for move in moves if move.reference == tag]
            assert len(told) <= len(really)
            rest = iter(really)
            assert all(target in rest for target in told), "in order"
            wanted = [target for at, _, target in sure if at == tag]
            rest = iter(told)
            assert all(target in rest for target in wanted), "none is left out"
    for container in containers:
        hands.discard(container)
    state.close()


def test_two_sessions_on_one_file_tell_a_tag_that_moves_as_fast_as_it_can_in_order_and_nothing_twice(
    real_engine: PrivateEngine, name: str, tmp_path: Path
) -> None:
    """Up to a hundred moves a second, seen by two at once: mostly each is told by its event, but not always.

    On the containerd store a tag that moves is nowhere for some milliseconds (Docker 28.5), and what a look
    found may be told once more by an event that came late: what events tell is in order, and not twice.
    """
    state = State(tmp_path / "state")
    hands = DockerHands(real_engine)
    images = [hands.load(archive(f"{name}:{number}", f"{name} {number}")) for number in range(3)]
    engines: list[DockerEngine] = [connect(real_engine) for _ in range(2)]
    with ExitStack() as stack:
        sessions = [stack.enter_context(following(engine, state)) for engine in engines]
        made = [images[number % 3] for number in range(60)]
        for image_id in made:
            hands.engine.tag(image_id, f"{name}:fast")
        for session in sessions:
            wait_until(partial(ends_at, session, name, made[-1]), "the last move", 20)
        moves = fast(sessions[1], name)
        told = "\n".join(f"{m.target} {m.known} {m.not_before}..{m.at}" for m in moves)
        assert [move.origin for move in moves] == [None, *[move.target for move in moves[:-1]]], told
        made_in_order, heard = iter(made), [move for move in moves if move.known is Provenance.EVENT]
        assert all(any(move.target == target for target in made_in_order) for move in heard), told
        assert len(heard) <= len(made), told
    for engine in engines:
        engine.close()
    hands.engine.close()
    state.close()


def ends_at(session: Session, name: str, target: str) -> bool:
    moves = fast(session, name)
    return bool(moves) and moves[-1].target == target


def fast(session: Session, name: str) -> list[Move]:
    return [move for move in recorded(session, name) if move.reference == f"{name}:fast"]


@only_on(HIDES_BUILDS, why="the others tell their builds")
def test_rebuilds_that_no_event_tells_are_found_and_kept_one_after_the_other(
    real_engine: PrivateEngine, name: str, tmp_path: Path
) -> None:
    hands, state = DockerHands(real_engine), State(tmp_path / "state")
    story = Story(hands, name)
    with following(hands.engine, state, [KeepRule(name, last=5)]) as session:
        built = []
        for number in range(4):
            built.append(story.build("latest", str(number)))
            wait_until(lambda: keeps_on(hands.engine, built[-1]), "the keep of a build")
        moves = [move for move in recorded(session, name) if move.reference == f"{name}:latest"]
        assert [move.target for move in moves] == built
        assert all(move.not_before is not None for move in moves)
    assert all(keeps_on(hands.engine, image_id) for image_id in built)
    hands.engine.close()
    state.close()


def keeps_on(engine: Engine, image_id: str) -> bool:
    image = engine.image(image_id)
    return image is not None and bool(image.keeps)


def test_five_rebuilds_on_the_containerd_store_leave_four_gone_and_the_log_marks_exactly_these(
    docker28_containerd: PrivateEngine, name: str, tmp_path: Path
) -> None:
    hands, state = DockerHands(docker28_containerd), State(tmp_path / "state")
    assert hands.store is Store.CONTAINERD
    story = Story(hands, name)
    with following(hands.engine, state) as session:
        built = [story.build("latest", str(number)) for number in range(5)]
        wait_until(lambda: leads_to(session, story), "the log leads to the present", 10)
    catalog = look(hands.engine, Recorder(hands.engine, lambda: state)).catalog
    versions = [version.image.id for version in catalog.repositories[name].versions]
    assert set(versions) == set(built)
    assert [image_id for image_id in built if image_id not in catalog.images] == built[:4]
    assert set(built) <= {version.image.id for version in catalog.everything}
    hands.engine.close()
    state.close()
