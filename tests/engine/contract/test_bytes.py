"""Own and shared bytes are those that the engine counts itself."""

import json

from imgtui.engine.docker.engine import DockerEngine
from imgtui.engine.wire.facts import read_facts
from imgtui.model.core.image import Image
from imgtui.model.core.layers import LayerTree
from tests.engine.contract.conftest import archive, listed
from tests.engine.contract.hands import DockerHands, Hands
from tests.engines import content
from tests.engines.private import PrivateEngine


def tree_of(hands: Hands) -> LayerTree:
    """The layers of all images of an engine."""
    tree = LayerTree()
    for image_id in listed(hands):
        document = hands.engine.document(image_id)
        assert document is not None
        tree.add(image_id, read_facts(document).layers)
    return tree


def disk_usage(engine: DockerEngine) -> tuple[int, dict[str, dict[str, int]]]:
    """`LayersSize`, and `Size` and `SharedSize` of each image, as `/system/df` counts them."""
    answer = engine._connection.connected().get_json("/system/df")
    assert isinstance(answer, dict)
    return int(answer["LayersSize"]), {image["Id"]: image for image in answer["Images"]}


def fill(hands: DockerHands, name: str) -> list[str]:
    """Images that share no, some, and all layers, and one that has the same layer twice."""
    return [
        hands.load(archive(f"{name}:alone", f"{name} alone")),
        hands.load(archive(f"{name}:base", f"{name} base")),
        hands.load(archive(f"{name}:child", f"{name} base", "child")),
        hands.load(archive(f"{name}:other", f"{name} base", "other", "child")),
        hands.load(archive(f"{name}:same", f"{name} base", "child", config={"User": "1"})),
        hands.load(archive(f"{name}:twice", f"{name} twice", "x" * 5000, "x" * 5000)),
        hands.build(f"{name}:built", name),
        hands.build(f"{name}:rebuilt", f"{name} again"),
    ]


def assert_equals_disk_usage(real: PrivateEngine, name: str) -> None:
    hands = DockerHands(real)
    made = fill(hands, name)
    total, usage = disk_usage(hands.engine)

    tree = tree_of(hands)

    assert set(made) <= usage.keys() == set(listed(hands))
    assert {image_id: tree.size(image_id) for image_id in usage} == {
        image_id: image["Size"] for image_id, image in usage.items()
    }
    assert {image_id: tree.shared(image_id) for image_id in usage} == {
        image_id: image["SharedSize"] for image_id, image in usage.items()
    }
    assert tree.total == total
    hands.engine.close()


def test_shared_and_unique_bytes_on_a_graph_driver_of_docker_28(
    docker28_overlay2: PrivateEngine, name: str
) -> None:
    assert_equals_disk_usage(docker28_overlay2, name)


def test_shared_and_unique_bytes_on_a_graph_driver_of_docker_20(
    docker20_overlay2: PrivateEngine, name: str
) -> None:
    assert_equals_disk_usage(docker20_overlay2, name)


def test_the_bytes_that_removing_images_frees_are_those_that_were_promised(
    docker28_overlay2: PrivateEngine, name: str
) -> None:
    hands = DockerHands(docker28_overlay2)
    made = fill(hands, name)[2:6]
    promised = tree_of(hands).freed(made)
    before, _ = disk_usage(hands.engine)

    docker28_overlay2.docker("rmi", *made)

    after, _ = disk_usage(hands.engine)
    assert before - after == promised
    hands.engine.close()


def test_the_containerd_store_counts_compressed_content_beside_the_unpacked_layers(
    docker28_containerd: PrivateEngine, name: str
) -> None:
    hands = DockerHands(docker28_containerd)
    built = content.build(docker28_containerd, f"{name}:1", version=name)
    shown = docker28_containerd.docker(
        "image", "ls", "--no-trunc", "--format", "json", "--filter", f"reference={name}:1"
    )
    answer = hands.engine._connection.connected().get_json(
        "/images/json", {"manifests": "1", "filters": {"reference": [f"{name}:1"]}}
    )
    assert isinstance(answer, list)
    manifests = [manifest for manifest in answer[0]["Manifests"] if manifest["Kind"] == "image"]
    (unpacked,) = [manifest["ImageData"]["Size"]["Unpacked"] for manifest in manifests]

    image: Image = listed(hands)[built]
    layers = tree_of(hands).size(built)

    assert json.loads(shown)["ID"] == built
    assert image.size == answer[0]["Size"]
    assert layers == unpacked
    assert image.size > layers
    hands.engine.close()


def test_the_size_of_an_image_is_what_the_engine_lists(hands: Hands, name: str) -> None:
    if not isinstance(hands, DockerHands):
        loaded = hands.load(archive(f"{name}:1", "x" * 70))
        assert tree_of(hands).size(loaded) == 70
        return
    loaded = hands.load(archive(f"{name}:1", name))
    answer = hands.engine._connection.connected().get_json(
        "/images/json", {"filters": {"reference": [f"{name}:1"]}}
    )
    assert isinstance(answer, list)

    assert [entry["Size"] for entry in answer] == [listed(hands)[loaded].size]
