"""`imgtui record --print-unit`: the systemd unit that runs this very call."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

from imgtui.engine.connect.addresses import parse_host, without_password
from imgtui.model.core.printable import printable
from imgtui.store.config.paths import MACHINE, config_file
from imgtui.verbs.console.output import Exit, print_error, put

SYSTEM_STATE: Final = str(MACHINE)
DOCKERS: Final = "docker"
"""The group whose members may use the engine (docs.docker.com, "Manage Docker as a non-root user")."""
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-:@=+,[]")


def run(
    host: str | None,
    context: str | None,
    state: str | None,
    environ: Mapping[str, str],
    *,
    user: bool,
    group: str | None = None,
) -> Exit:
    """Print the unit. It will not see the environment of this shell: what that says is written out.

    The machine's log may be read by a `group`, else by whoever may use Docker, where there are such people.
    """
    if host is None and context is None:
        host, context = environ.get("DOCKER_HOST"), environ.get("DOCKER_CONTEXT")
        context = None if host else context
    if host:
        try:
            # What docker drops is a password too: a unit can be read by everybody, and its command line.
            host = parse_host(
                host, tls=any(environ.get(name) for name in ("DOCKER_TLS_VERIFY", "DOCKER_TLS"))
            )
        except ValueError as error:
            print_error(f'the host "{without_password(host)}" cannot be used: {error}')
            return Exit.USAGE
    state = state or environ.get("IMGTUI_STATE")
    if group is None and not user and state is None and _is_group(DOCKERS):
        group = DOCKERS
    place, config = state and str(Path(state).absolute()), str(config_file().absolute())
    put(unit(_program(), host, context, place, user=user, group=group, config=config))
    return Exit.DONE


def unit(
    program: Sequence[str],
    host: str | None,
    context: str | None,
    state: str | None,
    *,
    user: bool,
    group: str | None = None,
    config: str = "",
) -> str:
    """The unit of `program` with these options; without a `state` folder it is the usual one.

    `group` may read the log, `config` is the file of settings.
    """
    place = f"StateDirectory=imgtui\nStateDirectoryMode={'0700' if group is None else '0750'}"
    if state is not None:
        place = "ReadWritePaths=" + _quoted(state).replace("$$", "$")  # only commands have variables
    folder = state or (None if user else SYSTEM_STATE)
    options = [
        text
        for name, value in (
            ("--host", host),
            ("--context", context),
            ("--state", folder),
            ("--group", group),
        )
        if value
        for text in (name, value)
    ]
    template = files("imgtui").joinpath("units", "imgtui-user.service" if user else "imgtui.service")
    command = " ".join(map(_quoted, (*program, "record", *options)))
    readers = "root" if group is None else f"root and the group {printable(group)}"
    filled = {
        "{command}": command,
        "{place}": place,
        "{state}": printable(shlex.quote(folder or "")),
        "{readers}": readers,
        "{config}": printable(config),
        "{setting}": _quoted(f"IMGTUI_CONFIG={config}").replace("$$", "$"),
    }
    text = template.read_text(encoding="utf-8")
    for mark, value in filled.items():
        text = text.replace(mark, value)
    return text


def _is_group(name: str) -> bool:
    import grp

    return any(known.gr_name == name for known in grp.getgrall())


def _program() -> list[str]:
    """What runs now, by its absolute path: the installed command, or the module."""
    command = Path(sys.argv[0])
    if command.suffix == ".py":
        return [sys.executable, "-m", "imgtui"]
    return [str(command.absolute())]


def _quoted(text: str) -> str:
    """A word of a command line, as systemd reads it (systemd.service(5), systemd.syntax(7))."""
    escaped = text.replace("%", "%%").replace("$", "$$")
    if escaped and set(text) <= _PLAIN:
        return escaped
    return '"' + escaped.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
