"""What a registry says of a tag, compared with all digests that an image has in its repository."""

from __future__ import annotations

import pytest

from imgtui.model.catalog.catalog import Catalog
from imgtui.model.catalog.drift import drifts
from imgtui.model.catalog.registry_tag import RemoteTag, TagComparison, compare, references
from imgtui.model.core.image import Container, Image
from imgtui.model.taglog.history import Past

A, B, D, E = (f"sha256:{letter * 64}" for letter in "abde")
TAG = "shop/web:1"


def compared(
    remote: str | None, running: Image, tagged: Image | None, manifest: str | None = None
) -> TagComparison:
    """A container of one image whose tag points at another, or at none."""
    images = [image for image in (running, tagged) if image is not None]
    catalog = Catalog({image.id: image for image in images}).with_containers(
        [Container("id", "site", running.id, TAG, "running", manifest=manifest)]
    )
    return compare(drifts(catalog, ())[0], catalog, RemoteTag(TAG, remote))


def test_any_repo_digest_of_the_repository_is_the_same() -> None:
    running = Image(A, (TAG,), (f"shop/web@{E}", f"shop/web@{D}"))
    for remote in (D, E):
        found = compared(remote, running, running)
        assert (found.runs_it, found.tag_is_it, found.moved, found.word) == (True, True, False, "same")


def test_a_repo_digest_of_another_repository_does_not_count() -> None:
    running = Image(A, (TAG,), (f"other@{D}", f"shop/web@{E}"))
    found = compared(D, running, running)
    assert (found.runs_it, found.moved, found.word) == (False, True, "other")


def test_the_familiar_and_the_canonical_name_are_one_repository() -> None:
    running = Image(A, (TAG,), (f"docker.io/shop/web@{D}",))
    assert compared(D, running, running).runs_it


def test_an_image_id_that_is_a_digest_and_a_platform_manifest_are_the_same() -> None:
    running = Image(A, (TAG,), (f"shop/web@{A}",), manifest=D)
    assert compared(A, running, running).runs_it
    assert compared(D, running, running).runs_it
    assert compared(E, running, running).moved


def test_the_platform_manifest_of_a_container_is_compared_where_its_image_has_none() -> None:
    assert compared(D, Image(A), Image(B, (TAG,)), manifest=D).runs_it


def test_what_was_never_pulled_or_pushed_cannot_be_compared_on_a_graph_driver() -> None:
    running = Image(A, (TAG,), (f"other@{D}",))
    found = compared(E, running, running)
    assert (found.runs_it, found.tag_is_it, found.moved, found.word) == (None, None, False, "?")
    assert "cannot be compared" in found.words


@pytest.mark.parametrize(
    ("remote", "word", "words"),
    [(D, "same", "what this container runs"), (E, "local tag", "what the local tag points at")],
)
def test_a_container_that_drifts_may_run_what_the_registry_has_or_not(
    remote: str, word: str, words: str
) -> None:
    running, tagged = Image(A, (), (f"shop/web@{D}",)), Image(B, (TAG,), (f"shop/web@{E}",))
    found = compared(remote, running, tagged)
    assert (found.word, found.words, found.moved) == (word, words, remote == E)


def test_a_third_digest_is_neither() -> None:
    running, tagged = Image(A, (), (f"shop/web@{D}",)), Image(B, (TAG,), (f"shop/web@{E}",))
    assert compared(B, running, tagged).tag_is_it
    found = compared(f"sha256:{'f' * 64}", running, tagged)
    assert (found.moved, found.words) == (True, "neither what runs nor the local tag")
    assert compared(E, running, None).words == "not what this container runs"


def test_what_is_gone_is_compared_by_what_is_remembered_of_it() -> None:
    gone = Image(A, (), (f"shop/web@{D}",))
    user = Container("id", "site", A, TAG, "running")
    catalog = Catalog({}, {"id": user}, Past({}, {A: gone}))
    assert compare(drifts(catalog, ())[0], catalog, RemoteTag(TAG, D)).runs_it


@pytest.mark.parametrize(("refused", "word"), [(True, "not there"), (False, "failed")])
def test_no_answer_is_no_move(refused: bool, word: str) -> None:
    running = Image(A, (TAG,), (f"shop/web@{D}",))
    catalog = Catalog({A: running}, {"id": Container("id", "site", A, TAG)})
    remote = RemoteTag(TAG, error="manifest unknown", refused=refused)
    found = compare(drifts(catalog, ())[0], catalog, remote)
    assert (found.moved, found.word) == (False, word)
    assert found.words == f"{word} (manifest unknown)"


def test_each_tag_is_asked_for_once_and_no_image_id() -> None:
    users = {
        name: Container(name, name, A, tag)
        for name, tag in (("a", TAG), ("b", TAG), ("c", None), ("d", "api:1"))
    }
    assert references(drifts(Catalog({}, users), ())) == (TAG, "api:1")
