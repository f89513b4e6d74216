"""The command line: arguments, exit status, terminal checks.

Textual is imported only when the explorer opens, docker only when an engine is asked.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Never

from imgtui import __version__
from imgtui.model.printable import printable
from imgtui.verbs.output import Exit, print_error, print_problem

if TYPE_CHECKING:
    from imgtui.engine.endpoint import Endpoint
    from imgtui.engine.port import Engine
    from imgtui.operations.recording import Recorder
    from imgtui.store.cache import Cache

EPILOG = """\
exit status: 0 done, 1 failed, 2 usage, 3 no engine
environment: DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH, NO_COLOR,
             IMGTUI_STATE, IMGTUI_THEME (imgtui-dark, imgtui-light, imgtui-16 or any theme of the palette)
"""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> Never:
        """Usage errors have status 2."""
        print_error(f"{message}: see imgtui --help")
        sys.exit(Exit.USAGE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run imgtui; the exit status."""
    options = parser().parse_args(arguments)
    try:
        return _run(options, os.environ)
    except KeyboardInterrupt:
        return Exit.FAILED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE


def parser() -> Parser:
    """All calls, for `--help` and for the README's test."""
    top = Parser(
        prog="imgtui",
        description="git log and git reflog for the images on a Docker server. Without a verb: the explorer.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"imgtui {__version__}")
    _engine_options(top, default=None)
    top.add_argument("--demo", action="store_true", help="a built-in engine: nothing needed, nothing touched")
    top.add_argument("--state", metavar="DIR", help="where the tag log is kept (else IMGTUI_STATE, XDG)")
    verbs = top.add_subparsers(dest="verb", metavar="VERB", parser_class=Parser)
    ls = verbs.add_parser("ls", help="versions, their tags, bytes and containers", allow_abbrev=False)
    ls.add_argument(
        "repository", nargs="?", metavar="REPOSITORY", help="only this one; <none> for unplaced images"
    )
    doctor = verbs.add_parser(
        "doctor", help="what was found, each problem with its remedy", allow_abbrev=False
    )
    for verb in (ls, doctor):
        _engine_options(verb, default=argparse.SUPPRESS)
        verb.add_argument(
            "--demo", action="store_true", default=argparse.SUPPRESS, help="on the built-in engine"
        )
        verb.add_argument("--json", action="store_true", help="one JSON document")
        verb.add_argument(
            "--state", metavar="DIR", default=argparse.SUPPRESS, help="where the tag log is kept"
        )
    return top


def _engine_options(target: argparse.ArgumentParser, default: str | None) -> None:
    target.add_argument(
        "-H", "--host", metavar="HOST", default=default, help="engine, as docker -H: unix://, tcp://, ssh://"
    )
    target.add_argument("-c", "--context", metavar="CONTEXT", default=default, help="docker context")
    read_only: object = False if default is None else default
    target.add_argument(
        "--read-only", action="store_true", default=read_only, help="send nothing that changes something"
    )


def _run(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    from imgtui.engine.contexts import EndpointError
    from imgtui.engine.errors import EngineError, Problem, ProblemKind, Unavailable

    if options.verb is None and not _terminal_can_show(environ):
        return Exit.USAGE
    try:
        endpoint = None if options.demo else _endpoint(options, environ)
    except EndpointError as error:
        print_problem(Problem(ProblemKind.WRONG_CONTEXT, error.cause, error.remedy))
        return Exit.NO_ENGINE
    engine = _demo(environ) if endpoint is None else _docker(endpoint, read_only=options.read_only)
    try:
        if options.verb is None:
            return _explore(options, engine, endpoint, environ)
        return _print(options, engine, endpoint, environ)
    except Unavailable as error:
        print_problem(error.problem)
        return Exit.NO_ENGINE
    except EngineError as error:
        print_error(str(error))
        return Exit.FAILED
    finally:
        engine.close()


def _print(
    options: argparse.Namespace, engine: Engine, endpoint: Endpoint | None, environ: Mapping[str, str]
) -> int:
    from imgtui.verbs import doctor, ls

    cache = _cache(endpoint)
    if options.verb == "ls":
        recorder = _recorder(engine, endpoint, options, environ)
        return ls.run(engine, cache, recorder, options.repository, as_json=options.json)
    return doctor.run(engine, endpoint, cache, _cache_path(), environ, as_json=options.json)


def _explore(
    options: argparse.Namespace, engine: Engine, endpoint: Endpoint | None, environ: Mapping[str, str]
) -> int:
    from imgtui.ui.environment import textual_defaults

    os.environ.update(textual_defaults(environ))
    gc.disable()
    from imgtui.operations.session import Session
    from imgtui.operations.updates import Publish
    from imgtui.ui import themes
    from imgtui.ui.app import ImgtuiApp, Source

    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # a full collection over ten thousand images takes as long as a frame
    gc.enable()
    where = printable(endpoint.host) if endpoint is not None else "demo"

    def open_session(publish: Publish) -> Session:
        recorder = _recorder(engine, endpoint, options, environ)
        return Session(engine, _cache(endpoint), where, publish, recorder=recorder)

    def open_demo(publish: Publish) -> Session:
        return Session(_demo(environ), _cache(None), "demo", publish)

    encoding = (sys.__stderr__.encoding if sys.__stderr__ else "") or ""
    app = ImgtuiApp(
        Source(where, open_session),
        Source("demo", open_demo),
        clock=time.time,
        theme=themes.choose(environ),
        read_only=options.read_only,
        ascii_only=encoding.lower().replace("-", "") != "utf8",
    )
    app.run(mouse="SSH_CONNECTION" not in environ)
    return app.return_code or Exit.DONE


def _endpoint(options: argparse.Namespace, environ: Mapping[str, str]) -> Endpoint:
    from imgtui.engine.endpoint import resolve_endpoint

    return resolve_endpoint(options.host, options.context, environ, Path.home())


def _docker(endpoint: Endpoint, *, read_only: bool) -> Engine:
    from imgtui.engine.docker_engine import DockerEngine

    return DockerEngine(endpoint, read_only=read_only)


def _demo(environ: Mapping[str, str]) -> Engine:
    """The built-in engine. IMGTUI_DEMO_IMAGES adds so many generated images, for measurements."""
    from imgtui.engine.demo import demo_engine

    images = environ.get("IMGTUI_DEMO_IMAGES", "0")
    return demo_engine(int(time.time()), images=int(images) if images.isdigit() else 0)


def _recorder(
    engine: Engine, endpoint: Endpoint | None, options: argparse.Namespace, environ: Mapping[str, str]
) -> Recorder:
    """What keeps the tag log; the demo's is in memory: it leaves nothing behind."""
    from imgtui.operations.recording import Recorder
    from imgtui.store.paths import state_file
    from imgtui.store.state import State

    path = None if endpoint is None else state_file(options.state, environ)
    return Recorder(engine, lambda: State(path))


def _cache_path() -> Path:
    from imgtui.store.paths import cache_folder

    return cache_folder() / "cache.db"


def _cache(endpoint: Endpoint | None) -> Cache:
    """The cache on disk; for the demo one in memory: it leaves nothing behind."""
    from imgtui.store.cache import Cache

    return Cache(None if endpoint is None else _cache_path())


def _terminal_can_show(environ: Mapping[str, str]) -> bool:
    """Whether a full-screen program can run here; else one line says what to do."""
    if environ.get("TERM", "") in {"", "dumb"}:
        print_error("this terminal shows no full-screen programs (TERM is dumb or not set): use imgtui ls")
        return False
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        print_error("the explorer needs a terminal: in scripts use imgtui ls --json")
        return False
    return True
