"""The demo looks like a server that people use, and is the same for everyone."""

import pytest

from imgtui.engine.demo.engine import demo_engine
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.errors import ReadOnly
from imgtui.engine.wire.facts import read_facts
from imgtui.model.catalog.catalog import NONE, Catalog
from imgtui.model.core.image import Store
from imgtui.model.core.layers import LayerTree

NOW = 1_790_000_000
DAY = 86_400


@pytest.fixture(scope="module")
def engine() -> MemoryEngine:
    return demo_engine(NOW)


@pytest.fixture(scope="module")
def catalog(engine: MemoryEngine) -> Catalog:
    return everything(engine)


def everything(engine: MemoryEngine) -> Catalog:
    images = [image for part in engine.list_images() for image in part.images]
    return Catalog().with_images(images).with_containers(engine.containers())


def test_the_demo_is_the_same_at_the_same_moment(catalog: Catalog) -> None:
    again = everything(demo_engine(NOW))

    assert again.images == catalog.images
    assert again.containers == catalog.containers


def test_the_demo_is_a_docker_with_the_containerd_store(engine: MemoryEngine) -> None:
    info = engine.connect()

    assert (info.name, info.store) == ("demo", Store.CONTAINERD)


def test_myapp_has_14_versions_and_3_tags(catalog: Catalog) -> None:
    versions = catalog.repositories["myapp"].versions

    assert [version.tags for version in versions[:3]] == [("latest", "3.0"), ("2.0",), ()]
    assert len(versions) == 14
    assert sum(len(version.tags) for version in versions) == 3
    assert any(version.former_tags for version in versions)


def test_there_are_repositories_of_several_registries_and_images_of_none(catalog: Catalog) -> None:
    assert {"shop/web", "registry.example.com:5000/team/api", "ghcr.io/acme/ingest", NONE} <= set(
        catalog.repositories
    )
    assert 8 <= len(catalog.repositories) <= 12


def test_sizes_and_ages_differ_as_they_do(catalog: Catalog) -> None:
    sizes = [image.size for image in catalog.images.values()]
    ages = [NOW - image.created for image in catalog.images.values()]

    assert 4_000_000 < min(sizes) < 10_000_000
    assert 800_000_000 < max(sizes) <= 900_000_000
    assert min(ages) < 3_600
    assert max(ages) > 400 * DAY


def test_containers_drift_run_and_have_stopped(catalog: Catalog) -> None:
    containers = catalog.containers.values()
    drifting = [container for container in containers if catalog.drifted(container)]

    assert {container.running for container in drifting} == {True, False}
    assert len(drifting) < len(containers) / 2
    assert max(len(users) for users in catalog.containers_of.values()) >= 5
    assert {container.compose_project for container in containers} == {None, "shop"}
    assert all(container.created < NOW for container in containers)


def test_images_have_several_platforms_secrets_and_volumes(engine: MemoryEngine, catalog: Catalog) -> None:
    documents = {image_id: engine.document(image_id) or "" for image_id in catalog.images}
    facts = [read_facts(document) for document in documents.values()]

    assert any(len(image.platforms) > 1 for image in catalog.images.values())
    assert any(known.config.volumes for known in facts)
    assert any(known.config.healthcheck for known in facts)
    assert {known.config.user for known in facts} > {"app", "node"}
    assert all("org.opencontainers.image.revision" in known.config.labels for known in facts)
    assert all(known.sizes_certain for known in facts)
    assert not any("demo-password" in document for document in documents.values())
    assert any("demo-password" in (engine.document(key, reveal=True) or "") for key in documents)


def test_versions_share_layers_with_each_other_and_with_their_base(
    engine: MemoryEngine, catalog: Catalog
) -> None:
    tree = LayerTree()
    for image_id in catalog.images:
        tree.add(image_id, read_facts(engine.document(image_id) or "").layers)
    newest = catalog.repositories["myapp"].versions[0].image.id

    assert 0 < tree.own(newest) < tree.size(newest) / 10
    assert max(tree.holders(newest)) > len(catalog.repositories["myapp"].versions)
    assert all(tree.own(image_id) > 0 for image_id in catalog.images)


@pytest.mark.parametrize("images", [1, 49, 50, 51, 320])
def test_as_many_images_more_as_are_asked_for(catalog: Catalog, images: int) -> None:
    many = everything(demo_engine(NOW, images=images))

    assert len(many.images) == len(catalog.images) + images
    assert len(many.tags) == len({tag for image in many.images.values() for tag in image.tags})
    generated = [name for name in many.repositories if name.startswith("bench/")]
    assert len(generated) == (images + 49) // 50


def test_a_read_only_demo_changes_nothing() -> None:
    engine = demo_engine(NOW, read_only=True)

    with pytest.raises(ReadOnly):
        engine.remove("myapp:latest")
