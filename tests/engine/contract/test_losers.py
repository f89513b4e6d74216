"""What becomes of an image whose tag is given to another one: the reason for the tag log."""

from imgtui.model.core.image import Store
from tests.engine.contract.conftest import archive, listed
from tests.engine.contract.hands import Hands
from tests.engines.kinds import PODMANS
from tests.engines.looked_at import not_on


def test_a_rebuild_with_buildkit_on_the_containerd_store_drops_the_image(hands: Hands, name: str) -> None:
    loser = hands.build(f"{name}:latest", f"{name} before")
    winner = hands.build(f"{name}:latest", f"{name} after")

    images = listed(hands)
    assert images[winner].tags == (f"{name}:latest",)
    if hands.store is Store.CONTAINERD:
        assert loser not in images
        assert hands.engine.image(loser) is None
        assert hands.engine.document(loser) is None
    else:
        assert images[loser].tags == ()
        assert loser in {image.id for image in hands.engine.dangling_images()}


def test_a_rebuild_leaves_an_image_that_has_another_tag(hands: Hands, name: str) -> None:
    loser = hands.build(f"{name}:latest", f"{name} before")
    hands.tag(f"{name}:latest", f"{name}:kept")
    hands.build(f"{name}:latest", f"{name} after")

    assert listed(hands)[loser].tags == (f"{name}:kept",)


def test_docker_tag_leaves_the_image_that_lost_the_tag(hands: Hands, name: str) -> None:
    loser = hands.load(archive(f"{name}:1", name, "loser"))
    hands.load(archive(f"{name}:2", name, "winner"))
    hands.tag(f"{name}:2", f"{name}:1")

    assert loser in listed(hands)
    assert loser in {image.id for image in hands.engine.dangling_images()}


def test_docker_load_over_a_tag_leaves_the_image_that_had_it(hands: Hands, name: str) -> None:
    loser = hands.load(archive(f"{name}:1", name, "loser"))
    winner = hands.load(archive(f"{name}:1", name, "winner"))

    images = listed(hands)
    assert images[winner].tags == (f"{name}:1",)
    assert images[loser].tags == ()


def test_removing_the_last_tag_removes_the_image(hands: Hands, name: str) -> None:
    loaded = hands.load(archive(f"{name}:1", name))
    hands.tag(f"{name}:1", f"{name}:2")

    assert hands.remove(f"{name}:1")
    assert listed(hands)[loaded].tags == (f"{name}:2",)
    assert hands.remove(f"{name}:2")
    assert loaded not in listed(hands)
    assert hands.engine.image(loaded) is None


def test_an_image_with_several_tags_is_removed_by_id_only_by_force(hands: Hands, name: str) -> None:
    loaded = hands.load(archive(f"{name}:1", name))
    hands.tag(f"{name}:1", f"{name}:2")

    assert not hands.remove(loaded)
    assert listed(hands)[loaded].tags
    assert hands.remove(loaded, force=True)
    assert loaded not in listed(hands)
    assert hands.engine.find_images([f"{name}:1", f"{name}:2"]) == []


def test_the_last_tag_of_a_used_image_is_not_removed(hands: Hands, name: str, containers: list[str]) -> None:
    loaded = hands.load(archive(f"{name}:1", name, config={"Cmd": ["true"]}))
    hands.create(name, f"{name}:1")
    containers.append(name)

    assert not hands.remove(f"{name}:1")
    assert not hands.remove(loaded)
    assert listed(hands)[loaded].tags == (f"{name}:1",)


def test_a_forced_removal_of_a_stopped_containers_tag_leaves_the_image_on_the_containerd_store(
    hands: Hands, name: str, containers: list[str]
) -> None:
    loaded = hands.load(archive(f"{name}:1", name, config={"Cmd": ["true"]}))
    identifier = hands.create(name, f"{name}:1")
    if hands.store is not Store.PODMAN:
        containers.append(name)

    assert hands.remove(f"{name}:1", force=True)

    left = [container.id for container in hands.engine.containers([identifier])]
    assert left == ([] if hands.store is Store.PODMAN else [identifier])
    assert (loaded in listed(hands)) == (hands.store is Store.CONTAINERD)


@not_on(*PODMANS, why="Podman removes the container with it")
def test_a_running_containers_image_survives_the_forced_removal_of_its_tag(
    hands: Hands, name: str, containers: list[str]
) -> None:
    built = hands.build(f"{name}:1", name)
    hands.run(name, f"{name}:1")
    containers.append(name)

    assert hands.remove(f"{name}:1", force=True)

    assert listed(hands)[built].tags == ()
    assert not hands.remove(built, force=True)
