"""What all tests have."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    import pytest

    from tests.suite.schedule import LaneScheduling

pytest_plugins = ["tests.engines.fixtures", "tests.suite.sample", "tests.suite.report", "tests.suite.limits"]

# On a busy machine nothing is too slow.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

for name in ("TMUX", "STY"):  # what is copied in a test is not for who runs it
    os.environ.pop(name, None)


def pytest_collection_finish() -> None:
    """Look for garbage rarely, and not in what was imported: a sixth of the time of a test of the screen."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LaneScheduling:
    """Who gives tests to workers."""
    from tests.suite.schedule import LaneScheduling

    return LaneScheduling(config, log)
