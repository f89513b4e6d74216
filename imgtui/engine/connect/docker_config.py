"""What docker's `config.json` and its environment say of requests and of what is run: headers and proxies.

Facts from docker/cli 29.7: cli/config/configfile/file.go (`ParseProxyConfig`), cli/command/cli_options.go
(`withCustomHeadersFromEnv`). Values can be secrets: no message has any.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from imgtui.engine.connect.contexts import EndpointError
from imgtui.model.safety.json import mapping

CUSTOM_HEADERS: Final = "DOCKER_CUSTOM_HEADERS"
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?|")
_PROXIES: Final = {
    "HTTP_PROXY": "httpProxy",
    "HTTPS_PROXY": "httpsProxy",
    "NO_PROXY": "noProxy",
    "FTP_PROXY": "ftpProxy",
    "ALL_PROXY": "allProxy",
}


def request_headers(folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The headers that every request to an engine has: `HttpHeaders`, or instead DOCKER_CUSTOM_HEADERS.

    A configuration that cannot be read has none, as for docker. Raises EndpointError for what is no header.
    """
    told = environ.get(CUSTOM_HEADERS, "")
    source = CUSTOM_HEADERS if told else f"HttpHeaders of {folder / 'config.json'}"
    found: object = _pairs(told) if told else _read(folder).get("HttpHeaders") or {}
    if not isinstance(found, dict) or not all(map(_is_header, found, found.values())):
        raise EndpointError(
            f"{source} is not a list of headers",
            f"Correct it: {CUSTOM_HEADERS} is NAME=VALUE,NAME=VALUE, HttpHeaders an object of texts",
        )
    return {name: value for name, value in found.items() if name.lower() != "user-agent"}


def proxies(folder: Path, host: str) -> dict[str, str]:
    """The variables that docker gives to what runs or is built on an engine, in capitals and without."""
    of_all = mapping(_read(folder).get("proxies"))
    chosen = mapping(of_all.get(host) if host in of_all else of_all.get("default"))
    found = ((name, chosen.get(key)) for name, key in _PROXIES.items())
    return {
        each: value
        for name, value in found
        if isinstance(value, str) and value
        for each in (name, name.lower())
    }


def _read(folder: Path) -> Mapping[str, object]:
    try:
        return mapping(json.loads((folder / "config.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError):
        return {}


def _pairs(told: str) -> dict[str, str] | None:
    """`NAME=VALUE` as a line of CSV has them; None where one has no name or no value."""
    import csv  # what few have set

    try:
        fields = next(csv.reader([told], strict=True))
    except (csv.Error, StopIteration):
        return None
    pairs = [field.partition("=") for field in fields]
    return (
        {name.strip(): value for name, _, value in pairs} if all(equals for _, equals, _ in pairs) else None
    )


def _is_header(name: object, value: object) -> bool:
    return (
        isinstance(name, str)
        and isinstance(value, str)
        and _NAME.fullmatch(name) is not None
        and _VALUE.fullmatch(value) is not None
    )
