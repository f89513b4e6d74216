"""What a keep survives on every store, and what it does not, as the first screen of the README says."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest

import imgtui
from imgtui.model.plans.plan import plan_keep
from imgtui.operations.acts.acts import Acts
from imgtui.operations.taglog.scan import everything
from imgtui.store.state import State
from tests.engine.contract.hands import DockerHands
from tests.engine.contract.story import Story
from tests.engines import content
from tests.engines.kinds import PODMANS
from tests.engines.private import PrivateEngine
from tests.operations.watching import Watcher

README: Final = Path(imgtui.__file__).parents[1] / "README.md"
SCREEN: Final = 24
"""Lines that are seen at once."""


def prune(engine: PrivateEngine, version: str, *, tagged: bool) -> None:
    """`image prune`, or `prune --all`, of images of one version: the engine has those of other tests.

    Podman's Docker-compatible API cannot be asked for all (4.3): its own is what the podman command asks.
    """
    filters: dict[str, object] = {"label": [f"org.opencontainers.image.version={version}"]}
    path, options = "/v4.0.0/libpod/images/prune", f"all={str(tagged).lower()}&"
    if engine.kind not in PODMANS:
        path, options = "/images/prune", ""
        filters["dangling"] = [str(not tagged).lower()]
    engine.ask("POST", f"{path}?{options}filters={quote(json.dumps(filters))}")


@pytest.mark.parametrize("end", ["docker image prune -a", "docker rmi --force"])
def test_a_keep_survives_rebuilds_moved_tags_and_prune_but_not_what_is_said_at_once(
    real_engine: PrivateEngine, name: str, tmp_path: Path, end: str
) -> None:
    hands, state = DockerHands(real_engine), State(tmp_path / "state")
    story, watcher = Story(hands, name), Watcher(hands.engine, state)
    kept = story.build("latest", "kept")
    acts = Acts(hands.engine, watcher.recorder)
    acts.perform(plan_keep(everything(hands.engine), kept, name, int(time.time())))
    story.build("latest", "next")
    story.build("other", "other")
    story.tag("other", "latest")
    prune(real_engine, f"{name} kept", tagged=False)
    assert hands.engine.image(kept) is not None

    if end == "docker rmi --force":
        assert hands.remove(kept, force=True)
    else:
        prune(real_engine, f"{name} kept", tagged=True)
    assert hands.engine.image(kept) is None
    first = " ".join(README.read_text().splitlines()[:SCREEN])
    assert f"`{end}`" in first
    hands.engine.close()
    state.close()


def test_all_five_digests_run_when_each_was_kept_before_the_next_build(
    real_engine: PrivateEngine, name: str, tmp_path: Path
) -> None:
    hands, state = DockerHands(real_engine), State(tmp_path / "state")
    story, watcher = Story(hands, name), Watcher(hands.engine, state)
    acts = Acts(hands.engine, watcher.recorder)
    for number in range(5):
        built = story.build("latest", str(number))
        acts.perform(plan_keep(everything(hands.engine), built, name, int(time.time())))

    assert len(story.images) == 5
    for number, image_id in enumerate(story.images):
        content.run(real_engine, f"{name}-{number}", image_id)
        shown = real_engine.docker("inspect", "--format", "{{.State.Running}} {{.Image}}", f"{name}-{number}")
        hands.discard(f"{name}-{number}")
        assert shown.split() == ["true", image_id if "sha256:" in shown else image_id.removeprefix("sha256:")]
    assert all(len(everything(hands.engine).images[image_id].keeps) == 1 for image_id in story.images)
    hands.engine.close()
    state.close()
