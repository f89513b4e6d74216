"""The credentials that docker has for registries: in its `config.json`, or from helpers that it names.

A helper gets the registry on its standard input and answers with JSON, or fails and says why on its standard
output (docker/docker-credential-helpers). docker-py would let it write on the terminal, over the screen, and
raises whatever comes of an answer that is none: hence this module. No answer is ever told.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from imgtui.engine.connect.program import talk
from imgtui.engine.port.errors import EngineError
from imgtui.engine.wire.translate import mapping, text
from imgtui.model.core.reference import Reference

HUB: Final = "https://index.docker.io/v1/"
"""What docker calls `docker.io` where it keeps credentials."""
IN_ENVIRONMENT: Final = "DOCKER_AUTH_CONFIG"
NOT_THERE: Final = "credentials not found in native keychain"
"""What a helper says of a registry that it knows nothing of."""
IDENTITY: Final = "<token>"
"""The user of an identity token."""
HELPER_SECONDS: Final = 60.0
"""A helper may ask a person to unlock something, in a window of its own."""
Login = Mapping[str, str]
"""What an engine is sent of one registry."""


def registry_headers(name: str, config_dir: Path) -> dict[str, str]:
    """The credentials for the registry of a name, read anew: to have none is no error.

    Raises EngineError where a helper fails, or the configuration cannot be read.
    """
    domain = Reference.parse(name).domain
    try:
        login = _Config(config_dir).login(HUB if domain == "docker.io" else domain)
    except _NoLogin as error:
        raise EngineError(f"no credentials for {name}: {error}") from None
    return {"X-Registry-Auth": _header(login)} if login else {}


def build_headers(config_dir: Path) -> dict[str, str]:
    """The credentials for all registries, which base images may come from.

    Those of a helper that fails are left out, as docker does. Raises EngineError where the configuration
    cannot be read.
    """
    try:
        logins = dict(_Config(config_dir).logins())
    except _NoLogin as error:
        raise EngineError(f"no credentials for the build: {error}") from None
    return {"X-Registry-Config": _header(logins)} if logins else {}


class _NoLogin(Exception):
    """Why credentials cannot be had, in one line."""


class _Config:
    """`config.json`. Every method may raise _NoLogin."""

    def __init__(self, folder: Path) -> None:
        path = folder / "config.json"
        self._of_environment = _from_environment()
        try:
            self._config = mapping(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            self._config = {}
        except (OSError, ValueError, RecursionError) as error:
            raise _NoLogin(
                f"{path} cannot be read: {getattr(error, 'strerror', None) or 'no JSON'}"
            ) from None

    def login(self, registry: str) -> Login | None:
        """What a registry is told; None where nothing is known of it."""
        if found := _login(self._of_environment, registry):
            return found
        helper = self._helpers.get(registry) or self._config.get("credsStore")
        found = _from_helper(str(helper), registry) if helper else None
        return found or _login(self._auths, registry)

    def logins(self) -> Iterator[tuple[str, Login]]:
        """What each registry is told of which something is known."""
        store = self._config.get("credsStore")
        for registry in dict.fromkeys(
            [*self._of_environment, *self._auths, *(_listed(str(store)) if store else ()), *self._helpers]
        ):
            try:
                login = self.login(registry)
            except _NoLogin:
                continue
            if login:
                yield registry, login

    @property
    def _helpers(self) -> Mapping[str, object]:
        return mapping(self._config.get("credHelpers"))

    @property
    def _auths(self) -> Mapping[str, object]:
        return mapping(self._config.get("auths"))


def _login(auths: Mapping[str, object], registry: str) -> Login | None:
    """What an `auths` has of a registry, which has the form of `config.json`."""
    alike = (key for key in auths if _host(key) == _host(registry))
    key = registry if registry in auths else next(alike, "")
    entry = mapping(auths.get(key))
    if token := entry.get("identitytoken"):
        return {"serveraddress": registry, "identitytoken": str(token)}
    if not entry.get("auth"):
        return None
    try:
        user, _, password = base64.b64decode(str(entry["auth"])).decode().partition(":")
    except ValueError:
        raise _NoLogin(f"what is configured for {text(key, 200)} cannot be read") from None
    return {"serveraddress": registry, "username": user, "password": password.rstrip("\0")}


def _from_environment() -> Mapping[str, object]:
    """The `auths` of DOCKER_AUTH_CONFIG, which go before the file and its helpers (docker/cli 28.3).

    docker goes on without what it cannot read there; who has set it wants to know. Raises _NoLogin.
    """
    told = os.environ.get(IN_ENVIRONMENT, "")
    if not told:
        return {}
    try:
        found = json.loads(told)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("auths", {}), dict):
        raise _NoLogin(f"{IN_ENVIRONMENT} is not the JSON of an object with auths")
    return mapping(found.get("auths"))


def _from_helper(helper: str, registry: str) -> Login | None:
    answer = _ask(helper, "get", registry)
    if answer is None:
        return None
    user, secret = answer.get("Username"), answer.get("Secret")
    if not isinstance(user, str) or not isinstance(secret, str):
        raise _NoLogin(f"{_named(helper)} answered with something else")
    if not secret:  # docker-credential-pass answers so where it has none
        return None
    if user == IDENTITY:
        return {"serveraddress": registry, "identitytoken": secret}
    return {"serveraddress": registry, "username": user, "password": secret}


def _listed(helper: str) -> list[str]:
    """The registries that a helper knows; none where it fails."""
    try:
        return list(_ask(helper, "list", "") or {})
    except _NoLogin:
        return []


def _ask(helper: str, verb: str, registry: str) -> Mapping[str, object] | None:
    """What a helper answers; None where it knows nothing of the registry."""
    answer = talk(
        [f"docker-credential-{helper}", verb], os.environ, Path("/"), registry.encode(), HELPER_SECONDS
    )
    if answer is None:
        raise _NoLogin(f"there is no {_named(helper)}, or it did not come to an end")
    if answer.status:
        if answer.printed.strip() == NOT_THERE:
            return None
        raise _NoLogin(f"{_named(helper)} failed: {text(answer.printed.strip(), 200) or answer.status}")
    try:
        found = json.loads(answer.printed)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _NoLogin(f"{_named(helper)} answered with something else")
    return found


def _named(helper: str) -> str:
    return text(f"docker-credential-{helper}", 200)


def _host(registry: str) -> str:
    return registry.removeprefix("http://").removeprefix("https://").partition("/")[0]


def _header(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
