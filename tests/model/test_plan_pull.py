"""A plan pulls what is gone only from where a registry is known to have had it."""

from __future__ import annotations

import pytest

from imgtui.model.catalog.availability import Now, Whereabouts, whereabouts_of
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.image import Image, Store
from imgtui.model.keeps.keep import KeptBy, keep_of
from imgtui.model.plans.plan import NotPossible, Verb, plan_pull, plan_undo
from imgtui.model.taglog.history import past_of
from imgtui.model.taglog.moves import Cause, Move, Provenance

NOW = 1_760_000_000
A, B, D, E = (f"sha256:{letter * 64}" for letter in "abde")
PULLED = Move("reg.example/web:1", None, A, 1, cause=Cause.PULL, known=Provenance.EVENT, number=1)
REMOVED = Move("reg.example/web:1", A, None, 2, cause=Cause.DELETE, known=Provenance.EVENT, number=2)
STORES = pytest.mark.parametrize("store", list(Store))


def catalog(
    store: Store,
    *moves: Move,
    digests: tuple[str, ...] = (f"reg.example/web@{D}",),
    here: Image | None = None,
) -> Catalog:
    """An engine on which A is gone, whose repo digests are remembered."""
    past = past_of(moves, {A: Image(A, repo_digests=digests)}, store)
    return Catalog({here.id: here} if here else {}, past=past)


@STORES
def test_what_was_seen_to_be_pulled_is_pulled_again(store: Store) -> None:
    known = catalog(store, PULLED, REMOVED)
    assert whereabouts_of(known, A) == Whereabouts(Now.GONE, f"reg.example/web@{D}", certain=True)
    plan = plan_undo(known, REMOVED, NOW)
    pull, tag = plan.steps
    assert (pull.verb, pull.reference, pull.image_id, pull.origin) == (
        Verb.PULL, f"reg.example/web@{D}", A, None,
    )  # fmt: skip
    assert (tag.verb, tag.reference, tag.image_id, tag.cause) == (
        Verb.TAG, "reg.example/web:1", A, Cause.UNDO,
    )  # fmt: skip
    assert plan.commands[0] == f"docker pull reg.example/web@{D}"
    assert plan.references == ("reg.example/web:1",)
    assert plan.pulled == {A}


@STORES
def test_only_a_graph_driver_s_repo_digest_proves_a_registry_by_itself(store: Store) -> None:
    """The containerd store and Podman give one to every tag."""
    known = catalog(store, REMOVED)
    graph = store is Store.GRAPH
    assert whereabouts_of(known, A) == Whereabouts(Now.GONE, f"reg.example/web@{D}", certain=graph)
    if graph:
        assert plan_undo(known, REMOVED, NOW).steps[0].verb is Verb.PULL
    else:
        with pytest.raises(NotPossible, match="no registry is known to have it"):
            plan_undo(known, REMOVED, NOW)


def test_where_nothing_is_remembered_of_its_digest_it_cannot_be_pulled() -> None:
    known = catalog(Store.GRAPH, PULLED, REMOVED, digests=())
    assert whereabouts_of(known, A) == Whereabouts(Now.GONE)
    with pytest.raises(NotPossible, match="is gone from this engine"):
        plan_undo(known, REMOVED, NOW)


@pytest.mark.parametrize("store", [Store.CONTAINERD, Store.PODMAN])
def test_of_several_repositories_only_the_one_that_it_came_from_counts(store: Store) -> None:
    digests = (f"web@{D}", f"reg.example/web@{D}")
    removed = Move("web:1", A, None, 3, cause=Cause.DELETE, known=Provenance.EVENT, number=3)
    known = catalog(store, PULLED, removed, digests=digests)
    assert plan_undo(known, removed, NOW).steps[0].reference == f"reg.example/web@{D}"


def test_the_repository_of_the_tag_is_asked_where_there_is_a_choice() -> None:
    known = catalog(Store.GRAPH, PULLED, REMOVED, digests=(f"web@{E}", f"reg.example/web@{D}"))
    assert plan_undo(known, REMOVED, NOW).steps[0].reference == f"reg.example/web@{D}"
    assert plan_pull(known, A).steps[0].reference == f"web@{E}"
    assert plan_pull(known, A, repository="reg.example/web").steps[0].reference == f"reg.example/web@{D}"


def test_the_pull_comes_before_everything_that_changes_a_name() -> None:
    moved = Move("reg.example/web:1", A, B, 2, cause=Cause.TAG, known=Provenance.EVENT, number=2)
    known = catalog(Store.GRAPH, PULLED, moved, here=Image(B, ("reg.example/web:1",)))
    verbs = [step.verb for step in plan_undo(known, moved, NOW).steps]
    assert verbs == [Verb.PULL, Verb.TAG, Verb.TAG]  # the keep of B, then the tag


def test_a_keep_whose_image_is_gone_is_put_back_by_a_pull_too() -> None:
    keep = keep_of(A, "reg.example/web", NOW, KeptBy.PERSON).reference
    dropped = Move(keep, A, None, 3, cause=Cause.UNTAG, known=Provenance.ACT, number=3)
    pull, tag = plan_undo(catalog(Store.GRAPH, PULLED, dropped), dropped, NOW).steps
    assert (pull.verb, tag.reference) == (Verb.PULL, keep)


def test_what_is_here_is_not_pulled() -> None:
    known = catalog(Store.GRAPH, PULLED, here=Image(A))
    with pytest.raises(NotPossible, match="is here"):
        plan_pull(known, A)
