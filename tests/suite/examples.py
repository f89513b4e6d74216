"""How many examples a test of properties takes: few, the same each time; more where a variable asks."""

import os
from typing import Final

from hypothesis import HealthCheck, settings

_VARIABLE: Final = "IMGTUI_TEST_EXAMPLES"
TIMES: Final = int(os.environ.get(_VARIABLE, "1"))
"""So many times the examples of every day; new ones each time then."""


def examples(number: int) -> settings:
    """Settings for so many examples, or for many more."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
    return settings(
        max_examples=number * TIMES, derandomize=TIMES == 1, deadline=None, suppress_health_check=checks
    )
