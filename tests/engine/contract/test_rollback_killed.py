"""imgtui, or the engine, is killed at each change of a roll back: what is left is finished or reversed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.engine.contract.rolling import Seen, Site
from tests.engines.gate import Cut, Gate
from tests.engines.private import PrivateEngine
from tests.engines.waiting import PATIENCE
from tests.suite.sample import Share

MOST_CHANGES: Final = 30
POLICY: Final = "always"


class Story:
    """One roll back after the other is interrupted, each at the next change, and put right."""

    def __init__(self, site: Site, gate: Gate) -> None:
        self.site, self.gate = site, gate
        self._running = ""

    def cuts(self) -> Iterator[Cut]:
        """All changes that a roll back makes, before and after the engine has made them."""
        for _ in range(2):  # only the first one keeps what the tag and the container had
            self.start()
            self.gate.wait_for(None)
            self.site.roll_back(self.site.tag, "--with", self.site.api, host=self.gate.host)
        assert self.site.seen() == self.site.rolled_back(POLICY, tag=self.site.old)
        changes = len(self.gate.changes)
        assert 5 <= changes <= MOST_CHANGES, self.gate.changes
        for number in range(1, changes + 1):
            yield Cut(number)
            yield Cut(number, after=True)

    def start(self) -> None:
        """The tag and its container as they are before a roll back."""
        if self._running and self.site.seen() == self.site.as_it_was(POLICY):
            return
        self.site.remove_containers()
        self.site.move(self.site.new)
        self._running = self.site.run(f"--restart={POLICY}")

    def put_right(self, cut: Cut) -> None:
        """Take it up; the one runs or the other, by its own name, and nothing else is left."""
        before = self.site.seen()
        interrupted = "imgtui rollback --unfinished shows what is left to do"
        assert (interrupted in self.site.try_imgtui("ls").stderr) is bool(self.site.unfinished)
        said = self.site.take_up().splitlines()[-1]
        seen = self.site.seen()
        expected: dict[str, Seen] = {
            "everything is as it was": self.site.as_it_was(POLICY),
            "points at": self.site.rolled_back(POLICY, tag=self.site.old),
            "nothing was interrupted": before,
        }
        (right,) = (expected[words] for words in expected if words in said)
        assert seen == right, f"interrupted {cut}: {said}"
        assert seen in [*expected.values()][:2], f"interrupted {cut}: {said}"
        assert not self.site.unfinished, f"interrupted {cut}"


@pytest.mark.in_turn
def test_imgtui_is_killed_at_any_change_and_what_is_left_is_put_right(
    site: Site, gate: Gate, share: Share
) -> None:
    story = Story(site, gate)
    for cut in share.of(story.cuts()):
        story.start()
        with site.begin(site.tag, "--with", site.api, host=gate.host) as process:
            gate.wait_for(cut, process.kill)
            process.wait()
            said = process.stderr.read() if process.stderr else ""
        assert gate.came.wait(PATIENCE), f"{cut}: {said}"
        story.put_right(cut)


@pytest.mark.in_turn
def test_imgtui_is_killed_at_any_change_of_a_container_of_compose(
    site: Site, gate: Gate, share: Share
) -> None:
    site.of_compose = True
    story = Story(site, gate)
    for cut in share.of(story.cuts()):
        story.start()
        with site.begin(site.tag, "--with", site.api, host=gate.host) as process:
            gate.wait_for(cut, process.kill)
            process.wait()
        assert gate.came.wait(PATIENCE), cut
        story.put_right(cut)


@pytest.mark.in_turn
def test_the_engine_is_killed_at_any_change_and_what_is_left_is_put_right(
    own_engine: PrivateEngine, tmp_path: Path, share: Share
) -> None:
    site = Site(own_engine, tmp_path, "cut")
    with Gate(tmp_path, own_engine.host) as gate:
        story = Story(site, gate)
        for cut in share.of(story.cuts()):
            story.start()
            gate.wait_for(cut, own_engine.kill)
            done = site.try_imgtui(
                "rollback", site.tag, "--with", site.api, "--yes", "--settle", "0", host=gate.host
            )
            assert gate.came.wait(PATIENCE), f"{cut}: {done.stderr}"
            assert done.returncode == 3, f"{cut}: {done.stderr}"
            assert "imgtui rollback --unfinished takes up what was begun" in done.stderr
            own_engine.start()
            assert len(site.seen().running) <= 1, f"{cut}: both run"
            story.put_right(cut)
    site.clean()
    site.engine.close()


@pytest.mark.in_turn
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_what_goes_when_it_stops_is_there_again_after_imgtui_was_killed(
    site: Site, gate: Gate, after: bool
) -> None:
    site.run("--rm")
    with site.begin(site.api, host=gate.host) as process:
        gate.wait_for(Cut(1, ending="/stop", after=after), process.kill)
        process.wait()
    assert gate.came.wait(PATIENCE)

    assert "everything is as it was" in site.take_up()

    assert site.seen() == site.as_it_was()
    assert site.told()["HostConfig"]["AutoRemove"]


@pytest.mark.in_turn
def test_what_goes_when_it_stops_goes_with_the_engine_which_is_said(
    own_engine: PrivateEngine, tmp_path: Path
) -> None:
    site = Site(own_engine, tmp_path, "goes")
    site.run("--rm")
    with Gate(tmp_path, own_engine.host) as gate:
        gate.wait_for(Cut(1, ending="/start"), own_engine.kill)
        assert site.try_imgtui("rollback", site.api, "--yes", host=gate.host).returncode == 3
    own_engine.start()

    said = site.take_up()

    if site.podman:  # its containers are not its service's children
        assert site.seen() == site.as_it_was()
    else:
        assert said.splitlines()[-1] == f"neither the old nor the new {site.api} is there any more"
        assert site.seen().policies == {}
    assert not site.unfinished
    site.engine.close()
