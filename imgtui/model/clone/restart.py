"""Restart policies."""

from __future__ import annotations

from collections.abc import Mapping


def restart_flag(policy: Mapping[str, object]) -> str:
    """A restart policy as `--restart` takes it."""
    name, count = policy.get("Name") or "no", policy.get("MaximumRetryCount")
    return f"{name}:{count}" if name == "on-failure" and count else str(name)
