"""What real engines remember of the past, and what is proved by it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from imgtui.engine.build.history import BuildHistory
from imgtui.engine.build.history_fault import ASK
from imgtui.engine.connect.endpoint import Endpoint
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.clock import SECOND
from imgtui.model.core.image import Store
from imgtui.model.taglog.moves import Cause, Move, Provenance
from imgtui.model.taglog.traces import Traces
from imgtui.operations.taglog.evidence import gather
from tests.engine.contract.conftest import archive, listed
from tests.engine.contract.hands import Hands, connect
from tests.engines import content
from tests.engines.fixtures import skip_unless_selected
from tests.engines.private import PrivateEngine

RUNNABLE: dict[str, object] = {"Cmd": ["true"]}


def proved(hands: Hands, name: str) -> list[Move]:
    """The evidence about tags of one repository, without events and builds."""
    held = Catalog(listed(hands)).with_containers(hands.engine.containers())
    moves = gather(hands.engine, held, [], builds=None)
    return [move for move in moves if move.reference.startswith(f"{name}:")]


def test_a_container_proves_the_image_that_its_tag_was_before_it_moved(
    hands: Hands, name: str, containers: list[str]
) -> None:
    before = hands.load(archive(f"{name}:1", name, "before", config=RUNNABLE))
    hands.load(archive(f"{name}:2", name, "after", config=RUNNABLE))
    containers.append(name)
    hands.create(name, f"{name}:1")
    hands.tag(f"{name}:2", f"{name}:1")

    (move,) = [move for move in proved(hands, name) if move.source == f"container {name}"]

    assert (move.reference, move.target, move.known) == (f"{name}:1", before, Provenance.EVIDENCE)
    assert move.not_before is not None
    assert move.not_before <= move.at < time.time_ns() + SECOND


def test_the_last_tag_time_is_when_docker_tagged_the_image(hands: Hands, name: str) -> None:
    loaded = hands.load(archive(f"{name}:1", name))
    begun = time.time_ns()
    hands.tag(loaded, f"{name}:2")
    ended = time.time_ns()
    traces = hands.engine.traces(loaded)

    assert (begun < traces.last_tag < ended) != (hands.store is Store.PODMAN)
    assert bool(traces.last_tag) != (hands.store is Store.PODMAN)


def test_the_last_tag_time_is_evidence_for_the_only_tag(hands: Hands, name: str) -> None:
    built = hands.build(f"{name}:1", name)
    moves = [move for move in proved(hands, name) if move.source == "LastTagTime"]

    if hands.store is Store.PODMAN:
        assert moves == []
        return
    assert [(move.reference, move.target, move.cause) for move in moves] == [
        (f"{name}:1", built, Cause.UNKNOWN)
    ]
    assert abs(moves[0].at - time.time_ns()) < 60 * SECOND


def test_what_a_graph_driver_loads_has_no_last_tag_time(hands: Hands, name: str) -> None:
    loaded = hands.load(archive(f"{name}:1", name))

    assert bool(hands.engine.traces(loaded).last_tag) == (hands.store is Store.CONTAINERD)


def test_an_image_that_is_not_there_has_no_traces(hands: Hands) -> None:
    assert hands.engine.traces(f"sha256:{'0' * 64}") == Traces()


def test_podman_remembers_the_names_that_an_image_had_before_a_rebuild(hands: Hands, name: str) -> None:
    if hands.store is not Store.PODMAN:
        assert hands.engine.traces(hands.build(f"{name}:1", name)).names == ()
        return
    before = hands.build(f"{name}:1", f"{name} before")
    hands.tag(before, f"{name}:kept")
    after = hands.build(f"{name}:1", f"{name} after")

    assert hands.engine.traces(before).names == (f"{name}:kept", f"{name}:1")
    assert hands.engine.traces(after).names == (f"{name}:1",)
    (move,) = proved(hands, name)
    assert (move.reference, move.target, move.source) == (f"{name}:1", before, "Podman's name history")
    assert move.not_before is not None
    assert move.not_before < time.time_ns() < move.at + 60 * SECOND


# ------------------------------------------------------------------ builds


def history(real: PrivateEngine) -> BuildHistory:
    """The history of an engine's builds, asked with the docker command that fits it."""
    endpoint = Endpoint(real.host, "-H", None, None, real.folder / "config")
    path = f"{real.programs}/usr/bin:{os.environ['PATH']}"
    return BuildHistory(endpoint, {**os.environ, "PATH": path, ASK: "always"})


@pytest.fixture
def new_containerd() -> Iterator[PrivateEngine]:
    """An engine that has built nothing yet: of each build in a history a docker command asks."""
    skip_unless_selected("docker28-containerd")
    with PrivateEngine("docker28-containerd") as engine:
        yield engine


@pytest.fixture
def new_overlay2() -> Iterator[PrivateEngine]:
    """The same with a graph driver."""
    skip_unless_selected("docker28-overlay2")
    with PrivateEngine("docker28-overlay2") as engine:
        yield engine


def rebuilt(real: PrivateEngine, name: str) -> tuple[str, str]:
    """An image that a rebuild replaced, and the one that replaced it."""
    before = content.build(real, f"{name}:1", version=f"{name} before")
    return before, content.build(real, f"{name}:1", version=f"{name} after")


def test_buildx_remembers_the_image_that_a_rebuild_dropped(new_containerd: PrivateEngine, name: str) -> None:
    begun = time.time_ns()
    before, after = rebuilt(new_containerd, name)
    records = {record.digest: record for record in history(new_containerd)}

    assert begun < records[before].started < records[before].completed < records[after].completed
    assert dict(records[before].arguments) == {"VERSION": f"{name} before"}
    assert records[before].context.startswith("/")
    with closing(connect(new_containerd)) as engine:
        assert engine.image(before) is None


def test_on_the_containerd_store_a_build_proves_the_name_that_it_gave_its_image(
    new_containerd: PrivateEngine, name: str
) -> None:
    before = content.build(new_containerd, f"{name}:1", version=f"{name} before")
    after = content.build(new_containerd, f"{name}:2", version=f"{name} after")
    new_containerd.docker("tag", f"{name}:2", f"{name}:1")
    records = {record.digest: record for record in history(new_containerd)}
    with closing(connect(new_containerd)) as engine:
        moves = list(gather(engine, Catalog(), [], builds=records.values()))

    assert {(m.reference, m.target, m.at) for m in moves if m.reference.startswith(f"{name}:")} == {
        (f"{name}:1", before, records[before].completed),
        (f"{name}:2", after, records[after].completed),
    }
    assert {(move.cause, move.source) for move in moves} == {(Cause.BUILD, "buildx history")}


def test_on_a_graph_driver_buildx_remembers_the_digest_and_no_name(
    new_overlay2: PrivateEngine, name: str
) -> None:
    before, after = rebuilt(new_overlay2, name)
    records = {record.digest: record for record in history(new_overlay2)}

    assert records[before].names == records[after].names == ()
    with closing(connect(new_overlay2)) as engine:
        images = {image.id: image for image in filter(None, map(engine.image, (before, after)))}
        moves = list(gather(engine, Catalog(images), [], builds=records.values()))
    assert [(m.reference, m.target, m.at, m.source) for m in moves] == [
        (f"{name}:1", after, records[after].completed, "buildx history")
    ]


def test_an_engine_without_a_history_has_no_builds(docker20_overlay2: PrivateEngine, name: str) -> None:
    content.build(docker20_overlay2, f"{name}:1", version=name)

    assert list(history(docker20_overlay2)) == []


def test_podman_is_not_made_to_start_a_builder(podman: PrivateEngine) -> None:
    assert list(history(podman)) == []
    assert podman.docker("ps", "--all", "--quiet", "--filter", "name=buildx") == ""
