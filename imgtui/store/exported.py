"""A tag log as JSON lines: all that another machine, or a new state file, needs to have it again.

    {"imgtui_log": 1, "engine": "…", "name": "web-01"}
    {"image": {"id": "sha256:…", "created": 1764000000, "size": 31200000, "repo_digests": [], "pulls": []}}
    {"move": {"number": 1, "ref": "web:latest", "from": null, "to": "sha256:…", "at_ns": 1764…, …}}

The header is first; moves stand in the order in which they were recorded. Times of moves are nanoseconds
since the epoch, that of an image's creation is in seconds. What is read is checked whole, and text in it made
sure to be one that an engine may give.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from imgtui.model.core.digest import is_digest
from imgtui.model.core.image import Image
from imgtui.model.core.printable import printable, safe_for_terminal
from imgtui.model.core.reference import repository_of, split_tagged
from imgtui.model.taglog.moves import IMGTUI, OUTSIDE, Cause, Move, Provenance
from imgtui.store.rows import LATEST, LATEST_SECOND

VERSION: Final = 1
_LONGEST: Final = 1024


class WrongLine(ValueError):
    """A line that is not what an export has; the message is one line, safe for a terminal."""

    def __init__(self, number: int, cause: str) -> None:
        super().__init__(f"line {number}: {printable(cause, 200)}")


@dataclass(frozen=True, slots=True)
class ExportedLog:
    """A log, as it was exported."""

    engine: str
    """ID of the engine whose log it is."""
    name: str
    moves: tuple[Move, ...]
    """In the order in which they were recorded."""
    images: tuple[Image, ...] = ()
    """What was remembered of images that had a tag."""
    pulls: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By image ID each `repository@digest` that was proved by a push or a pull, the latest first."""


def write(log: ExportedLog) -> Iterator[str]:
    """The lines, each with its line feed."""
    yield _line({"imgtui_log": VERSION, "engine": log.engine, "name": log.name})
    for image in log.images:
        fields = {"id": image.id, "created": image.created, "size": image.size}
        names = {"repo_digests": image.repo_digests, "pulls": log.pulls.get(image.id, ())}
        yield _line({"image": {**fields, **names}})
    for move in log.moves:
        yield _line({"move": _move_fields(move)})


def read(lines: Iterable[bytes]) -> ExportedLog:
    """What `write` wrote. Raises WrongLine at the first line that is anything else."""
    header: Mapping[str, Any] | None = None
    moves: dict[int, Move] = {}
    images: list[Image] = []
    pulls: dict[str, tuple[str, ...]] = {}
    number = 0
    for number, line in enumerate(lines, 1):
        if header is not None and not line.strip():
            continue
        try:
            document = _object(json.loads(line))
            if header is None:
                header = _header(document)
            elif "image" in document:
                fields = _object(document["image"])
                images.append(_image(fields))
                if proved := _names(fields, "pulls"):
                    pulls[images[-1].id] = proved
            else:
                move = _move(_object(document.get("move")))
                _need(move.number not in moves, f"there are two moves of number {move.number}")
                moves[move.number] = move
        except _Unusable as error:
            raise WrongLine(number, str(error)) from None
        except (ValueError, RecursionError):
            raise WrongLine(number, "it is no JSON") from None
    if header is None:
        raise WrongLine(number or 1, "there is no log: imgtui log --export writes one")
    return ExportedLog(header["engine"], header["name"], tuple(moves.values()), tuple(images), pulls)


class _Unusable(Exception):
    """What is wrong with a line."""


def _line(document: Mapping[str, object]) -> str:
    return json.dumps(document) + "\n"


def _move_fields(move: Move) -> Mapping[str, object]:
    return {
        "number": move.number,
        "ref": move.reference,
        "from": move.origin,
        "to": move.target,
        "at_ns": move.at,
        "not_before_ns": move.not_before,
        "cause": move.cause.value,
        "known": move.known.value,
        "source": move.source,
        "actor": move.actor,
        "undoes": move.undoes,
    }


def _header(document: Mapping[str, Any]) -> Mapping[str, Any]:
    version = document.get("imgtui_log")
    _need(isinstance(version, int), "it is not the head of an exported log, which has imgtui_log")
    _need(version == VERSION, f"this log has format {version}, and this imgtui reads format {VERSION}")
    return {"engine": _text(document, "engine"), "name": _text(document, "name")}


def _image(fields: Mapping[str, Any]) -> Image:
    digests = _names(fields, "repo_digests")
    image_id = _digest(fields, "id")
    _need(image_id is not None, "id is missing")
    created, size = _whole(fields, "created"), _whole(fields, "size")
    _need(
        created is None or created <= LATEST_SECOND,
        "created must be a time before the year 10000, in seconds",
    )
    return Image(image_id or "", (), digests, created or 0, size or 0)


def _names(fields: Mapping[str, Any], field: str) -> tuple[str, ...]:
    """Each `repository@digest`; none where the field is missing, as in what earlier versions wrote."""
    names = fields.get(field, [])
    usable = isinstance(names, list) and all(
        isinstance(name, str) and "@" in name and repository_of(name) for name in names
    )
    _need(usable, f"{field} must be a list of names with digests")
    return tuple(names)


def _move(fields: Mapping[str, Any]) -> Move:
    reference = _text(fields, "ref")
    parts = split_tagged(reference)
    _need(parts is not None and f"{parts[0]}:{parts[1]}" == reference, f"ref is no tag: {reference}")
    origin, target = _digest(fields, "from"), _digest(fields, "to")
    _need(origin is not None or target is not None, "one of from and to must be a digest")
    number, at = _whole(fields, "number", negative=True), _whole(fields, "at_ns")
    _need(number is not None and at is not None, "number and at_ns must be whole numbers")
    not_before = _whole(fields, "not_before_ns")
    _need(not_before is None or not_before <= (at or 0), "not_before_ns must not be after at_ns")
    actor = _text(fields, "actor")
    _need(actor in {IMGTUI, OUTSIDE}, f"actor must be {IMGTUI} or {OUTSIDE}")
    try:
        cause, known = Cause(_text(fields, "cause")), Provenance(_text(fields, "known"))
        _need(known is not Provenance.UNREAD, "a move that is not understood is not imported")
    except ValueError as error:
        raise _Unusable(
            f"it has a cause or a kind of knowledge that this imgtui does not know: {error}"
        ) from None
    undoes = _whole(fields, "undoes", negative=True)
    source = _text(fields, "source")
    return Move(
        reference, origin, target, at or 0, not_before, cause, known, source, actor, number or 0, undoes
    )


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _Unusable("it is no JSON object that has an image or a move")
    return value


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or len(value) > _LONGEST or not safe_for_terminal(value):
        raise _Unusable(f"{name} must be a text in one line")
    return value


def _digest(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    _need(value is None or (isinstance(value, str) and is_digest(value)), f"{name} must be a digest or null")
    return value


def _whole(fields: Mapping[str, Any], name: str, *, negative: bool = False) -> int | None:
    value = fields.get(name)
    whole = isinstance(value, int) and not isinstance(value, bool)
    least = -LATEST if negative else 0
    _need(value is None or (whole and least <= value <= LATEST), f"{name} must be a whole number or null")
    return value


def _need(holds: bool, cause: str) -> None:
    if not holds:
        raise _Unusable(cause)
