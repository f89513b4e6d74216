"""The configuration of a container that a roll back has retired, as the journal has it.

Whoever removes stopped containers (`docker container prune`) takes it away; then one like it is made of this.
Values that look secret are not in it: the container in its place has them too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from imgtui.model.safety.json import Json, mapping
from imgtui.model.safety.mask import MASK
from imgtui.model.safety.secrets import mask_document

_OPTIONS: Final = frozenset({"Options", "DriverOpts", "Opts"})
"""Options of drivers of volumes and networks: a CIFS mount has its password there."""
_KEPT: Final = ("Id", "Name", "Created", "Config", "HostConfig", "Mounts")


def configuration_of(container: Json) -> dict[str, object]:
    """What the engine tells of a container, as far as one like it is made of that; secrets are masked."""
    found = {key: container[key] for key in _KEPT if key in container}
    found["NetworkSettings"] = {"Networks": mapping(container.get("NetworkSettings")).get("Networks")}
    return dict(_masked(found))


def made_whole(
    kept: Json, container: Json, its_image: Json | None = None, image: Json | None = None
) -> dict[str, object] | None:
    """The configuration with the masked values that `container`, which has its place, has in their places.

    What `its_image` gave to that one, `image` gave to the one before, where it has such a value: both are
    the `Config` of an image. None where a value is not known any more.
    """
    values = _values_behind(container)
    given, before = (_values_behind({"Config": each or {}}) for each in (its_image, image))
    for place, value in before.items():
        if values.get(place) in {None, given.get(place)}:
            values[place] = value
    try:
        whole = _filled(dict(kept), values, "")
    except KeyError:
        return None
    return whole if isinstance(whole, dict) else None


def _values_behind(container: Json) -> dict[tuple[str, str], str]:
    """What is masked, by path and mask, where that is one value."""
    found: dict[tuple[str, str], set[str]] = {}
    for path, masked, value in _pairs(_masked(container), dict(container), ""):
        if MASK in masked:
            found.setdefault((path, masked), set()).add(value)
    return {place: known.pop() for place, known in found.items() if len(known) == 1}


def _masked(container: Json) -> Mapping[str, object]:
    """Masked by name and shape; options of drivers and the words of a health check as a whole."""
    masked = mask_document(_without_options(dict(container), ""))
    return masked if isinstance(masked, Mapping) else {}


def _without_options(node: object, key: str) -> object:
    if isinstance(node, Mapping):
        if key in _OPTIONS:
            return {name: MASK if value else value for name, value in node.items()}
        return {name: _without_options(value, str(name)) for name, value in node.items()}
    if isinstance(node, list):
        if key == "Test":
            return [*node[:1], *(MASK for _ in node[1:])]
        return [_without_options(value, "") for value in node]
    return node


def _pairs(masked: object, value: object, path: str) -> Iterator[tuple[str, str, str]]:
    """Each text with its path and how it is masked; members of a list have the path of the list.

    The words of a health check have their numbers in it: they are all masked alike.
    """
    if isinstance(masked, Mapping) and isinstance(value, Mapping):
        for key in masked.keys() & value.keys():
            yield from _pairs(masked[key], value[key], f"{path}/{key}")
    elif isinstance(masked, list) and isinstance(value, list) and len(masked) == len(value):
        for number, (one, other) in enumerate(zip(masked, value, strict=True)):
            yield from _pairs(one, other, f"{path}/{number}" if path.endswith("/Test") else path)
    elif isinstance(masked, str) and isinstance(value, str):
        yield path, masked, value


def _filled(node: object, values: Mapping[tuple[str, str], str], path: str) -> object:
    """Raises KeyError for a masked text that has no value."""
    if isinstance(node, Mapping):
        return {key: _filled(value, values, f"{path}/{key}") for key, value in node.items()}
    if isinstance(node, list):
        numbered = path.endswith("/Test")
        return [
            _filled(value, values, f"{path}/{number}" if numbered else path)
            for number, value in enumerate(node)
        ]
    return values[path, node] if isinstance(node, str) and MASK in node else node
