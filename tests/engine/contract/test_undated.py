"""Images whose own date says nothing: who comes last is told by the tag log and the engine, or by nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from imgtui.model.core.reference import Reference
from imgtui.model.plans.plan import NotPossible
from imgtui.model.removal.selection import Bulk, BulkSelection
from imgtui.operations.removal.planning import RemovalPlans
from imgtui.operations.taglog.scan import everything
from imgtui.store.cached.cache import Cache
from imgtui.store.state import State
from tests.engine.contract.conftest import archive
from tests.engine.contract.hands import Hands
from tests.operations.watching import Watcher

DAY = 86_400
DATES = ["0001-01-01T00:00:00Z", "1970-01-01T00:00:01Z", "1980-01-01T00:00:01Z", "2024-01-01T00:00:00Z"]


@pytest.fixture
def loaded(hands: Hands, name: str) -> Iterator[list[str]]:
    """References that are taken away after the test."""
    references: list[str] = []
    yield references
    for reference in references:
        hands.engine.untag(reference)


def arrive(hands: Hands, name: str, tag: str, created: str, loaded: list[str]) -> str:
    """An image arrives; its ID."""
    image = replace(archive(f"{name}:{tag}", f"{name} {tag}"), created=created)
    image_id = hands.load(image)
    loaded.extend(everything(hands.engine).images[image_id].tags)
    return image_id


def removed(hands: Hands, watcher: Watcher, bulk: Bulk, amount: int, repository: str) -> set[str]:
    """What a bulk plan would remove; nothing where there is none."""
    watcher.start()
    plans = RemovalPlans(hands.engine, watcher.recorder, Cache(None))
    try:
        plan = plans.plan_bulk(watcher.catalog, BulkSelection(bulk, amount, (repository,)))
    except NotPossible:
        return set()
    return {image.image_id for image in plan.versions}


@pytest.mark.parametrize("created", DATES)
def test_what_came_last_is_never_removed_and_with_a_log_all_others_are(
    hands: Hands, name: str, created: str, loaded: list[str]
) -> None:
    watcher = Watcher(hands.engine, State(None))
    arrived = []
    for tag in ("c", "a", "b"):
        arrived.append(arrive(hands, name, tag, created, loaded))
        watcher.start()
    repository = Reference.parse(loaded[0]).familiar_name
    assert removed(hands, watcher, Bulk.KEEP_LAST, 1, repository) == set(arrived[:2])
    assert removed(hands, watcher, Bulk.KEEP_LAST, 2, repository) == set(arrived[:1])
    assert removed(hands, watcher, Bulk.OLDER_THAN, 30 * DAY, repository) == set()
    assert removed(hands, watcher, Bulk.NOT_RUN_FOR, 30 * DAY, repository) == set()

    forgetful = Watcher(hands.engine, State(None))
    assert arrived[-1] not in removed(hands, forgetful, Bulk.KEEP_LAST, 1, repository)
    if not created.startswith("2"):
        assert removed(hands, forgetful, Bulk.OLDER_THAN, 30 * DAY, repository) == set()
        assert removed(hands, forgetful, Bulk.NOT_RUN_FOR, 30 * DAY, repository) == set()
