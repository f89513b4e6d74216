"""Every request of every verb is answered by every fault: no traceback, no hang, and nothing false."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Final

import pytest

from tests.engines.private import PrivateEngine
from tests.faults.calls import VERBS, Caller, Verb
from tests.faults.conftest import recorded_on
from tests.faults.table import FAULTS, ONE_OF_EACH, Fault
from tests.suite.report import TABLE
from tests.suite.sample import Share

pytestmark = pytest.mark.matrix
ON_EACH: Final = {
    "ls",
    "log",
    "log at the first sight",
    "drift --json",
    "rollback --plan",
    "rm --unused --plan",
}
"""What is called on each kind of engine."""
Cell = tuple[Verb, str, Fault]


def hold(caller: Caller, share: Share, cells: Sequence[Cell]) -> None:
    """Try all of these, and have it printed how many held; all must."""
    wrong = [found for cell in cells if (found := caller.wrong(*cell))]
    share.item.user_properties.append((TABLE, f"{len(cells)} tried, {len(cells) - len(wrong)} held"))
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("verb", VERBS, ids=str)
def test_whatever_is_answered_to_a_request_of_a_verb_nothing_false_comes_of_it(
    recorded: Caller, verb: Verb, share: Share
) -> None:
    hold(recorded, share, share.of(product([verb], recorded.keys[verb.name], FAULTS)))


def test_what_each_engine_answers_comes_to_the_same_again_and_nothing_false_of_a_fault(
    real_engine: PrivateEngine, tmp_path: Path, share: Share
) -> None:
    verbs = [verb for verb in VERBS if verb.name in ON_EACH]
    with recorded_on(real_engine, tmp_path, verbs) as caller:
        requests = [(verb, key) for verb in verbs for key in caller.keys[verb.name]]
        hold(caller, share, share.of((*request, fault) for request in requests for fault in ONE_OF_EACH))
