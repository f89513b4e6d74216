"""A removal plan lists what goes and what stays, and why, before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from imgtui.engine.memory.blueprint import digest_of
from imgtui.model.acts.consent import word_of
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.image import Container, Image, Layer, Store
from imgtui.model.keeps.keep import KeptBy, keep_of
from imgtui.model.plans.plan import NotPossible
from imgtui.model.removal.bytes import Freed, StoredSize
from imgtui.model.removal.plan import BUILD_CACHE, PlanInputs, Removal, plan_removal
from imgtui.model.taglog.history import Past
from imgtui.model.taglog.moves import Cause, Move, Provenance

BASE, STEP, LAST, ONE, TWO = (digest_of(name) for name in ("base", "step", "last", "one", "two"))


def image(image_id: str, *tags: str, kept: KeptBy | None = None) -> Image:
    keeps = (keep_of(image_id, "web", 1, kept).reference,) if kept else ()
    return Image(image_id, tags=tags, keeps=keeps, created=1)


def catalog(*images: Image, containers: tuple[Container, ...] = (), pulls: tuple[str, ...] = ()) -> Catalog:
    past = Past(pulls={image_id: (f"web@{image_id}",) for image_id in pulls})
    return Catalog({each.id: each for each in images}, {each.id: each for each in containers}, past)


def ground(
    parents: Mapping[str, str] | None = None, store: Store = Store.GRAPH, moves: tuple[Move, ...] = ()
) -> PlanInputs:
    """`parents` by the names of the images; each has a layer of its own of 10 bytes."""
    ids = {name: digest_of(name) for name in ("base", "step", "last", "one", "two")}
    layers = {image_id: (Layer(f"diff {name}", 10),) for name, image_id in ids.items()}
    holdings = {
        ids[name]: StoredSize(ids[parent] if (parent := (parents or {}).get(name)) else None, 10)
        for name in ids
    }
    return PlanInputs(store, layers, holdings, moves)


def ids(plan: Removal) -> list[str]:
    return [each.image_id for each in plan.images]


BUILT = {"one": "last", "last": "step", "step": "base", "two": "step"}
"""Two images that share the first step of a build on a base."""


def test_an_image_goes_with_all_its_names_and_its_bytes() -> None:
    plan = plan_removal(catalog(image(ONE, "web:1", "web:latest", kept=KeptBy.PERSON)), [ONE], ground())
    (doomed,) = plan.images
    assert doomed.tags == ("web:1", "web:latest")
    assert len(doomed.keeps) == 1
    assert plan.freed == Freed(10, 10)
    assert [step.reference for step in plan.steps] == ["web:1", "web:latest"]
    assert {step.cause for step in plan.steps} == {Cause.DELETE}
    assert plan.commands[0] == "docker rmi --no-prune web:1"
    assert "kept, and kept no longer" in plan.notes[0]


def test_what_nothing_brings_back_is_typed_and_what_can_be_pulled_again_is_nodded() -> None:
    here = catalog(image(ONE, "web:1"), image(TWO, "web:2"), pulls=(ONE,))
    assert word_of(plan_removal(here, [ONE], ground())) == ""
    assert word_of(plan_removal(here, [TWO], ground())) == TWO[7:19]
    assert word_of(plan_removal(here, [ONE, TWO], ground())) == TWO[7:19]
    nowhere = catalog(image(ONE), image(TWO))
    plan = plan_removal(nowhere, [ONE, TWO], ground())
    assert (word_of(plan), len(plan.risks)) == ("delete 2", 1)
    assert plan.risks[0].startswith("delete 2: ")


@pytest.mark.parametrize("state", ["running", "exited", "created"])
def test_what_a_container_needs_stays_also_where_it_is_stopped(state: str) -> None:
    needs = Container("c", "api", ONE, state=state)
    here = catalog(image(ONE, "web:1"), image(TWO), containers=(needs,))
    plan = plan_removal(here, [ONE, TWO], ground())
    (left,) = plan.left_out
    assert ids(plan) == [TWO]
    assert (left.image_id, left.containers) == (ONE, ("api",))
    assert left.words == f"web:1; api ({state}) needs it"
    with pytest.raises(NotPossible, match=rf"{ONE[7:19]} is not removed: api \({state}\) needs it"):
        plan_removal(here, [ONE], ground())


def test_a_bulk_plan_leaves_out_what_is_kept_by_a_person_and_by_a_rule() -> None:
    here = catalog(image(ONE, kept=KeptBy.PERSON), image(TWO, kept=KeptBy.RULE), image(BASE))
    plan = plan_removal(here, [ONE, TWO, BASE], ground(), bulk=True)
    assert ids(plan) == [BASE]
    assert {left.image_id: left.reason for left in plan.left_out} == {
        ONE: "kept by you", TWO: "kept by a keep rule, which would keep it again",
    }  # fmt: skip
    assert set(ids(plan_removal(here, [ONE, TWO, BASE], ground()))) == {ONE, TWO, BASE}


def test_what_is_gone_cannot_be_removed() -> None:
    with pytest.raises(NotPossible, match="gone from this engine already"):
        plan_removal(catalog(image(ONE)), [ONE, TWO], ground())


def test_entries_of_the_log_that_cannot_be_undone_are_counted_once_and_not_where_it_can_be_pulled() -> None:
    moves = (
        Move("web:1", ONE, TWO, 1, known=Provenance.EVENT),
        Move("web:1", TWO, None, 2, known=Provenance.EVENT),
        Move("web:2", None, BASE, 3, known=Provenance.EVENT),
        Move(keep_of(ONE, "web", 1).reference, None, ONE, 4, known=Provenance.ACT),
    )
    here = catalog(image(ONE), image(TWO))
    plan = plan_removal(here, [ONE, TWO], ground(moves=moves))
    assert plan.entries == {"web:1": 2}
    assert [each.entries for each in plan.images] == [{"web:1": 1}, {"web:1": 2}]
    assert "web:1 (2)" in plan.notes[0]
    pulled = plan_removal(catalog(image(ONE), image(TWO), pulls=(TWO,)), [ONE, TWO], ground(moves=moves))
    assert pulled.entries == {"web:1": 1}


def test_the_steps_of_a_build_that_nothing_else_was_built_from_go_with_it() -> None:
    here = catalog(image(BASE, "base:1"), image(ONE, "web:1"), image(TWO, "web:2"))
    plan = plan_removal(here, [ONE], ground(BUILT))
    assert ids(plan) == [ONE, LAST]
    assert [each.image_id for each in plan.versions] == [ONE]
    assert plan.title == f"remove {ONE[7:19]}"
    both = plan_removal(here, [TWO, ONE], ground(BUILT))
    assert set(ids(both)) == {ONE, TWO, LAST, STEP}
    assert ids(both).index(STEP) > max(ids(both).index(each) for each in (ONE, TWO, LAST))


def test_an_image_that_another_was_built_from_stays_on_docker_unless_that_goes_too() -> None:
    here = catalog(image(BASE, "base:1"), image(ONE, "web:1"), image(TWO, "web:2"))
    with pytest.raises(NotPossible, match=r"web:[12] was built from it"):
        plan_removal(here, [BASE], ground(BUILT))
    plan = plan_removal(here, [BASE, ONE], ground(BUILT))
    assert ids(plan) == [ONE, LAST]
    assert [(left.image_id, left.reason) for left in plan.left_out] == [(BASE, "web:2 was built from it")]
    everything = plan_removal(here, [BASE, ONE, TWO], ground(BUILT))
    assert ids(everything)[-1] == BASE
    assert len(everything.images) == 5


def test_what_stays_for_a_container_keeps_what_it_was_built_from() -> None:
    needs = Container("c", "api", TWO, state="exited")
    here = catalog(image(BASE, "base:1"), image(TWO, "web:2"), containers=(needs,))
    plan_ground = ground(BUILT)
    holdings = {key: value for key, value in plan_ground.holdings.items() if key not in {ONE, LAST}}
    with pytest.raises(NotPossible, match="all 2 are left out"):
        plan_removal(here, [BASE, TWO], replace(plan_ground, holdings=holdings))


def test_a_step_that_a_container_runs_stays() -> None:
    needs = Container("c", "debug", LAST, state="running")
    here = catalog(image(BASE, "base:1"), image(ONE, "web:1"), image(TWO, "web:2"), containers=(needs,))
    assert ids(plan_removal(here, [ONE], ground(BUILT))) == [ONE]


def test_podman_removes_what_others_were_built_from() -> None:
    here = catalog(image(BASE, "base:1"), image(ONE, "web:1"), image(TWO, "web:2"))
    plan = plan_removal(here, [BASE], ground(BUILT, Store.PODMAN))
    assert ids(plan) == [BASE]
    assert BUILD_CACHE not in plan.notes


def test_an_order_is_found_for_a_thousand_steps() -> None:
    chain = [digest_of(str(number)) for number in range(1000)]
    holdings = {
        image_id: StoredSize(chain[number - 1] if number else None) for number, image_id in enumerate(chain)
    }
    layers = {image_id: (Layer(f"diff {image_id}", 1),) for image_id in chain}
    plan = plan_removal(catalog(image(chain[-1])), [chain[-1]], PlanInputs(Store.GRAPH, layers, holdings))
    assert ids(plan) == chain[::-1]
