"""What can be asked about images."""

import pytest

from imgtui.engine.wire.listing import list_in_parts
from imgtui.model.core.image import Image, Store
from tests.engine.contract.conftest import archive, listed
from tests.engine.contract.hands import DockerHands, Hands, connect
from tests.engines.private import PrivateEngine


def test_finding_tags_gives_only_the_tags_that_were_asked_for(hands: Hands, name: str) -> None:
    loaded = hands.load(archive(f"{name}:1", name))
    hands.tag(f"{name}:1", f"{name}:2")
    hands.tag(f"{name}:1", f"other-{name}:1")

    found = hands.engine.find_images([f"{name}:2"])

    assert [(image.id, image.tags) for image in found] == [(loaded, (f"{name}:2",))]


def test_finding_several_tags_of_several_images(hands: Hands, name: str) -> None:
    one = hands.load(archive(f"{name}:1", name, "one"))
    two = hands.load(archive(f"{name}:2", name, "two"))
    hands.tag(f"{name}:1", f"localhost:5000/{name}:1")

    found = hands.engine.find_images([f"{name}:1", f"{name}:2", f"localhost:5000/{name}:1", f"{name}:none"])

    assert {image.id: set(image.tags) for image in found} == {
        one: {f"{name}:1", f"localhost:5000/{name}:1"},
        two: {f"{name}:2"},
    }


def test_finding_a_tag_does_not_find_the_same_tag_in_a_deeper_repository(hands: Hands, name: str) -> None:
    hands.load(archive(f"deep/{name}:1", name))

    assert hands.engine.find_images([f"{name}:1"]) == []


def test_finding_nothing_finds_nothing(hands: Hands) -> None:
    assert hands.engine.find_images([]) == []
    assert hands.engine.find_images(["no-such-image:1"]) == []


def test_a_found_image_is_otherwise_the_listed_one(hands: Hands, name: str) -> None:
    loaded = hands.load(archive(f"{name}:1", name))

    (found,) = hands.engine.find_images([f"{name}:1"])

    assert found == listed(hands)[loaded]


def test_dangling_images_are_those_without_a_tag(hands: Hands, name: str) -> None:
    loser = hands.load(archive(f"{name}:1", name, "loser"))
    winner = hands.load(archive(f"{name}:2", name, "winner"))
    hands.tag(f"{name}:2", f"{name}:1")

    dangling = {image.id: image for image in hands.engine.dangling_images()}

    assert winner not in dangling
    assert dangling[loser] == listed(hands)[loser]
    assert dangling.keys() == {image.id for image in listed(hands).values() if not named(hands, image)}


def named(hands: Hands, image: Image) -> bool:
    """Whether any name points at it; on the containerd store `repository@digest` is one."""
    return bool(image.tags or image.keeps or (hands.store is Store.CONTAINERD and image.repo_digests))


@pytest.mark.parametrize("by", ["id", "tag", "repository", "canonical name"])
def test_one_image_by_any_of_its_names(hands: Hands, name: str, by: str) -> None:
    loaded = hands.load(archive(f"{name}:latest", name))
    names = {"id": loaded, "tag": f"{name}:latest", "repository": name}

    image = hands.engine.image(names.get(by, f"docker.io/library/{name}:latest"))

    assert image is not None
    assert image.id == loaded
    assert image.tags == (f"{name}:latest",)


def test_one_image_is_the_listed_one_without_the_size_that_only_a_list_knows(hands: Hands, name: str) -> None:
    loaded = hands.load(archive(f"{name}:1", name))
    hands.tag(f"{name}:1", f"team/{name}:1")
    whole = listed(hands)[loaded]

    image = hands.engine.image(loaded)

    assert image is not None
    assert image.size == (0 if hands.store is Store.CONTAINERD else whole.size)
    assert (image.id, set(image.tags), set(image.repo_digests), image.created) == (
        whole.id,
        set(whole.tags),
        set(whole.repo_digests),
        whole.created,
    )


def test_no_image_has_a_name_that_is_gone(hands: Hands) -> None:
    assert hands.engine.image("no-such-image:1") is None
    assert hands.engine.image("sha256:" + "0" * 64) is None
    assert hands.engine.document("sha256:" + "0" * 64) is None


def test_steps_of_a_build_are_not_listed(hands: Hands, name: str) -> None:
    hands.build(f"{name}:0", f"{name} before")  # the first build on an empty Podman lists a step (4.3)
    before = listed(hands).keys()
    built = hands.build(f"{name}:1", name)
    children = listed(hands).keys() - before

    assert children == {built}
    assert {image.id for image in hands.engine.dangling_images()} <= before


def test_the_list_is_what_docker_lists(real_engine: PrivateEngine) -> None:
    hands = DockerHands(real_engine)
    lines = real_engine.docker("image", "ls", "--no-trunc", "--format", "{{.ID}} {{.Repository}}:{{.Tag}}")
    oracle = {tuple(line.split()) for line in lines.splitlines()}

    images = listed(hands)

    def names_of(image: Image) -> tuple[str, ...]:
        """A repository that has a digest of an image and no tag on it is listed too."""
        tagged = {name.rpartition(":")[0] for name in image.tags}
        digests = [digest.partition("@")[0] for digest in image.repo_digests]
        untagged = [f"{repository}:<none>" for repository in digests if repository not in tagged]
        return (*image.tags, *image.keeps, *untagged) or ("<none>:<none>",)

    names = {image.id: names_of(image) for image in images.values()}
    found = {(image_id, name) for image_id, known in names.items() for name in known}
    assert found == oracle
    hands.engine.close()


def test_a_list_in_parts_is_the_whole_list(docker28_containerd: PrivateEngine, name: str) -> None:
    hands = DockerHands(docker28_containerd)
    for tag in (f"{name}:latest", f"a/b/c/d/e/{name}:1.0", f"localhost:5000/{name}:x", f"r.test/{name}:A-"):
        hands.load(archive(tag, tag))
    hands.tag(f"{name}:latest", f"team/{name}:stable")
    hands.tag(f"{name}:latest", f"localhost:5000/{name}:x")
    engine = connect(docker28_containerd)
    records = engine.connect().records
    whole = engine._images({})

    parts = list(list_in_parts(engine._images, records))

    tags: dict[str, set[str]] = {}
    for part in parts:
        for image in part.images:
            tags.setdefault(image.id, set()).update(image.tags)
    assert tags == {image.id: set(image.tags) for image in whole}
    assert {part.records for part in parts} == {records}
    assert len(parts) > 1
    engine.close()
    hands.engine.close()


def test_a_list_in_parts_finds_what_no_pattern_reaches() -> None:
    deep = Image("sha256:" + "1" * 64, ("a/b/c/d/e/f/g/h/i/j/k:1",))
    asked: list[bool] = []

    def ask(filters: object) -> list[Image]:
        asked.append(bool(filters))
        return [] if filters else [deep]

    parts = list(list_in_parts(ask, 1))

    assert [image for part in parts for image in part.images] == [deep]
    assert asked.count(False) == 1


def test_a_failure_of_one_part_is_the_failure_of_the_list() -> None:
    def ask(filters: object) -> list[Image]:
        if "latest" in str(filters):
            raise ConnectionError("gone")
        return []

    with pytest.raises(ConnectionError, match="gone"):
        list(list_in_parts(ask, 1))
