"""What an image is called: IDs, tags, repo digests."""

import pytest

from imgtui.model.core.digest import is_digest
from imgtui.model.core.image import Store
from tests.engine.contract.conftest import archive, listed
from tests.engine.contract.hands import DockerHands, Hands
from tests.engines.looked_at import IN_MEMORY, not_on


def test_an_engine_says_who_it_is(hands: Hands) -> None:
    info = hands.engine.connect()

    assert info.store is hands.store
    assert info.architecture == "amd64"
    assert info.version
    assert info.api_version
    assert info.driver


def test_a_built_image_is_listed_under_its_digest_with_its_tag(hands: Hands, name: str) -> None:
    built = hands.build(f"{name}:1", name)

    image = listed(hands)[built]
    assert is_digest(image.id)
    assert image.tags == (f"{name}:1",)
    assert image.created > 0
    assert image.size > 1_000_000


@not_on(*IN_MEMORY, why="an engine in memory has no configuration in bytes")
def test_an_image_id_is_the_config_digest_but_on_the_containerd_store(hands: Hands, name: str) -> None:
    assert isinstance(hands, DockerHands)
    image = archive(f"{name}:1", name)

    loaded = hands.load(image)

    assert (loaded == image.config_digest) == (hands.store is not Store.CONTAINERD)


def test_the_same_content_built_again_has_one_platform_manifest(hands: Hands, name: str) -> None:
    first = hands.build(f"{name}:1", name)
    manifest = listed(hands)[first].manifest
    second = hands.build(f"{name}:2", name)

    assert listed(hands)[second].manifest == manifest
    assert (first != second) == (hands.store is Store.CONTAINERD)
    assert (manifest is None) == (hands.store is Store.GRAPH)


@pytest.mark.parametrize(
    "tag",
    [
        "{name}:1.0",
        "team/{name}:latest",
        "localhost:5000/{name}:v1",
        "localhost/{name}:v1",
        "registry.example.com/a/b/c/{name}:V_1.0-rc.1",
        "ghcr.io/acme/{name}:x",
    ],
)
def test_a_tag_is_listed_as_docker_prints_it(hands: Hands, name: str, tag: str) -> None:
    wanted = tag.format(name=name)

    loaded = hands.load(archive(wanted, wanted))

    assert listed(hands)[loaded].tags == (wanted,)
    assert [image.tags for image in hands.engine.find_images([wanted])] == [(wanted,)]


def test_an_image_can_have_several_tags_in_several_repositories(hands: Hands, name: str) -> None:
    loaded = hands.load(archive(f"{name}:1", name))
    hands.tag(f"{name}:1", f"{name}:2")
    hands.tag(f"{name}:1", f"localhost:5000/{name}:1")

    assert set(listed(hands)[loaded].tags) == {f"{name}:1", f"{name}:2", f"localhost:5000/{name}:1"}


def test_a_tag_points_at_one_image_after_it_moved(hands: Hands, name: str) -> None:
    loser = hands.load(archive(f"{name}:1", name, "loser"))
    winner = hands.load(archive(f"{name}:2", name, "winner"))

    hands.tag(f"{name}:2", f"{name}:1")

    images = listed(hands)
    assert set(images[winner].tags) == {f"{name}:1", f"{name}:2"}
    assert images[loser].tags == ()


def test_repo_digests_name_the_image_only_where_its_own_digest_is_known(hands: Hands, name: str) -> None:
    loaded = hands.load(archive(f"{name}:1", name))
    hands.tag(f"{name}:1", f"team/{name}:1")

    digests = listed(hands)[loaded].repo_digests
    if hands.store is Store.GRAPH:
        assert digests == ()
    elif hands.store is Store.CONTAINERD:
        assert set(digests) == {f"{name}@{loaded}", f"team/{name}@{loaded}"}
    else:
        assert {digest.partition("@")[0] for digest in digests} == {name, f"team/{name}"}


def test_an_image_that_lost_its_last_tag_has_no_repository(hands: Hands, name: str) -> None:
    loser = hands.load(archive(f"{name}:1", name, "loser"))
    hands.load(archive(f"{name}:2", name, "winner"))
    hands.tag(f"{name}:2", f"{name}:1")

    assert listed(hands)[loser].repo_digests == ()
