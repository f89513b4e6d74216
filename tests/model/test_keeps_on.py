"""Which keeps an image has, and which of them are taken away."""

from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.image import Image
from imgtui.model.keeps.keep import KeptBy, keep_of, keeps_on
from imgtui.model.plans.plan import plan_unkeep

OURS, OTHERS = "sha256:" + "a" * 64, "sha256:" + "b" * 64
BY_YOU, BY_RULE = (keep_of(OURS, "web", 1, by) for by in (KeptBy.PERSON, KeptBy.RULE))


def catalog_of(*keeps: str, tags: tuple[str, ...] = ()) -> Catalog:
    return Catalog({OURS: Image(OURS, tags, (), 1, 1, keeps=keeps)})


def test_a_reference_that_names_another_digest_is_no_keep() -> None:
    forged = keep_of(OTHERS, "app", 1).reference

    assert keeps_on(OURS, [forged, BY_YOU.reference]) == (BY_YOU,)
    assert list(catalog_of(forged, tags=("evil:1",)).repositories) == ["evil"]


def test_who_keeps_no_longer_leaves_what_a_rule_keeps() -> None:
    plan = plan_unkeep(catalog_of(BY_YOU.reference, BY_RULE.reference), OURS)

    assert [step.reference for step in plan.steps] == [BY_YOU.reference]
    assert (plan.risks, plan.deletes) == ((), frozenset())
    assert plan.notes == ("the keep that a rule made of it in web stays",)


def test_what_only_a_rule_keeps_can_be_let_go_by_hand() -> None:
    plan = plan_unkeep(catalog_of(BY_RULE.reference), OURS)

    assert [step.reference for step in plan.steps] == [BY_RULE.reference]
    assert plan.deletes == {OURS}
    assert "it comes back where the rule wants it still" in plan.notes[0]
