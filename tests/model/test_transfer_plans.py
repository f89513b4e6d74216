"""Plans of transfers: what they hold, what is kept before, and what is not possible."""

from __future__ import annotations

import shlex

import pytest

from imgtui.model.catalog.catalog import Catalog, Version
from imgtui.model.core.image import Image, Store
from imgtui.model.jobs.plans import ArchiveFile, plan_load, plan_pull_of, plan_push, plan_save
from imgtui.model.keeps.keep import keep_of, read_keep
from imgtui.model.plans.plan import NotPossible

A, B = ("sha256:" + digit * 64 for digit in "ab")
NOW = 1_760_000_000


def catalog(*images: Image) -> Catalog:
    return Catalog({image.id: image for image in images})


def archive(*tags: str) -> ArchiveFile:
    return ArchiveFile("/backups/a b.tar", 1000, (1, 2, 3), tags)


def test_an_image_is_kept_when_a_load_may_take_all_of_its_names() -> None:
    known = catalog(Image(A, ("web:1", "web:latest")), Image(B, ("api:1", "api:stable")))
    plan = plan_load(known, archive("web:1", "web:latest", "api:1", "new:1"), Store.GRAPH, NOW)
    assert plan.keeping is not None
    assert [read_keep(tag).image_id for tag in plan.keeping.references] == [A]  # type: ignore[union-attr]
    assert plan.origins == {"web:1": A, "web:latest": A, "api:1": B, "new:1": None}
    assert plan.notes == (
        "web:1 points at aaaaaaaaaaaa: it is kept first, and no longer if the tag does not move",
        "web:latest points at aaaaaaaaaaaa: it is kept first, and no longer if the tag does not move",
        "api:1 points at bbbbbbbbbbbb",
    )
    assert plan.commands[-1] == "docker load -i '/backups/a b.tar'"
    assert len(plan.commands) == 2


def test_what_is_kept_already_is_not_kept_again() -> None:
    keep = keep_of(A, "web", NOW).reference
    known = catalog(Image(A, ("web:1",), keeps=(keep,)))
    assert plan_load(known, archive("web:1"), Store.CONTAINERD, NOW).keeping is None
    assert plan_pull_of(known, "web:1", NOW).keeping is None


def test_podman_may_take_a_name_without_a_registry_for_one_of_localhost() -> None:
    known = catalog(Image(A, ("localhost/web:1",)), Image(B, ("web:1",)))
    plan = plan_load(known, archive("web:1", "registry.example.com/web:1"), Store.PODMAN, NOW)
    assert plan.origins == {"web:1": B, "localhost/web:1": A, "registry.example.com/web:1": None}
    assert plan_load(known, archive("web:1"), Store.GRAPH, NOW).origins == {"web:1": B}


def test_keeps_and_malformed_names_of_an_archive_are_no_tags() -> None:
    plan = plan_load(catalog(), archive(keep_of(A, "web", NOW).reference, "a b", "web"), Store.GRAPH, NOW)
    assert plan.origins == {}


@pytest.mark.parametrize(
    ("typed", "reference"),
    [
        ("web", "web:latest"),
        ("docker.io/library/web:1", "web:1"),
        ("localhost:5000/web", "localhost:5000/web:latest"),
        (f"web:1@{A}", f"web@{A}"),
    ],
)
def test_what_is_typed_is_pulled_as_docker_would(typed: str, reference: str) -> None:
    plan = plan_pull_of(catalog(), typed, NOW)
    assert (plan.reference, plan.commands) == (reference, (shlex.join(["docker", "pull", reference]),))


def test_a_push_is_of_the_digest_that_was_looked_at() -> None:
    known = catalog(Image(A, ("shop/web:1", "registry.example.com:5000/web:1")))
    assert plan_push(known, "shop/web:1", A).registry == "docker.io"
    assert plan_push(known, "registry.example.com:5000/web:1", A).registry == "registry.example.com:5000"
    with pytest.raises(NotPossible, match="does not point at bbbbbbbbbbbb"):
        plan_push(known, "shop/web:1", B)


def test_a_save_has_the_tags_of_its_repository_else_all_else_the_digest() -> None:
    images = Image(A, ("web:1", "api:1")), Image(B)
    known = catalog(*images)
    of_web = plan_save(known, [Version(images[0], "web", ("1",))], "/a.tar", replaces=False)
    assert of_web.held == ((A, ("web:1",)),)
    both = plan_save(known, [Version(image, None, image.tags) for image in images], "/a.tar", replaces=True)
    assert both.names == ("web:1", "api:1", B)
    assert both.command == f"docker save -o /a.tar web:1 api:1 {B}"
    assert both.notes == ("bbbbbbbbbbbb has no tag: it is loaded without a name",)
    assert both.risks[0].startswith("replace /a.tar")
    assert both.cause is None


def test_what_is_gone_is_not_saved() -> None:
    with pytest.raises(NotPossible, match="is gone"):
        plan_save(catalog(), [Version(Image(A), "web", ())], "/a.tar", replaces=False)
    with pytest.raises(NotPossible, match="nothing to save"):
        plan_save(catalog(), [], "/a.tar", replaces=False)
