"""The settings of a person: keep rules, keys and roll backs, in one TOML file.

imgtui only reads it; a first rule is added to it when somebody asks for that (`first_rule.py`).

    [[keep]]
    repository = "web*"     # and any of:
    last = 10
    days = 30
    all = true
    budget = "20 GB"
    grace = "24h"

    [keys]
    list.sort = "o"

    [rollback]
    settle = 30             # seconds
    remove_after = 7        # days

Nothing in it is overlooked: an unknown key and a value that is not understood are errors, with their line.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from sys import float_info
from typing import Any, Final

from imgtui.model.core.printable import printable
from imgtui.model.keeps.rules import KeepRule

Place = tuple[str | int, ...]
"""Where something stands in a document: names in tables, numbers from 0 in arrays."""

_UNITS: Final = {
    "b": 1,
    **{f"{prefix}b": 1000**power for power, prefix in enumerate("kmgt", 1)},
    **{f"{prefix}ib": 1024**power for power, prefix in enumerate("kmgt", 1)},
}
_SIZE: Final = re.compile(r"([0-9]{1,18})(?:\.([0-9]{1,18}))? *([A-Za-z]+)")
_TIMES: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_TIME: Final = re.compile(r"([0-9]{1,9}) *([smhdw])")
_SYNTAX: Final = re.compile(r"(.*) \(at (?:line ([0-9]+), column [0-9]+|end of document)\)", re.DOTALL)
_CLOSINGS: Final = ("", "\n]", '\n"""', "\n'''", '\n"""}]', "\n'''}]")
"""What a document may lack that is cut between two lines."""


class SettingsError(Exception):
    """The settings cannot be used. It is one line, safe for a terminal: file, line, cause and remedy."""

    def __init__(self, cause: str) -> None:
        super().__init__(printable(cause))


@dataclass(frozen=True, slots=True)
class RollbackSettings:
    """How containers are rolled back."""

    settle: float | None = None
    """Seconds that one without a health check has to run to be trusted; None for imgtui's own."""
    remove_after: float | None = None
    """Days after which the container before is removed; None for never: it is removed by hand."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person has set; the defaults are those of a missing file."""

    keep: tuple[KeepRule, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    """Action (`list.sort`) to key, as Textual names keys."""
    rollback: RollbackSettings = RollbackSettings()


class _Fault(Exception):
    """What is wrong at a place of the document, and what would be right."""

    def __init__(self, place: Place, cause: str) -> None:
        super().__init__(cause)
        self.place = place


def read_settings(path: Path, actions: Collection[str] | None = None) -> Settings:
    """Read the settings; a missing file has none. Raises SettingsError.

    With `actions`, the IDs that there are, a key of any other one is an error too.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read ({error.strerror}): see to it, or name another file with IMGTUI_CONFIG"
        ) from error
    return parse_settings(path, content, actions)


def parse_settings(path: Path, content: bytes, actions: Collection[str] | None = None) -> Settings:
    """The settings that the content of a file has, as `read_settings` has them. Raises SettingsError."""
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path} line {line}: this is not UTF-8; save the file as UTF-8") from error
    try:
        document = _read(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path} {_syntax_fault(text, error)}; correct it, or put # before it") from error
    try:
        return _settings(document, actions)
    except _Fault as fault:
        raise SettingsError(f"{path} {_where(text, fault.place)}: {fault}") from fault


def _settings(document: Mapping[str, object], actions: Collection[str] | None) -> Settings:
    for name in document:
        if name not in {"keep", "keys", "rollback"}:
            there = "[[keep]], [keys] and [rollback]"
            raise _Fault((name,), f"there is no setting {_quoted(name)}; there are {there}")
    rules = document.get("keep", [])
    if not isinstance(rules, list):
        raise _Fault(("keep",), "a keep rule begins with [[keep]], in two brackets")
    return Settings(
        tuple(_rule(("keep", number), rule) for number, rule in enumerate(rules)),
        dict(_keys(document.get("keys", {}), actions)),
        _rollback(document.get("rollback", {})),
    )


def _rule(place: Place, table: object) -> KeepRule:
    if not isinstance(table, dict):
        raise _Fault(place, "a keep rule is a table: begin it with [[keep]]")
    values = _values(place, table, _RULE_KEYS, "keep")
    if "repository" not in values:
        raise _Fault(place, 'this keep rule needs a repository, such as repository = "web*"')
    rule = KeepRule(**values)
    if rule.last is None and rule.days is None and not rule.all:
        alone = "a budget limits what a rule keeps, and this one" if rule.budget else "this keep rule"
        raise _Fault(place, f"{alone} keeps nothing: add last, days or all = true")
    return rule


def _rollback(table: object) -> RollbackSettings:
    if not isinstance(table, dict):
        raise _Fault(("rollback",), "rollback must be a table: [rollback], and below it its keys")
    return RollbackSettings(**_values(("rollback",), table, _ROLLBACK_KEYS, "rollback"))


def _values(place: Place, table: Mapping[str, object], keys: _Keys, name: str) -> dict[str, Any]:
    """The values of a table that has no other keys than these."""
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in keys:
            raise _Fault((*place, key), f"{name} has no key {_quoted(key)}; it has {', '.join(keys)}")
        read, expected = keys[key]
        values[key] = read(value)
        if values[key] is None:
            raise _Fault((*place, key), f"{key} must be {expected}")
    return values


def _keys(table: object, actions: Collection[str] | None) -> Iterator[tuple[str, str]]:
    """Action and key. `list.sort` is one name to people, and to TOML a table in a table."""
    if not isinstance(table, dict):
        raise _Fault(("keys",), 'keys must be a table: [keys], and below it lines such as list.sort = "o"')
    seen: set[str] = set()
    pending: list[tuple[Place, object]] = [(("keys",), table)]
    while pending:
        place, value = pending.pop()
        if isinstance(value, dict):
            pending.extend(((*place, name), inner) for name, inner in reversed(value.items()))
            continue
        action = ".".join(map(str, place[1:]))
        if not isinstance(value, str):
            raise _Fault(place, f'the key of {_quoted(action)} must be in quotes, such as "o"')
        if actions is not None and action not in actions:
            raise _Fault(place, f"there is no action {_quoted(action)}: ? in the explorer has their names")
        if action in seen:
            raise _Fault(place, f"{_quoted(action)} has a key already; take one of the two out")
        seen.add(action)
        yield action, value


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 < value <= float_info.max else None


def _switch(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _bytes(value: object) -> int | None:
    size = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if size is None or size[3].lower() not in _UNITS:
        return _count(value)
    fraction = size[2] or ""
    return _count(int(size[1] + fraction) * _UNITS[size[3].lower()] // 10 ** len(fraction))


def _duration(value: object) -> float | None:
    """Seconds; 0 is one too."""
    found = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    return None if found is None else float(int(found[1]) * _TIMES[found[2]])


_Keys = Mapping[str, tuple[Callable[[object], object], str]]
"""Name of a key to what reads its value, None for a wrong one, and what would be right."""

_ROLLBACK_KEYS: Final[_Keys] = {
    "settle": (_number, "a number of seconds above 0, such as 30"),
    "remove_after": (_number, "a number of days above 0, such as 7"),
}
_RULE_KEYS: Final[_Keys] = {
    "repository": (_name, 'a name or a pattern in quotes, such as "web*"'),
    "last": (_count, "a whole number from 1 on, such as 10"),
    "days": (_number, "a number above 0, such as 30"),
    "all": (_switch, "true or false, without quotes"),
    "budget": (_bytes, 'a size above 0 with its unit, such as "20 GB" or "1.5 GiB", or a number of bytes'),
    "grace": (_duration, 'a time with its unit in quotes, such as "24h", "30m" or "7d"'),
}


def _quoted(name: str) -> str:
    return f'"{printable(name, 80)}"'


def _where(text: str, place: Place) -> str:
    """The line where something stands; its table where the line cannot be said."""
    line = _line_of(text, place)
    if line is not None:
        return f"line {line}"
    return f"in [[keep]] number {place[1] + 1}" if isinstance(place[1], int) else f"in [{place[0]}]"


def _line_of(text: str, place: Place) -> int | None:
    """The line, from 1, on which what stands at a place begins; None where that cannot be said.

    A document that is cut between two lines, and closed, says itself whether the place is in it: so names
    and strings are read by TOML's rules, whatever way they are written in.
    """
    lines = text.split("\n")

    def cut(count: int) -> tuple[int, bool]:
        """How many of the first `count` lines can be read, and whether the place is in them."""
        for end in range(count, 0, -1):
            for closing in _CLOSINGS:
                document = _read_or_none("\n".join(lines[:end]) + closing)
                if document is not None:
                    return end, _holds(document, place)
        return 0, False

    end = bisect_left(range(len(lines)), True, key=lambda count: cut(count)[1])
    begin = cut(end - 1)[0] + 1
    # What spans lines begins with its name; what stands within it may be on any of them.
    return begin if begin == end or len(place) == 1 else None


def _holds(document: object, place: Place) -> bool:
    found: Any = document
    try:
        for step in place:
            found = found[step]
    except (KeyError, IndexError):
        return False
    return True


def _syntax_fault(text: str, error: Exception) -> str:
    """Line and cause of what is no TOML; what has no end is to be found where it begins."""
    known = _SYNTAX.fullmatch(str(error))
    line = int(known[2]) if known and known[2] else _unreadable_line(text)
    return f"line {line}: {known[1] if known else 'this value is too long, or nested too deeply'}"


def _unreadable_line(text: str) -> int:
    """The line on which the first statement begins that cannot be read by itself."""
    lines, begin = text.split("\n"), 0
    for end in range(1, len(lines) + 1):
        if _read_or_none("\n".join(lines[begin:end])) is not None:
            begin = end
    return begin + 1


def _read_or_none(text: str) -> dict[str, Any] | None:
    try:
        return _read(text)
    except (ValueError, RecursionError):
        return None


def _read(text: str) -> dict[str, Any]:
    import tomllib  # 2 ms that a start without settings need not pay

    return tomllib.loads(text)
