"""The first change that CONTRIBUTING shows: applied to a copy of the package, its key does what it says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import imgtui

ROOT: Final = Path(imgtui.__file__).parents[1]
MOST_FILES: Final = 2
PRESS: Final = """
import asyncio
from imgtui.ui.features import EXPLORER
from tests.ui.robot import exploring

async def main() -> None:
    async with exploring() as robot:
        await robot.do("pane.versions")
        copied = []
        robot.app.copy_to_clipboard = copied.append
        await robot.do("app.help")
        await robot.press("end")
        await robot.press("escape")
        await robot.do("image.copy_digest")
        await robot.until(lambda: copied, "the copy")
        assert copied == [robot.version], copied

assert "image.copy_digest" in {action.id for action in EXPLORER}
asyncio.run(main())
"""


def applied(folder: Path) -> set[str]:
    """Apply the change to a copy of the package; the files that it touches."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (diff,) = re.findall(r"```diff\n(.*?)```", text, re.DOTALL)
    touched = set()
    for part in re.split(r"^--- a/.*\n", diff, flags=re.MULTILINE)[1:]:
        head, _, body = part.partition("\n@@\n")
        path = folder / head.removeprefix("+++ b/")
        touched.add(path.name)
        source = path.read_text(encoding="utf-8")
        lines = body.splitlines()
        before = [line[1:] for line in lines if not line.startswith("+")]
        after = [line[1:] for line in lines if not line.startswith("-")]
        assert source.count("\n".join(before)) == 1
        path.write_text(source.replace("\n".join(before), "\n".join(after)), encoding="utf-8")
    return touched


def test_a_new_action_touches_two_files_at_most_and_its_key_does_it(tmp_path: Path) -> None:
    for package in ("imgtui", "tests"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    assert 0 < len(applied(tmp_path)) <= MOST_FILES
    done = subprocess.run(
        [sys.executable, "-c", PRESS],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
