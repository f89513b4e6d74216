"""Masks what looks secret in variables, labels, layer instructions and the JSON documents of an engine."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from imgtui.model.safety.instructions import mask_instruction
from imgtui.model.safety.mask import MASK
from imgtui.model.safety.names import looks_secret
from imgtui.model.safety.shapes import mask_shapes
from imgtui.model.safety.text import mask_text

__all__ = [
    "MASK",
    "looks_secret",
    "mask_arguments",
    "mask_assignment",
    "mask_document",
    "mask_instruction",
    "mask_text",
    "mask_value",
]

_DEEPEST: Final = 100
"""Levels of a document that are looked into; engines nest some ten, what is deeper is masked whole."""

_NAMED_ARGUMENT: Final = re.compile(r"(-{0,2}(?P<name>[A-Za-z_][\w./-]*)(?:=|:\s*))(?P<value>.+)", re.DOTALL)
_FLAG: Final = re.compile(r"--?(?P<name>[A-Za-z][\w.-]*)")
_USER_FLAGS: Final = frozenset({"-u", "--user", "--proxy-user"})
_ASSIGNMENTS: Final = frozenset({"env", "environment"})
_NAMED_VALUES: Final = frozenset({"annotations", "args", "buildargs", "env", "environment", "labels"})
_ARGUMENTS: Final = frozenset({"args", "cmd", "command", "entrypoint", "shell", "test"})
_INSTRUCTIONS: Final = frozenset({"cmd", "command", "createdby", "onbuild"})


def mask_value(name: str, value: str) -> str:
    """Mask the value of a variable, label or argument; under a harmless name only the secrets within it."""
    if not value:
        return value
    return MASK if looks_secret(name) else mask_text(value)


def mask_assignment(assignment: str) -> str:
    """Mask `NAME=value` as the lists of environment variables have it."""
    name, equals, value = assignment.partition("=")
    return f"{name}={mask_value(name, value)}" if equals else mask_text(assignment)


def mask_arguments(arguments: Sequence[str]) -> list[str]:
    """Mask a command given as a list: `--password=x`, `--token` and what follows, `-e` and `PASSWORD=x`."""
    shown: list[str] = []
    for before, argument in zip(["", *arguments], arguments, strict=False):
        flag = _FLAG.fullmatch(before)
        user, colon, password = argument.partition(":")
        if flag is not None and looks_secret(flag["name"]) and not before.endswith("-stdin"):
            shown.append(_mask_whole(argument))
        elif before in _USER_FLAGS and colon and not (user + password).isdigit():
            shown.append(f"{user}:{_mask_whole(password)}")
        else:
            shown.append(_mask_argument(argument))
    return shown


def _mask_argument(argument: str) -> str:
    named = _NAMED_ARGUMENT.fullmatch(argument)
    if named is not None and looks_secret(named["name"]):
        return named[1] + MASK
    return mask_instruction(argument)


def mask_document(value: object) -> object:
    """Return a copy of a JSON document of an engine with its secrets masked, at any depth.

    Environment lists, labels, commands and instructions by their own syntax; any other text under a
    secret-looking key as a whole; passwords in URLs and tokens of known shape everywhere.
    """
    return _mask_node(value, 0)


def _mask_node(value: object, depth: int) -> object:
    if depth > _DEEPEST:
        return MASK
    if isinstance(value, str):
        return mask_shapes(value)
    if isinstance(value, Mapping):
        return _mask_mapping(value, depth)
    if isinstance(value, list | tuple):
        return [_mask_node(item, depth + 1) for item in value]
    return value


def _mask_mapping(mapping: Mapping[object, object], depth: int) -> dict[object, object]:
    masked = {key: _mask_member(str(key), member, depth + 1) for key, member in mapping.items()}
    by_lower = {str(key).lower(): key for key in mapping}
    name_key, value_key = by_lower.get("name", by_lower.get("key")), by_lower.get("value")
    if name_key is None or value_key is None:
        return masked
    # An object {"name": …, "value": …} is an assignment; `key` there is a name and no secret.
    name, value = mapping[name_key], mapping[value_key]
    if isinstance(name, str) and isinstance(value, str):
        masked |= {name_key: mask_shapes(name), value_key: mask_value(name, value)}
    return masked


def _mask_member(key: str, value: object, depth: int) -> object:
    kind = key.lower().replace("_", "").replace("-", "")
    if isinstance(value, Mapping) and kind in _NAMED_VALUES:
        return {name: _mask_named(str(name), member, depth + 1) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return _mask_list(kind, key, value, depth)
    if isinstance(value, str) and kind in _INSTRUCTIONS:
        return mask_instruction(value)
    if isinstance(value, str) and kind in _ASSIGNMENTS:
        return mask_assignment(value)
    if looks_secret(key) and _is_scalar(value):
        return MASK if value != "" else value
    return _mask_node(value, depth)


def _mask_list(kind: str, key: str, values: Sequence[object], depth: int) -> list[object]:
    if kind in _ARGUMENTS and all(isinstance(value, str) for value in values):
        return [*mask_arguments([str(value) for value in values])]
    by_text: Callable[[str], str] = mask_shapes
    if kind in _ASSIGNMENTS or kind in _NAMED_VALUES:
        by_text = mask_assignment
    elif kind in _INSTRUCTIONS or kind in _ARGUMENTS:
        by_text = mask_instruction
    elif looks_secret(key):
        by_text = _mask_whole
    return [by_text(value) if isinstance(value, str) else _mask_node(value, depth + 1) for value in values]


def _mask_whole(text: str) -> str:
    return MASK if text else text


def _mask_named(name: str, value: object, depth: int) -> object:
    if isinstance(value, str):
        return mask_value(name, value)
    return MASK if looks_secret(name) and _is_scalar(value) else _mask_node(value, depth)


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)
