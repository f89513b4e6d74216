"""What is otherwise when a container that is there takes the place of another one, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from imgtui.model.clone.clone import without_generated
from imgtui.model.clone.config import clean
from imgtui.model.clone.create_command import settings_of_one
from imgtui.model.clone.difference import differences
from imgtui.model.clone.networks import endpoints, shared_with
from imgtui.model.clone.podman import as_docker_says
from imgtui.model.core.digest import short
from imgtui.model.core.printable import printable
from imgtui.model.safety.json import Json, mapping, objects, text, texts

_LONGEST: Final = 200
"""Characters of a value."""


def difference(now: Json, after: Json, api: tuple[int, int], *, podman: bool) -> tuple[str, ...]:
    """A line for each kind of thing that differs, printable, without secrets.

    Both are what the engine tells of a container. The restart policy is not compared: a roll back takes it
    from the container that it retires.
    """
    sides = [_said(each, podman=podman) for each in (now, after)]
    before, then = sides
    lines = differences(*({**mapping(each.get("Config")), "Volumes": None} for each in sides))
    lines += _changed("volumes", _mounts(before), _mounts(then))
    lines += _changed("networks", *(_networks(each, api, podman=podman) for each in sides))
    lines += _changed("options", _options(before), _options(then))
    return tuple(lines)


def _said(container: Json, *, podman: bool) -> Json:
    return as_docker_says(container, {}) if podman else container


def _changed(word: str, before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    told = [
        f"{name} {before.get(name, 'none')} -> {after.get(name, 'none')}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]
    return [f"{word}: {printable(', '.join(told), _LONGEST * 10)}"] if told else []


def _mounts(container: Json) -> dict[str, str]:
    return {
        clean(mount.get("Destination")): " ".join(
            [
                text(mount.get("Type")),
                short(text(mount.get("Name"))) or text(mount.get("Source")),
                *(["read-only"] if mount.get("RW") is False else []),
            ]
        )
        for mount in objects(container.get("Mounts"))
    }


def _networks(container: Json, api: tuple[int, int], *, podman: bool) -> dict[str, str]:
    """Addresses that were set, and names; a MAC address may be the engine's."""
    joined = endpoints(container, api, podman=podman)
    found = {}
    for name, endpoint in {**joined.at_once, **joined.later}.items():
        fixed = mapping(endpoint.get("IPAMConfig"))
        said = [text(fixed[key]) for key in ("IPv4Address", "IPv6Address") if fixed.get(key)]
        said += [f"alias {alias}" for alias in sorted(texts(endpoint.get("Aliases")))]
        found[name] = " ".join(said) or "joined"
    return found


def _options(container: Json) -> dict[str, str]:
    """Values by option. Namespaces of another container are told elsewhere: the ID of that changes too."""
    host = {
        key: value for key, value in mapping(container.get("HostConfig")).items() if not shared_with(value)
    }
    found: dict[str, list[str]] = {}
    for option, value in settings_of_one(without_generated(container), host):
        found.setdefault(option, []).append(printable(value, _LONGEST) or "on")
    return {option: " ".join(sorted(values)) for option, values in found.items()}
