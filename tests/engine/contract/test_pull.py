"""A pull brings exactly what was asked for, tells how far it has come, and leaves no trace where it fails."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.docker.engine import DockerEngine
from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, NotFound, ReadOnly, Unavailable
from imgtui.engine.port.registry import Pull
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.image import Store
from imgtui.model.jobs.progress import Transfer, TransferStage
from imgtui.operations.taglog.reconcile import reconcile
from tests.engine.contract.conftest import listed
from tests.engine.contract.hands import DockerHands, Hands, MemoryHands, connect
from tests.engine.contract.source import LAYERS, Source, image
from tests.engines.faulty_registry import FaultyRegistry
from tests.engines.private import PrivateEngine
from tests.engines.registry import PASSWORD, Registry, login
from tests.engines.waiting import PATIENCE

SECONDS = PATIENCE


class Following(threading.Thread):
    """Somebody who follows a pull in a thread of its own."""

    def __init__(self, pull: Pull) -> None:
        super().__init__(daemon=True)
        self.told: list[Transfer] = []
        self.error: Exception | None = None
        self.begun = threading.Event()
        self._pull = pull
        self.start()

    def run(self) -> None:
        try:
            for transfer in self._pull:
                self.told.append(transfer)
                self.begun.set()
        except Exception as error:
            self.error = error

    def end(self) -> list[Transfer]:
        """Wait for the end."""
        self.join(SECONDS)
        assert not self.is_alive()
        return self.told


def failure_of(engine: Engine, reference: str) -> EngineError:
    """Why a pull fails, which may show before or in the stream."""
    with pytest.raises(EngineError) as failed:
        list(engine.pull(reference))
    return failed.value


def test_a_tag_is_pulled_and_how_far_it_has_come_is_told(hands: Hands, source: Source) -> None:
    source.publish("1", "one")
    told = list(hands.engine.pull(source.tag("1")))

    assert source.at("1") is not None
    assert all(0 <= transfer.done <= transfer.total for transfer in told)
    last = told[-1]
    assert last.layers_done == len(last.layers) >= LAYERS
    assert {layer.stage for layer in last.layers.values()} == {TransferStage.DONE}


def test_a_digest_is_pulled_and_moves_no_tag(hands: Hands, source: Source) -> None:
    source.publish("1", "one")
    image_id = source.pull("1")
    before = hands.engine.image(image_id)
    assert before is not None
    (digest,) = before.repo_digests
    source.remove(image_id)
    assert hands.engine.image(image_id) is None

    list(hands.engine.pull(digest))
    found = hands.engine.image(digest)
    assert found is not None
    assert (found.id, found.tags, found.repo_digests) == (image_id, (), (digest,))
    hands.engine.tag(image_id, source.tag("again"))
    assert source.at("again") == image_id


def test_a_pull_by_digest_is_told_by_an_event_that_says_where_to_look(
    hands: Hands, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.publish("1", "one")
    image_id = source.pull("1")
    (digest,) = hands.engine.image(image_id).repo_digests  # type: ignore[union-attr]  # it is there
    source.remove(image_id)
    before, stream = Catalog(listed(hands)), hands.engine.events()
    list(hands.engine.pull(digest))
    event = next(event for event in stream if event.action == "pull")
    stream.close()
    assert (event.repo_digest, event.reference, event.id) == (digest, None, None)

    monkeypatch.setattr(hands.engine, "list_images", lambda: pytest.fail("everything was listed"))
    after = reconcile(hands.engine, before, [event])
    assert after.images[image_id].repo_digests == (digest,)
    assert after.images[image_id].size > 0


def test_what_the_registry_does_not_have_is_an_error_and_changes_nothing(
    hands: Hands, source: Source
) -> None:
    source.publish("1", "one")
    here = source.pull("1")
    for missing in (source.tag("2"), f"{source.repository}@sha256:{'0' * 64}"):
        error = failure_of(hands.engine, missing)
        # Podman 4.3 answers 200 to every pull: what is wrong is only in words.
        assert isinstance(error, NotFound) or hands.store is Store.PODMAN
        assert "not found" in str(error) or "unknown" in str(error)
    assert (source.at("1"), source.at("2")) == (here, None)


def test_a_registry_that_breaks_off_in_the_middle_leaves_the_tag_where_it_was(
    hands: Hands, source: Source
) -> None:
    source.publish("1", "one")
    here = source.pull("1")
    source.publish("1", "two", broken=True)
    assert "EOF" in str(failure_of(hands.engine, source.tag("1")))
    assert source.at("1") == here


def test_a_pull_that_is_closed_in_the_middle_ends_at_once_and_brings_nothing(
    hands: Hands, source: Source
) -> None:
    source.publish("1", "one")
    here = source.pull("1")
    source.publish("1", "two")
    source.hold()
    pull = hands.engine.pull(source.tag("1"))
    following = Following(pull)
    assert following.begun.wait(SECONDS)
    pull.close()
    pull.close()
    following.end()
    assert following.error is None
    source.go_on()

    source.publish("2", "three")  # the engine had the time to go on with what was broken off
    source.pull("2")
    assert source.at("1") == here


def test_a_pull_that_would_change_a_read_only_engine_is_not_sent(hands: Hands, source: Source) -> None:
    source.publish("1", "one")
    if isinstance(hands, MemoryHands):
        hands.engine.read_only = True
        engine: Engine = hands.engine
    else:
        assert isinstance(hands, DockerHands)
        engine = connect(hands.real, read_only=True)
    with pytest.raises(ReadOnly):
        engine.pull(source.tag("1"))
    assert source.at("1") is None


def test_an_engine_that_goes_away_in_the_middle_is_told_as_such(
    own_engine: PrivateEngine, real_registry: Registry, faulty_registry: FaultyRegistry
) -> None:
    real_registry.publish("away:1", image("away"))
    faulty_registry.in_the_middle.clear()
    faulty_registry.gate.clear()
    engine = connect(own_engine)
    following = Following(engine.pull(f"{faulty_registry.address}/away:1"))
    assert faulty_registry.in_the_middle.wait(SECONDS)
    own_engine.kill()
    following.end()
    faulty_registry.gate.set()
    assert isinstance(following.error, Unavailable)
    engine.close()


# ---------------------------------------------------------------------- credentials


@pytest.fixture(scope="module")
def locked_registry() -> Iterator[Registry]:
    """A registry that wants a password."""
    with Registry(locked=True) as registry:
        registry.publish("locked:1", image("locked"))
        yield registry


def with_config(real: PrivateEngine, folder: Path, config: object) -> DockerEngine:
    """The engine as somebody sees it who has this docker configuration."""
    (folder / "config.json").write_text(json.dumps(config))
    return DockerEngine(Endpoint(real.address, "-H", None, None, folder))


def test_credentials_come_from_the_configuration_of_docker_and_are_read_anew(
    real_engine: PrivateEngine, locked_registry: Registry, tmp_path: Path
) -> None:
    name = f"{locked_registry.address}/locked:1"
    engine = with_config(real_engine, tmp_path, {})
    refused = str(failure_of(engine, name))
    assert "auth" in refused

    wrong = {"auths": {locked_registry.address: {"auth": "cmVhZGVyOm5vdCBpdA=="}}}
    (tmp_path / "config.json").write_text(json.dumps(wrong))
    assert "not it" not in str(failure_of(engine, name))
    assert engine.image(name) is None

    (tmp_path / "config.json").write_text(json.dumps({"auths": {locked_registry.address: {"auth": login()}}}))
    list(engine.pull(name))
    found = engine.image(name)
    assert found is not None
    assert found.tags == (name,)
    real_engine.docker("rmi", name)
    engine.close()


def test_credentials_come_from_the_helper_that_the_configuration_names(
    docker28_overlay2: PrivateEngine,
    locked_registry: Registry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    helper = tmp_path / "docker-credential-tests"
    answer = json.dumps({"ServerURL": locked_registry.address, "Username": "reader", "Secret": PASSWORD})
    helper.write_text(f"#!/bin/sh\necho '{answer}'\n")
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    name = f"{locked_registry.address}/locked:1"
    config = {"credHelpers": {locked_registry.address: "tests"}}
    engine = with_config(docker28_overlay2, tmp_path, config)
    list(engine.pull(name))
    assert engine.image(name) is not None
    docker28_overlay2.docker("rmi", name)

    helper.write_text("#!/bin/sh\necho 'the key ring is locked' >&2\nexit 1\n")
    error = failure_of(engine, name)
    assert "no credentials" in str(error)
    assert engine.image(name) is None
    engine.close()
