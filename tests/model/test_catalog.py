"""What the images and containers of one moment say about repositories, versions and drift."""

from dataclasses import replace

from imgtui.model.catalog.catalog import NONE, Catalog
from imgtui.model.core.image import Container, Image

DIGEST = "sha256:" + "d" * 64


def image(identifier: str, *tags: str, created: int = 0, digests: tuple[str, ...] = ()) -> Image:
    return Image(f"sha256:{identifier}", tags, digests, created)


def container(name: str, identifier: str, created_from: str | None) -> Container:
    return Container(f"id of {name}", name, f"sha256:{identifier}", created_from, "running")


def catalog(*images: Image, containers: tuple[Container, ...] = ()) -> Catalog:
    return Catalog().with_images(images).with_containers(containers)


def tags_of(found: Catalog) -> dict[str, tuple[str, ...]]:
    return {identifier: known.tags for identifier, known in found.images.items()}


def test_a_tag_that_moves_leaves_the_image_that_had_it() -> None:
    before = catalog(image("a", "web:latest", "web:1"))

    after = before.with_images([image("b", "web:latest")])

    assert tags_of(after) == {"sha256:a": ("web:1",), "sha256:b": ("web:latest",)}
    assert after.tags == {"web:1": "sha256:a", "web:latest": "sha256:b"}
    assert tags_of(before) == {"sha256:a": ("web:latest", "web:1")}


def test_two_images_can_swap_their_tags() -> None:
    before = catalog(image("a", "web:1"), image("b", "web:2"))

    after = before.with_images([image("a", "web:2"), image("b", "web:1")])

    assert after.tags == {"web:2": "sha256:a", "web:1": "sha256:b"}
    assert tags_of(after) == {"sha256:a": ("web:2",), "sha256:b": ("web:1",)}


def test_a_tag_that_moves_while_one_image_is_asked_for_after_the_other_is_on_the_later_one_alone() -> None:
    before = catalog(image("a", "web:1"), image("b"), image("c", "web:latest"))

    after = before.with_images([image("b", "web:latest", "web:2"), image("a", "web:latest", "web:1")])

    assert tags_of(after) == {"sha256:a": ("web:latest", "web:1"), "sha256:b": ("web:2",), "sha256:c": ()}


def test_an_image_that_lost_a_tag_loses_it() -> None:
    after = catalog(image("a", "web:1", "web:2")).with_images([image("a", "web:2")])

    assert after.tags == {"web:2": "sha256:a"}


def test_images_that_are_gone_take_their_tags_with_them() -> None:
    after = catalog(image("a", "web:1"), image("b", "web:2")).without_images(["sha256:a", "sha256:none"])

    assert after.tags == {"web:2": "sha256:b"}


def test_versions_of_a_repository_are_newest_first() -> None:
    found = catalog(
        image("old", "web:1", created=1), image("new", "web:3", created=3), image("mid", "web:2", created=2)
    )

    web = found.repositories["web"]
    assert [version.tags for version in web.versions] == [("3",), ("2",), ("1",)]
    assert web.newest == 3


def test_an_image_is_a_version_of_every_repository_it_has_a_name_in() -> None:
    found = catalog(
        image("a", "web:1", "web:latest", "localhost:5000/web:1", digests=(f"mirror.example/web@{DIGEST}",))
    )

    assert list(found.repositories) == ["localhost:5000/web", "mirror.example/web", "web"]
    assert found.repositories["web"].versions[0].tags == ("1", "latest")
    assert found.repositories["localhost:5000/web"].versions[0].tags == ("1",)
    assert found.repositories["mirror.example/web"].versions[0].tags == ()


def test_an_image_without_any_name_stands_under_none_which_is_last() -> None:
    found = catalog(image("a", "zoo:1"), image("b"))

    assert list(found.repositories) == ["zoo", NONE]
    assert found.repositories[NONE].versions[0].repository is None


def test_there_is_no_none_when_every_image_has_a_name() -> None:
    assert NONE not in catalog(image("a", "web:1")).repositories


def test_everything_has_each_image_once_with_whole_references() -> None:
    found = catalog(image("a", "web:1", "api:1", created=1), image("b", created=2))

    assert [(version.image.id, version.tags) for version in found.everything] == [
        ("sha256:b", ()),
        ("sha256:a", ("web:1", "api:1")),
    ]


def test_a_container_drifts_when_its_tag_points_elsewhere() -> None:
    api = container("api", "a", "web:latest")
    before = catalog(image("a", "web:latest"), containers=(api,))
    after = before.with_images([image("b", "web:latest")])

    assert not before.drifted(api)
    assert after.drifted(api)
    assert after.tag_now(api) == "sha256:b"


def test_a_container_without_a_tag_or_whose_tag_is_gone_does_not_drift() -> None:
    by_id, orphan = container("by-id", "a", None), container("orphan", "a", "web:gone")
    found = catalog(image("a", "web:1"), containers=(by_id, orphan))

    assert not found.drifted(by_id)
    assert not found.drifted(orphan)
    assert found.tag_now(orphan) is None


def test_a_tag_that_a_container_was_created_from_is_a_former_tag_of_its_image() -> None:
    found = catalog(
        image("a"), image("b", "team/web:latest"), containers=(container("api", "a", "team/web:latest"),)
    )

    (version,) = [v for v in found.repositories["team/web"].versions if v.image.id == "sha256:a"]
    assert (version.tags, version.former_tags) == ((), ("latest",))
    assert NONE not in found.repositories
    assert [v.former_tags for v in found.everything if v.image.id == "sha256:a"] == [("team/web:latest",)]


def test_a_tag_that_still_points_there_is_not_a_former_one() -> None:
    found = catalog(image("a", "web:1"), containers=(container("api", "a", "web:1"),))

    assert found.repositories["web"].versions[0].former_tags == ()


def test_several_containers_give_a_former_tag_once() -> None:
    users = (container("api", "a", "web:1"), container("job", "a", "web:1"), container("old", "a", "web:0"))
    found = catalog(image("a", "web:2"), containers=users)

    assert found.repositories["web"].versions[0].former_tags == ("0", "1")


def test_containers_of_an_image_are_in_order_of_their_names() -> None:
    users = (container("worker", "a", "web:1"), container("api", "a", None))

    found = catalog(image("a", "web:1"), containers=users)

    assert [user.name for user in found.containers_of["sha256:a"]] == ["api", "worker"]


def test_an_image_that_is_gone_is_a_version_while_a_container_runs_it() -> None:
    found = catalog(image("b", "web:1", created=5), containers=(container("api", "gone", "web:1"),))

    here, gone = found.repositories["web"].versions
    assert (here.image.id, here.tags) == ("sha256:b", ("1",))
    assert (gone.image.id, gone.tags, gone.former_tags) == ("sha256:gone", (), ("1",))
    assert "sha256:gone" not in found.images
    assert [user.name for user in found.containers_of["sha256:gone"]] == ["api"]


def test_containers_that_were_asked_for_and_not_found_are_gone() -> None:
    api, job = container("api", "a", None), container("job", "a", None)
    before = catalog(containers=(api, job))

    after = before.with_containers([replace(api, state="exited")], asked=[api.id, job.id])

    assert {user.name: user.state for user in after.containers.values()} == {"api": "exited"}
    assert not after.containers[api.id].running


def test_an_image_that_is_mounted_is_in_use_and_told_apart() -> None:
    digest = f"files@{DIGEST}"
    found = catalog(
        image("a", "web:1"),
        image("b", "files:1"),
        image("c", digests=(digest,)),
        image("d"),
        containers=(
            replace(container("api", "a", "web:1"), mounts=("files:1", digest, "gone:1")),
            replace(container("job", "b", "files:1"), mounts=("files:1", "sha256:d")),
        ),
    )
    by_name = {key[7:]: [user.name for user in users] for key, users in found.in_use.items()}
    assert by_name == {"a": ["api"], "b": ["job", "api"], "c": ["api"], "d": ["job"]}
    assert [user.name for user in found.mounted_by["sha256:b"]] == ["api", "job"]
    assert set(found.containers_of) == {"sha256:a", "sha256:b"}
