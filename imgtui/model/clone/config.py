"""What people had set in the `Config` of a container: without what its image had given it.

An engine unites the two when it makes a container, and keeps only the result: moby `daemon/commit.go`,
`merge`, the same in 20.10 and 28.5; Podman `pkg/specgen/generate/container.go`, `CompleteSpec`. A value that
is the same as the image's is taken for the image's, but for an environment in Docker's order.
"""

from __future__ import annotations

import posixpath
from typing import Final

from imgtui.model.safety.json import Json, mapping, texts
from imgtui.model.safety.mask import MASK

_UNITED: Final = ("Labels", "ExposedPorts", "Volumes")
"""Objects: the image's entries are added to those that were set."""
_REPLACED: Final = ("User", "WorkingDir", "StopSignal", "Shell")
"""The image's value is taken where none was set; of `Shell` never, in Docker."""
_GIVEN_ANEW: Final = ("Image", "MacAddress", "ArgsEscaped", "OnBuild")
"""Of this one container, or of its image alone."""

_IMAGES_OWN_LABELS: Final = "org.opencontainers.image."
"""Labels that say what is in an image (OCI image specification, annotations)."""


def set_by_people(config: Json, image: Json, *, ordered: bool) -> dict[str, object]:
    """The part of a container's `Config` that is not from the `Config` of its image.

    `ordered` says that the engine keeps variables in their order, as Docker does and Podman does not.
    """
    entrypoint, command = _command(config, image)
    kept = {
        key: value
        for key, value in config.items()
        if key not in _GIVEN_ANEW and not (key in _REPLACED and value == image.get(key))
    }
    kept |= {
        "Env": _environment(texts(config.get("Env")), texts(image.get("Env")), ordered=ordered),
        "Entrypoint": entrypoint,
        "Cmd": command,
        "Healthcheck": _differing(mapping(config.get("Healthcheck")), mapping(image.get("Healthcheck"))),
    }
    kept |= {key: _differing(mapping(config.get(key)), mapping(image.get(key))) for key in _UNITED}
    return {key: value for key, value in kept.items() if value not in (None, {}, [], "")}


def set_by_people_or_unknown(config: Json, new_image: Json, *, ordered: bool) -> dict[str, object]:
    """The same where the container's image is gone: all that is not as the new image has it stays.

    What people had set is not lost so, and something of the old image may stay; but not what a new image
    surely says better: labels that describe an image, and, where variables are `ordered`, those after PATH
    that it has too.
    """
    kept = set_by_people(config, new_image, ordered=ordered)
    labels = {
        name: value
        for name, value in mapping(kept.get("Labels")).items()
        if not name.startswith(_IMAGES_OWN_LABELS)
    }
    environment = _environment_or_unknown(
        texts(config.get("Env")), texts(new_image.get("Env")), ordered=ordered
    )
    changed = {"Labels": labels, "Env": environment}
    return {key: value for key, value in (kept | changed).items() if value not in ({}, [])}


def filled_in(image: Json, config: Json, *, ordered: bool) -> Json:
    """The `Config` of an image whose masked variables have the values that a container of it has.

    Whether people had set one of them their order tells; without it what is masked is taken for set.
    """
    own = {name_of(entry): entry for entry in texts(config.get("Env"))}
    given = [
        (own.get(name_of(entry), "") if ordered else "") if MASK in entry else entry
        for entry in texts(image.get("Env"))
    ]
    return {**image, "Env": [entry for entry in given if entry]}


def name_of(assignment: str) -> str:
    """The name of a variable; `NAME` alone takes it out of the environment."""
    return assignment.partition("=")[0]


def clean(path: object) -> str:
    """A path in a container as the engine writes it: without a slash at its end, or two in it."""
    return posixpath.normpath(f"/{str(path).lstrip('/')}")


def _environment(found: list[str], given: list[str], *, ordered: bool) -> list[str]:
    """What was set comes first, then what the image alone has, in its order.

    So `-e MODE=prod` is known for what people want, also where the image says the same. Without an order,
    only what is not the image's was set.
    """
    for count in range(len(found) + 1 if ordered else 0):
        names = {name_of(entry) for entry in found[:count]}
        if found[count:] == [entry for entry in given if name_of(entry) not in names]:
            return found[:count]
    return [entry for entry in found if entry not in given]


def _environment_or_unknown(found: list[str], given: list[str], *, ordered: bool) -> list[str]:
    """PATH stands before all other variables of an image: builders put it there, people hardly set it."""
    path = next((entry for entry in found if name_of(entry) == "PATH"), None)
    names = {name_of(entry) for entry in given}
    start = found.index(path) if ordered and path is not None and "PATH" in names else len(found)
    after = [entry for entry in found[start:] if name_of(entry) not in names]
    return [entry for entry in (*found[:start], *after) if entry not in given]


def _command(config: Json, image: Json) -> tuple[list[str], list[str]]:
    """Entry point and command as they must be given.

    The image's command is used only where neither is given; an entry point of "" takes the image's away.
    """
    entrypoint, command = texts(config.get("Entrypoint")), texts(config.get("Cmd"))
    if entrypoint == texts(image.get("Entrypoint")):
        if command == texts(image.get("Cmd")):
            return [], []
        if command or not entrypoint:
            return [], command
    return entrypoint or [""], command


def _differing(found: Json, given: Json) -> dict[str, object]:
    """The entries that are not the same on the other side."""
    return {key: value for key, value in found.items() if key not in given or given[key] != value}
