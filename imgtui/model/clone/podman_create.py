"""`podman create …` for a body that Podman's own API is asked with: for people to read, and to run by hand.

Values that look secret are masked.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from imgtui.model.clone.create_command import create_command, masked_words, options_of
from imgtui.model.clone.libpod_options import Option, words_of
from imgtui.model.clone.libpod_spec import libpod_options, spec_generator
from imgtui.model.safety.json import LIBPOD, Json, mapping, text, texts

_OF_RUN: Final = frozenset({"--passwd"})


def create_line(name: str, body: Json) -> str:
    """The command that makes a container: `docker create …`, or `podman create …` where only that can."""
    return podman_create(name, body) if LIBPOD in body else create_command(name, body)


def podman_create(name: str, body: Json) -> str:
    """One line, quoted for a shell. Raises NoTranslation."""
    networks = mapping(spec_generator(name, body).get("Networks"))
    more = [option for option in libpod_options(body) if option[0] not in {"--network", "--ip6", *_OF_RUN}]
    of_run = words_of(option for option in libpod_options(body) if option[0] in _OF_RUN)
    remark = f"  # with {' '.join(of_run)}, which only podman run has" if of_run else ""
    entry = texts(body.get("Entrypoint"))
    chosen = [] if not entry else ["--entrypoint", entry[0] if len(entry) == 1 else json.dumps(entry)]
    words = shlex.join(
        [
            *("podman", "create", "--name", name),
            *options_of(_in_words(body, {option for option, _ in more})),
            *_network(text(mapping(body.get("HostConfig")).get("NetworkMode")), networks),
            *words_of(more),
            *chosen,
            text(body.get("Image")),
            *masked_words(texts(body.get("Cmd"))),
        ]
    )
    return words + remark


def option_words(body: Json, options: Sequence[Option]) -> list[str]:
    """The words for what a body has, without its networks, name and image, and for options besides."""
    return [*options_of(_in_words(body, {option for option, _ in options})), *words_of(options)]


def _in_words(body: Json, options: Collection[str]) -> Json:
    """The body without what the options and networks say, and a health check as the command takes it."""
    host = dict(mapping(body.get("HostConfig")))
    host["Binds"] = [bind for bind in texts(host.get("Binds")) if "lowerdir=" not in bind]
    if "--device" in options:
        host.pop("Devices", None)
    health = _health(mapping(body.get("Healthcheck")))
    return {**body, "MacAddress": "", "Healthcheck": health, "HostConfig": host}


def _health(check: Json) -> Json:
    """A command without a shell as the podman command takes it (`makeHealthCheckFromCli`)."""
    kind, *words = texts(check.get("Test")) or [""]
    if kind != "CMD":
        return check
    shown = json.dumps(words) if len(words) > 1 else f"CMD {''.join(words)}"
    return {**check, "Test": ["CMD-SHELL", shown]}


def _network(mode: str, networks: Mapping[str, object]) -> list[str]:
    """`--network front:ip=10.0.0.9,alias=web`."""
    if not networks:
        return ["--network", mode] if mode else []
    found: list[str] = []
    for name, given in networks.items():
        endpoint = mapping(given)
        fields = [
            f"{'ip6' if ':' in address else 'ip'}={address}" for address in texts(endpoint.get("static_ips"))
        ]
        fields += [f"alias={alias}" for alias in texts(endpoint.get("aliases"))]
        fields += [f"mac={text(endpoint['static_mac'])}"] if endpoint.get("static_mac") else []
        fields += (
            [f"interface_name={text(endpoint['interface_name'])}"] if endpoint.get("interface_name") else []
        )
        found += ["--network", ":".join(filter(None, (name, ",".join(fields))))]
    return found
