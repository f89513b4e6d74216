"""The machine's recorder, run by root, and somebody of a group who may read its log: two real users.

Each process sees a folder of the test's own as `/var/lib`, in a mount namespace, so that nothing is set.
"""

from __future__ import annotations

import grp
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from imgtui.verbs.console.output import Exit
from tests.engines import content
from tests.engines.private import PrivateEngine, RefusedError
from tests.engines.waiting import wait_until
from tests.verbs.command import SECONDS, Recording

SOMEBODY: Final = 65534
"""The user and first group of who may read."""
READERS: Final = "users"
"""A group of every Debian."""
ROOT: Final = Path(__file__).parents[2]
PATHS: Final = [str(ROOT), *(path for path in sys.path if "site-packages" in path)]


def python() -> str:
    """A Python that everybody may run."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for found in (f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        if Path(found).exists():
            return found
    pytest.skip(f"there is no {version} that another user may run")


@dataclass
class Machine:
    """A machine with its `/var/lib`, root, and somebody who may read what a group may."""

    folder: Path
    engine: PrivateEngine

    @property
    def state(self) -> Path:
        """Where the machine's recorder writes."""
        return self.folder / "imgtui"

    def command(self, *arguments: str, somebody: bool, groups: str = READERS) -> list[str]:
        """A call of imgtui by root, or by somebody in groups."""
        mounts = [
            f'mount --bind "{self.folder}" /var/lib',
            f'mount --bind "{self.engine.host.removeprefix("unix://")}" /var/lib/docker.sock',
        ]
        inside = " && ".join([*mounts, 'exec "$@"'])
        home = "/var/lib/somebody" if somebody else "/var/lib/root"
        group = grp.getgrnam(groups).gr_gid
        became = [
            *("setpriv", f"--reuid={SOMEBODY}", f"--regid={SOMEBODY}", f"--groups={group}"),
            *("--inh-caps=-all", "--bounding-set=-all"),
        ]
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "DOCKER_HOST": "unix:///var/lib/docker.sock",
            "DOCKER_CONFIG": home,
            "PYTHONPATH": ":".join(PATHS),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        assignments = [f"{name}={value}" for name, value in environ.items()]
        return [
            *("unshare", "--mount", "sh", "-c", inside, "sh"),
            *(became if somebody else ()),
            *("env", "-i", *assignments, python(), "-m", "imgtui", *arguments),
        ]

    def call(
        self, *arguments: str, somebody: bool = True, groups: str = READERS
    ) -> subprocess.CompletedProcess[str]:
        """Call it, and wait for its end."""
        return subprocess.run(
            self.command(*arguments, somebody=somebody, groups=groups),
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
            cwd="/",
        )

    def documents(self, *arguments: str, somebody: bool = True) -> Any:
        """The JSON of a call that has to go well."""
        done = self.call(*arguments, "--json", somebody=somebody)
        assert (done.returncode, done.stderr) == (Exit.DONE, "")
        return json.loads(done.stdout)

    @contextmanager
    def recording(self, *, somebody: bool = False) -> Iterator[Recording]:
        """The machine's recorder, as its unit starts it, or one of somebody's own."""
        options = () if somebody else ("--state", "/var/lib/imgtui", "--group", READERS)
        command = self.command("record", *options, somebody=somebody)
        with subprocess.Popen(
            ["sh", "-c", 'umask 077; exec "$@"', "sh", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
        ) as process:
            try:
                yield Recording(process)
            finally:
                process.kill()

    def have_rule(self, who: str, repository: str, last: int) -> None:
        """Have root or somebody, by the name of their home, hold the last of a repository."""
        folder = self.folder / who / ".config/imgtui"
        folder.mkdir(parents=True)
        rule = f'[[keep]]\nrepository = "{repository}"\nlast = {last}\ngrace = "1s"\n'
        (folder / "config.toml").write_text(rule)

    def keeps(self, image_id: str) -> list[str]:
        """The keeps of an image; none where it is gone."""
        try:
            names = self.engine.ask("GET", f"/images/{image_id}/json")["RepoTags"]
        except RefusedError:
            return []
        return [name for name in names if name.startswith("imgtui.invalid/rule/")]

    def finding(self, topic: str) -> Any:
        """What doctor tells somebody."""
        done = self.call("doctor", "--json")
        return {found["topic"]: found for found in json.loads(done.stdout)}.get(topic)


@pytest.fixture
def machine(docker28_containerd: PrivateEngine, tmp_path: Path) -> Iterator[Machine]:
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root becomes somebody else")
    folder = tmp_path / "lib"
    folder.mkdir()
    folder.joinpath("docker.sock").touch()
    for name, owner in (("root", 0), ("somebody", SOMEBODY)):
        (folder / name).mkdir(mode=0o700)
        os.chown(folder / name, owner, owner)
    socket = Path(docker28_containerd.host.removeprefix("unix://"))
    before = stat.S_IMODE(socket.stat().st_mode)
    socket.chmod(0o666)
    try:
        yield Machine(folder, docker28_containerd)
    finally:
        socket.chmod(before)


def refs(moves: Any) -> list[tuple[str, str, str, str]]:
    """What moves say, without their numbers."""
    return [(move["ref"], move["from"], move["to"], move["at"]) for move in moves]


def test_who_may_read_the_machines_log_has_it_without_a_variable(machine: Machine) -> None:
    engine = machine.engine
    first = content.build(engine, "shared:latest", version="first of shared")
    with machine.recording() as recorder:
        recorder.said("recording")
        second = content.build(engine, "shared:latest", version="second of shared")
        while second not in recorder.moved():
            pass
        modes = {
            file.name: (stat.S_IMODE(file.stat().st_mode), file.stat().st_gid)
            for file in machine.state.iterdir()
        }
        group = grp.getgrnam(READERS).gr_gid
        assert set(modes.values()) == {(0o640, group)}, modes
        assert {"state.db", "state.db-wal", "state.db-shm"} <= modes.keys()
        folder = machine.state.stat()
        assert (stat.S_IMODE(folder.st_mode), folder.st_gid) == (0o750, group)

        theirs = refs(machine.documents("log", "shared", somebody=False))
        mine = refs(machine.documents("log", "shared"))
        assert mine == theirs
        assert (mine[0][1], mine[0][2]) == (first, second)
        assert machine.documents("diff", first, second)["a"]["id"] == first, "facts of what is gone too"
        found = machine.finding("machine's log")
        assert found["ok"]
        assert "/var/lib/imgtui/state.db is read too" in found["found"]
        assert "imgtui record watches" in machine.finding("recorder")["found"]

        third = content.build(engine, "shared:latest", version="third of shared")
        while third not in recorder.moved():
            pass
        assert refs(machine.documents("log", "shared")) == refs(
            machine.documents("log", "shared", somebody=False)
        )
        recorder.end()
    theirs = refs(machine.documents("log", "shared", somebody=False))
    assert not machine.state.joinpath("state.db-wal").exists(), "the last one to close it tidies up"
    assert refs(machine.documents("log", "shared")) == theirs


def test_ones_own_acts_are_written_into_ones_own_file(machine: Machine) -> None:
    image_id = content.build(machine.engine, "own:latest", version="first of own")
    done = machine.call("record", "--once", "--state", "/var/lib/imgtui", "--group", READERS, somebody=False)
    assert done.returncode == Exit.DONE, done.stderr
    before = machine.state.joinpath("state.db").read_bytes()
    tagged = machine.documents("tag", "--yes", "own:latest", "own:mine")
    assert tagged["done"]
    assert machine.state.joinpath("state.db").read_bytes() == before
    own = machine.folder / "somebody/.local/state/imgtui/state.db"
    assert stat.S_IMODE(own.stat().st_mode) == 0o600
    (move,) = [move for move in machine.documents("log", "own:mine") if move["to"] == image_id]
    assert move["actor"] == "imgtui"
    machine.documents("undo", "--yes", "own:mine")


def test_who_may_not_read_it_goes_on_and_doctor_says_why(machine: Machine) -> None:
    content.build(machine.engine, "closed:latest", version="first of closed")
    machine.call("record", "--once", "--state", "/var/lib/imgtui", somebody=False)
    done = machine.call("log", "closed")
    assert (done.returncode, done.stderr) == (Exit.DONE, "")
    found = machine.finding("machine's log")
    assert not found["ok"]
    assert "cannot be read (Permission denied)" in found["found"]
    assert "be in the group that may" in found["remedy"]


def test_a_recorder_that_was_killed_leaves_a_log_that_can_be_read(machine: Machine) -> None:
    content.build(machine.engine, "killed:latest", version="first of killed")
    with machine.recording() as recorder:
        recorder.said("recording")
        second = content.build(machine.engine, "killed:latest", version="second of killed")
        while second not in recorder.moved():
            pass
    assert machine.state.joinpath("state.db-wal").exists()
    assert next(move["to"] for move in machine.documents("log", "killed")) == second


@pytest.mark.parametrize("mode", [0o666, 0o660])
def test_a_log_that_others_can_write_is_not_read(machine: Machine, mode: int) -> None:
    machine.call("record", "--once", "--state", "/var/lib/imgtui", "--group", READERS, somebody=False)
    machine.state.joinpath("state.db").chmod(mode)
    done = machine.call("log")
    assert "is not read, as others can write it: chmod go-w" in done.stderr
    assert not machine.finding("machine's log")["ok"]


def test_there_has_to_be_such_a_group(machine: Machine) -> None:
    done = machine.call("record", "--once", "--group", "nobodys-group", somebody=False)
    assert done.returncode == Exit.FAILED
    assert "there is no group nobodys-group on this machine" in done.stderr


def test_what_somebodys_rule_wants_stays_whatever_the_machines_releases(machine: Machine) -> None:
    machine.have_rule("root", "two-rules", 1)
    machine.have_rule("somebody", "two-rules", 3)
    built: list[str] = []
    with machine.recording() as recorder, machine.recording(somebody=True) as own:
        recorder.said("recording")
        own.said("recording")
        for number in range(6):
            built.append(content.build(machine.engine, "two-rules:latest", version=f"two rules {number}"))
            wait_until(lambda: len(machine.keeps(built[-1])) == 2, "a keep of each")
        wait_until(
            lambda: [len(machine.keeps(image_id)) for image_id in built] == [0, 0, 1, 1, 2, 2],
            "what neither wants released, and by the machine's rule what it does not want",
        )
        assert (recorder.end()[0], own.end()[0]) == (Exit.DONE, Exit.DONE)
    for image_id in built[2:]:
        machine.engine.docker("run", "--rm", image_id, "true")
    released = [move["from"] for move in machine.documents("log", "two-rules") if move["cause"] == "release"]
    assert sorted(released) == sorted(built[:2])
