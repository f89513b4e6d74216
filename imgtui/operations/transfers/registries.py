"""Pulls and pushes, told while they go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError
from imgtui.engine.port.registry import UnderWay
from imgtui.model.core.digest import short
from imgtui.model.core.reference import Reference
from imgtui.model.jobs.job import JobBar
from imgtui.model.jobs.plans import PullPlan, PushPlan
from imgtui.model.jobs.progress import Transfer, TransferStage
from imgtui.operations.acts.acts import PlanOutdated
from imgtui.operations.tasks.following import follow
from imgtui.operations.tasks.jobs import Task
from imgtui.words import plural, size

_ASKED: Final = "the registry is asked"


def pull(engine: Engine, plan: PullPlan, task: Task, proved: Callable[[str, str], None]) -> str:
    """Pull; what became of it. Raises Stopped, EngineError.

    `proved` hears which image is pulled by a `repository@digest`.
    """
    transfer = _transferred(lambda: engine.pull(plan.reference), task)
    found = engine.image(plan.reference)
    if found is None:
        raise EngineError(f"the engine took it, but {plan.reference} is not here")
    if Reference.parse(plan.reference).digest is not None:
        proved(found.id, plan.reference)
    here = short(found.id)
    came = f"{here}, {_amount(transfer)}"
    if not plan.origins:
        return came
    origin = plan.origins.get(plan.reference)
    if found.id == origin:
        return f"{plan.reference} is up to date: {here}"
    return f"{short(origin) if origin else 'nothing'} -> {came}"


def push(engine: Engine, plan: PushPlan, task: Task, check: Callable[[], None]) -> str:
    """Push; the name that it has in the registry. `check` is whether the tag points where the plan says.

    An engine is asked to push a tag: it is looked at before and after. Raises Stopped, EngineError.
    """
    transfer = _transferred(lambda: engine.push(plan.tag), task)
    name = f"{Reference.parse(plan.tag).familiar_name}@{transfer.digest}" if transfer.digest else plan.tag
    task.write(f"pushed {name}")
    try:
        check()
    except PlanOutdated as moved:
        raise PlanOutdated(f"pushed {name}, which may not be what was planned: {moved}") from moved
    return name


def _transferred(begin: Callable[[], UnderWay[Transfer]], task: Task) -> Transfer:
    """Follow to the end, and tell it. Raises Stopped, EngineError."""
    known = Transfer()
    task.say(_ASKED)
    for news in follow(begin, task.stop):
        if news is not None:
            for line in _changes(known, news):
                task.write(line)
            known = news
        task.say(_amount(known) if known.layers else _ASKED, _bars(known))
    return known


def _bars(transfer: Transfer) -> tuple[JobBar, ...]:
    return tuple(
        JobBar(name, layer.stage.value, layer.done, layer.total) for name, layer in transfer.layers.items()
    )


def _amount(transfer: Transfer) -> str:
    """`12.3 MB of 31.2 MB, 3 of 7 layers`; only those bytes that the engine has told."""
    layers = plural(len(transfer.layers), "layer")
    over = transfer.layers_done == len(transfer.layers)
    if not over:
        layers = f"{transfer.layers_done} of {layers}"
    if not all(layer.total for layer in transfer.layers.values()):
        return layers if over or not transfer.done else f"{size(transfer.done)}, {layers}"
    done = "" if transfer.done == transfer.total else f"{size(transfer.done)} of "
    return f"{done}{size(transfer.total)}, {layers}"


def _changes(before: Transfer, after: Transfer) -> Iterator[str]:
    """What the log says of the layers that are in another stage now."""
    for name, layer in after.layers.items():
        known = before.layers.get(name)
        if known is None or known.stage is not layer.stage:
            counted = f", {size(layer.total)}" if layer.total and layer.stage is TransferStage.DONE else ""
            yield f"{name}: {layer.stage.value}{counted}"
