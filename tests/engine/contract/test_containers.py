"""Containers, and the image each was created from."""

import pytest

from imgtui.engine.port.errors import EngineError
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.clone.libpod_spec import with_libpod
from imgtui.model.core.image import Container, Store
from imgtui.model.safety.json import mapping
from tests.engine.contract.conftest import archive, listed
from tests.engine.contract.hands import Hands

RUNNABLE: dict[str, object] = {"Cmd": ["true"]}


def one(hands: Hands, identifier: str) -> Container:
    (found,) = hands.engine.containers([identifier])
    return found


def test_a_container_names_its_image_and_the_tag_it_was_created_from(
    hands: Hands, name: str, containers: list[str]
) -> None:
    loaded = hands.load(archive(f"{name}:1", name, config=RUNNABLE))
    containers.append(name)
    made = one(hands, hands.create(name, f"{name}:1"))

    assert (made.name, made.image_id, made.created_from) == (name, loaded, f"{name}:1")
    assert made.state == "created"
    assert not made.running
    assert made.created > 0


def test_a_running_container_is_running(hands: Hands, name: str, containers: list[str]) -> None:
    built = hands.build(f"{name}:1", name)
    containers.append(name)
    made = one(hands, hands.run(name, f"{name}:1"))

    assert made.running
    assert made.image_id == built


def test_a_tag_without_its_default_is_completed(hands: Hands, name: str, containers: list[str]) -> None:
    hands.load(archive(f"{name}:latest", name, config=RUNNABLE))
    containers.append(name)

    assert one(hands, hands.create(name, name)).created_from == f"{name}:latest"


def test_a_container_created_by_id_was_created_from_no_tag(
    hands: Hands, name: str, containers: list[str]
) -> None:
    loaded = hands.load(archive(f"{name}:1", name, config=RUNNABLE))
    containers.append(name)

    made = one(hands, hands.create(name, loaded))
    # Podman finds a name of the image itself: Config.Image is one of its tags.
    assert made.created_from == (f"{name}:1" if hands.store is Store.PODMAN else None)
    assert made.image_id == loaded


def test_a_container_drifts_when_the_tag_it_was_created_from_moves(
    hands: Hands, name: str, containers: list[str]
) -> None:
    before = hands.load(archive(f"{name}:1", name, "before", config=RUNNABLE))
    after = hands.load(archive(f"{name}:2", name, "after", config=RUNNABLE))
    containers.append(name)
    identifier = hands.create(name, f"{name}:1")
    seen = one(hands, identifier)
    hands.tag(f"{name}:2", f"{name}:1")

    made = one(hands, identifier)

    assert made == seen
    assert made.image_id == before
    assert made.created_from == f"{name}:1"
    catalog = Catalog(listed(hands), {identifier: made})
    assert catalog.drifted(made)
    assert catalog.tag_now(made) == after


def test_drift_is_seen_by_who_comes_after_the_tag_has_moved(
    hands: Hands, name: str, containers: list[str]
) -> None:
    before = hands.load(archive(f"{name}:1", name, "before", config=RUNNABLE))
    hands.load(archive(f"{name}:2", name, "after", config=RUNNABLE))
    containers.append(name)
    identifier = hands.create(name, f"{name}:1")
    hands.tag(f"{name}:2", f"{name}:1")

    made = one(hands, identifier)

    assert (made.image_id, made.created_from) == (before, f"{name}:1")


def test_a_containers_image_is_known_when_a_rebuild_dropped_it(
    hands: Hands, name: str, containers: list[str]
) -> None:
    before = hands.build(f"{name}:latest", f"{name} before")
    containers.append(name)
    identifier = hands.run(name, f"{name}:latest")
    hands.build(f"{name}:latest", f"{name} after")

    made = one(hands, identifier)

    assert made.running
    assert (made.image_id, made.created_from) == (before, f"{name}:latest")


def test_only_the_containers_asked_for_are_given(hands: Hands, name: str, containers: list[str]) -> None:
    hands.load(archive(f"{name}:1", name, config=RUNNABLE))
    containers += [f"{name}-a", f"{name}-b"]
    first, second = hands.create(f"{name}-a", f"{name}:1"), hands.create(f"{name}-b", f"{name}:1")

    assert [made.id for made in hands.engine.containers([first])] == [first]
    assert {made.id for made in hands.engine.containers([first, second])} == {first, second}
    assert {first, second} <= {made.id for made in hands.engine.containers()}
    assert hands.engine.containers([]) == []


def test_a_removed_container_is_not_there_and_is_no_error(hands: Hands, name: str) -> None:
    hands.load(archive(f"{name}:1", name, config=RUNNABLE))
    identifier = hands.create(name, f"{name}:1")
    hands.discard(name)

    assert hands.engine.containers([identifier]) == []


def test_what_only_podman_takes_is_refused_by_every_other_engine(
    hands: Hands, name: str, containers: list[str]
) -> None:
    loaded = hands.load(archive(f"{name}:1", name, config=RUNNABLE))
    body = with_libpod({"Image": loaded}, [("--tz", "UTC")], ["podman", "create", "--tz", "UTC"], {})
    if hands.store is not Store.PODMAN:
        with pytest.raises(EngineError, match=f"{name} has options that only Podman has"):
            hands.engine.create_container(name, body)
        assert hands.engine.inspect_container(name) is None
        return
    containers.append(name)
    made = hands.engine.create_container(name, body)
    told = mapping((hands.engine.podman_document(made) or {}).get("Config"))
    assert (told.get("Timezone"), told.get("CreateCommand")) == ("UTC", ["podman", "create", "--tz", "UTC"])
    assert one(hands, made).image_id == loaded


def test_one_that_does_not_run_is_taken_out_of_its_networks_once(
    hands: Hands, name: str, containers: list[str]
) -> None:
    loaded = hands.load(archive(f"{name}:1", name, config=RUNNABLE))
    containers.append(name)
    made = hands.engine.create_container(name, {"Image": loaded})

    def networks() -> list[str]:
        found = mapping(hands.engine.inspect_container(made))
        return list(mapping(mapping(found.get("NetworkSettings")).get("Networks")))

    (network,) = networks()
    hands.engine.disconnect_network(network, made)
    assert networks() == []
    with pytest.raises(EngineError):
        hands.engine.disconnect_network(network, made)
