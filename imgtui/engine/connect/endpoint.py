"""Which engine to talk to, decided exactly as the docker command does.

Facts from docker/cli 29.7: cli/command/cli.go (`resolveContextName`), cli/flags/options.go.
"""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from imgtui.engine.connect.addresses import DEFAULT_SOCKET, parse_context_host, parse_host, without_password
from imgtui.engine.connect.contexts import (
    DEFAULT_CONTEXT,
    Context,
    EndpointError,
    Tls,
    config_directory,
    current_context,
    list_contexts,
    read_context,
)
from imgtui.model.core.shell import operand

__all__ = [
    "SOURCE_DEFAULT",
    "SOURCE_ENVIRONMENT",
    "SOURCE_OPTION",
    "Context",
    "Endpoint",
    "EndpointError",
    "Tls",
    "config_directory",
    "list_contexts",
    "resolve_endpoint",
    "user_sockets",
]

SOURCE_OPTION = "-H"
SOURCE_ENVIRONMENT = "DOCKER_HOST"
SOURCE_DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The engine to talk to.

    `host` is `unix:///absolute/path`, `tcp://host:port[/path]` or `ssh://[user@]host[:port][/socket]`;
    `source` says in words who chose it; `context` is None where no stored context did; `tls` is only
    ever set for TCP.
    """

    host: str
    source: str
    context: str | None
    tls: Tls | None
    config_dir: Path


def resolve_endpoint(
    host: str | None,
    context: str | None,
    environ: Mapping[str, str],
    home: Path,
    *,
    default_socket: Path = DEFAULT_SOCKET,
) -> Endpoint:
    """Return the engine that `docker -H host -c context` would talk to.

    The order is -c, -H, DOCKER_HOST, DOCKER_CONTEXT, `docker context use`, the default socket. One thing
    is added: when nothing is set and there is no default socket, rootless Docker's and then Podman's
    socket of this user is taken. Raises EndpointError.
    """
    if host is not None and context:
        raise EndpointError("-H and -c both name an engine", "Give one of them")
    config_dir = config_directory(environ, home)
    name, chosen_by = _context_name(host, context, environ, config_dir)
    if name != DEFAULT_CONTEXT:
        return _from_context(name, f"context {name} ({chosen_by})", config_dir)
    tls = _environment_tls(environ, config_dir)
    named = host if host is not None else environ.get("DOCKER_HOST", "")
    source = SOURCE_OPTION if host is not None else SOURCE_ENVIRONMENT if named else SOURCE_DEFAULT
    if not named and not chosen_by and tls is None and not _is_socket(default_socket):
        for path, words in user_sockets(environ):
            if _is_socket(path):
                return Endpoint(f"unix://{path}", words, None, None, config_dir)
    try:
        address = parse_host(named, tls=tls is not None)
    except ValueError as error:
        raise EndpointError(
            f'{source} "{without_password(named)}" cannot be used: {error}',
            f"Give {source} as unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST",
        ) from error
    return Endpoint(address, source, None, tls if address.startswith("tcp://") else None, config_dir)


def user_sockets(environ: Mapping[str, str]) -> tuple[tuple[Path, str], ...]:
    """Return where engines of this user alone listen, each with the words for it."""
    runtime = Path(environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    return (
        (runtime / "docker.sock", "rootless socket"),
        (runtime / "podman" / "podman.sock", "Podman socket"),
    )


def _context_name(
    host: str | None, context: str | None, environ: Mapping[str, str], config_dir: Path
) -> tuple[str, str]:
    """Return the context's name and who chose it, "" for nobody."""
    if context:
        return context, "-c"
    if host is not None or environ.get("DOCKER_HOST"):
        return DEFAULT_CONTEXT, ""
    if name := environ.get("DOCKER_CONTEXT"):
        return name, "DOCKER_CONTEXT"
    if name := current_context(config_dir):
        return name, "docker context use"
    return DEFAULT_CONTEXT, ""


def _from_context(name: str, source: str, config_dir: Path) -> Endpoint:
    context = read_context(config_dir, name)
    # docker leaves an empty host to its client library, whose default is the default socket.
    host = context.host or f"unix://{DEFAULT_SOCKET}"
    try:
        address = parse_context_host(host, tls=context.tls is not None)
    except ValueError as error:
        raise EndpointError(
            f'The host "{without_password(host)}" of context "{name}" cannot be used: {error}',
            f'docker context update --docker "host=HOST" {operand(name)}',
        ) from error
    return Endpoint(address, source, name, context.tls if address.startswith("tcp://") else None, config_dir)


def _environment_tls(environ: Mapping[str, str], config_dir: Path) -> Tls | None:
    """Return what DOCKER_TLS_VERIFY, DOCKER_TLS and DOCKER_CERT_PATH ask for.

    Any text switches them on, "0" too. The CA file must be there even without verification and for
    a socket; a certificate without its key, and a key without its certificate, do not count.
    """
    verify = bool(environ.get("DOCKER_TLS_VERIFY"))
    if not verify and not environ.get("DOCKER_TLS"):
        return None
    folder = Path(environ.get("DOCKER_CERT_PATH") or config_dir).absolute()
    ca = folder / "ca.pem"
    present = [path for path in (folder / "cert.pem", folder / "key.pem") if _may_exist(path)]
    for path in (ca, *present):
        try:
            path.open("rb").close()
        except OSError as error:
            variable = "DOCKER_TLS_VERIFY" if verify else "DOCKER_TLS"
            raise EndpointError(
                f"{variable} is set, but {path} cannot be read: {error.strerror}",
                f"Put the file there, name its folder in DOCKER_CERT_PATH, or: unset {variable}",
            ) from error
    cert, key = present if len(present) == 2 else (None, None)
    return Tls(ca, cert, key, verify)


def _may_exist(path: Path) -> bool:
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def _is_socket(path: Path) -> bool:
    try:
        return stat.S_ISSOCK(path.stat().st_mode)
    except OSError:
        return False
