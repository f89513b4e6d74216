"""`imgtui drift`: containers whose tag points at another image by now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from imgtui.engine.port.engine import Engine
from imgtui.model.catalog.availability import Whereabouts, whereabouts_of
from imgtui.model.catalog.drift import Drift, Standing, drifts, untold_words
from imgtui.model.catalog.registry_tag import RemoteTag, TagComparison, compare, references
from imgtui.model.core.digest import short
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.scan import Look
from imgtui.operations.transfers.registry_tags import remote_tags
from imgtui.verbs.console.looking import look
from imgtui.verbs.console.output import Exit, print_error, print_json, print_table, put
from imgtui.verbs.moves import NOTHING, rfc3339, when
from imgtui.words import plural

TITLES = ("CONTAINER", "RUNS", "CREATED FROM", "TAG NOW", "SINCE", "BEHIND", "WHAT RUNS IS")


@dataclass(frozen=True, slots=True)
class DriftRow:
    """A container with all that is known of its drift."""

    drift: Drift
    place: Whereabouts
    """What has become of the image that it runs."""
    registry: TagComparison | None
    """None where the registry was not asked."""

    @property
    def drifted(self) -> bool:
        """Whether its tag points at something else, here or in the registry."""
        return self.drift.drifted or (self.registry is not None and self.registry.moved)


def run(engine: Engine, recorder: Recorder, *, registry: bool, as_json: bool) -> Exit:
    """Look, and print the containers; with `registry` ask the registries too. Raises EngineError."""
    seen = look(engine, recorder)
    log = recorder.log
    moves = (None if log is None else recorder.guarded(log.moves)) or []
    found = drifts(seen.catalog, moves)
    answers = {tag.reference: tag for tag in remote_tags(engine, references(found))} if registry else {}
    rows = _rows(seen, found, answers)
    if as_json:
        print_json([describe(row) for row in rows])
    else:
        _print(rows, registry=registry)
    failed = [tag for tag in answers.values() if tag.error and not tag.refused]
    for tag in failed:
        print_error(f"{tag.reference} could not be asked for: {tag.error}")
    untold = untold_words(seen.catalog.containers.values())
    for line in untold:
        print_error(line)
    if any(row.drifted for row in rows):
        return Exit.FOUND
    return Exit.FAILED if failed or untold else Exit.DONE


def describe(row: DriftRow) -> dict[str, object]:
    """The JSON object of a container: full digests, RFC 3339 times in UTC, null for what is not known."""
    drift, container, left = row.drift, row.drift.container, row.drift.left
    return {
        "container": container.name,
        "id": container.id,
        "state": container.state,
        "compose_project": container.compose_project,
        "compose_service": container.compose_service,
        "image": container.image_id,
        "image_now": row.place.now.value,
        "image_pull": row.place.pull,
        "created_from": container.created_from,
        "pinned": container.pinned,
        "tag_now": drift.tag_now,
        "drift": drift.drifted,
        "standing": drift.standing.value,
        "since": None if left is None else rfc3339(left.at),
        "not_before": rfc3339(left.not_before) if left is not None and left.not_before else None,
        "exact": None if left is None else left.not_before is None,
        "behind": drift.behind,
        "registry": None if row.registry is None else _describe_registry(row.registry),
    }


def _describe_registry(found: TagComparison) -> dict[str, object]:
    return {
        "digest": found.remote.digest,
        "platforms": list(found.remote.platforms),
        "is_image": found.runs_it,
        "is_tag_now": found.tag_is_it,
        "error": found.remote.error or None,
    }


def _rows(seen: Look, found: Iterable[Drift], answers: Mapping[str, RemoteTag]) -> list[DriftRow]:
    rows = []
    for drift in found:
        place = whereabouts_of(seen.catalog, drift.container.image_id)
        answer = answers.get(drift.container.created_from or "")
        rows.append(DriftRow(drift, place, None if answer is None else compare(drift, seen.catalog, answer)))
    return rows


def _print(rows: Sequence[DriftRow], *, registry: bool) -> None:
    """The containers that drift, and how many others there are."""
    drifting = [row for row in rows if row.drifted]
    others = Counter(row.drift.standing for row in rows if not row.drifted)
    counted = ", ".join(f"{others[standing]} {standing.words}" for standing in Standing if others[standing])
    if drifting:
        titles = (*TITLES, "REGISTRY") if registry else TITLES
        print_table(titles, [_cells(row)[: len(titles)] for row in drifting])
        if others:
            put(f"{plural(others.total(), 'other container')}: {counted}\n")
    else:
        put(f"no container drifts: {counted}\n" if others else "no container drifts: there is none\n")


def _cells(row: DriftRow) -> tuple[str, ...]:
    drift, container = row.drift, row.drift.container
    return (
        container.name,
        short(container.image_id),
        container.created_from or NOTHING,
        short(drift.tag_now) if drift.tag_now else NOTHING,
        when(drift.left) if drift.left is not None else _unknown(drift),
        "?" if drift.behind is None else str(drift.behind),
        row.place.words,
        "" if row.registry is None else _says(row.registry),
    )


def _says(found: TagComparison) -> str:
    """Why nothing is known would be longer than the rest of the line: failures are said after the table."""
    return found.word if found.remote.digest is None else found.words


def _unknown(drift: Drift) -> str:
    return NOTHING if drift.behind == 0 else "before the log begins"
