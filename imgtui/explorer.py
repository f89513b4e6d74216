"""The explorer, started: what it needs of the terminal, and what it is wired to.

Textual is imported only when it opens.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from imgtui import threads, wiring
from imgtui.verbs.console.output import Exit, print_error
from imgtui.wiring import Wiring

if TYPE_CHECKING:
    from imgtui.operations.protocol.updates import Publish
    from imgtui.operations.session.session import Session


def run(wired: Wiring) -> int:
    """Open the explorer; the exit status when it is closed."""
    from imgtui.store.cached.cache import Cache
    from imgtui.store.config.settings import Settings, SettingsError
    from imgtui.ui.environment import is_remote, textual_defaults

    environ = wired.environ
    os.environ.update(textual_defaults(environ))
    gc.disable()
    from imgtui.model.taglog.identity import place_of
    from imgtui.operations.session.session import Session
    from imgtui.store.machine import is_watched
    from imgtui.ui import themes
    from imgtui.ui.app import EngineSource, ImgtuiApp
    from imgtui.ui.features import EXPLORER
    from imgtui.ui.keymap import clash, rebound

    action_ids, mistake = {action.id for action in EXPLORER}, None
    try:
        settings = wired.settings(action_ids)
    except SettingsError as error:
        settings, mistake = Settings(), str(error)
    actions = rebound(EXPLORER, settings.keys)
    if fault := clash(actions):
        actions, mistake = EXPLORER, f"{fault}: no key is bound anew"
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # a full collection over ten thousand images takes as long as a frame
    gc.enable()

    def open_session(publish: Publish) -> Session:
        path, machine = wired.state_path, wired.machine_path
        return Session(
            wired.engine,
            wired.cache(),
            wired.where,
            publish,
            recorder=wired.recorder(),
            rollback=settings.rollback,
            rules=wired.rules(settings, action_ids),
            watched=lambda key, info: is_watched(path, machine, key, place_of(info)),
        )

    def open_demo(publish: Publish) -> Session:
        demo = wiring.demo(environ)
        return Session(demo, Cache(None), "demo", publish, recorder=wiring.demo_recorder(demo))

    encoding = (sys.__stderr__.encoding if sys.__stderr__ else "") or ""
    app = ImgtuiApp(
        EngineSource(wired.where, open_session, wired.client()),
        EngineSource("demo", open_demo),
        clock=time.time,
        theme=themes.choose(environ),
        read_only=wired.options.read_only,
        actions=actions,
        ascii_only=encoding.lower().replace("-", "") != "utf8",
    )
    if mistake is None and wired.archive is not None:
        mistake = _what_is_odd(wired)
    if mistake:
        app.explorer.say(mistake, bad=True)
    threading.excepthook = threads.foreign
    app.run(mouse=not is_remote(environ))
    return app.return_code or Exit.DONE


def _what_is_odd(wired: Wiring) -> str:
    """What an archive has besides images, in a line."""
    from imgtui.engine.archive.engine import ArchiveEngine

    return "; ".join(wired.engine.said(3)) if isinstance(wired.engine, ArchiveEngine) else ""


def terminal_can_show(environ: Mapping[str, str]) -> bool:
    """Whether a full-screen program can run here; else one line says what to do."""
    if environ.get("TERM", "") in {"", "dumb"}:
        print_error("this terminal shows no full-screen programs (TERM is dumb or not set): use imgtui ls")
        return False
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        print_error("the explorer needs a terminal: in scripts use imgtui ls --json")
        return False
    return True
