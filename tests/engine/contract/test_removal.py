"""What is removed is gone, with the bytes that were promised, as the engine counts; what is needed stays."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from imgtui.model.core.image import Store
from imgtui.model.plans.plan import NotPossible, plan_keep, plan_undo, points_at
from imgtui.model.removal.plan import Removal
from imgtui.model.taglog.moves import IMGTUI, Cause
from tests.engine.contract.conftest import archive
from tests.engine.contract.hands import DockerHands, Hands, MemoryHands
from tests.engine.contract.removing import Desk, some_images
from tests.engine.contract.source import Source
from tests.engines import content
from tests.engines.fixtures import skip_unless_selected
from tests.engines.kinds import Kind
from tests.engines.private import PrivateEngine
from tests.engines.waiting import wait_until
from tests.undoing import to_undo


@pytest.fixture
def desk(hands: Hands) -> Desk:
    return Desk(hands)


@pytest.mark.parametrize("seed", range(3))
def test_any_set_of_images_frees_what_was_promised_to_the_byte(desk: Desk, name: str, seed: int) -> None:
    dice = random.Random(seed)
    ids = desk.load(some_images(name, dice))
    dice.shuffle(ids)
    for chosen in (ids[:3], ids[3:]):
        plan, before = desk.plan(*chosen), desk.held()
        done = desk.removing.perform(plan)
        assert_freed(desk, before, plan)
        assert done.whole, done.words
        assert set(done.gone) == set(chosen)
        assert not any(map(desk.here, chosen))


def test_an_image_that_shares_nothing_frees_all_of_itself_on_every_store(desk: Desk, name: str) -> None:
    alone = desk.hands.load(archive(f"{name}:1", f"{name} one", f"{name} two"))
    plan, before = desk.plan(alone), desk.held()
    assert plan.freed.exact
    desk.removing.perform(plan)
    assert before - desk.held() == plan.freed.certain


def test_all_names_go_with_an_image_and_the_log_knows_who_did_it(desk: Desk, name: str) -> None:
    one = desk.hands.load(archive(f"{name}:1", name))
    desk.hands.tag(f"{name}:1", f"{name}:latest")
    desk.hands.tag(f"{name}:1", f"{name}/other:1")
    desk.act(plan_keep(desk.catalog, one, name, int(time.time())))

    done = desk.remove(one)

    assert done.words.startswith("1 version removed")
    assert not desk.here(one)
    assert {(move.reference, move.target, move.cause, move.actor) for move in done.moves} == {
        (tag, None, Cause.DELETE, IMGTUI) for tag in (f"{name}:1", f"{name}:latest", f"{name}/other:1")
    }
    before = len(desk.watcher.moves)
    desk.watcher.start()
    assert len(desk.watcher.moves) == before


@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
def test_what_a_container_needs_is_left_out_and_stays(
    desk: Desk, name: str, containers: list[str], *, running: bool
) -> None:
    one = desk.hands.build(f"{name}:1", name)
    two = desk.hands.load(archive(f"{name}:2", name))
    containers.append(f"{name}-api")
    (desk.hands.run if running else desk.hands.create)(f"{name}-api", f"{name}:1")

    done = desk.remove(one, two)

    assert (done.gone, done.whole) == ((two,), True)
    assert [left.containers for left in done.removal.left_out] == [(f"{name}-api",)]
    assert desk.here(one)
    with pytest.raises(NotPossible, match="needs it"):
        desk.plan(one)


def test_a_tag_and_a_container_that_come_between_plan_and_act_keep_the_image(
    desk: Desk, name: str, containers: list[str]
) -> None:
    tagged, used, other = (desk.hands.load(archive(f"{name}:{n}", f"{name} {n}")) for n in "123")
    plan = desk.plan(tagged, used, other)
    desk.hands.tag(f"{name}:1", f"{name}:new")
    containers.append(f"{name}-api")
    desk.hands.create(f"{name}-api", f"{name}:2")

    done = desk.removing.perform(plan)

    assert done.gone == (other,)
    assert {stayed.image_id for stayed in done.stayed} == {tagged, used}
    assert desk.catalog.tags[f"{name}:new"] == desk.catalog.tags[f"{name}:1"] == tagged
    assert desk.catalog.tags[f"{name}:2"] == used


def test_an_image_without_a_name_goes_by_its_id(desk: Desk, name: str) -> None:
    one = desk.hands.load(archive(f"{name}:1", f"{name} one"))
    desk.hands.load(archive(f"{name}:2", f"{name} two"))
    desk.hands.tag(f"{name}:2", f"{name}:1")
    assert desk.catalog.images[one].tags == ()
    assert desk.remove(one).whole
    assert not desk.here(one)


def test_what_came_from_a_registry_is_no_risk_and_the_undo_pulls_it_again(
    hands: Hands, source: Source
) -> None:
    desk = Desk(hands)
    source.publish("1", "one")
    desk.watcher.start()
    image_id = source.pull("1")
    plan = desk.plan(image_id)
    assert plan.risks == ()
    assert plan.images[0].pull in {*desk.catalog.images[image_id].repo_digests}

    done = desk.removing.perform(plan)
    assert done.whole, done.words
    assert source.at("1") is None
    move = to_undo(desk.watcher.log.moves(), partial(points_at, desk.catalog))
    assert move is not None
    desk.act(plan_undo(desk.catalog, move, int(time.time())))
    assert source.at("1") == image_id


def test_what_has_only_a_name_by_digest_is_removed_too(hands: Hands, source: Source) -> None:
    desk = Desk(hands)
    source.publish("1", "by digest")
    image_id = source.pull("1")
    digest = next(name for name in desk.catalog.images[image_id].repo_digests if "@" in name)
    for _ in hands.engine.pull(digest):
        pass
    if hands.remove(source.tag("1")) and desk.here(image_id):
        assert desk.catalog.images[image_id].tags == ()
        done = desk.remove(image_id)
        assert done.whole, done.words
    assert not desk.here(image_id)


STEPS = "FROM {base}\nLABEL a=1\nCOPY bin /x\nCOPY etc /{text}\nLABEL b={text}\n"
"""The two files are at other places than in the base, where a step would change nothing."""


def classic(desk: Desk, tag: str, base: str, text: str) -> str:
    """Build with the builder of the engine itself, which leaves an intermediate image for each step."""
    assert isinstance(desk.hands, DockerHands)
    with tempfile.TemporaryDirectory() as folder:
        content.write_context(Path(folder), version=text, dockerfile=STEPS.format(base=base, text=text))
        for told in desk.hands.engine._connection.connected().build(
            path=folder, tag=tag, rm=True, decode=True
        ):
            assert "error" not in told, told
    return content.image_id(desk.hands.real, tag)


def test_the_steps_of_a_classic_build_go_with_it_and_no_dangling_image_turns_up(
    real_engine: PrivateEngine, name: str
) -> None:
    desk = Desk(DockerHands(real_engine))
    base = desk.hands.load(archive(f"{name}:base", name))
    one, two = (classic(desk, f"{name}:{text}", f"{name}:base", f"{name}-{text}") for text in ("one", "two"))
    before = set(desk.catalog.images)
    podman = desk.hands.store is Store.PODMAN
    if not podman:
        with pytest.raises(NotPossible, match=rf"{name}:(one|two) was built from it"):
            desk.plan(base)

    plan, held = desk.plan(one), desk.held()
    steps = {image.image_id for image in plan.images if image.intermediate}
    done = desk.removing.perform(plan)

    assert done.whole, done.words
    assert steps
    assert set(done.gone) == {one, *steps}
    assert set(desk.catalog.images) == before - {one}
    assert_freed(desk, held, plan)
    left = desk.hands.engine.holdings()
    assert not steps & left.keys()
    assert left[two].parent in left

    plan, held = desk.plan(two, base), desk.held()
    done = desk.removing.perform(plan)
    assert done.whole, done.words
    assert_freed(desk, held, plan)
    assert not {one, two, base, *done.gone} & desk.hands.engine.holdings().keys()
    desk.hands.engine.close()


def test_an_image_that_buildkit_built_another_from_goes_and_the_other_stays_whole(
    docker28_overlay2: PrivateEngine, name: str, containers_of_28: list[str]
) -> None:
    desk = Desk(DockerHands(docker28_overlay2))
    base = desk.hands.build(f"{name}:base", name)
    dockerfile = f"FROM {name}:base\nCOPY etc /more\n"
    child = content.build(docker28_overlay2, f"{name}:child", version=name, dockerfile=dockerfile)
    plan, held = desk.plan(base), desk.held()
    done = desk.removing.perform(plan)
    assert (done.gone, plan.freed.certain) == ((base,), 0)
    assert desk.held() == held
    containers_of_28.append(content.run(docker28_overlay2, f"{name}-c", child, "cat", "/more/version"))
    desk.hands.engine.close()


@pytest.fixture
def containers_of_28(docker28_overlay2: PrivateEngine) -> Iterator[list[str]]:
    """Containers to be removed after the test."""
    made: list[str] = []
    yield made
    for container in made:
        docker28_overlay2.docker("rm", "--force", container)


@pytest.mark.parametrize("kind", ["docker28-overlay2", "docker28-containerd"])
def test_the_build_cache_frees_what_its_plan_promised_and_no_image_goes(kind: Kind, name: str) -> None:
    skip_unless_selected(kind)
    with PrivateEngine(kind) as engine:  # what others have built and removed there is not shared any more
        desk = Desk(DockerHands(engine))
        built = desk.hands.build(f"{name}:1", name)
        # The containerd store tells a moment later what images share of it.
        wait_until(lambda: desk.plans.plan_cache().cache.shared > 0, "what images share of the build cache")
        plan = desk.plans.plan_cache()
        assert plan.cache.records
        assert desk.removing.free_cache(plan) == plan.cache.size
        assert desk.here(built)
        with pytest.raises(NotPossible, match="nothing in the build cache"):
            desk.plans.plan_cache()
        desk.hands.engine.close()


@pytest.mark.parametrize("kind", ["docker28_overlay2", "docker28_containerd"])
@pytest.mark.parametrize("also", [0, 1], ids=["alone", "sharing"])
def test_what_was_built_frees_its_layers_by_the_engines_count_though_the_build_cache_holds_them(
    request: pytest.FixtureRequest, kind: str, name: str, also: int
) -> None:
    desk = Desk(DockerHands(request.getfixturevalue(kind)))
    built = [desk.hands.build(f"{name}:{version}", f"{name} {version}") for version in range(1 + also)]
    plan, held = desk.plan(built[0]), desk.held()
    assert plan.freed.exact
    assert desk.removing.perform(plan).whole
    assert held - desk.held() == plan.freed.certain > 0
    assert any("build cache" in note for note in plan.notes)
    desk.hands.engine.close()


def test_podman_has_no_build_cache(podman: PrivateEngine) -> None:
    desk = Desk(DockerHands(podman))
    with pytest.raises(NotPossible, match="Podman has no build cache"):
        desk.plans.plan_cache()
    desk.hands.engine.close()


def assert_freed(desk: Desk, before: int, plan: Removal) -> None:
    """As promised, by the engine's own count. In memory nothing is stored as blobs: content is estimated."""
    freed, promised = before - desk.held(), plan.freed
    if isinstance(desk.hands, MemoryHands) and desk.hands.store is Store.CONTAINERD and not promised.exact:
        assert 0 < promised.certain <= freed
    else:
        assert (freed, freed) == promised
