"""The pictures in the README show what the program looks like now."""

import asyncio
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[1] / "screenshots"


def _draw() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw", FOLDER / "draw.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["draw"] = module
    spec.loader.exec_module(module)
    return module


DRAW = _draw()


@pytest.mark.parametrize("picture", DRAW.PICTURES, ids=lambda picture: str(picture.name))
def test_a_picture_is_what_the_program_draws(picture: object) -> None:
    name = getattr(picture, "name", "")
    drawn = asyncio.run(DRAW.draw(picture))
    kept = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert drawn == kept, f"screenshots/{name}.svg is stale: python screenshots/draw.py, and look at it"
    assert (FOLDER / f"{name}.png").exists()
