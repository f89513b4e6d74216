"""Draw the pictures in this folder from the demo: `python screenshots/draw.py`.

The clock stands still, so that the same code draws the same pictures; a test compares them.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")

from imgtui.engine.demo.engine import demo_engine
from imgtui.operations.protocol.updates import Phase, Publish
from imgtui.operations.session.session import Session
from imgtui.store.cached.cache import Cache
from imgtui.ui.app import EngineSource, ImgtuiApp
from imgtui.wiring import demo_recorder

HERE = Path(__file__).parent
NOW = 1_795_000_000
"""The moment that all pictures show, seconds since the epoch."""
TRIES = 2000
CELL = 12.2
"""The width of a cell in these pictures."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: its name, the size of the terminal, the colours, and the keys that lead there."""

    name: str
    size: tuple[int, int]
    theme: str
    keys: tuple[str, ...]


PICTURES = (
    Picture("explorer", (120, 36), "imgtui-dark", ("j", "j", "enter", "j")),
    Picture("layers", (120, 36), "imgtui-dark", ("j", "j", "enter", "j", "right_square_bracket")),
    Picture("tag-log", (120, 36), "imgtui-dark", ("j", "j", "enter", "L", "j")),
    Picture("plan", (100, 30), "imgtui-dark", ("j", "j", "enter", "z")),
    Picture("narrow", (80, 24), "imgtui-dark", ("j", "j", "enter")),
    Picture("sixteen-colours", (80, 24), "imgtui-16", ("2",)),
    Picture("keys", (100, 30), "imgtui-dark", ("question_mark",)),
)


async def draw(picture: Picture) -> str:
    """The picture as SVG, with the times of day as they are in Greenwich."""
    os.environ["TZ"] = "UTC"
    time.tzset()

    def open_demo(publish: Publish) -> Session:
        engine = demo_engine(NOW)
        recorder = demo_recorder(engine)
        return Session(engine, Cache(None), "demo", publish, recorder=recorder, clock=lambda: NOW)

    source = EngineSource("demo", open_demo)
    app = ImgtuiApp(source, source, clock=lambda: NOW, theme=picture.theme)
    async with app.run_test(size=picture.size) as pilot:
        await settle(app, pilot.pause)
        for key in picture.keys:
            await pilot.press(key)
            await settle(app, pilot.pause)
        return without_fonts(app.export_screenshot(title="imgtui"))


async def settle(app: ImgtuiApp, pause: Callable[[float], Awaitable[None]]) -> None:
    """Wait until the engine is live, layers and log are known and the detail follows the cursor."""
    for _ in range(TRIES):
        await pause(0.01)
        explorer = app.explorer
        if explorer is None or explorer.known.state.phase is not Phase.LIVE or not explorer.known.complete:
            continue
        if explorer.settled and explorer.known.log:
            return
    raise TimeoutError("the explorer did not come to rest")


def main() -> int:
    """Draw everything as SVG and PNG."""
    import cairosvg

    for picture in PICTURES:
        svg = asyncio.run(draw(picture))
        (HERE / f"{picture.name}.svg").write_text(svg, encoding="utf-8")
        cairosvg.svg2png(bytestring=for_converter(svg).encode(), write_to=str(HERE / f"{picture.name}.png"))
        sys.stdout.write(f"{picture.name}\n")
    return 0


def without_fonts(svg: str) -> str:
    """The picture without the fonts that it would fetch from the network."""
    return re.sub(r"\s*@font-face\s*{[^}]*}", "", svg)


def for_converter(svg: str) -> str:
    """The picture in a font of this machine, every character put into its cell."""

    def place(text: re.Match[str]) -> str:
        first = float(text["x"])
        cells = range(len(html.unescape(text["content"])))
        places = " ".join(f"{first + cell * CELL:.1f}" for cell in cells)
        return f'{text["head"]}x="{places}" {text["rest"]}>{text["content"]}<'

    placed = re.sub(
        r'(?P<head><text [^>]*?)x="(?P<x>[\d.]+)" (?P<rest>y="[^"]*") textLength="[^"]*"[^>]*>'
        r"(?P<content>[^<]*)<",
        place,
        svg,
    )
    return placed.replace("Fira Code", "DejaVu Sans Mono")


if __name__ == "__main__":
    sys.exit(main())
