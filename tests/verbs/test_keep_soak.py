"""Many rebuilds with a keep rule and a recorder: at every moment the last digests of each tag run."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from imgtui.model.core.digest import short
from tests.engines import content
from tests.engines.private import PrivateEngine
from tests.engines.waiting import wait_until
from tests.verbs.command import call, environment, recording

LAST = 5
TAGS = ("latest", "dev", "edge")
RULE = f'[[keep]]\nrepository = "soak"\nlast = {LAST}\ngrace = "1s"\n'
CONTAINERS = 3
"""So many run at once: of versions that lost their tag long ago too."""
SECOND = 3
"""So many versions have a second tag at once."""


class Soak:
    """A repository in which three tags are built again and again."""

    def __init__(self, engine: PrivateEngine) -> None:
        self.engine = engine
        self.versions: dict[str, str] = {}
        """Image ID to what `/etc/version` says in it, in the order of building."""
        self.history: dict[str, list[str]] = {tag: [] for tag in TAGS}
        """The digests of each tag, the newest last."""
        self.running: list[str] = []
        self.second: list[int] = []

    def step(self, number: int) -> None:
        """One build, and what else happens on such a server."""
        tag = TAGS[number % len(TAGS)]
        image_id = content.build(self.engine, f"soak:{tag}", version=f"soak {number}")
        if number % 2:
            self.engine.docker("tag", f"soak:{tag}", f"soak:build-{number}")
            self.second.append(number)
        self.versions[image_id] = f"soak {number}"
        self.history[tag].append(image_id)
        wait_until(lambda: self.is_kept(image_id), "the keep")
        if number % 6 == 0:
            self.engine.docker("run", "-d", "--name", f"soak-{number}", image_id, "sleep", "3600")
            self.running.append(f"soak-{number}")
        if len(self.running) > CONTAINERS:
            self.engine.docker("rm", "-f", self.running.pop(0))
        if len(self.second) > SECOND:
            self.engine.docker("rmi", f"soak:build-{self.second.pop(0)}")

    def is_kept(self, image_id: str) -> bool:
        """Whether a rule's keep is there."""
        names = self.engine.ask("GET", f"/images/{image_id}/json")["RepoTags"]
        return any(name.startswith("imgtui.invalid/rule/") for name in names)

    def check(self, tag: str) -> None:
        """The last digests of all tags are here, and the oldest of this one runs."""
        last = [image_id for history in self.history.values() for image_id in history[-LAST - 1 :]]
        self.engine.docker("image", "inspect", *last)
        self.run(self.history[tag][-LAST - 1 :][0])

    def run(self, image_id: str) -> None:
        """It is what was built."""
        said = self.engine.docker("run", "--rm", image_id, "cat", "/etc/version")
        assert said.strip() == self.versions[image_id]

    @property
    def here(self) -> set[str]:
        """What was built and is still here."""
        listed = self.engine.docker("image", "ls", "-a", "-q", "--no-trunc").split()
        return self.versions.keys() & set(listed)

    def clean(self) -> None:
        """Take all of it away."""
        for name in self.running:
            self.engine.docker("rm", "-f", name)
        names = self.engine.docker("image", "ls", "-a", "--format", "{{.Repository}}:{{.Tag}}").split()
        ours = [name for name in names if name.startswith("soak:") or "/docker.io/library/soak:" in name]
        if ours:
            self.engine.docker("rmi", "-f", *ours)


@pytest.mark.parametrize("builds", [24, pytest.param(200, marks=pytest.mark.full)])
def test_the_last_digests_of_each_tag_run_at_every_moment_and_every_release_is_in_the_history(
    docker28_containerd: PrivateEngine, tmp_path: Path, builds: int
) -> None:
    soak, environ = Soak(docker28_containerd), environment(tmp_path, docker28_containerd.host)
    (tmp_path / "imgtui").mkdir()
    (tmp_path / "imgtui/config.toml").write_text(RULE)
    try:
        with recording(environ) as recorder:
            recorder.said("recording")
            for number in range(builds):
                soak.step(number)
                soak.check(TAGS[number % len(TAGS)])
            wait_until(lambda: not _to_release(environ), "all that is due released")
            assert recorder.end()[0] == 0
        for history in soak.history.values():
            for image_id in history[-LAST - 1 :]:
                soak.run(image_id)
        gone = soak.versions.keys() - soak.here
        moves = json.loads(call(environ, "log", "soak", "--json").stdout)
        released = [move["from"] for move in moves if move["cause"] == "release"]
        assert len(released) == len(gone) > 0
        assert set(released) == gone
        with closing(sqlite3.connect(tmp_path / "imgtui/state.db")) as file:
            titles = [title for (title,) in file.execute("SELECT title FROM acts WHERE outcome = 'done'")]
        for image_id in gone:
            assert titles.count(f"rule soak released {short(image_id)} of soak") == 1
    finally:
        soak.clean()


def test_what_is_rebuilt_while_the_state_file_is_locked_is_kept_and_is_in_the_log_afterwards(
    docker28_containerd: PrivateEngine, tmp_path: Path
) -> None:
    soak, environ = Soak(docker28_containerd), environment(tmp_path, docker28_containerd.host)
    (tmp_path / "imgtui").mkdir()
    (tmp_path / "imgtui/config.toml").write_text(RULE)
    try:
        with recording(environ) as recorder:
            recorder.said("recording")
            soak.step(0)
            with closing(sqlite3.connect(tmp_path / "imgtui/state.db", isolation_level=None)) as another:
                another.execute("BEGIN EXCLUSIVE")
                for number in range(3, 10, len(TAGS)):
                    soak.step(number)
                    soak.check(TAGS[0])
                another.execute("COMMIT")
            built = soak.history[TAGS[0]]
            wait_until(lambda: built[-1] in _targets(environ), "the newest move in the log")
            assert recorder.end()[0] == 0
        assert _targets(environ)[: len(built)] == built[::-1]
    finally:
        soak.clean()


def _targets(environ: Mapping[str, str]) -> list[str]:
    """Where the first tag has pointed, the newest first."""
    moves = json.loads(call(environ, "log", f"soak:{TAGS[0]}", "--json").stdout)
    return [move["to"] for move in moves]


def _to_release(environ: Mapping[str, str]) -> list[object]:
    (rule,) = json.loads(call(environ, "keep", "--rules", "--json").stdout)
    found: list[object] = rule["releases"]
    return found
