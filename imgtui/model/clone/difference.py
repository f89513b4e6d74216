"""What a container does otherwise on another image; and what is kept where nobody can tell whose it was.

An engine keeps only the union of what people set and what the image gave (`carry_config`). A value that is
the same as that of the image it runs on may be either's.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from imgtui.model.clone.config import name_of
from imgtui.model.core.labels import OWN
from imgtui.model.core.printable import printable
from imgtui.model.safety.json import Json, mapping, text, texts
from imgtui.model.safety.secrets import mask_arguments, mask_value

_COMPOSE: Final = "com.docker.compose."
_SUPERUSER: Final = frozenset({"", "0", "root"})
_SECOND: Final = 1_000_000_000
_LONGEST: Final = 120
"""Characters of a value."""
_OF_CHECK: Final = (
    ("Interval", "every"), ("Timeout", "time-out"), ("StartPeriod", "start period"),
    ("StartInterval", "every, while it starts,"), ("Retries", "retries"),
)  # fmt: skip
_WORDS: Final = (("User", "user"), ("WorkingDir", "working directory"), ("StopSignal", "stop signal"))


@dataclass(frozen=True, slots=True)
class Kept:
    """What of a container's `Config` stays though the image it runs on says the same."""

    config: Mapping[str, object] = field(default_factory=dict)
    """To be added to what people had set."""
    risks: tuple[str, ...] = ()
    """As they follow on the container's name; printable."""
    notes: tuple[str, ...] = ()


def kept(config: Json, old_image: Json, new_image: Json | None) -> Kept:
    """Keep the labels of Compose, and the user as far as that is possible on any image.

    By its labels Compose finds a container; an image that Compose built has the same. A container must not
    get more privileges because the image before sets no user. A name of a user need not be known in the other
    image, and then the container would not start: it is the image's, and a risk where that means root. Of an
    image that is not there yet (None) nothing is known.
    """
    unknown, new_image = new_image is None, mapping(new_image)
    labels = {
        name: value
        for name, value in mapping(config.get("Labels")).items()
        if name.startswith(_COMPOSE) and mapping(new_image.get("Labels")).get(name) != value
    }
    found: dict[str, object] = {"Labels": labels} if labels else {}
    user, given, other = (text(each.get("User")) for each in (config, old_image, new_image))
    if user != given or user == other or (user in _SUPERUSER and other in _SUPERUSER):
        return Kept(found)
    shown, name = printable(other) or "root", printable(user) or "root"
    if user in _SUPERUSER or user.partition(":")[0].isdigit():
        says = "what the image says is not known yet" if unknown else f"the image says {shown}"
        note = f"it runs as {name}, as it does now: {says}, and who set it cannot be told"
        return Kept({**found, "User": user or "0"}, notes=(note,))
    if other.partition(":")[0] in _SUPERUSER:
        now = f"it runs as {name} now, as its image says, and"
        risk = f"runs as root: {now} the other image sets no user"
        unclear = f"may run as root: {now} what the other image says is not known before it is pulled"
        return Kept(found, risks=(unclear if unknown else risk,))
    return Kept(found)


def differences(now: Json, after: Json) -> list[str]:
    """What is otherwise afterwards, a line each, printable, without secrets: as it is now, and then.

    Both are the `Config` of a container: what people set united with what the image gives.
    """
    lines = [
        f"{word}: {_shown(text(now.get(key)))} -> {_shown(text(after.get(key)))}"
        for key, word in _WORDS
        if text(now.get(key)) != text(after.get(key))
    ]
    lines += [
        f"{word}: {_command(now.get(key))} -> {_command(after.get(key))}"
        for key, word in (("Entrypoint", "entry point"), ("Cmd", "command"))
        if texts(now.get(key)) != texts(after.get(key))
    ]
    if _check(now) != _check(after):
        lines.append(f"health check: {_check(now)} -> {_check(after)}")
    lines += _changed("variables", _variables(now), _variables(after))
    for key, word in (("ExposedPorts", "exposed ports"), ("Volumes", "volumes of the image")):
        lines += _changed(word, _named(now, key), _named(after, key))
    lines += _changed("labels", _labels(now), _labels(after))
    return lines


def united(own: Json, image: Json) -> dict[str, object]:
    """As moby `daemon/commit.go`, `merge`, unites the two."""
    entrypoint, command = texts(own.get("Entrypoint")), texts(own.get("Cmd"))
    if not entrypoint:
        command = command or texts(image.get("Cmd"))
        entrypoint = texts(image.get("Entrypoint"))
    names = {name_of(entry) for entry in texts(own.get("Env"))}
    given = [entry for entry in texts(image.get("Env")) if name_of(entry) not in names]
    return {
        **{key: own.get(key) or image.get(key) for key in ("User", "WorkingDir", "StopSignal")},
        **{
            key: {**mapping(image.get(key)), **mapping(own.get(key))}
            for key in ("Labels", "ExposedPorts", "Volumes", "Healthcheck")
        },
        "Entrypoint": [] if entrypoint == [""] else entrypoint,
        "Cmd": command,
        "Env": [*texts(own.get("Env")), *given],
    }


def _changed(word: str, before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """What is added (`+`), taken away (`-`) and changed, with its value before and after."""
    told = []
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) == after.get(name):
            continue
        was, becomes = (
            printable(mask_value(name, each[name]), _LONGEST) if each.get(name) else ""
            for each in (before, after)
        )
        shown = printable(name, _LONGEST)
        if name not in before:
            told.append(f"+{shown}" + (f"={becomes}" if becomes else ""))
        elif name not in after:
            told.append(f"-{shown}" + (f" (was {was})" if was else ""))
        else:
            told.append(f"{shown} {was or 'empty'} -> {becomes or 'empty'}")
    return [f"{word}: {', '.join(told)}"] if told else []


def _variables(config: Json) -> dict[str, str]:
    return {name_of(entry): entry.partition("=")[2] for entry in texts(config.get("Env"))}


def _named(config: Json, key: str) -> dict[str, str]:
    return dict.fromkeys(mapping(config.get(key)), "")


def _labels(config: Json) -> dict[str, str]:
    own = (OWN, f"{_COMPOSE}image")
    labels = mapping(config.get("Labels"))
    return {name: text(value) for name, value in labels.items() if not name.startswith(own)}


def _check(config: Json) -> str:
    """The command of a health check, and what is set beside it."""
    check = mapping(config.get("Healthcheck"))
    test = texts(check.get("Test"))
    if not test or test == ["NONE"]:
        return "none"
    told = [_command(test[1:])]
    for key, word in _OF_CHECK:
        if isinstance(value := check.get(key), int) and value:
            told.append(f"{word} {value}" if key == "Retries" else f"{word} {value / _SECOND:g} s")
    return ", ".join(told)


def _command(words: object) -> str:
    return _shown(shlex.join(mask_arguments(texts(words))))


def _shown(value: str) -> str:
    return printable(value, _LONGEST) or "none"
