"""Every request of an act is answered wrongly in turn: the act is done, or everything is as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pytest

from tests.engine.contract.rolling import Site
from tests.engine.contract.test_rollback_failing import FAULTS
from tests.engines.gate import Cut, Gate
from tests.suite.sample import Share

KEPT: Final = "imgtui.invalid/"
Names = Mapping[str, frozenset[str]]


class Shelf:
    """A site with an image of its own, which has one tag."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.repository = f"{site.name}-own"
        self.tag = f"{self.repository}:1"
        self.own = ""

    def clear(self) -> None:
        """No image of its own, and no keep."""
        for image in self.site.real.ask("GET", "/images/json"):
            for name in image.get("RepoTags") or ():
                if name.startswith((KEPT, self.tag)) or name.endswith(f"/{self.tag}"):
                    self.site.real.docker("rmi", "--no-prune", name)

    def reset(self, *, kept: bool) -> Names:
        """One image with one tag, and a keep where that is wanted; what is seen then."""
        self.clear()
        self.own = self.site.build(self.tag)
        if kept:
            self.site.imgtui("keep", self.tag, "--yes")
        return self.seen()

    def seen(self) -> Names:
        """The names of each image; keeps without their time, its own image without its ID."""
        found: dict[str, frozenset[str]] = {}
        for image in self.site.real.ask("GET", "/images/json"):
            names = {name for name in image.get("RepoTags") or () if name != "<none>:<none>"}
            identifier = f"sha256:{image['Id'].removeprefix('sha256:')}"
            shown = {"a keep" if name.startswith(KEPT) else name for name in names}
            found["own" if identifier == self.own else identifier] = frozenset(shown)
        return found

    def arguments(self, act: str) -> tuple[str, ...]:
        """Of the verb."""
        return {
            "keep": ("keep", self.tag),
            "unkeep": ("unkeep", self.tag),
            "tag that takes the last name away": ("tag", self.site.old, self.tag),
            "untag of the last name": ("untag", self.tag),
            "rm": ("rm", self.own),
        }[act]


@pytest.mark.parametrize(
    "act", ["keep", "unkeep", "tag that takes the last name away", "untag of the last name", "rm"]
)
def test_whatever_is_answered_to_one_request_of_an_act_it_is_done_or_everything_is_as_it_was(
    site: Site, gate: Gate, share: Share, act: str
) -> None:
    shelf, kept = Shelf(site), act == "unkeep"
    before = shelf.reset(kept=kept)
    gate.wait_for(None)
    done = site.try_imgtui(*shelf.arguments(act), "--yes", host=gate.host)
    assert done.returncode == 0, done.stderr
    made, after = len(gate.changes), shelf.seen()
    assert made
    assert after != before
    for number, fault in share.of((number, fault) for number in range(1, made + 1) for fault in FAULTS):
        assert shelf.reset(kept=kept) == before
        gate.wait_for(Cut(number, answer=fault))

        done = site.try_imgtui(*shelf.arguments(act), "--yes", host=gate.host)

        shown = f"{number}: {gate.changes[-1]} answered by {fault}: {done.stdout}{done.stderr}"
        assert gate.came.is_set(), shown
        assert "Traceback" not in done.stderr, shown
        seen = shelf.seen()
        if act == "rm" and done.returncode and "stays" in done.stderr:
            # Nothing brings back what was removed already: that the rest stays is said.
            assert after.keys() <= seen.keys(), shown
            continue
        assert seen == (after if done.returncode == 0 else before), shown
    shelf.clear()
