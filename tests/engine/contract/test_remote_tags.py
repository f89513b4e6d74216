"""Where tags point in a registry, as real engines are told it, and what of it containers run."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.docker.distribution import UNABLE
from imgtui.engine.docker.engine import DockerEngine
from imgtui.engine.port.errors import EngineError, NotFound
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.catalog.drift import Standing, drifts
from imgtui.model.catalog.registry_tag import TagComparison, compare
from imgtui.model.core.image import Store
from imgtui.operations.transfers.registry_tags import remote_tags
from tests.engine.contract.conftest import archive, listed
from tests.engine.contract.hands import DockerHands, Hands, MemoryHands, blueprint_of
from tests.engines.archives import ArchiveImage, digest
from tests.engines.looked_at import IN_MEMORY, not_on, only_on
from tests.engines.private import PrivateEngine
from tests.engines.registry import PASSWORD, USER, Registry, login

RUNNABLE: dict[str, object] = {"Cmd": ["true"]}


class Place:
    """One repository in a registry, and an engine that pulls from it."""

    def __init__(self, hands: Hands, registry: Registry | None, name: str) -> None:
        self.hands = hands
        self._registry = registry
        self.repository = f"{registry.address}/{name}" if registry else f"registry.example/{name}"

    def image(self, text: str) -> ArchiveImage:
        return archive("", f"{self.repository} {text}", config=RUNNABLE)

    def publish(self, tag: str, text: str, *, compression: int = 9) -> None:
        """Somebody else points a tag at an image; compressed in another way it has another manifest."""
        if isinstance(self.hands, MemoryHands):
            self.hands.engine.publish(f"{self.repository}:{tag}", blueprint_of(self.image(text)))
        else:
            assert self._registry is not None
            name = self.repository.partition("/")[2]
            self._registry.publish(f"{name}:{tag}", self.image(text), compression=compression)

    def pull(self, tag: str, text: str) -> None:
        """Pull a tag that has this image."""
        if isinstance(self.hands, MemoryHands):
            image = self.image(text)
            self.hands.engine.receive(blueprint_of(image), f"{self.repository}:{tag}", pinned=True)
        else:
            assert isinstance(self.hands, DockerHands)
            self.hands.real.docker("pull", "-q", f"{self.repository}:{tag}")

    def compared(self, container: str) -> TagComparison:
        """What the registry says of the tag of a container."""
        catalog = Catalog(listed(self.hands)).with_containers(self.hands.engine.containers())
        (drift,) = [found for found in drifts(catalog, ()) if found.container.name == container]
        assert drift.container.created_from is not None
        (remote,) = remote_tags(self.hands.engine, [drift.container.created_from])
        return compare(drift, catalog, remote)

    def standing(self, container: str) -> Standing:
        """How a container stands to its tag on the engine."""
        catalog = Catalog(listed(self.hands)).with_containers(self.hands.engine.containers())
        return next(d.standing for d in drifts(catalog, ()) if d.container.name == container)


@pytest.fixture
def place(hands: Hands, registry: Registry | None, name: str) -> Place:
    """A repository that no other test uses; Podman cannot ask for it."""
    return Place(hands, registry, name)


can_ask = not_on("podman", why="Podman 4.3 cannot ask a registry where a tag points")


@only_on("podman", why="other engines can ask a registry")
def test_podman_says_that_it_cannot_ask_a_registry(hands: Hands) -> None:
    with pytest.raises(EngineError, match=UNABLE) as failed:
        hands.engine.remote_tag("127.0.0.1:1/web:1")
    assert failed.value.status is None


@can_ask
def test_a_container_runs_what_the_registry_has_until_the_tag_moves_there(
    hands: Hands, place: Place, name: str, containers: list[str]
) -> None:
    place.publish("1", "one")
    place.pull("1", "one")
    containers.append(name)
    hands.create(name, f"{place.repository}:1")
    same = place.compared(name)
    assert (same.runs_it, same.tag_is_it, same.remote.platforms) == (True, True, ("linux/amd64",))

    place.publish("1", "two")
    moved = place.compared(name)
    assert (moved.runs_it, moved.tag_is_it, moved.moved) == (False, False, True)
    assert place.standing(name) is Standing.CURRENT

    place.pull("1", "two")
    pulled = place.compared(name)
    assert (pulled.runs_it, pulled.tag_is_it) == (False, True)
    assert place.standing(name) is Standing.DRIFT


@can_ask
def test_of_several_repo_digests_of_one_image_each_is_the_same(
    hands: Hands, place: Place, name: str, containers: list[str]
) -> None:
    """The same layers compressed in other ways: on a graph driver one image with two digests."""
    for number, tag in enumerate(("a", "b")):
        place.publish(tag, "one", compression=9 - 8 * number)
        place.pull(tag, "one")
        containers.append(f"{name}-{tag}")
        hands.create(f"{name}-{tag}", f"{place.repository}:{tag}")
    held = [image for image in listed(hands).values() if f"{place.repository}:a" in image.tags]
    if isinstance(hands, DockerHands) and hands.store is Store.GRAPH:
        assert len(of(place.repository, held[0].repo_digests)) == 2

    for tag in ("a", "b"):
        found = place.compared(f"{name}-{tag}")
        assert (found.runs_it, found.tag_is_it) == (True, True)


@not_on(*IN_MEMORY, why="the registry of the engine in memory has no indexes")
@can_ask
def test_of_an_index_the_image_of_the_engine_s_platform_is_the_same(
    hands: Hands, registry: Registry | None, name: str, containers: list[str]
) -> None:
    """A graph driver's repo digest is that of the index, the containerd store's image ID too."""
    assert registry is not None
    place = Place(hands, registry, name)
    index, manifests = registry.publish_index(f"{name}:1", amd64=place.image("one"))
    place.pull("1", "one")
    containers.append(name)
    hands.create(name, f"{place.repository}:1")
    found = place.compared(name)
    assert (found.remote.digest, found.runs_it, found.tag_is_it) == (index, True, True)

    # The tag is then pointed at the platform manifest itself: the same content, which only the
    # containerd store can tell.
    registry.point(f"{name}:1", manifests["amd64"])
    found = place.compared(name)
    assert found.remote.digest == digest(manifests["amd64"])
    assert found.runs_it is (hands.store is Store.CONTAINERD)


@can_ask
def test_what_was_only_built_here_cannot_be_compared_on_a_graph_driver(
    hands: Hands, place: Place, name: str, containers: list[str]
) -> None:
    place.publish("1", "theirs")
    hands.load(archive(f"{place.repository}:1", f"{name} ours", config=RUNNABLE))
    containers.append(name)
    hands.create(name, f"{place.repository}:1")
    found = place.compared(name)
    assert found.runs_it is (False if hands.store is Store.CONTAINERD else None)


@can_ask
def test_a_tag_that_a_registry_does_not_have_is_not_found(hands: Hands, place: Place) -> None:
    with pytest.raises(NotFound, match="manifest unknown"):
        hands.engine.remote_tag(f"{place.repository}:nothing")


@not_on(*IN_MEMORY, why="the engine in memory has no network")
@can_ask
def test_a_registry_that_cannot_be_reached_is_a_failure_and_no_refusal(hands: Hands) -> None:
    with pytest.raises(EngineError, match="connection refused") as failed:
        hands.engine.remote_tag("127.0.0.1:1/web:1")
    assert failed.value.status == 500
    (answer,) = remote_tags(hands.engine, ["127.0.0.1:1/web:1"])
    assert (answer.digest, answer.refused) == (None, False)


def write_login(folder: Path, registry: Registry, secret: str) -> None:
    """What `docker login` leaves in docker's configuration."""
    (folder / "config.json").write_text(json.dumps({"auths": {registry.address: {"auth": secret}}}))


def of(repository: str, repo_digests: Iterable[str]) -> list[str]:
    """The repo digests in one repository."""
    return [digest for digest in repo_digests if digest.startswith(f"{repository}@")]


@pytest.fixture(scope="session")
def locked_registry() -> Iterator[Registry]:
    """A registry that answers only to one user."""
    with Registry(locked=True) as registry:
        yield registry


@can_ask
def test_the_credentials_that_docker_has_are_sent_and_without_them_it_is_said(
    real_engine: PrivateEngine, locked_registry: Registry, name: str, tmp_path: Path
) -> None:
    locked_registry.publish(f"{name}:1", archive("", name))
    reference = f"{locked_registry.address}/{name}:1"
    with closing(DockerEngine(Endpoint(real_engine.address, "-H", None, None, tmp_path))) as engine:
        (unknown,) = remote_tags(engine, [reference])
        assert (unknown.digest, unknown.refused) == (None, False)
        assert "no basic auth credentials" in unknown.error
        write_login(tmp_path, locked_registry, login())
        assert engine.remote_tag(reference).digest is not None  # read anew: as after a `docker login`
        write_login(tmp_path, locked_registry, base64.b64encode(f"{USER}:wrong".encode()).decode())
        (refused,) = remote_tags(engine, [reference])
        assert (refused.digest, refused.refused) == (None, True), refused.error
        assert "wrong" not in refused.error


def test_a_credential_helper_is_asked_and_its_failure_is_said(
    docker28_containerd: PrivateEngine,
    locked_registry: Registry,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    locked_registry.publish(f"{name}:1", archive("", name))
    reference = f"{locked_registry.address}/{name}:1"
    helper = tmp_path / "docker-credential-test"
    answer = json.dumps({"ServerURL": locked_registry.address, "Username": USER, "Secret": PASSWORD})
    helper.write_text(f"#!/bin/sh\ncat >/dev/null\necho '{answer}'\n")
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    (tmp_path / "config.json").write_text(json.dumps({"credHelpers": {locked_registry.address: "test"}}))
    with closing(DockerEngine(Endpoint(docker28_containerd.host, "-H", None, None, tmp_path))) as engine:
        assert engine.remote_tag(reference).digest is not None
        helper.write_text("#!/bin/sh\necho broken >&2\nexit 1\n")
        with pytest.raises(EngineError, match="no credentials for") as failed:
            engine.remote_tag(reference)
        assert failed.value.status is None
        assert PASSWORD not in str(failed.value)
