"""Five minutes of a random user in seven parts, one of which every everyday run has."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.random_user.user import RandomUser

SECONDS = 40
MOST_GROWTH = 60_000_000
"""Bytes by which memory may grow in the second half: a screen that is never let go is more in that time."""
LIVING = 3
"""Explorers that are in memory at most: the one that is open, and what the collector has not seen yet."""


@pytest.mark.matrix
@pytest.mark.parametrize("seed", range(1, 8))
async def test_a_random_user_meets_no_error_and_leaves_every_screen(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    user = RandomUser(seed, tmp_path)
    await user.use(SECONDS, every=SECONDS / 4)
    assert user.figures.keys
    assert user.figures.left
    assert user.figures.acts["open"] == 0
    assert user.living <= LIVING
    half = next(size for seconds, size in user.memory if seconds >= SECONDS / 2)
    assert user.memory[-1][1] - half < MOST_GROWTH, user.memory
