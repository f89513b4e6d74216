"""The way of a key: from `d` pressed to the DELETE sent, through how many files of imgtui."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

import imgtui
from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.docker.client import Client
from imgtui.engine.docker.engine import DockerEngine
from imgtui.model.core.digest import short
from imgtui.operations.removal.planning import RemovalsService
from imgtui.operations.session.act_runner import ActRunner
from imgtui.ui.app import ImgtuiApp
from imgtui.ui.plans.screen import PlanScreen
from tests.engines import content
from tests.engines.private import PrivateEngine
from tests.ui.robot import NARROW, exploring

ROOT: Final = Path(imgtui.__file__).parent
MOST_FILES: Final = 20


class Way:
    """The files on the call stack wherever the key is handed over: to a thread, a screen, the engine."""

    def __init__(self) -> None:
        self.files: dict[str, None] = {}
        self.stations: list[str] = []

    def passes(self, station: str) -> None:
        """Note the files on the stack of this thread."""
        self.stations.append(station)
        for frame in traceback.extract_stack():
            path = Path(frame.filename)
            if path.is_relative_to(ROOT):
                self.files.setdefault(path.relative_to(ROOT).as_posix())

    def watch(
        self, patch: pytest.MonkeyPatch, owner: type[Any], name: str, when: Callable[..., bool]
    ) -> None:
        """Have each call of a method noted that is about the key."""
        method = getattr(owner, name)

        def noted(this: Any, *arguments: Any, **options: Any) -> Any:
            if when(*arguments):
                self.passes(f"{owner.__name__}.{name}")
            return method(this, *arguments, **options)

        patch.setattr(owner, name, noted)


async def test_from_d_pressed_to_the_delete_sent_few_files_are_entered(
    docker28_overlay2: PrivateEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content.build(docker28_overlay2, "way:1", version="to be removed")
    way = Way()
    endpoint = Endpoint(docker28_overlay2.host, "-H", None, None, tmp_path)
    engine = DockerEngine(endpoint)
    async with exploring(engine, NARROW) as robot:
        await robot.open_repository("way")
        way.watch(monkeypatch, RemovalsService, "propose", lambda *_: True)
        way.watch(monkeypatch, ImgtuiApp, "_hear", lambda update, _: type(update).__name__ == "Proposed")
        way.watch(monkeypatch, ImgtuiApp, "push_screen", lambda screen, *_: isinstance(screen, PlanScreen))
        way.watch(monkeypatch, ActRunner, "act", lambda *_: True)
        way.watch(monkeypatch, Client, "send", lambda request: request.method == "DELETE")
        await robot.press("d")
        await robot.until(lambda: isinstance(robot.app.screen, PlanScreen), "the plan")
        await robot.type(short(robot.version or ""))
        await robot.press("enter")
        await robot.until(lambda: "Client.send" in way.stations, "the DELETE")
        await robot.until(lambda: not robot.explorer.known.under_way, "the end of the act")
    engine.close()
    print(f"{len(way.files)} files:", *way.files, sep="\n  ")  # noqa: T201 - the figure
    assert list(dict.fromkeys(way.stations)) == [
        "RemovalsService.propose",
        "ImgtuiApp._hear",
        "ImgtuiApp.push_screen",
        "ActRunner.act",
        "Client.send",
    ]
    assert len(way.files) <= MOST_FILES
