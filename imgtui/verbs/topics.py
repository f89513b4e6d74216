"""`imgtui help`: the manual, by topic."""

from __future__ import annotations

import shutil
import sys
from difflib import get_close_matches

from imgtui import help as manual
from imgtui.verbs.console.output import Exit, print_error, print_table, put


def run(name: str | None) -> Exit:
    """Print a topic; without a name, which topics there are."""
    if name is None:
        print_table(("TOPIC", "ABOUT"), [(each.name, each.about) for each in manual.topics()])
        put("\nimgtui help TOPIC shows one; imgtui VERB --help the options of a verb\n")
        return Exit.DONE
    try:
        topic = manual.topic(name)
    except KeyError:
        near = get_close_matches(name, [each.name for each in manual.topics()], 1)
        print_error(f"there is no topic {name}" + (f": {near[0]}?" if near else ": imgtui help lists them"))
        return Exit.USAGE
    if sys.stdout.isatty():
        put("\n".join([*topic.lines(shutil.get_terminal_size().columns), ""]))
    else:
        put(topic.text)
    return Exit.DONE
