"""Which worker runs which tests: each stays with its engine while there is work for it, the longest first.

Engine tests mostly wait, so that there are more workers than processors. A worker that has nothing left for
its engine goes where most is left for each worker, and starts an engine of that kind.
"""

from collections.abc import Iterable

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from tests.suite.units import UNKNOWN_SECONDS, durations, place_of


class LaneScheduling(LoadScopeScheduling):
    """Gives units (`tests.suite.units`) to workers by lane.

    pytest-xdist names `_split_scope` as what to override; `_assign_work_unit` only chooses what the one of
    pytest-xdist 3 then takes from the front of `workqueue`.
    """

    def __init__(self, config: pytest.Config, log: object = None) -> None:
        super().__init__(config, log)
        self._lanes: dict[WorkerController, str] = {}

    def _split_scope(self, nodeid: str) -> str:
        return place_of(nodeid).unit

    def _assign_work_unit(self, node: WorkerController) -> None:
        lane = self._lane_for(node)
        self._lanes[node] = lane
        units = [unit for unit in self.workqueue if _lane(unit) == lane]
        self.workqueue.move_to_end(max(units, key=self._seconds), last=False)
        super()._assign_work_unit(node)

    def _lane_for(self, node: WorkerController) -> str:
        left: dict[str, float] = {}
        for unit in self.workqueue:
            left[_lane(unit)] = left.get(_lane(unit), 0.0) + self._seconds(unit)
        if (last := self._lanes.get(node)) in left:
            return str(last)
        workers = [lane for other, lane in self._lanes.items() if other is not node]
        return max(left, key=lambda lane: left[lane] / (1 + workers.count(lane)))

    def _seconds(self, unit: str) -> float:
        return _sum(self.workqueue[unit])


def _lane(unit: str) -> str:
    return unit.partition(" ")[0]


def _sum(node_ids: Iterable[str]) -> float:
    """What tests are expected to take: a function's time counts once, however many of its cases there are."""
    keys = {place_of(node_id).key for node_id in node_ids}
    return sum(durations().get(key, UNKNOWN_SECONDS) for key in keys)
