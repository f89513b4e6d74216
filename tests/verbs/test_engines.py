"""Which engine answers, with real ones: copies keep two logs, and one with a new ID gets its log back."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import Any

import pytest

from imgtui.verbs.console.output import Exit
from tests.engines import content
from tests.engines.fixtures import skip_unless_selected
from tests.engines.gate import Gate
from tests.engines.kinds import PODMANS, Kind
from tests.engines.private import PrivateEngine
from tests.verbs.command import call, environment

KINDS: tuple[Kind, ...] = ("docker28-overlay2", "docker28-containerd")
"""Those whose ID lies in their data root."""
with_podman = pytest.mark.parametrize("first", [*KINDS, "podman"], indirect=True)


@pytest.fixture(params=KINDS)
def first(request: pytest.FixtureRequest) -> Iterator[PrivateEngine]:
    """An engine of its own, with a tag that was moved once."""
    kind: Kind = request.param
    skip_unless_selected(kind)
    with PrivateEngine(kind) as engine:
        one = content.import_tar(engine, "web:1", {"file": b"one"})
        content.import_tar(engine, "web:2", {"file": b"two"})
        engine.docker("tag", one, "web:latest")
        yield engine


@pytest.fixture
def copy(first: PrivateEngine) -> Iterator[PrivateEngine]:
    """Another engine on a copy of its data: both run."""
    other = PrivateEngine(first.kind)
    try:
        first.kill()
        (other.folder / "data").mkdir(exist_ok=True)
        subprocess.run(["cp", "-a", f"{first.folder}/data/.", f"{other.folder}/data/"], check=True)
        first.start()
        yield other.start()
    finally:
        other.stop()


def log(engine: PrivateEngine, home: Path, host: str = "") -> list[tuple[str, str | None, str]]:
    """What was observed, oldest first."""
    done = call(environment(home, host or engine.host), "log", "--json")
    assert (done.returncode, done.stderr) == (Exit.DONE, "")
    moves: list[dict[str, Any]] = json.loads(done.stdout)
    return [(move["ref"], move["from"], move["to"]) for move in reversed(moves)]


def test_a_copy_is_asked_about_and_then_both_keep_logs_of_their_own(
    first: PrivateEngine, copy: PrivateEngine, tmp_path: Path
) -> None:
    home, one, two = tmp_path, content.image_id(first, "web:1"), content.image_id(first, "web:2")
    before = log(first, home)
    at_copy = environment(home, copy.host)
    for verb, status in (
        (("ls",), Exit.DONE),
        (("log",), Exit.FAILED),
        (("record", "--once"), Exit.FAILED),
        (("tag", "web:2", "web:latest", "--yes"), Exit.FAILED),
        (("keep", "web:2", "--yes"), Exit.FAILED),
        (("rm", "web:2", "--yes"), Exit.FAILED),
    ):
        done = call(at_copy, *verb)
        assert done.returncode == status, (verb, done)
        assert "gives the same ID" in done.stderr or verb[0] == "rm", (verb, done)
        assert "Traceback" not in done.stderr
    assert content.image_id(copy, "web:latest") == one
    assert "imgtui.invalid" not in copy.docker("images", "--format", "{{.Repository}}")
    first.docker("tag", two, "web:latest")
    assert log(first, home) == [*before, ("web:latest", one, two)]

    assert call(at_copy, "log", "--as-new").returncode == Exit.DONE
    own = log(copy, home)
    copy.docker("tag", two, "web:copy")
    for _ in range(2):
        assert log(copy, home) == [*own, ("web:copy", None, two)]
        assert log(first, home) == [*before, ("web:latest", one, two)]
    copy.restart()
    first.restart()
    assert log(copy, home) == [*own, ("web:copy", None, two)]
    assert log(first, home) == [*before, ("web:latest", one, two)]
    with Gate(tmp_path, copy.host) as gate:  # by another address it is recognised while it runs
        assert log(copy, home, gate.host) == [*own, ("web:copy", None, two)]

    listed = json.loads(call(environment(home), "log", "--engines", "--json").stdout)
    assert len({each["id"] for each in listed}) == 2
    assert len({each["places"][0]["reported_id"] for each in listed}) == 1
    table = call(environment(home), "log", "--engines").stdout.splitlines()
    assert first.host in "".join(table)
    assert copy.host in "".join(table)


def start_with_a_new_id(engine: PrivateEngine) -> None:
    """Docker has lost what is in its data root; Podman's ID is made of the host's name."""
    engine.kill()
    if engine.kind in PODMANS:
        engine.rename_host("another-name")
    else:
        (engine.folder / "data/engine-id").unlink()
    engine.start()


@with_podman
def test_one_engine_by_two_addresses_has_one_log(first: PrivateEngine, tmp_path: Path) -> None:
    """Of a Podman nothing says that it is the same one: it asks, once."""
    home, one, two = tmp_path, content.image_id(first, "web:1"), content.image_id(first, "web:2")
    before = log(first, home)
    with Gate(tmp_path, first.host) as gate:
        if first.kind in PODMANS:
            (known,) = json.loads(call(environment(home), "log", "--engines", "--json").stdout)
            there = environment(home, gate.host)
            assert f"--adopt {quote(known['id'])}" in call(there, "log").stderr
            assert call(there, "log", "--adopt", known["id"]).returncode == Exit.DONE
        for target, origin in ((two, one), (one, two)):
            first.docker("tag", target, "web:latest")
            before.append(("web:latest", origin, target))
            assert log(first, home, gate.host) == before
            assert log(first, home) == before
        (known,) = json.loads(call(environment(home), "log", "--engines", "--json").stdout)
        shown = json.dumps(known["places"])
        assert first.host in shown
        assert gate.host in shown


@with_podman
def test_an_engine_with_a_new_id_gets_its_log_back_and_can_undo(first: PrivateEngine, tmp_path: Path) -> None:
    home, one, two = tmp_path, content.image_id(first, "web:1"), content.image_id(first, "web:2")
    log(first, home)
    first.docker("tag", two, "web:latest")
    before = log(first, home)
    start_with_a_new_id(first)
    here = environment(home, first.host)
    refused = call(here, "log")
    assert refused.returncode == Exit.FAILED
    assert "2 of 2 digests" in refused.stderr
    (old,) = json.loads(call(here, "log", "--engines", "--json").stdout)
    assert f"imgtui log --adopt {quote(old['id'])}" in refused.stderr
    assert call(here, "log", "--adopt", old["id"][:8]).returncode == Exit.DONE
    assert log(first, home) == before
    assert call(here, "undo", "web:latest", "--yes").returncode == Exit.DONE
    assert content.image_id(first, "web:latest") == one
    first.restart()
    assert log(first, home)[-1] == ("web:latest", two, one)


def test_an_engine_with_a_new_id_may_begin_a_log_of_its_own_and_take_the_old_one_later(
    first: PrivateEngine, tmp_path: Path
) -> None:
    home, two = tmp_path, content.image_id(first, "web:2")
    log(first, home)
    first.docker("tag", two, "web:latest")
    before = log(first, home)
    start_with_a_new_id(first)
    here = environment(home, first.host)
    old = json.loads(call(here, "log", "--engines", "--json").stdout)[0]["id"]
    assert call(here, "log", "--as-new").returncode == Exit.DONE
    log(first, home)
    first.docker("tag", two, "web:new")
    own = log(first, home)
    assert before[-1] not in own
    assert call(here, "log", "--adopt", old).returncode == Exit.DONE
    assert log(first, home) == [*before, *own[-1:]]
    assert len(json.loads(call(here, "log", "--engines", "--json").stdout)) == 1
    assert call(here, "log", "--adopt", "nothing-known").returncode == Exit.FAILED
