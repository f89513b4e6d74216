"""`python -m tests.random_user [--minutes N] [--seed N]`: a random user, and a line about memory each minute.

Exit status 1 with the steps that led there, where something is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.random_user.user import Fault, RandomUser


def _say(text: str) -> None:
    sys.stdout.write(text.encode(errors="backslashreplace").decode() + "\n")
    sys.stdout.flush()


def main() -> int:
    """Use the explorer for some minutes."""
    parser = argparse.ArgumentParser(prog="python -m tests.random_user", description=__doc__)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="imgtui-random-") as name:
        folder = Path(name)
        os.environ.update(HOME=name, XDG_CACHE_HOME=name, XDG_STATE_HOME=name, XDG_CONFIG_HOME=name)
        for variable in ("TMUX", "STY", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG"):
            os.environ.pop(variable, None)
        os.chdir(folder)
        _say(f"seed {options.seed}, {options.minutes:g} minutes, in {folder}")
        user = RandomUser(options.seed, folder, _say)
        try:
            asyncio.run(user.use(options.minutes * 60))
        except Fault as fault:
            _say(str(fault))
            if fault.__cause__ is not None:
                import traceback

                _say("".join(traceback.format_exception(fault.__cause__)))
            return 1
        _say(f"nothing was wrong: {user.figures.words(user.others.changes)}")
        _say(f"acts: {user.figures.acts.most_common(20)}")
        _say(f"screens: {user.figures.screens.most_common()}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
