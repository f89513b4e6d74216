"""What all tests have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from tests.suite.schedule import LaneScheduling

pytest_plugins = ["tests.engines.fixtures", "tests.suite.sample", "tests.suite.report"]


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LaneScheduling:
    """Who gives tests to workers."""
    from tests.suite.schedule import LaneScheduling

    return LaneScheduling(config, log)
