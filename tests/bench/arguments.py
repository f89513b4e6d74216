"""The options of `python -m tests.bench`."""

import argparse
import re
from pathlib import Path

from tests.engines.kinds import EVERY_KIND

_READY = r"[0-9a-f]{12}|^[> ] \S.* {2,}\d+ "


def _size(text: str) -> tuple[int, int]:
    columns, _, rows = text.partition("x")
    return int(columns), int(rows)


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="Measure a terminal program in a real pty, imgtui by default, and print a table.",
    )
    engine = parser.add_argument_group("engine")
    engine.add_argument("--host", help="an engine at unix:///path; without it, a private one is started")
    engine.add_argument(
        "--kind", choices=EVERY_KIND, default="docker28-overlay2", help="which private engine"
    )
    engine.add_argument("--no-engine", action="store_true", help="the program needs no engine")
    engine.add_argument(
        "--population", type=int, help="fill the engine with this many images (private: 1000)"
    )
    engine.add_argument(
        "--retag", action="store_true", help="let the bench move a tag on --host (a private one: always)"
    )
    program = parser.add_argument_group("program")
    program.add_argument("command", nargs="*", metavar="COMMAND", help="after --; default: imgtui")
    program.add_argument("--size", type=_size, default=(120, 40), help="COLUMNSxROWS (default 120x40)")
    program.add_argument(
        "--env",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="for the program; an empty VALUE unsets",
    )
    program.add_argument("--ansi", action="store_true", help="a terminal of 16 colours")
    program.add_argument(
        "--ready", default=_READY, help="what a line of the list matches (default %(default)s)"
    )
    program.add_argument(
        "--ready-lines", type=int, default=5, help="how many such lines make a list (default %(default)s)"
    )
    program.add_argument("--complete", type=re.compile, help="what shows when the last row has come")
    program.add_argument(
        "--timeout", type=float, default=60, help="seconds to wait for the list (default %(default)g)"
    )
    program.add_argument("--list-keys", help="keys to a list longer than the screen (imgtui: 2)")
    program.add_argument("--back-keys", help="keys from there to where --quit-keys end it (imgtui: q)")
    program.add_argument(
        "--hang-keys", default="<down><down>", help="keys that ask a hung engine (default %(default)s)"
    )
    program.add_argument("--quit-keys", default="q", help="keys that end it (default %(default)s)")
    program.add_argument(
        "--retag-shows",
        default="{digest}.*{tag}",
        help="what a line shows after a tag moved: {digest} {repository} {tag}",
    )
    run = parser.add_argument_group("run")
    run.add_argument("--runs", type=int, default=5, help="starts of each kind (default %(default)s)")
    run.add_argument("--idle", type=float, default=10, help="idle seconds (default %(default)g)")
    run.add_argument(
        "--large", default="", help="command for 10,000 images in memory (default for imgtui: its demo)"
    )
    run.add_argument(
        "--rollbacks",
        type=int,
        metavar="N",
        help="only roll a container back N times, on a private engine: how long nobody serves",
    )
    run.add_argument("--json", type=Path, metavar="FILE", help="write all figures there as well")
    return parser
