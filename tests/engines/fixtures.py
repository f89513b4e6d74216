"""Fixtures that give real engines to tests.

`real_engine` and the fixtures named after a kind share one engine of each kind in the session, started when
the first test asks for it. `own_engine` is for tests that end an engine or need an empty one.

`IMGTUI_TEST_ENGINES` selects kinds, comma-separated; `none` selects no engine. There are tests for the kinds
of `kinds.MORE` only where it names them. Tests of kinds that are left
out are skipped, and the terminal summary says so; a selected engine that cannot be had fails its tests. With
`-n`, add `--dist loadgroup`: all tests of one kind then run in one worker, and no kind is started twice.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.engines import content
from tests.engines.kinds import EVERY_KIND, KINDS, VARIABLE, Kind, named_kinds
from tests.engines.looked_at import reason_to_skip
from tests.engines.private import PrivateEngine
from tests.engines.provision import EngineUnavailableError
from tests.engines.ssh_server import SshServer


def selected_kinds() -> tuple[Kind, ...]:
    """The kinds to be tested; `pytest.UsageError` for a name that is none."""
    names = named_kinds()
    if names is None:
        return KINDS
    if unknown := sorted(names.difference(EVERY_KIND)):
        raise pytest.UsageError(
            f"{VARIABLE}: no such engine: {', '.join(unknown)}; there are {', '.join(EVERY_KIND)}"
        )
    return tuple(kind for kind in KINDS if kind in names)


_RUNNING: Final = pytest.StashKey[dict[Kind, PrivateEngine]]()
LASTING: Final = frozenset({"sites", "carry"})
"""Repositories that tests of several files have in common."""


class EnginePool:
    """The session's engines, each started when it is first asked for."""

    def __init__(self, engines: dict[Kind, PrivateEngine]) -> None:
        """What is started is put into `engines`."""
        self._engines = engines
        self._failures: dict[Kind, EngineUnavailableError] = {}

    def get(self, kind: Kind) -> PrivateEngine:
        """The running engine of this kind; a failure to have it is not tried again."""
        skip_unless_selected(kind)
        if kind in self._failures:
            raise self._failures[kind]
        try:
            if kind not in self._engines:
                self._engines[kind] = PrivateEngine(kind)
            return self._engines[kind].start()
        except EngineUnavailableError as error:
            self._failures[kind] = error
            raise

    def stop(self) -> None:
        """End all engines."""
        for engine in self._engines.values():
            engine.stop()


def skip_unless_selected(kind: Kind) -> None:
    """Skip the running test if it needs a kind that is left out."""
    if kind not in selected_kinds():
        pytest.skip(f"{kind} is left out by {VARIABLE}")


@pytest.fixture(scope="session")
def engine_kinds() -> tuple[Kind, ...]:
    """The kinds of engine that this session tests."""
    return selected_kinds()


@pytest.fixture(scope="session")
def engine_pool(pytestconfig: pytest.Config) -> Iterator[EnginePool]:
    """The shared engines, by kind."""
    pool = EnginePool(pytestconfig.stash.setdefault(_RUNNING, {}))
    yield pool
    pool.stop()


@pytest.fixture(scope="session", params=KINDS)
def real_engine(request: pytest.FixtureRequest, engine_pool: EnginePool) -> PrivateEngine:
    """The session's engine of each kind in turn."""
    kind: Kind = request.param
    return engine_pool.get(kind)


@pytest.fixture(params=KINDS)
def own_engine(request: pytest.FixtureRequest) -> Iterator[PrivateEngine]:
    """A fresh and empty engine of each kind in turn, which the test may kill or stop."""
    kind: Kind = request.param
    skip_unless_selected(kind)
    with PrivateEngine(kind) as engine:
        yield engine


@pytest.fixture(scope="session")
def docker20_overlay2(engine_pool: EnginePool) -> PrivateEngine:
    """The session's Docker 20.10 with a graph driver."""
    return engine_pool.get("docker20-overlay2")


@pytest.fixture(scope="session")
def docker28_overlay2(engine_pool: EnginePool) -> PrivateEngine:
    """The session's Docker 28 with a graph driver."""
    return engine_pool.get("docker28-overlay2")


@pytest.fixture(scope="session")
def docker28_containerd(engine_pool: EnginePool) -> PrivateEngine:
    """The session's Docker 28 with the containerd image store."""
    return engine_pool.get("docker28-containerd")


@pytest.fixture(scope="session")
def podman(engine_pool: EnginePool) -> PrivateEngine:
    """The session's Podman behind its Docker-compatible API."""
    return engine_pool.get("podman")


@pytest.fixture
def far_machine(
    docker28_overlay2: PrivateEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SshServer]:
    """A machine that `ssh` knows as `ssh_server.HOST`, where docker talks to `docker28_overlay2`."""
    folder = tmp_path / "far"
    folder.mkdir()
    path = f"{docker28_overlay2.programs}/usr/bin:/usr/bin:/bin"
    with SshServer(folder, {"PATH": path, **docker28_overlay2.env}) as server:
        monkeypatch.setenv("PATH", f"{server.client}:{os.environ['PATH']}")
        yield server


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Remove what a file's tests leave in the shared engines: each look at an engine lists all of it.

    On the containerd store each image takes 6 ms of a processor each time, and what a container of another
    test writes counts among the bytes of images.
    """
    if nextitem is not None and nextitem.nodeid.partition("::")[0] == item.nodeid.partition("::")[0]:
        return
    for engine in item.config.stash.get(_RUNNING, {}).values():
        if engine.is_running:
            content.remove_containers(engine)
            content.remove_images(engine, lambda name: name in LASTING)


def _kinds_of(item: pytest.Item) -> list[Kind]:
    """The kinds that a test uses, by its parameters (kinds, or names of fixtures) or by its fixtures."""
    names = getattr(item, "fixturenames", ())
    callspec = getattr(item, "callspec", None)
    given = callspec.params if callspec else {}
    values = [str(value).replace("_", "-") for value in given.values()]
    return [kind for kind in KINDS if kind in values or kind.replace("-", "_") in names]


def pytest_configure() -> None:
    """Refuse a wrong selection before anything runs."""
    selected_kinds()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs an engine, group it by kind for xdist, and skip what is not about its kind."""
    for item in items:
        if why := reason_to_skip(item):
            item.add_marker(pytest.mark.skip(reason=why))
        if used := _kinds_of(item):
            item.add_marker("engine")
            item.add_marker(pytest.mark.xdist_group(used[0]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly which engines were not tested."""
    if missing := [kind for kind in KINDS if kind not in selected_kinds()]:
        terminalreporter.write_sep("!", "engines left out", red=True, bold=True)
        line = f"NOT TESTED ON {', '.join(missing)}: {VARIABLE}={os.environ[VARIABLE]}"
        terminalreporter.write_line(line, red=True, bold=True)
