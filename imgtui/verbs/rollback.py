"""`imgtui rollback`: a tag, or a container, uses an earlier digest again."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import Unavailable
from imgtui.model.acts.steps import lines_of
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.containers.compose import Override
from imgtui.model.containers.replicas import replicas_of, service_named, service_of_all
from imgtui.model.containers.rollback import (
    Earlier,
    Rollback,
    drifting_with,
    earlier_of_container,
    earlier_of_tag,
)
from imgtui.model.core.digest import short
from imgtui.model.core.image import Container
from imgtui.model.core.reference import InvalidReference, Reference
from imgtui.model.plans.lookup import find_container, find_image
from imgtui.model.plans.plan import NotPossible, Plan
from imgtui.model.taglog.moves import Move
from imgtui.operations.acts.acts import Acts
from imgtui.operations.containers.compose_file import NotWritten, write_override
from imgtui.operations.containers.replacing import SETTLING_SECONDS, Watch
from imgtui.operations.containers.rollback import Rollbacks
from imgtui.operations.containers.rollback_plan import plan_rollback
from imgtui.operations.recovery.interrupted import Interruptions
from imgtui.operations.taglog.recording import Recorder
from imgtui.verbs.acts import describe_plan, describe_steps
from imgtui.verbs.console.asking import Manner, agreed, agreed_to, print_plan, unwritten
from imgtui.verbs.console.looking import look_to_act
from imgtui.verbs.console.output import Exit, aside, print_error, print_json, put
from imgtui.verbs.console.underway import perform, stoppable


@dataclass(frozen=True, slots=True)
class RollbackArguments:
    """The words of a call."""

    name: str | None
    """A tag or a container; None to take up what was interrupted, or to give it up."""
    to: str | None = None
    """The digest; else the one before."""
    with_containers: tuple[str, ...] = ()
    """Containers that go with a tag."""
    with_all: bool = False
    """Every container that drifts from the tag goes with it."""
    all_replicas: bool = False
    """The other replicas of a container's service go with it."""
    no_dependents: bool = False
    """It is refused where containers that share a namespace would have to be recreated too."""
    give_up: bool = False
    """What was interrupted is given up."""
    pin: bool = False
    """The Compose files that pin the digest are written."""
    settle: float | None = None
    """Seconds that a container without a health check has to run; None for imgtui's own."""
    allow_restarts: int | None = None
    """Restarts that are no failure; None for as many as the container before had, of a few."""
    health: bool = True
    """Whether health checks count."""

    def watch(self, stop: threading.Event | None = None) -> Watch:
        """How new containers are watched; `stop` is set where somebody wants it stopped."""
        settle = SETTLING_SECONDS if self.settle is None else self.settle
        return Watch(settle, stop, self.allow_restarts, self.health)


def run(engine: Engine, recorder: Recorder, wanted: RollbackArguments, manner: Manner) -> Exit:
    """Plan it, ask, do it. Raises EngineError."""
    settled: list[str] = []
    seen = look_to_act(engine, recorder, plan_only=manner.plan_only, tell=settled.append)
    for line in settled:
        if wanted.name is None:
            put(f"{line}\n", now=True)
        else:
            print_error(line)
    call = Call(engine, recorder, seen.catalog, manner, wanted)
    try:
        if wanted.give_up:
            return call.give_up()
        return call.take_up(settled=bool(settled)) if wanted.name is None else call.roll_back(wanted.name)
    except NotPossible as error:
        print_error(str(error))
        return Exit.FAILED


class Call:
    """One call on one engine."""

    def __init__(
        self, engine: Engine, recorder: Recorder, catalog: Catalog, manner: Manner, wanted: RollbackArguments
    ) -> None:
        self._engine = engine
        self._recorder = recorder
        self._catalog = catalog
        self._manner = manner
        self._wanted = wanted
        self._acts = Acts(engine, recorder)
        self._rollbacks = Rollbacks(engine, recorder, self._acts)
        self._passed: tuple[str, ...] = ()
        """Notes on digests that are passed over, as they are gone."""
        self._interrupted = Interruptions(engine, recorder)

    def roll_back(self, name: str) -> Exit:
        """A container, else a tag. Raises NotPossible, EngineError."""
        if not self._manner.plan_only:
            self._rollbacks.refuse_beside_another()
        return self.propose(self._plan(name))

    def propose(self, plan: Plan | Rollback) -> Exit:
        """Show it, ask, do it. Raises NotPossible, EngineError."""
        manner = self._manner
        risks = unwritten(self._recorder) if isinstance(plan, Plan) else ()  # a Rollback has it among its own
        if not manner.as_json or not (manner.yes or manner.plan_only):
            print_plan(plan, lines_of(plan), beside=manner.as_json, also=risks)
        overrides = plan.overrides if isinstance(plan, Rollback) else ()
        for made in overrides if not self._wanted.pin else ():
            _tell(f"  --pin writes {made.path}, which pins the digest; then: {made.command}")
        if manner.plan_only:
            self._print(plan, None, risks)
            return Exit.DONE
        if not manner.yes and not agreed(plan):
            raise NotPossible("nothing was done")
        said = self._do(plan)
        self._print(plan, said, risks)
        return self._pin(overrides) if self._wanted.pin else Exit.DONE

    def take_up(self, *, settled: bool = False) -> Exit:
        """Finish or reverse what was interrupted. Raises EngineError.

        `settled` is whether something else was interrupted, and is put right already.
        """
        pending = self._interrupted.pending()
        unread = self._interrupted.not_understood
        for name in unread:
            print_error(f"{name} in the state file is not understood: nothing is done about that act")
        if not pending and not unread and not settled:
            put("nothing was interrupted\n")
        for each in pending:
            print_plan(each, each.steps, beside=self._manner.as_json)
            if self._manner.plan_only:
                continue
            if not self._manner.yes and not agreed(each):
                raise NotPossible("nothing was done")
            with stoppable() as stop:
                put(f"{self._interrupted.take_up(each, _tell, self._wanted.watch(stop))}\n")
        return Exit.FAILED if unread else Exit.DONE

    def give_up(self) -> Exit:
        """Abandon what was interrupted. Raises EngineError."""
        if self._manner.plan_only:
            return self.take_up()
        for each in (pending := self._interrupted.pending()):
            put(f"{each.words}\n", now=True)
        if pending and not self._manner.yes and not agreed_to("give up, and leave all as it is? [y/N] "):
            raise NotPossible("nothing was given up")
        given_up = self._interrupted.give_up()
        for title in given_up:
            put(f"{title}: given up; nothing was done, look at its containers\n")
        if not given_up:
            put("nothing was interrupted\n")
        return Exit.DONE

    def _plan(self, name: str) -> Plan | Rollback:
        container = find_container(self._catalog.containers.values(), name)
        if container is not None:
            target = self._target_of(container)
            return self._rollback(self._with_replicas(container, target), target, None)
        if service := service_named(self._catalog, name):
            if (tag := f"{name}:latest") in self._catalog.tags:
                raise NotPossible(
                    f"{name} is a service of Compose and a tag: say {tag} for the tag, or"
                    f" {service[0].name} --all-replicas for the service"
                )
            if self._wanted.to is None and len({each.image_id for each in service}) > 1:
                runs = ", ".join(f"{each.name} {short(each.image_id)}" for each in service)
                raise NotPossible(f"the containers of {name} run different images: say which, --to ({runs})")
            target = self._target_of(service[0])
            return self._rollback(_not_yet_on(target, service), target, None)
        tag = _tag(name)
        to = self._wanted.to
        if tag not in self._catalog.tags:
            new = f": imgtui tag {to} {name} makes a new tag" if to is not None else ""
            raise NotPossible(f"there is neither a container {name} nor a tag {tag}{new}")
        target = self._image(to) if to else self._default(earlier_of_tag(self._catalog, self._moves(), tag))
        drifting = drifting_with(self._catalog, tag, target)
        if self._wanted.with_all:
            chosen = [each.id for each in drifting if each.running]
        else:
            chosen = [self._named(each, drifting, tag).id for each in self._wanted.with_containers]
        return self._rollback(tuple(chosen), target, tag)

    def _with_replicas(self, container: Container, target: str) -> tuple[str, ...]:
        """The container; with the other replicas of its service where that is wanted."""
        service = replicas_of(self._catalog, container)
        others = [each for each in service if each.id != container.id and each.image_id != target]
        if not others:
            return (container.id,)
        named = ", ".join(each.name for each in others)
        name = service_of_all(service)
        if self._wanted.all_replicas or self._agrees(
            f"{container.name} is one of {len(service)} replicas of {name}: roll {named} back too? [y/N] "
        ):
            return _not_yet_on(target, service)
        _tell(f"{named} of {name} stay as they are: --all-replicas takes them along")
        return (container.id,)

    def _agrees(self, question: str) -> bool:
        """Ask where somebody can answer."""
        manner = self._manner
        return not (manner.yes or manner.plan_only) and sys.stdin.isatty() and agreed_to(question)

    def _rollback(self, container_ids: Sequence[str], target: str, tag: str | None) -> Plan | Rollback:
        plan = plan_rollback(
            self._engine,
            self._recorder,
            self._catalog,
            container_ids,
            target,
            tag,
            no_dependents=self._wanted.no_dependents,
            watch=self._wanted.watch(),
        )
        return replace(plan, notes=(*self._passed, *plan.notes))

    def _target_of(self, container: Container) -> str:
        if self._wanted.to:
            return self._image(self._wanted.to)
        return self._default(earlier_of_container(self._catalog, self._moves(), container))

    def _default(self, earlier: Earlier) -> str:
        """The digest that nobody has said; what is passed over for it is told."""
        self._passed = earlier.notes
        return earlier.image_id

    def _image(self, text: str) -> str:
        return find_image(self._catalog, text).image_id

    def _named(self, name: str, drifting: Sequence[Container], tag: str) -> Container:
        found = find_container(drifting, name)
        if found is None:
            raise NotPossible(
                f"{name} is not a container that was created from {tag} and runs another digest"
            )
        return found

    def _moves(self) -> Sequence[Move]:
        log = self._recorder.log
        moves = None if log is None else self._recorder.guarded(log.moves)
        if moves is None:
            raise NotPossible("without a tag log the digest before is not known: say which, --to DIGEST")
        return moves

    def _do(self, plan: Plan | Rollback) -> str:
        if isinstance(plan, Plan):
            perform(self._acts, plan)
            return "done"
        try:
            with stoppable() as stop:
                return self._rollbacks.perform(plan, _tell, self._wanted.watch(stop))
        except Unavailable:
            print_error("imgtui rollback --unfinished takes up what was begun, when the engine is back")
            raise

    def _pin(self, overrides: Sequence[Override]) -> Exit:
        status = Exit.DONE
        for made in overrides:
            try:
                write_override(made)
            except NotWritten as error:
                print_error(str(error))
                status = Exit.FAILED
            else:
                _tell(f"{made.path} is written; then: {made.command}")
        return status

    def _print(self, plan: Plan | Rollback, said: str | None, risks: tuple[str, ...]) -> None:
        if self._manner.as_json:
            document = describe_plan(plan, risks) if isinstance(plan, Plan) else describe_rollback(plan)
            print_json(document if said is None else {**document, "done": True, "said": said})
        elif said is not None:
            put(f"{said}\n")


def describe_rollback(plan: Rollback) -> dict[str, object]:
    """The JSON object of a roll back: as that of a plan, with its containers."""
    parts = (part for part in (plan.keeping, plan.tag) if part is not None)
    steps = [step for part in parts for step in describe_steps(part)]
    return {
        "title": plan.title,
        "steps": steps,
        "containers": [
            {
                "name": each.name,
                "id": each.container_id,
                "from": each.origin,
                "to": each.target,
                "running": each.running,
                "retired_name": None if each.discards else each.retired,
                "commands": list(each.commands),
            }
            for each in plan.containers
        ],
        "changes": list(plan.changes),
        "notes": list(plan.notes),
        "risks": list(plan.risks),
    }


def _not_yet_on(target: str, containers: Sequence[Container]) -> tuple[str, ...]:
    """IDs of those that do not run it yet. Raises NotPossible where all do."""
    found = tuple(each.id for each in containers if each.image_id != target)
    if not found:
        raise NotPossible(f"all containers of {service_of_all(containers)} run {short(target)} already")
    return found


def _tag(text: str) -> str:
    try:
        reference = Reference.parse(text)
    except InvalidReference as error:
        raise NotPossible(str(error)) from None
    if reference.digest is not None:
        raise NotPossible(
            f"{text} names a digest: a tag or a container is rolled back, to a digest with --to"
        )
    return reference.with_default_tag().familiar


def _tell(line: str) -> None:
    aside(f"{line}\n")
