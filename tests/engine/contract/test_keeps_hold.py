"""What is kept after each build still runs after five rebuilds, on every store."""

from __future__ import annotations

import time
from pathlib import Path

from imgtui.model.plan import plan_keep
from imgtui.operations.acts import Acts
from imgtui.operations.look import everything
from imgtui.store.state import State
from tests.engine.contract.hands import DockerHands
from tests.engine.contract.story import Story
from tests.engines import content
from tests.engines.private import PrivateEngine
from tests.operations.watching import Watcher


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
