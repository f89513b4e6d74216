"""Why an engine cannot be used, in words: the errors of the port, and the diagnosis that words them."""

from imgtui.engine.diagnosis import Machine, diagnose, endpoint_problem, not_an_engine, outdated
from imgtui.engine.errors import (
    MINIMUM_API_VERSION,
    EngineError,
    NotFound,
    NotUnderstood,
    Problem,
    ProblemKind,
    ReadOnly,
    Unavailable,
)

__all__ = [
    "MINIMUM_API_VERSION",
    "EngineError",
    "Machine",
    "NotFound",
    "NotUnderstood",
    "Problem",
    "ProblemKind",
    "ReadOnly",
    "Unavailable",
    "diagnose",
    "endpoint_problem",
    "not_an_engine",
    "outdated",
]
