"""What imgtui does to tags and keeps the docker client sees; keeps stay, also without the state file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.image import Store
from imgtui.model.keeps.keep import KeptBy, read_keep
from imgtui.model.plans.plan import (
    Plan,
    keeps_of,
    plan_keep,
    plan_tag,
    plan_undo,
    plan_unkeep,
    plan_untag,
    points_at,
)
from imgtui.model.taglog.moves import IMGTUI, Cause, Move, Provenance
from imgtui.operations.acts.acts import Acts
from imgtui.operations.taglog.scan import everything
from imgtui.store.state import State
from tests.engine.contract.conftest import archive
from tests.engine.contract.hands import DockerHands, Hands
from tests.engines import content
from tests.engines.private import CommandFailedError
from tests.operations.watching import Watcher
from tests.undoing import to_undo


@dataclass
class Desk:
    """Two versions of a repository on an engine, and who acts on them."""

    hands: Hands
    name: str
    state: State

    def __post_init__(self) -> None:
        self.old = self.hands.load(archive(f"{self.name}:1", self.name, "old"))
        self.new = self.hands.load(archive(f"{self.name}:latest", self.name, "new"))
        self.watcher = Watcher(self.hands.engine, self.state)
        self.acts = Acts(self.hands.engine, self.watcher.recorder)

    @property
    def catalog(self) -> Catalog:
        return everything(self.hands.engine)

    @property
    def moves(self) -> list[Move]:
        return [move for move in self.watcher.moves if move.reference.startswith(f"{self.name}:")]

    def do(self, plan: Callable[..., Plan], *about: object) -> None:
        self.acts.perform(plan(self.catalog, *about))

    def undo(self) -> None:
        move = to_undo(self.watcher.log.moves(), partial(points_at, self.catalog))
        assert move is not None
        self.do(plan_undo, move, int(time.time()))

    def at(self, tag: str) -> str | None:
        """Where a tag points, as the docker client sees it."""
        if not isinstance(self.hands, DockerHands):
            return self.catalog.tags.get(f"{self.name}:{tag}")
        try:
            return content.image_id(self.hands.real, f"{self.name}:{tag}")
        except CommandFailedError:
            return None

    def kept(self, image_id: str) -> str:
        """The one keep of an image."""
        (keep,) = self.catalog.images[image_id].keeps
        return keep


@pytest.fixture
def desk(hands: Hands, name: str, tmp_path: Path) -> Iterator[Desk]:
    found = Desk(hands, name, State(tmp_path / "state"))
    yield found
    found.state.close()


def now() -> int:
    return int(time.time())


def test_a_retag_moves_the_tag_and_first_keeps_what_loses_its_last_name(desk: Desk) -> None:
    begun = time.time_ns()
    desk.do(plan_tag, desk.old, f"{desk.name}:latest", now())

    assert (desk.at("1"), desk.at("latest")) == (desk.old, desk.old)
    assert read_keep(desk.kept(desk.new)) is not None
    (move,) = desk.moves
    assert (move.origin, move.target) == (desk.new, desk.old)
    assert (move.cause, move.known, move.actor) == (Cause.TAG, Provenance.ACT, IMGTUI)
    assert (move.not_before or move.at) <= time.time_ns()
    assert move.at >= begun or not isinstance(desk.hands, DockerHands)


def test_an_untag_of_the_last_name_leaves_the_image_under_a_keep(desk: Desk) -> None:
    desk.do(plan_untag, f"{desk.name}:latest", now())

    assert desk.at("latest") is None
    image = desk.catalog.images[desk.new]
    assert (image.tags, len(image.keeps)) == ((), 1)
    assert [move.cause for move in desk.moves] == [Cause.UNTAG]


def test_undo_restores_the_tag_and_what_was_done_outside_too(desk: Desk) -> None:
    desk.do(plan_untag, f"{desk.name}:latest", now())
    desk.undo()
    assert desk.at("latest") == desk.new
    desk.hands.tag(f"{desk.name}:1", f"{desk.name}:latest")
    desk.watcher.start()
    desk.undo()
    assert (desk.at("latest"), desk.at("1")) == (desk.new, desk.old)
    assert [move.cause for move in desk.moves][-1] is Cause.UNDO


def test_a_keep_is_found_hidden_from_tags_and_undone(desk: Desk) -> None:
    desk.do(plan_keep, desk.new, desk.name, now())
    keep = desk.kept(desk.new)
    (found,) = desk.hands.engine.find_images([keep])
    image = desk.hands.engine.image(desk.new)

    assert (found.id, found.tags, found.keeps) == (desk.new, (), (keep,))
    assert image is not None
    assert (image.tags, image.keeps) == ((f"{desk.name}:latest",), (keep,))
    assert keep.startswith(f"imgtui.invalid/keep/docker.io/library/{desk.name}:sha256-{desk.new[7:]}-")
    assert desk.moves == []
    desk.undo()
    assert desk.catalog.images[desk.new].keeps == ()
    assert desk.at("latest") == desk.new


def test_a_keep_is_taken_away_and_the_tag_stays(desk: Desk) -> None:
    desk.do(plan_keep, desk.new, desk.name, now())
    desk.do(plan_unkeep, desk.new)

    assert desk.catalog.images[desk.new].keeps == ()
    assert desk.at("latest") == desk.new


def test_a_prune_leaves_what_is_kept_and_a_keep_cannot_be_pushed(desk: Desk) -> None:
    desk.do(plan_keep, desk.new, desk.name, now())
    keep = desk.kept(desk.new)
    desk.hands.tag(f"{desk.name}:1", f"{desk.name}:latest")
    if isinstance(desk.hands, DockerHands):
        desk.hands.real.docker("image", "prune", "--force")
        with pytest.raises(CommandFailedError, match=r"imgtui\.invalid"):
            desk.hands.real.docker("push", keep)
        assert content.image_id(desk.hands.real, keep) == desk.new
    else:
        desk.hands.engine.prune()  # type: ignore[attr-defined]  # the one in memory can
    image = desk.catalog.images[desk.new]
    assert (image.tags, image.keeps) == ((), (keep,))


def test_without_the_state_file_keeps_still_tell_repository_digest_and_time(
    desk: Desk, tmp_path: Path
) -> None:
    made = now()
    desk.do(plan_keep, desk.new, desk.name, made)
    desk.hands.tag(f"{desk.name}:1", f"{desk.name}:latest")
    desk.state.close()
    for file in tmp_path.glob("state*"):
        file.unlink()
    state = State(tmp_path / "state")
    catalog = Watcher(desk.hands.engine, state).catalog
    state.close()

    (keep,) = keeps_of(catalog.images[desk.new])
    assert (keep.image_id, keep.repository, keep.made, keep.by) == (
        desk.new, desk.name, made, KeptBy.PERSON,
    )  # fmt: skip
    versions = {version.image.id for version in catalog.repositories[desk.name].versions}
    assert (desk.new in versions) or desk.hands.store is Store.PODMAN
