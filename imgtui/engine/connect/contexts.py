"""The docker command's own configuration: `config.json` and the context store.

Facts from docker/cli 29.7: cli/config, cli/context/store, cli/context/docker.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from imgtui.model.core.printable import printable
from imgtui.model.core.shell import operand

DEFAULT_CONTEXT = "default"
"""The context that stands for DOCKER_HOST and the default socket; it is never in the store."""

_NAMES_LISTED = 10


class EndpointError(Exception):
    """Which engine to talk to cannot be decided. Cause and remedy are one line each."""

    def __init__(self, cause: str, remedy: str) -> None:
        self.cause = printable(cause, 1024)
        self.remedy = printable(remedy, 1024)
        super().__init__(self.cause, self.remedy)

    def __str__(self) -> str:
        return f"{self.cause}. {self.remedy}"


@dataclass(frozen=True, slots=True)
class Tls:
    """How to speak TLS; None where there is no such file.

    Without `ca` the system's certificate authorities are trusted; `cert` and `key` come together.
    """

    ca: Path | None
    cert: Path | None
    key: Path | None
    verify: bool


@dataclass(frozen=True, slots=True)
class Context:
    """One entry of the context store. `problem` says in one line why it cannot be used."""

    name: str
    host: str
    description: str = ""
    tls: Tls | None = None
    problem: str | None = None


def config_directory(environ: Mapping[str, str], home: Path) -> Path:
    """Return the folder of `config.json`: DOCKER_CONFIG, or `~/.docker`."""
    named = environ.get("DOCKER_CONFIG")
    return Path(named).absolute() if named else home / ".docker"


def current_context(config_dir: Path) -> str:
    """Return what `docker context use` has set, or "".

    Raises EndpointError when `config.json` cannot be read: docker only warns and goes on with its
    default engine, which here would mean to act on another engine than the one that was chosen.
    """
    path = config_dir / "config.json"
    remedy = f"Repair {path}, or name the engine: -c NAME, -H HOST or DOCKER_HOST"
    try:
        text = path.read_text(encoding="utf-8", errors="replace").lstrip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise EndpointError(f"{path} cannot be read: {error.strerror}", remedy) from error
    if not text:
        return ""
    try:
        # Like docker, only the first JSON value counts: what follows it is ignored.
        document: object = json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError) as error:
        raise EndpointError(f"{path} is not valid JSON: {error}", remedy) from error
    name = _member(document, "currentContext")
    if name is not None and not isinstance(name, str):
        raise EndpointError(f"currentContext in {path} is not a text", remedy)
    return name or ""


def read_context(config_dir: Path, name: str) -> Context:
    """Return the context of that name from the store.

    Raises EndpointError when it is not there, is broken, or has no Docker endpoint.
    """
    path = _folder(config_dir, "meta", name) / "meta.json"
    try:
        return _parse_context(config_dir, name, path)
    except FileNotFoundError as error:
        contexts = list_contexts(config_dir)
        known = [DEFAULT_CONTEXT, *(context.name for context in contexts if not context.problem)]
        more = f" and {len(known) - _NAMES_LISTED} more" if len(known) > _NAMES_LISTED else ""
        listed = ", ".join(known[:_NAMES_LISTED]) + more
        problem = next((context.problem for context in contexts if context.name == name), None)
        raise EndpointError(
            f'Context "{name}" cannot be used: {problem}'
            if problem
            else f'There is no Docker context "{name}"',
            f"Choose one that exists with -c NAME: {listed}",
        ) from error
    except OSError as error:
        raise EndpointError(
            f'Context "{name}" cannot be read: {error.filename}: {error.strerror}',
            f"Make {error.filename} readable for you, or choose another context with -c NAME",
        ) from error


def list_contexts(config_dir: Path) -> tuple[Context, ...]:
    """Return every context of the store in natural order, those that cannot be used too."""
    found = []
    for path in (config_dir / "contexts" / "meta").glob("*/meta.json"):
        name = path.parent.name
        try:
            name = str(_member(json.loads(path.read_bytes()), "Name") or name)
            if path.parent.name == _folder(config_dir, "meta", name).name:
                found.append(_parse_context(config_dir, name, path))
            else:
                lost = f"{path}: docker looks for it in a folder with another name"
                found.append(Context(name, "", problem=printable(lost)))
        except RecursionError:
            found.append(Context(name, "", problem=printable(f"{path}: it is nested too deeply")))
        except (OSError, ValueError) as error:
            found.append(Context(name, "", problem=printable(f"{path}: {error}")))
        except EndpointError as error:
            found.append(Context(name, "", problem=error.cause))
    return tuple(sorted(found, key=lambda context: _natural(context.name)))


def _parse_context(config_dir: Path, name: str, path: Path) -> Context:
    try:
        document: object = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise EndpointError(
            f'Context "{name}" is broken: {path}: {error}',
            f"Remove it (rm -r {operand(path.parent)}) and create it again",
        ) from error
    endpoints = _member(document, "Endpoints")
    endpoint = endpoints.get("docker") if isinstance(endpoints, dict) else None
    if not isinstance(endpoint, dict):
        raise EndpointError(
            f'Context "{name}" has no Docker endpoint',
            f'docker context update --docker "host=HOST" {operand(name)}',
        )
    host = _member(endpoint, "Host")
    skip_verify = _member(endpoint, "SkipTLSVerify") is True
    description = _member(_member(document, "Metadata"), "Description")
    return Context(
        name,
        host if isinstance(host, str) else "",
        description if isinstance(description, str) else "",
        _context_tls(_folder(config_dir, "tls", name) / "docker", skip_verify=skip_verify),
    )


def _context_tls(folder: Path, *, skip_verify: bool) -> Tls | None:
    """Raise OSError when the folder of the TLS files exists and cannot be read."""
    try:
        names = {entry.name for entry in folder.iterdir()}
    except (FileNotFoundError, NotADirectoryError):
        # No files and verification switched off is TLS all the same (cli/context/docker/load.go).
        return Tls(None, None, None, verify=False) if skip_verify else None
    paths = {name: folder / name for name in ("ca.pem", "cert.pem", "key.pem") if name in names}
    for path in paths.values():
        path.open("rb").close()
    pair = "cert.pem" in paths and "key.pem" in paths
    return Tls(
        paths.get("ca.pem"),
        paths["cert.pem"] if pair else None,
        paths["key.pem"] if pair else None,
        verify=not skip_verify,
    )


def _folder(config_dir: Path, part: str, name: str) -> Path:
    try:
        raw = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a pair in JSON is U+FFFD to Go's decoder
        raw = re.sub("[\ud800-\udfff]", "\ufffd", name).encode()
    return config_dir / "contexts" / part / hashlib.sha256(raw).hexdigest()


def _member(document: object, name: str) -> object:
    """Return a member of a JSON object by the rules of Go's decoder: any case, the last one wins."""
    found: object = None
    if isinstance(document, dict):
        for key, value in document.items():
            if key.lower() == name.lower():
                found = value
    return found


def _natural(name: str) -> list[tuple[int, str]]:
    """Numbers by their length and digits: Python makes none of more than 4,300."""
    parts = [(part, part.lstrip("0")) for part in re.split(r"([0-9]+)", name)]
    return [(len(digits), digits) if part.isdecimal() else (-1, part) for part, digits in parts]
