"""Who calls the verbs."""

from tests.verbs.calling import caller

__all__ = ["caller"]
