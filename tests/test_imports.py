"""What is imported when: a verb that prints must not pay for the explorer."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import imgtui

HEAVY = ("textual", "rich", "docker", "requests", "sqlite3")


def imported(code: str) -> set[str]:
    """The heavy packages that some code imports in a fresh interpreter."""
    script = f"import sys\n{code}\nprint(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.splitlines()[-1].split()) if done.stdout.strip() else set()


def test_the_command_line_itself_imports_nothing_heavy() -> None:
    assert imported("import imgtui.cli") == set()


def test_ls_imports_neither_textual_nor_docker_for_the_demo() -> None:
    code = "import imgtui.cli\nimgtui.cli.main(['ls', '--demo', '--json'])"
    assert imported(code) == {"sqlite3"}


@pytest.mark.parametrize(
    "module", ["operations.session.session", "engine.docker.engine", "engine.memory.engine"]
)
def test_below_the_interface_nothing_imports_textual(module: str) -> None:
    assert not imported(f"import imgtui.{module}") & {"textual", "rich", "docker", "requests"}


def test_the_explorer_of_an_engine_imports_neither_the_demo_nor_what_few_sessions_need() -> None:
    """A start would pay 20 to 40 ms for them."""
    code = """
import argparse, os, sys
from pathlib import Path
from imgtui import wiring
from imgtui.engine.connect.endpoint import Endpoint
import imgtui.operations.session.session, imgtui.ui.app
options = argparse.Namespace(read_only=False, demo=False, state=None, archive=None, verb=None)
endpoint = Endpoint("unix:///nowhere", "-H", None, None, Path("/nowhere"))
engine = wiring.engine(endpoint, os.environ, options)
wiring.Wiring(options, os.environ, endpoint, engine).recorder()
few = ("engine.memory.engine", "engine.demo.engine", "engine.archive.engine", "model.build.build",
       "model.jobs.progress", "model.containers.compose", "model.containers.replacement",
       "model.catalog.drift", "operations.transfers.registry_tags", "operations.removal.planning",
       "model.safety.rules", "model.safety.commands")
print(*(name for name in few if f"imgtui.{name}" in sys.modules), file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr.split() == []


def test_only_one_module_imports_docker() -> None:
    root = Path(imgtui.__file__).parent
    importing = [
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search(r"^\s*(import|from) docker\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert importing == ["engine/docker/client.py"]
