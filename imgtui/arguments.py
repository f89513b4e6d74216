"""The arguments of the command line: every call, and its help. Imports nothing heavy."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Never

from imgtui import __version__
from imgtui.verbs.console.output import Exit, print_error

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction["Parser"]  # noqa: SLF001 - argparse has no public name for it

EPILOG: Final = """\
exit status: 0 done, 1 failed, 2 usage, 3 no engine, 4 where a verb says so
environment: DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH, NO_COLOR,
             IMGTUI_STATE (folder of the tag log), IMGTUI_CONFIG (file with settings and keep rules),
             IMGTUI_THEME (imgtui-dark, imgtui-light, imgtui-16 or any theme of the palette)
"""

_REF: Final = "REF is a tag (web:latest), REPO@DIGEST, a digest, or the beginning of an image ID."
_ACT: Final = "The plan is printed, then a question is asked; what a tag leaves is kept, so that undo works."


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> Never:
        """Usage errors have status 2."""
        print_error(f"{message}: see {self.prog} --help")
        sys.exit(Exit.USAGE)


def parser() -> Parser:
    """All calls, for `--help` and for the README's test."""
    top = Parser(
        prog="imgtui",
        description="git log and git reflog for the images on a Docker server. Without a verb: the explorer;"
        " with the path of an archive or OCI layout: the explorer on what is in it, without an engine.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"imgtui {__version__}")
    _common(top, {"default": None}, {"default": False})
    top.add_argument("--archive", metavar="ARCHIVE", help="the same as imgtui ARCHIVE")
    verbs = top.add_subparsers(dest="verb", metavar="VERB", parser_class=Parser)
    _looking(verbs)
    _files(verbs)
    _diff(verbs)
    _acting(verbs)
    _recording(verbs)
    _verb(verbs, "doctor", "what was found, each problem with its remedy")
    manual = verbs.add_parser("help", help="the manual, by topic", allow_abbrev=False)
    manual.add_argument("topic", nargs="?", metavar="TOPIC", help="the topic to show; else all are listed")
    return top


def read(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options of a call. `imgtui PATH` is the explorer on an archive: verbs have no slash or dot in them.

    An archive can only be looked at.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    takes_a_word = {"-H", "--host", "-c", "--context", "--state", "--archive"}
    place = 0
    while place < len(words) and words[place].startswith("-"):
        place += 2 if words[place] in takes_a_word else 1
    if place < len(words) and (os.sep in words[place] or "." in words[place]):
        words.insert(place, "--archive")
    options = parser().parse_args(words)
    options.read_only = options.read_only or options.archive is not None
    return options


def _looking(verbs: Verbs) -> None:
    ls = _verb(verbs, "ls", "versions, their tags, bytes and containers")
    ls.add_argument(
        "repository", nargs="?", metavar="REPOSITORY", help="only this one; <none> for unplaced images"
    )
    log = _verb(
        verbs,
        "log",
        "moves of tags, newest first",
        "Looks first, so that moves are found that were made while nothing ran. REF is a tag (web:latest),\n"
        "a repository (web: all its tags), or four or more digits of a digest: moves from it and to it.\n"
        "In the column TIME, A ~ B is some time between the two, and until B no later than that.\n"
        "NOW is about the image that the tag was moved to, or from where it was removed.",
    )
    log.add_argument("ref", nargs="?", metavar="REF", help="whose moves; else those of the whole engine")
    other = log.add_mutually_exclusive_group()
    other.add_argument("--export", action="store_true", help="the whole log as JSON lines, for --import")
    other.add_argument(
        "--import",
        dest="import_file",
        metavar="FILE",
        help="add the moves of an exported log (- is standard input) to the log of this engine, all or none",
    )

    other.add_argument("--engines", action="store_true", help="the engines of which there is a log")
    other.add_argument(
        "--adopt",
        metavar="ID",
        help="the engine that answers is the one of this ID (--engines): its log goes on, with keeps, recipes"
        " and the history of acts",
    )
    other.add_argument(
        "--as-new",
        action="store_true",
        help="the engine that answers is another one: a log of its own begins",
    )

    drift = _verb(
        verbs,
        "drift",
        "containers whose tag points at another image by now; status 4 if there is one",
        "For each: what it runs, the tag it was created from, where that points now, since when, and how\n"
        "many moves ago. A tag that was rebuilt to the same content is no drift. --json tells of all.",
    )
    drift.add_argument(
        "--registry",
        action="store_true",
        help="ask the registries too, each tag once (it may count as a pull): status 4 also where the tag"
        " moved there, else 1 where a registry does not answer",
    )


def _files(verbs: Verbs) -> None:
    files = _verb(
        verbs,
        "files",
        "the files of an image, and the bytes that it wastes; status 4 where those are too many",
        f"IMAGE is a REF, or an archive or OCI layout, which is told by a path that is there. {_REF}\n"
        "Signs: + added, ~ changed, - removed, by that layer, else above the first layer. A layer is read\n"
        "once for ever. Efficiency and wasted bytes are counted as dive counts them: a path that is stored\n"
        "again, or removed, wastes the bytes of all times.",
    )
    files.add_argument("image", metavar="IMAGE", help="the image, or an archive; PATH#REF is one image in it")
    files.add_argument(
        "--layer", metavar="N", help="only this layer: a number from 1, or the beginning of its diff ID"
    )
    files.add_argument(
        "--min-efficiency", type=_share, metavar="X", help="status 4 below it: from 0 to 1, such as 0.95"
    )
    files.add_argument(
        "--max-wasted", type=_bytes, metavar="BYTES", help="status 4 above it: bytes, or such as 20MB"
    )


def _diff(verbs: Verbs) -> None:
    diff = _verb(
        verbs,
        "diff",
        "what differs between two images: layers, configuration, instructions, and their files",
        f"A and B are each a REF, or an archive or OCI layout, which is told by a path that is there;\n"
        f"PATH#REF is the image REF in an archive that has several. {_REF}\n"
        "Status 0 also where they differ, as with git diff. Secrets are masked; that they differ is told.\n"
        "Signs: = stored once, ~ changed or made again, - in A alone, + in B alone.",
    )
    diff.add_argument("a", metavar="A", help="the image to compare from")
    diff.add_argument("b", metavar="B", help="the image to compare with")
    diff.add_argument(
        "--files",
        action="store_true",
        help="the files and packages too: of layers that were never read, the engine exports the images",
    )


def _something(text: str) -> str:
    """A variable of a script that is empty names nothing, which is not the same as leaving it out."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty")
    return text


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("0 to 1")
    return value


def _bytes(text: str) -> int:
    found = re.fullmatch(r"(\d{1,15})\s*([kKMGT]?)i?[bB]?", text)
    if found is None:
        raise argparse.ArgumentTypeError("bytes, or such as 20MB")
    base = 1024 if "i" in text else 1000
    power = ("", "K", "M", "G", "T").index(found[2].upper())
    return int(found[1]) * int(base**power)


def _acting(verbs: Verbs) -> None:
    keep = _act(
        verbs,
        "keep",
        "hold versions alive, through rebuilds too; --rules: what the keep rules hold",
        f"{_REF}\n{_ACT}\n"
        "--rules prints each keep rule of the settings with what it matches, what it holds, and what it\n"
        "will release and when; nothing is changed. A keep holds against rebuilds, moved tags and docker\n"
        "image prune; not against docker image prune -a, docker system prune -a and docker rmi --force.",
    )
    keep.add_argument("--rules", action="store_true", help="print the keep rules, and do nothing")
    keep.add_argument("refs", nargs="*", metavar="REF", help="what to hold")
    unkeep = _act(verbs, "unkeep", "hold versions no longer", f"{_REF}\n{_ACT}")
    unkeep.add_argument("refs", nargs="+", metavar="REF", help="what to let go")
    tag = _act(verbs, "tag", "point a tag at an image", f"{_REF}\n{_ACT}")
    tag.add_argument("source", metavar="SOURCE", help="the image, named as a REF")
    tag.add_argument("ref", metavar="REF", help="the tag: REPOSITORY:TAG")
    untag = _act(verbs, "untag", "take a tag away; its image stays", _ACT)
    untag.add_argument("ref", metavar="REF", help="the tag: REPOSITORY:TAG")
    undo = _act(
        verbs,
        "undo",
        "put the newest move back, whoever made it",
        "A tag points where it pointed before, a keep goes or comes; where a container was rolled back,\n"
        "the one before has its place again. A step forward, that can be undone itself.\n" + _ACT,
    )
    undo.add_argument(
        "ref", nargs="?", metavar="REF", help="of this container, tag or repository; else of the engine"
    )
    undo.add_argument("--redo", action="store_true", help="do again what was undone last")
    _watching(undo)
    _removing(verbs)
    _rolling_back(verbs)


def _watching(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--settle",
        type=_seconds,
        metavar="SECONDS",
        help="how long a container without a health check has to run to be trusted (else as set, else 10)",
    )
    verb.add_argument(
        "--allow-restarts",
        type=_restarts,
        metavar="N",
        help="restarts by its policy that are no failure (else as many as the one before had, 3 at most)",
    )
    verb.add_argument(
        "--no-health", action="store_true", help="do not wait for health checks: they have to run as others"
    )


def _removing(verbs: Verbs) -> None:
    remove = _act(
        verbs,
        "rm",
        "remove versions, whatever their tags; or those that a bulk plan finds",
        "DIGEST names a version as a REF does, but for a tag. What a container needs, also a stopped one,\n"
        "is left out, by a bulk plan what is kept too. Exactly what the plan lists is removed, each\n"
        "looked at once more before; never by the engine's own prune. REPOSITORY: a bulk plan of it alone.\n"
        "TIME is a number with h, d or w: 12h, 30d, 4w. Status 1 where something of the plan stayed.\n"
        "The plan is printed, then a question is asked.",
    )
    remove.add_argument("names", nargs="*", metavar="DIGEST", help="versions; with a bulk plan repositories")
    bulk = remove.add_mutually_exclusive_group()
    for name, text in (
        ("dangling", "without a tag"),
        ("unused", "without a container"),
        ("build-cache", "no version, but all of the build cache that no build uses"),
    ):
        flag = f"--{name}"
        bulk.add_argument(flag, dest="bulk", action="store_const", const=(name, ""), help=text)
    for name, metavar, text in (
        ("keep-last", "N", "all but the last N of each repository, counted as keep rules count"),
        ("older-than", "TIME", "created and last tagged longer ago"),
        ("not-run-for", "TIME", "that no container and no tag is known to have used since"),
    ):
        bulk.add_argument(
            f"--{name}", dest="bulk", type=_bulk(name), metavar=metavar, help=text, default=argparse.SUPPRESS
        )


def _bulk(name: str) -> Callable[[str], tuple[str, str]]:
    """What reads the amount that is given with a bulk plan."""

    def read_it(text: str) -> tuple[str, str]:
        from imgtui.model.removal.selection import Bulk, WrongAmount, read_amount

        try:
            read_amount(Bulk(name), text)
        except WrongAmount as error:
            raise argparse.ArgumentTypeError(str(error)) from None
        return name, text

    return read_it


def _rolling_back(verbs: Verbs) -> None:
    rollback = _act(
        verbs,
        "rollback",
        "have a tag, or a container, use an earlier digest again",
        "A container keeps its whole configuration: a new one is made beside it, the old one is stopped,\n"
        "and the names are swapped when the new one is healthy, or has run for a while. If it does not come\n"
        "to that, everything is as it was. The old one stays, stopped, until it is removed.\n" + _ACT,
    )
    rollback.add_argument(
        "name",
        nargs="?",
        type=_something,
        metavar="NAME",
        help="a container, a service of Compose (shop/web), else a tag (web:latest)",
    )
    rollback.add_argument(
        "--to",
        type=_something,
        metavar="DIGEST",
        help="the digest; else the newest one before that is there or can be pulled, by the tag log",
    )
    also = rollback.add_mutually_exclusive_group()
    also.add_argument(
        "--with",
        dest="with_containers",
        action="append",
        type=_something,
        default=[],
        metavar="CONTAINER",
        help="with a tag: roll this container back too",
    )
    also.add_argument(
        "--with-all", action="store_true", help="with a tag: all running containers that drift from it"
    )
    also.add_argument(
        "--all-replicas", action="store_true", help="with a container: all of its service of Compose"
    )
    rollback.add_argument(
        "--pin",
        action="store_true",
        help="for what Compose manages: write a file beside its own that pins the digest",
    )
    rollback.add_argument(
        "--no-dependents",
        action="store_true",
        help="refuse where another container shares a network or another namespace, and is recreated",
    )
    _watching(rollback)
    rollback.add_argument(
        "--unfinished", action="store_true", help="finish, or reverse, a roll back that was interrupted"
    )
    rollback.add_argument(
        "--give-up",
        action="store_true",
        help="abandon what was interrupted: leave everything as it is",
    )


def _restarts(text: str) -> int:
    if not text.isdecimal() or len(text) > 4:
        raise argparse.ArgumentTypeError(f"{text}: a number of restarts, such as 2")
    return int(text)


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 3600:
        raise argparse.ArgumentTypeError("0 to 3600 seconds")
    return value


def _recording(verbs: Verbs) -> None:
    record = _verb(
        verbs,
        "record",
        "record moves, and apply keep rules, without a screen",
        "Prints one line for each move, and reconnects for ever. SIGTERM and SIGINT end it with status 0.\n"
        "It is 1 where the tag log cannot be written, or where this engine is recorded already.",
        as_json=False,
    )
    how = record.add_mutually_exclusive_group()
    how.add_argument("--once", action="store_true", help="one look, for cron; status 3 without an engine")
    how.add_argument("--print-unit", action="store_true", help="print a systemd unit that runs this call")
    record.add_argument("--user", action="store_true", help="with --print-unit: for systemctl --user")
    record.add_argument("--group", metavar="NAME", help="the group that may read the log, such as docker")


def _act(verbs: Verbs, name: str, summary: str, description: str) -> Parser:
    verb = _verb(verbs, name, summary, description)
    answer = verb.add_mutually_exclusive_group()
    answer.add_argument("--yes", action="store_true", help="the answer to the question, for scripts")
    answer.add_argument("--plan", action="store_true", help="print the plan, and do nothing")
    return verb


def _verb(verbs: Verbs, name: str, summary: str, more: str = "", *, as_json: bool = True) -> Parser:
    verb = verbs.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.\n{more}",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    # Given before the verb, an option must not be taken back by a default after it.
    suppressed = {"default": argparse.SUPPRESS}
    _common(verb, suppressed, suppressed)
    if as_json:
        verb.add_argument("--json", action="store_true", help="one JSON document")
    return verb


def _common(target: Parser, texts: Mapping[str, Any], switches: Mapping[str, Any]) -> None:
    options: Sequence[tuple[tuple[str, ...], str, str]] = (
        (("-H", "--host"), "HOST", "engine, as docker -H: unix://, tcp://, ssh://"),
        (("-c", "--context"), "CONTEXT", "docker context"),
        (("--state",), "DIR", "where the tag log is kept (else IMGTUI_STATE, XDG_STATE_HOME/imgtui)"),
    )
    for names, metavar, text in options:
        target.add_argument(*names, metavar=metavar, help=text, **texts)
    for name, text in (
        ("--read-only", "send nothing that changes something"),
        ("--demo", "a built-in engine: nothing needed, nothing touched"),
    ):
        target.add_argument(name, action="store_true", help=text, **switches)
