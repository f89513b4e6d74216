"""Which kinds of engine a test is about: the others are skipped, with the reason, and counted."""

from typing import Final

import pytest

from tests.engines.kinds import EVERY_KIND

IN_MEMORY: Final = ("memory-graph", "memory-containerd")
"""The engines in memory, as the contract calls them."""
ALL: Final = (*IN_MEMORY, *EVERY_KIND)


def not_on(*kinds: str, why: str) -> pytest.MarkDecorator:
    """On these kinds of engine there is nothing to be seen."""
    assert set(kinds) <= set(ALL), kinds
    return pytest.mark.not_on(*kinds, why=why)


def only_on(*kinds: str, why: str) -> pytest.MarkDecorator:
    """Only on these kinds of engine there is something to be seen."""
    return not_on(*(kind for kind in ALL if kind not in kinds), why=why)


def reason_to_skip(item: pytest.Item) -> str | None:
    """Why a test is skipped on the engine that its parameters name; None where it is not."""
    callspec = getattr(item, "callspec", None)
    values = callspec.params.values() if callspec else ()
    names = {value for value in values if isinstance(value, str)}
    for mark in item.iter_markers("not_on"):
        if names.intersection(mark.args):
            return str(mark.kwargs["why"])
    return None
