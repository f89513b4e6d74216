"""What a removal frees is what a tree of layers says, whatever images share; else it is not promised."""

from __future__ import annotations

import random

import pytest

from imgtui.model.core.image import Layer, Store
from imgtui.model.core.layers import LayerTree
from imgtui.model.removal.bytes import Freed, StoredSize, freed_by, shares_of, to_measure

Layers = dict[str, tuple[Layer, ...]]


def some_images(seed: int) -> Layers:
    """Images that grow from each other's layers, some with equal ones, some with the same layer twice."""
    dice = random.Random(seed)
    pool = [Layer(f"sha256:{number}", dice.randrange(0, 5000)) for number in range(6)]
    images: Layers = {}
    for number in range(dice.randrange(1, 14)):
        below = dice.choice([(), *images.values()])
        images[f"image {number}"] = (*below, *dice.choices(pool, k=dice.randrange(0, 4)))
    return images


@pytest.mark.parametrize("seed", range(200))
def test_any_set_of_images_frees_what_the_tree_of_layers_says(seed: int) -> None:
    layers = some_images(seed)
    dice = random.Random(seed)
    tree = LayerTree()
    for image_id, own in layers.items():
        tree.add(image_id, own)
    doomed = dice.sample(list(layers), dice.randrange(0, len(layers) + 1))
    shares = shares_of(doomed, Store.GRAPH, layers, {})
    for count in range(len(doomed) + 1):
        gone = doomed[:count]
        assert freed_by(shares, gone) == Freed(tree.freed(gone), tree.freed(gone))


def test_podman_frees_what_it_keeps_of_configurations_too() -> None:
    layers: Layers = {"a": (Layer("1", 10),), "b": (Layer("1", 10), Layer("2", 5))}
    holdings = {"a": StoredSize(size=13), "b": StoredSize(size=22)}
    assert freed_by(shares_of({"b"}, Store.PODMAN, layers, holdings), {"b"}) == Freed(12, 12)
    both = shares_of({"a", "b"}, Store.PODMAN, layers, holdings)
    assert freed_by(both, {"a", "b"}) == Freed(25, 25)
    assert freed_by(both, {"a"}) == Freed(3, 3)


def test_the_containerd_store_frees_all_of_an_image_that_shares_nothing() -> None:
    layers: Layers = {"a": (Layer("1", 100), Layer("2", 50)), "b": (Layer("3", 10),)}
    holdings = {"a": StoredSize(size=230, unpacked=150), "b": StoredSize(size=14, unpacked=10)}
    assert freed_by(shares_of({"a"}, Store.CONTAINERD, layers, holdings), {"a"}) == Freed(230, 230)


def test_of_compressed_content_that_may_be_shared_nothing_is_promised() -> None:
    layers: Layers = {"a": (Layer("1", 100), Layer("2", 50)), "b": (Layer("1", 100),)}
    holdings = {"a": StoredSize(size=225, unpacked=150), "b": StoredSize(size=150, unpacked=100)}
    freed = freed_by(shares_of({"a"}, Store.CONTAINERD, layers, holdings), {"a"})
    assert freed == Freed(50, 75)
    assert not freed.exact


def test_of_content_whose_blobs_are_known_all_is_promised() -> None:
    layers: Layers = {
        "a": (Layer("1", 100), Layer("2", 50)),
        "b": (Layer("1", 100),),
        "c": (Layer("3", 7),),
    }
    holdings = {
        "a": StoredSize(size=225, unpacked=150),
        "b": StoredSize(size=145, unpacked=100),
        "c": StoredSize(size=9, unpacked=7),
    }
    blobs = {"a": {"of 1": 40, "of 2": 30, "config of a": 5}, "b": {"of 1": 40, "config of b": 5}}
    assert to_measure({"a"}, layers, holdings) == {"a": 75, "b": 45}
    assert to_measure({"c"}, layers, holdings) == {}
    alone = shares_of({"a"}, Store.CONTAINERD, layers, holdings, blobs)
    assert freed_by(alone, {"a"}) == Freed(85, 85)
    everything = shares_of({"a", "b", "c"}, Store.CONTAINERD, layers, holdings, blobs)
    assert freed_by(everything, {"a", "b", "c"}) == Freed(150 + 80 + 9, 150 + 80 + 9)
    assert freed_by(everything, {"b"}) == Freed(5, 5)


def test_one_image_whose_blobs_are_not_known_leaves_an_estimate() -> None:
    layers: Layers = {"a": (Layer("1", 100), Layer("2", 50)), "b": (Layer("1", 100),)}
    holdings = {"a": StoredSize(size=225, unpacked=150), "b": StoredSize(size=150, unpacked=100)}
    blobs = {"a": {"of 1": 40, "of 2": 30, "config of a": 5}}
    shares = shares_of({"a"}, Store.CONTAINERD, layers, holdings, blobs)
    assert freed_by(shares, {"a"}) == Freed(50, 75)


def test_what_is_not_unpacked_holds_no_snapshot() -> None:
    layers: Layers = {"a": (Layer("1", 100), Layer("2", 50)), "b": (Layer("1", 100), Layer("2", 50))}
    holdings = {"a": StoredSize(size=210, unpacked=150), "b": StoredSize(size=60, unpacked=0)}
    assert freed_by(shares_of({"b"}, Store.CONTAINERD, layers, holdings), {"b"}).certain == 0
    assert freed_by(shares_of({"a"}, Store.CONTAINERD, layers, holdings), {"a"}).certain == 150
