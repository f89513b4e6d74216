"""News may come at any time: before the screen is there, and while the program ends."""

from __future__ import annotations

import threading

from imgtui.engine.demo.engine import demo_engine
from imgtui.model.catalog.catalog import Catalog
from imgtui.operations.protocol.updates import EngineState, LayersLearned, Phase, Publish, Update
from imgtui.operations.session.session import Session
from imgtui.store.cached.cache import Cache
from imgtui.ui.app import EngineSource, ImgtuiApp
from tests.ui.robot import NOW, Robot, clock, exploring


class Prompt(Session):
    """A session that knows everything before it is asked."""

    def __init__(self, publish: Publish) -> None:
        super().__init__(demo_engine(NOW), Cache(None), "prompt", publish, clock=clock)
        self._tell_now = publish

    def start(self) -> None:
        engine = demo_engine(NOW)
        images = {image.id: image for part in engine.list_images() for image in part.images}
        state = EngineState(Phase.LIVE, Catalog(images), engine.connect(), NOW)
        thread = threading.Thread(target=self._tell_now, args=(state,))
        thread.start()
        thread.join()


async def test_what_is_known_before_the_screen_is_there_is_shown() -> None:
    app = ImgtuiApp(EngineSource("a", Prompt), EngineSource("b", Prompt), clock=clock, theme="imgtui-dark")
    async with app.run_test(size=(120, 40)) as pilot:
        robot = Robot(app, pilot, demo_engine(NOW))
        await robot.sees("myapp", "45 images", "live")


async def test_what_is_told_while_the_program_ends_is_not_heard() -> None:
    codes = []
    for _ in range(5):
        async with exploring(live=False) as robot:
            await robot.press("q")
        codes.append(robot.app.return_code)
    assert codes == [0] * 5


async def test_a_session_that_was_left_is_not_heard() -> None:
    heard: list[Update] = []
    session = Session(demo_engine(NOW), Cache(None), "left", heard.append, clock=clock)
    session.close()
    session.start()
    async with exploring() as robot:
        await robot.do("pane.versions")
    assert not [update for update in heard if isinstance(update, EngineState | LayersLearned)]
