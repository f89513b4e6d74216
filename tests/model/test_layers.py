"""Own, shared and freed bytes are what counting every stored layer by hand gives."""

import hashlib
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.core.image import Layer
from imgtui.model.core.layers import LayerTree, chain_ids

SIZES = {"a": 5, "b": 70, "c": 900, "d": 0}
LAYERS = st.sampled_from([Layer(f"sha256:{name}", size) for name, size in SIZES.items()])
IMAGES = st.dictionaries(st.sampled_from("pqrstuv"), st.lists(LAYERS, max_size=5), max_size=7)


def stored(layers: Sequence[Layer]) -> set[tuple[Layer, ...]]:
    """Each layer at its place: what is stored once for all images with the same layers below."""
    return {tuple(layers[: height + 1]) for height in range(len(layers))}


def bytes_of(places: set[tuple[Layer, ...]]) -> int:
    return sum(place[-1].size for place in places)


def others(images: dict[str, list[Layer]], but: set[str]) -> set[tuple[Layer, ...]]:
    return {place for name, layers in images.items() if name not in but for place in stored(layers)}


def tree_of(images: dict[str, list[Layer]]) -> LayerTree:
    tree = LayerTree()
    for name, layers in images.items():
        tree.add(name, layers)
    return tree


@given(IMAGES)
def test_all_images_together_take_each_stored_layer_once(images: dict[str, list[Layer]]) -> None:
    assert tree_of(images).total == bytes_of(others(images, set()))


@given(IMAGES)
def test_own_bytes_are_in_no_other_image_and_shared_ones_are(images: dict[str, list[Layer]]) -> None:
    tree = tree_of(images)
    for name, layers in images.items():
        elsewhere = others(images, {name})
        assert tree.own(name) == bytes_of(stored(layers) - elsewhere)
        assert tree.shared(name) == bytes_of(stored(layers) & elsewhere)
        assert tree.size(name) == sum(layer.size for layer in layers)


@given(IMAGES, st.sets(st.sampled_from("pqrstuvxyz")))
def test_removing_images_frees_what_no_image_that_stays_holds(
    images: dict[str, list[Layer]], removed: set[str]
) -> None:
    gone = {place for name in removed & images.keys() for place in stored(images[name])}

    assert tree_of(images).freed(removed) == bytes_of(gone - others(images, removed))


@given(IMAGES, st.sets(st.sampled_from("pqrstuvxyz")))
def test_what_freeing_promises_is_what_removing_gives(
    images: dict[str, list[Layer]], removed: set[str]
) -> None:
    tree = tree_of(images)
    promised, before = tree.freed(removed), tree.total
    for name in removed:
        tree.discard(name)

    assert before - tree.total == promised


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("pqrs")), max_size=30), IMAGES)
def test_images_can_come_and_go_in_any_order(
    steps: list[tuple[bool, str]], images: dict[str, list[Layer]]
) -> None:
    tree = LayerTree()
    there: dict[str, list[Layer]] = {}
    for comes, name in steps:
        if comes and name in images:
            tree.add(name, images[name])
            there[name] = images[name]
        elif not comes:
            tree.discard(name)
            there.pop(name, None)

    fresh = tree_of(there)
    assert len(tree) == len(there)
    assert all(name in tree for name in there)
    assert tree.total == fresh.total
    assert {name: tree.own(name) for name in there} == {name: fresh.own(name) for name in there}
    assert {name: tree.holders(name) for name in there} == {name: fresh.holders(name) for name in there}


@given(IMAGES)
def test_two_images_share_a_place_where_they_share_the_chain_id(images: dict[str, list[Layer]]) -> None:
    tree = tree_of(images)
    numbers: dict[str, int] = {}
    for name, layers in images.items():
        chain = chain_ids([layer.diff_id for layer in layers])
        for chain_id, place in zip(chain, tree.places(name), strict=True):
            assert numbers.setdefault(chain_id, place) == place

    assert len(set(numbers.values())) == len(numbers)


@given(IMAGES)
def test_every_layer_says_how_many_images_hold_it(images: dict[str, list[Layer]]) -> None:
    tree = tree_of(images)
    for name, layers in images.items():
        assert tree.holders(name) == [
            sum(tuple(layers[: height + 1]) in stored(other) for other in images.values())
            for height in range(len(layers))
        ]


def test_the_same_layer_on_another_one_is_stored_again() -> None:
    tree = LayerTree()
    tree.add("web", [Layer("sha256:base", 10), Layer("sha256:app", 3)])
    tree.add("api", [Layer("sha256:other", 20), Layer("sha256:app", 3)])

    assert tree.total == 36
    assert tree.own("web") == 13


def test_an_image_that_is_added_again_is_counted_once() -> None:
    tree = LayerTree()
    tree.add("web", [Layer("sha256:base", 10)])
    tree.add("web", [Layer("sha256:base", 10)])
    tree.discard("web")

    assert tree.total == 0
    assert "web" not in tree


def test_an_image_that_was_never_added_counts_nothing() -> None:
    tree = LayerTree()

    assert (tree.own("web"), tree.shared("web"), tree.size("web"), tree.freed(["web"])) == (0, 0, 0, 0)
    assert tree.holders("web") == []
    assert tree.places("web") == ()


def test_chain_ids_are_those_of_the_specification() -> None:
    first, second, third = (f"sha256:{digit * 64}" for digit in "123")
    chain = chain_ids([first, second, third])

    assert chain[0] == first
    assert chain[1] == f"sha256:{hashlib.sha256(f'{first} {second}'.encode()).hexdigest()}"
    assert chain[2] == f"sha256:{hashlib.sha256(f'{chain[1]} {third}'.encode()).hexdigest()}"
    assert chain_ids([]) == []
