"""What an image was made of is known when engine and cache have forgotten it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from imgtui.model.core.digest import short
from tests.engine.contract.rolling import SERVICE, WAITS, Site
from tests.engines import content
from tests.engines.kinds import CONTAINERD_STORES
from tests.engines.private import PrivateEngine
from tests.engines.waiting import wait_until
from tests.verbs.command import call, environment, recording


def forget(home: Path) -> None:
    """Delete the cache, as anybody may."""
    for file in (home / "imgtui").glob("cache.db*"):
        file.unlink()


def kept(home: Path) -> set[str]:
    """The images whose facts are in the state file."""
    with closing(sqlite3.connect(home / "imgtui" / "state.db")) as file:
        return {image for (image,) in file.execute("SELECT image FROM facts")}


def test_a_recorder_knows_what_was_built_and_dropped_while_it_watched(
    real_engine: PrivateEngine, tmp_path: Path
) -> None:
    environ = environment(tmp_path, real_engine.address)
    with recording(environ) as recorder:
        recorder.said("recording")
        built: list[str] = []
        for number in range(3):
            built.append(content.build(real_engine, "facts:latest", version=f"{number} of facts"))
            wait_until(lambda: built[-1] in kept(tmp_path), what=f"the facts of image {number}")

        def gone() -> bool:
            images = real_engine.docker("images", "--all", "--no-trunc", "--quiet").split()
            return built[0] not in images

        if real_engine.kind not in CONTAINERD_STORES:
            real_engine.docker("rmi", "--force", built[0])
        wait_until(gone, what="the end of the first image")
        recorder.end()
    forget(tmp_path)
    done = call(environ, "diff", built[0], "facts:latest", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["a"]["id"] == built[0]
    labels = {each["key"]: each["a"] for each in found["config"]}
    assert "0 of facts" in labels.values()


def test_a_roll_back_knows_what_an_image_gave_that_is_gone(
    docker28_containerd: PrivateEngine, tmp_path: Path
) -> None:
    site = Site(docker28_containerd, tmp_path, "gave")
    given = SERVICE + "ENV RELEASE=$VERSION API_TOKEN=of-the-image\n" + WAITS
    content.build(site.real, site.tag, version="old", dockerfile=given)
    site.imgtui("record", "--once")
    dropped = content.build(site.real, site.tag, version="dropped", dockerfile=given)
    site.imgtui("record", "--once")
    site.run("-e", "MODE=mine")
    new = content.build(site.real, site.tag, version="new", dockerfile=given)
    site.imgtui("record", "--once")
    forget(tmp_path)
    notes = site.plan(site.api, "--to", new)["notes"]
    assert f"{site.api}: what {short(dropped)} gave to it is known from the state file" in " ".join(notes)
    site.roll_back(site.api, "--to", new)
    environment_of = site.told()["Config"]["Env"]
    assert "MODE=mine" in environment_of
    assert "RELEASE=new" in environment_of, "what the image before gave is not pinned"
    assert "API_TOKEN=of-the-image" in environment_of
