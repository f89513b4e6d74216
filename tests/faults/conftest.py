"""An engine with a little history, once, and what it answered to every verb."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from imgtui.verbs.console.output import Exit
from tests.engines import content
from tests.engines.private import CommandFailedError, PrivateEngine
from tests.faults.calls import VERBS, Caller, Verb, call
from tests.faults.proxy import FaultyEngine

TAGS = ("misread:1", "misread:2", "misread:3", "misread:latest")


def populate(engine: PrivateEngine, proxy: FaultyEngine, home: Path) -> None:
    """A tag that has moved twice, a container that drifts, a version that is kept, and one without a tag."""

    def imgtui(*words: str) -> None:
        proxy.record()
        called = call(proxy, home, words, hangs=100)
        assert called.status == Exit.DONE, f"{words}: {called}"

    content.build(engine, "misread:1", version="1")
    engine.docker("tag", "misread:1", "misread:latest")
    imgtui("record", "--once")
    content.run(engine, "misread", "misread:latest")
    content.build(engine, "misread:2", version="2")
    engine.docker("tag", "misread:2", "misread:latest")
    imgtui("record", "--once")
    imgtui("keep", "misread:1", "--yes")
    content.dangling(engine, "misread:3")
    imgtui("record", "--once")


def clear(engine: PrivateEngine) -> None:
    """Leave nothing of it."""
    for command in (("rm", "--force", "misread"), *(("rmi", "--force", tag) for tag in TAGS)):
        try:
            engine.docker(*command)
        except CommandFailedError:  # it is gone already
            continue


@contextmanager
def recorded_on(engine: PrivateEngine, folder: Path, verbs: Sequence[Verb]) -> Iterator[Caller]:
    """These verbs as they were once on an engine that answered rightly."""
    with FaultyEngine(folder / "engine.sock", engine.host) as proxy:
        try:
            populate(engine, proxy, folder / "known")
            caller = Caller(proxy, folder / "known", folder / "home")
            caller.record(verbs)
        finally:
            clear(engine)
        yield caller


@pytest.fixture(scope="module")
def recorded(
    docker28_containerd: PrivateEngine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Caller]:
    """All verbs, on the engine whose answers have most in them."""
    with recorded_on(docker28_containerd, tmp_path_factory.mktemp("faults"), VERBS) as caller:
        yield caller
