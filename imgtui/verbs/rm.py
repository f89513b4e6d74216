"""`imgtui rm`: the plan of a removal, a question, then exactly the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from imgtui.engine.port.engine import Engine
from imgtui.model.catalog.availability import whereabouts
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.digest import short
from imgtui.model.core.reference import InvalidReference, Reference
from imgtui.model.plans.lookup import find_image
from imgtui.model.plans.plan import NothingToDo, NotPossible
from imgtui.model.removal.build_cache import CacheRemoval
from imgtui.model.removal.bytes import Freed
from imgtui.model.removal.plan import Doomed, LeftOut, NothingToRemove, Removal
from imgtui.model.removal.selection import Bulk, BulkSelection, read_amount
from imgtui.operations.removal.execute import Removed, Removing
from imgtui.operations.removal.planning import RemovalPlans
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.cached.cache import Cache
from imgtui.verbs.console.asking import Manner, agreed, unwritten
from imgtui.verbs.console.looking import look_to_act
from imgtui.verbs.console.output import Exit, aside, print_error, print_json, put
from imgtui.verbs.console.underway import progress_line, stoppable
from imgtui.verbs.moves import describe
from imgtui.words import at_least, size

BUILD_CACHE: Final = "build-cache"
NOTHING_CACHED: Final = {
    "records": 0,
    "shared_bytes": 0,
    "freed_bytes": 0,
    "commands": (),
    "notes": (),
    "risks": (),
}
"""A plan for a build cache that holds nothing."""


@dataclass(frozen=True, slots=True)
class RmArguments:
    """The words of a call."""

    names: tuple[str, ...] = ()
    """Digests; repositories where `bulk` is given."""
    bulk: str = ""
    """A `Bulk`, or `build-cache`."""
    amount: str = ""
    """What was given with it."""


def run(engine: Engine, cache: Cache, recorder: Recorder, wanted: RmArguments, manner: Manner) -> Exit:
    """Plan it, ask, do it. Raises EngineError."""
    catalog = look_to_act(engine, recorder, plan_only=manner.plan_only).catalog
    planning = RemovalPlans(engine, recorder, cache)
    removing = Removing(engine, recorder)
    try:
        if wanted.bulk == BUILD_CACHE:
            cache_plan = planning.plan_cache()
            return _free_cache(cache_plan, removing, manner, unwritten(recorder))
        plan = _plan(planning, catalog, wanted)
        return _remove(plan, catalog, removing, manner, unwritten(recorder))
    except NothingToDo as nothing:
        return _say_nothing_to_do(nothing, catalog, manner)
    except NotPossible as error:
        print_error(str(error))
        return Exit.FAILED


def _plan(planning: RemovalPlans, catalog: Catalog, wanted: RmArguments) -> Removal:
    if not wanted.bulk:
        return planning.plan(catalog, [_image(catalog, name) for name in wanted.names])
    bulk = Bulk(wanted.bulk)
    repositories = tuple(_repository(catalog, name) for name in wanted.names)
    return planning.plan_bulk(catalog, BulkSelection(bulk, read_amount(bulk, wanted.amount), repositories))


def _remove(
    plan: Removal, catalog: Catalog, removing: Removing, manner: Manner, also: tuple[str, ...]
) -> Exit:
    if not _wanted(
        plan, [*_lines(plan), *_risks(also)], manner, {**describe_removal(plan), **_all(plan, also)}
    ):
        return Exit.DONE
    with stoppable() as stop, progress_line() as tell:
        done = removing.perform(plan, tell, stop)
    if manner.as_json:
        print_json({**describe_removed(done, catalog), **_all(plan, also)})
    elif done.whole:
        put(f"{done.words}\n")
    if done.whole:
        return Exit.DONE
    print_error(done.words)
    return Exit.FAILED


def _free_cache(plan: CacheRemoval, removing: Removing, manner: Manner, also: tuple[str, ...]) -> Exit:
    document: dict[str, object] = {
        "title": plan.title,
        "records": plan.cache.records,
        "shared_bytes": plan.cache.shared,
        "freed_bytes": plan.cache.size,
        **_rest(plan),
        **_all(plan, also),
    }
    shared = f", of which images hold {size(plan.cache.shared)} too" if plan.cache.shared else ""
    lines = [f"  frees {size(plan.cache.size)}{shared}", *_notes(plan), *_risks(also)]
    if not _wanted(plan, lines, manner, document):
        return Exit.DONE
    freed = removing.free_cache(plan)
    if manner.as_json:
        print_json({**document, "freed_bytes": freed, "done": True})
    else:
        put(f"{size(freed)} of the build cache freed\n")
    return Exit.DONE


def _say_nothing_to_do(nothing: NothingToDo, catalog: Catalog, manner: Manner) -> Exit:
    """The plan is empty, and done as it is."""
    if not manner.as_json:
        put(f"{nothing}\n")
    elif not isinstance(nothing, NothingToRemove):
        print_json({"title": str(nothing), **NOTHING_CACHED, **({} if manner.plan_only else {"done": True})})
    elif manner.plan_only:
        print_json(describe_removal(nothing.plan))
    else:
        print_json(describe_removed(Removed(nothing.plan, ()), catalog))
    return Exit.DONE


def _wanted(
    plan: Removal | CacheRemoval, lines: Sequence[str], manner: Manner, document: Mapping[str, object]
) -> bool:
    """Print the plan and ask; whether it is to be done. Raises NotPossible where the answer is no."""
    if manner.plan_only and manner.as_json:
        print_json(document)
        return False
    if not (manner.as_json and manner.yes):
        text = "".join(f"{line}\n" for line in (plan.title, *lines))
        if manner.as_json:
            aside(text)
        else:
            put(text, now=True)
    if manner.plan_only:
        return False
    if not manner.yes and not agreed(plan):
        raise NotPossible("nothing was done")
    return True


def _lines(plan: Removal) -> list[str]:
    lines = [f"  frees {at_least(*plan.freed)}"]
    lines += [f"  {short(image.image_id)}  {image.words}" for image in plan.images]
    lines += [f"  left out: {short(left.image_id)}  {left.words}" for left in plan.left_out]
    return [*lines, *_notes(plan)]


def _notes(plan: Removal | CacheRemoval) -> list[str]:
    lines = [f"  {command}" for command in plan.commands]
    lines += [f"  note: {note}" for note in plan.notes]
    return [*lines, *_risks(plan.risks)]


def _risks(risks: Sequence[str]) -> list[str]:
    return [f"  RISK: {risk}" for risk in risks]


def _all(plan: Removal | CacheRemoval, also: tuple[str, ...]) -> dict[str, object]:
    """The risks of a plan, with those that it has `also`."""
    return {"risks": [*plan.risks, *also]}


def describe_removal(plan: Removal) -> dict[str, object]:
    """The JSON object of a plan: full digests, bytes; lists are never null."""
    return {
        "title": plan.title,
        "images": [_describe(image) for image in plan.images],
        "left_out": [_describe_left(left) for left in plan.left_out],
        "unrestorable": _entries(plan.entries),
        **_bytes(plan.freed),
        **_rest(plan),
    }


def describe_removed(done: Removed, catalog: Catalog) -> dict[str, object]:
    """The JSON object of what was done; `freed_bytes` are those of what is gone."""
    here = catalog.without_images(done.gone)
    where = whereabouts(here, done.moves)
    return {
        **describe_removal(done.removal),
        **_bytes(done.freed),
        "done": done.whole,
        "removed": list(done.gone),
        "stayed": [{"id": stayed.image_id, "reason": stayed.reason} for stayed in done.stayed],
        "stopped": done.stopped,
        "moves": [describe(move, where) for move in done.moves],
    }


def _describe(image: Doomed) -> dict[str, object]:
    return {
        "id": image.image_id,
        "tags": list(image.tags),
        "former_tags": list(image.former),
        "kept": bool(image.keeps),
        "containers": [],
        "pull": image.pull,
        "unrestorable": _entries(image.entries),
        "intermediate": image.intermediate,
    }


def _describe_left(left: LeftOut) -> dict[str, object]:
    return {
        "id": left.image_id,
        "tags": list(left.tags),
        "former_tags": list(left.former),
        "reason": left.reason,
        "containers": list(left.containers),
    }


def _entries(entries: Mapping[str, int]) -> list[dict[str, object]]:
    return [{"ref": tag, "entries": count} for tag, count in entries.items()]


def _bytes(freed: Freed) -> dict[str, object]:
    return {"freed_bytes": freed.certain, "freed_bytes_about": freed.about}


def _rest(plan: Removal | CacheRemoval) -> dict[str, object]:
    return {"commands": list(plan.commands), "notes": list(plan.notes), "risks": list(plan.risks)}


def _image(catalog: Catalog, text: str) -> str:
    """The image that is named. A tag is refused: it may point elsewhere by now, and the image has others."""
    found = find_image(catalog, text)
    try:
        reference = Reference.parse(text)
    except InvalidReference:
        return found.image_id
    if reference.digest is None and catalog.tags.get(reference.resolved().familiar) == found.image_id:
        raise NotPossible(
            f"{text} is a tag: imgtui untag takes it away, imgtui rm {short(found.image_id)} its version"
        )
    return found.image_id


def _repository(catalog: Catalog, text: str) -> str:
    try:
        name = Reference.parse(text).familiar_name
    except InvalidReference as error:
        raise NotPossible(str(error)) from None
    if name not in catalog.repositories:
        raise NotPossible(f"there is no repository {name} here: imgtui ls shows what there is")
    return name
