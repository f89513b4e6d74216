"""What proves where tags pointed before an engine was seen first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.errors import Problem, ProblemKind, Unavailable
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.clock import SECOND
from imgtui.model.core.digest import short
from imgtui.model.core.event import Event
from imgtui.model.core.image import Container, Image, Store
from imgtui.model.keeps.keep import keep_of
from imgtui.model.taglog.moves import Cause, Move, Provenance
from imgtui.model.taglog.traces import BuildRecord, Traces
from imgtui.operations.taglog.evidence import gather
from tests.operations.listening import Counted, made

A, B, GONE = (f"sha256:{digit * 64}" for digit in "abc")
BORN = 1_700_000_000
LATER = (BORN + 5000) * SECOND
NOW = (BORN + 9000) * SECOND


@dataclass
class Remembering(Counted):
    """An engine whose images carry these traces."""

    carried: dict[str, Traces] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(MemoryEngine())

    def traces(self, image_id: str) -> Traces:
        super().traces(image_id)
        return self.carried.get(image_id, Traces())


def catalog(*containers: Container, **tags: Sequence[str]) -> Catalog:
    """Images A and B with these tags."""
    images = {
        image_id: Image(image_id, tuple(tags.get(key, ())), created=BORN)
        for key, image_id in (("a", A), ("b", B))
    }
    return Catalog(images, {container.id: container for container in containers})


def told(
    held: Catalog,
    events: Sequence[Event] = (),
    builds: Iterable[BuildRecord] | None = None,
    **carried: Traces,
) -> list[Move]:
    """Everything that is proved of an engine whose images A and B carry traces."""
    engine = Remembering({{"a": A, "b": B}[key]: traces for key, traces in carried.items()})
    moves = list(gather(engine, held, events, builds=builds, clock=lambda: NOW))
    assert {move.known for move in moves} <= {Provenance.EVIDENCE}
    return moves


def proof(
    reference: str,
    target: str | None,
    at: int,
    source: str,
    *,
    cause: Cause = Cause.UNKNOWN,
    not_before: int | None = BORN * SECOND,
    origin: str | None = None,
) -> Move:
    return Move(reference, origin, target, at, not_before, cause, Provenance.EVIDENCE, source)


def image_event(action: str, image_id: str | None, reference: str | None, at: int) -> Event:
    return Event("image", action, image_id, reference, at)


def build(digest: str | None, *names: str, completed: int = LATER, error: str = "") -> BuildRecord:
    return BuildRecord("ref", digest, completed, names=names, error=error)


# ------------------------------------------------------------------ events


def test_a_replayed_tag_event_is_evidence_and_its_origin_is_unknown() -> None:
    moves = told(catalog(a=["web:1"]), [image_event("tag", A, "web:1", LATER)])

    assert moves == [proof("web:1", A, LATER, "event", cause=Cause.TAG, not_before=None)]


def test_of_two_replayed_events_the_second_proves_where_the_tag_came_from() -> None:
    events = [image_event("tag", A, "web:1", LATER), image_event("tag", B, "web:1", LATER + SECOND)]
    first, second = told(catalog(b=["web:1"]), events)

    assert (first.origin, first.target) == (None, A)
    assert (second.origin, second.target, second.at) == (A, B, LATER + SECOND)


def test_a_replayed_untag_event_proves_a_removal() -> None:
    events = [image_event("tag", A, "web:1", LATER), image_event("untag", A, "web:1", LATER + SECOND)]

    assert told(catalog(), events)[-1] == proof(
        "web:1", None, LATER + SECOND, "event", cause=Cause.UNTAG, not_before=None, origin=A
    )


def test_a_replayed_pull_proves_where_its_tag_points_now_and_not_since_when() -> None:
    moves = told(catalog(a=["web:1", "web:2"]), [image_event("pull", None, "web:1", LATER)])

    assert moves == [proof("web:1", A, LATER, "event", cause=Cause.PULL)]


@pytest.mark.parametrize("action", ["save", "push", "mount", "prune"])
def test_what_brings_nothing_takes_no_proof_away(action: str) -> None:
    """Podman tells of each `docker save`, too."""
    events = [image_event("build", A, None, LATER), image_event(action, A, "web:1", LATER + SECOND)]

    (move,) = told(catalog(a=["web:1"]), events)
    assert (move.target, move.at, move.cause) == (A, LATER, Cause.BUILD)


def test_a_pull_proves_nothing_when_another_image_arrived_under_the_tag_later() -> None:
    events = [image_event("pull", None, "web:1", LATER), image_event("load", A, None, LATER + SECOND)]

    assert told(catalog(a=["web:1"]), events) == []


def test_an_event_that_names_nothing_and_one_of_a_keep_prove_nothing() -> None:
    kept = keep_of(A, "web", BORN).reference
    events = [image_event("loadfromarchive", None, None, LATER), image_event("tag", A, kept, LATER)]

    assert told(catalog(a=["web:1"]), events) == []


# ------------------------------------------------------------------ containers


def test_a_container_proves_which_image_its_name_was_when_it_was_created() -> None:
    old = Container("1", "api-old", A, "web:1", created=BORN + 60)
    moves = told(catalog(old, b=["web:1"]))

    assert moves == [proof("web:1", A, (BORN + 61) * SECOND - 1, "container api-old")]


def test_of_an_image_that_is_gone_nothing_is_known_before_the_container() -> None:
    (move,) = told(catalog(Container("1", "api", GONE, "web:1", created=BORN)))

    assert (move.target, move.not_before) == (GONE, 0)


def test_a_container_without_a_name_a_time_or_an_image_proves_nothing() -> None:
    strange = [
        Container("1", "by-id", A, None, created=BORN),
        Container("2", "timeless", A, "web:1"),
        Container("3", "imageless", "", "web:1", created=BORN),
        Container("4", "of-a-keep", A, keep_of(A, "web", BORN).reference, created=BORN),
    ]

    assert told(catalog(*strange)) == []


# ------------------------------------------------------------------ traces


def test_the_last_tag_time_belongs_to_the_only_tag_of_an_image() -> None:
    moves = told(catalog(a=["web:1"]), a=Traces(last_tag=LATER))

    assert moves == [proof("web:1", A, LATER, "LastTagTime")]


def test_the_last_tag_time_of_an_image_with_several_names_proves_nothing() -> None:
    several = catalog(a=["web:1", "web:2"])
    kept = Catalog({A: Image(A, ("web:1",), created=BORN, keeps=("imgtui.invalid/keep:x",))})

    assert told(several, a=Traces(last_tag=LATER)) == []
    assert told(kept, a=Traces(last_tag=LATER)) == []


def test_the_last_tag_time_is_not_told_again_after_an_event_of_the_same_moment() -> None:
    events = [image_event("tag", A, "web:1", LATER)]
    moves = told(catalog(a=["web:1"]), events, a=Traces(last_tag=LATER - 1000))

    assert [move.source for move in moves] == ["event"]


def test_an_image_that_came_from_the_repository_of_its_tag_was_pulled() -> None:
    moves = told(catalog(a=["web:1"]), a=Traces(last_tag=LATER, pulled_from=("web",)))

    assert moves == [proof("web:1", A, LATER, "Identity", cause=Cause.PULL)]


def test_an_image_from_another_repository_or_from_several_was_only_tagged() -> None:
    for repositories in (("other",), ("web", "other")):
        moves = told(catalog(a=["web:1"]), a=Traces(last_tag=LATER, pulled_from=repositories))
        assert [(move.source, move.cause) for move in moves] == [("LastTagTime", Cause.UNKNOWN)]


def test_an_image_that_says_when_it_was_built_was_tagged_by_that_build() -> None:
    moves = told(catalog(a=["web:1"]), a=Traces(LATER + 1000, pulled_from=("web",), builds=(LATER,)))

    assert moves == [proof("web:1", A, LATER, "Identity", cause=Cause.BUILD, not_before=None)]


def test_a_tag_that_was_set_long_after_the_build_is_not_the_builds() -> None:
    late = LATER + 100 * SECOND
    moves = told(catalog(a=["web:1"]), builds=[build(A)], a=Traces(late, builds=(LATER,)))

    assert moves == [proof("web:1", A, late, "LastTagTime")]


def test_podmans_names_that_an_image_no_longer_has_are_former_ones() -> None:
    moves = told(catalog(a=["web:2"], b=["web:1"]), a=Traces(names=("web:2", "web:1")))

    assert moves == [proof("web:1", A, NOW, "Podman's name history")]


def test_of_an_image_that_the_engine_cannot_read_it_is_said_that_nothing_is_known() -> None:
    memory = MemoryEngine()
    broken = memory.build(made("broken"), "broken:1")
    whole = memory.build(made("whole"), "whole:1")
    engine = Counted(memory)
    engine.broken.add(broken)
    held = Catalog().with_images(image for part in memory.list_images() for image in part.images)

    failed: list[str] = []
    assert [move.target for move in gather(engine, held, [], builds=None, failed=failed.append)] == [whole]
    (told,) = failed
    assert told.startswith(f"{short(broken)}: ")


def test_a_lost_engine_ends_the_gathering() -> None:
    class Lost(Remembering):
        def traces(self, image_id: str) -> Traces:
            raise Unavailable(Problem(ProblemKind.NOT_RUNNING, "stopped", "start it"))

    with pytest.raises(Unavailable):
        list(gather(Lost(), catalog(a=["web:1"]), [], builds=None))


def test_who_stops_early_asks_no_further() -> None:
    engine = Remembering({A: Traces(last_tag=LATER), B: Traces(last_tag=LATER)})
    moves = gather(engine, catalog(a=["web:1"], b=["web:2"]), [], builds=None)
    next(moves)

    assert engine.count("traces") == 1


def test_an_image_that_is_gone_and_still_runs_is_not_asked_for() -> None:
    engine = Remembering()
    list(gather(engine, catalog(Container("1", "api", GONE, "web:1", created=BORN)), [], builds=None))

    assert sorted(engine.of("traces")) == [A, B]


# ------------------------------------------------------------------ builds


def test_a_build_whose_names_are_known_places_an_image_that_is_gone() -> None:
    moves = told(catalog(b=["web:1"]), builds=[build(GONE, "web:1", "web:latest")])

    assert moves == [
        proof(name, GONE, LATER, "buildx history", cause=Cause.BUILD, not_before=None)
        for name in ("web:1", "web:latest")
    ]


def test_a_build_without_names_belongs_to_the_only_tag_of_its_image() -> None:
    moves = told(catalog(a=["web:1"]), builds=[build(A)], a=Traces(last_tag=LATER - 5_000_000))

    assert moves == [proof("web:1", A, LATER, "buildx history", cause=Cause.BUILD, not_before=None)]


def test_a_build_that_failed_or_is_of_no_image_here_places_nothing() -> None:
    builds = [build(GONE), build(A, error="exit 1"), build(None, "web:1"), build(B), build(A, completed=0)]

    assert told(catalog(a=["web:1"], b=["web:2", "web:3"]), builds=builds) == []


@pytest.mark.parametrize("store", [Store.GRAPH, Store.CONTAINERD])
def test_a_container_names_the_image_that_a_rebuild_replaced(store: Store) -> None:
    engine = MemoryEngine(store=store)
    before = engine.build(made("before"), "web:1", "web:old")
    engine.run("api", "web:1")
    after = engine.build(made("after"), "web:1")
    held = Catalog().with_images(image for part in engine.list_images() for image in part.images)
    held = held.with_containers(engine.containers())

    moves = list(gather(engine, held, [], builds=None))

    assert ("web:1", before, "container api") in [(m.reference, m.target, m.source) for m in moves]
    assert ("web:1", after, "LastTagTime") in [(m.reference, m.target, m.source) for m in moves]
