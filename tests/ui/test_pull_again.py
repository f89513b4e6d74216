"""`z` after `docker rmi`, on real engines: what a registry has is pulled again, by its digest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from imgtui.model.core.digest import short
from tests.engine.contract.hands import connect
from tests.engine.contract.source import image
from tests.engines import content
from tests.engines.private import PrivateEngine
from tests.engines.registry import Registry
from tests.ui.robot import exploring


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    with Registry() as found:
        yield found


async def test_z_brings_exactly_the_digest_and_the_tag_back(
    real_engine: PrivateEngine, registry: Registry
) -> None:
    registry.publish("undone/by-key:1", image(f"z {real_engine.kind}"))
    repository = f"{registry.address}/undone/by-key"
    engine = connect(real_engine)
    async with exploring(engine) as robot:
        known = robot.explorer.known
        real_engine.docker("pull", "-q", f"{repository}:1")
        image_id = content.image_id(real_engine, f"{repository}:1")
        await robot.until(lambda: f"{repository}:1" in known.catalog.tags, "the pulled tag")
        real_engine.docker("rmi", f"{repository}:1")
        await robot.until(lambda: image_id not in known.catalog.images, "the image gone")
        await robot.until(lambda: known.where(image_id).certain, "that it can be pulled again")

        await robot.open_repository(repository)
        await robot.do("log.undo")
        await robot.sees(f"pull {short(image_id)} by {repository}@sha256:", "enter: do it")
        await robot.press("enter")
        await robot.until(lambda: known.catalog.tags.get(f"{repository}:1") == image_id, "the tag back")
        assert content.image_id(real_engine, f"{repository}:1") == image_id
    real_engine.docker("rmi", "--force", image_id)
    engine.close()
