"""Reading an engine's answer: what is there, what is absent, and what is not understood.

Every answer of an engine is read by an `Entry`. A field that is missing or null is absent: engines leave out,
or send null for, what is empty (labels, repo digests, environment, entry point and more; measured on Docker
20.10, 28.5 on both stores, and Podman 4.3). None of them sends null for a whole list. A field of another type
than the Engine API gives it is not absent: the answer is not understood, and `WrongShape` says where. Nothing
is concluded from a proxy's page, an empty answer, or an engine that is breaking.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

from imgtui.model.core.digest import is_digest
from imgtui.model.core.printable import printable

LARGEST: Final = 2**63 - 1
NAME_LIMIT: Final = 320
"""Characters of a name: 255 of a repository name, 128 of a tag, rarely both."""
_HEX: Final = re.compile(r"[0-9a-f]{64}")


class WrongShape(Exception):
    """An answer is not what the Engine API says; the message is one short line, safe for a terminal."""

    def __init__(self, cause: str) -> None:
        super().__init__(printable(cause, 200))


class Entry:
    """A JSON object in an answer. Every method raises WrongShape for a field of a wrong type."""

    def __init__(self, value: object, where: str = "") -> None:
        """`where` is the path to it in the answer. Raises WrongShape for what is no object."""
        if not isinstance(value, dict):
            raise _wrong(where, value, "an object")
        self.raw: Final[Mapping[str, object]] = value
        """The object as it came."""
        self._where = where

    def text(self, key: str, limit: int = 4096) -> str:
        """A text made printable; empty where it is absent."""
        value = self.raw_text(key)
        return "" if value is None else printable(value, limit)

    def raw_text(self, key: str) -> str | None:
        """A text as it came: only to be parsed, never to be shown."""
        value = self.raw.get(key)
        if value is not None and not isinstance(value, str):
            raise _wrong(self._path(key), value, "a text")
        return value

    def needed_text(self, key: str, limit: int = 4096) -> str:
        """A text that must be there, made printable."""
        if not (value := self.text(key, limit)):
            raise WrongShape(f"{self._path(key)} is missing")
        return value

    def number(self, key: str) -> int:
        """A number, held within 64 bits as the Engine API has them; 0 where it is absent."""
        value = self.raw.get(key)
        if value is None:
            return 0
        finite = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
        if isinstance(value, bool) or not isinstance(value, int | float) or not finite:
            raise _wrong(self._path(key), value, "a number")
        return max(-LARGEST, min(int(value), LARGEST))

    def needed_number(self, key: str) -> int:
        """A number that must be there."""
        if self.raw.get(key) is None:
            raise WrongShape(f"{self._path(key)} is missing")
        return self.number(key)

    def flag(self, key: str) -> bool | None:
        """True or false; None where it is absent."""
        value = self.raw.get(key)
        if value is not None and not isinstance(value, bool):
            raise _wrong(self._path(key), value, "true or false")
        return value

    def entry(self, key: str) -> Entry:
        """An object; an empty one where it is absent."""
        value = self.raw.get(key)
        return Entry({} if value is None else value, self._path(key))

    def needed_entry(self, key: str) -> Entry:
        """An object that must be there."""
        return Entry(self.raw.get(key), self._path(key))

    def entries(self, key: str) -> list[Entry]:
        """A list of objects; an empty one where it is absent."""
        return entries(self.raw.get(key), self._path(key))

    def needed_entries(self, key: str) -> list[Entry]:
        """A list of objects that must be there, not null."""
        if self.raw.get(key) is None:
            raise WrongShape(f"{self._path(key)} is missing")
        return self.entries(key)

    def texts(self, key: str) -> list[str]:
        """A list of texts as they came, only to be parsed; an empty one where it is absent."""
        value, path = self.raw.get(key), self._path(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise _wrong(path, value, "a list")
        for item in value:
            if not isinstance(item, str):
                raise _wrong(f"{path}[]", item, "a text")
        return value

    def text_values(self, key: str) -> Mapping[str, str]:
        """An object whose values are texts, as they came; an empty one where it is absent."""
        inner = self.entry(key)
        return {name: inner.raw_text(name) or "" for name in inner.raw}

    def image_id(self, key: str) -> str:
        """The digest of an image, which must be there; Podman sends bare digits in some places."""
        value = self.raw_text(key) or ""
        name = f"sha256:{value}" if _HEX.fullmatch(value) else value
        if not is_digest(name):
            raise WrongShape(f"{self._path(key)} is {_shown(value)} where a digest belongs")
        return name

    def optional_image_id(self, key: str) -> str:
        """The digest of an image; empty where it is absent or empty."""
        return self.image_id(key) if self.raw_text(key) else ""

    def container_id(self, key: str) -> str:
        """The ID of a container, which must be there."""
        value = self.raw_text(key) or ""
        if not _HEX.fullmatch(value):
            raise WrongShape(f"{self._path(key)} is {_shown(value)} where the ID of a container belongs")
        return value

    def _path(self, key: str) -> str:
        return f"{self._where}.{key}" if self._where else key


def entries(value: object, where: str = "") -> list[Entry]:
    """A JSON array of objects; for a field (`where` is its path) null is an empty one. Raises WrongShape."""
    if value is None and where:
        return []
    if not isinstance(value, list):
        raise _wrong(where, value, "a list")
    return [Entry(item, f"{where}[]") for item in value]


def _wrong(where: str, value: object, wanted: str) -> WrongShape:
    return WrongShape(f"{where or 'it'} is {_kind(value)} where {wanted} belongs")


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "an object"


def _shown(value: str) -> str:
    return f'"{printable(value, 40)}"' if value else "missing"
