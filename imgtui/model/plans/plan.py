"""Plans: what an act will do to an engine, before it is done.

A plan names digests, never a tag that may move under the cursor, and says where each tag points while it is
made: what is done later is exactly this, or nothing. Whatever moves or drops a tag first keeps the image that
would lose its last name.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.digest import short
from imgtui.model.core.image import Image
from imgtui.model.core.reference import InvalidReference, Reference, repository_of, split_tagged
from imgtui.model.keeps.keep import CannotKeep, Keep, KeptBy, is_keep, keep_of, keeps_on, read_keep
from imgtui.model.taglog.moves import Cause, Move, Provenance
from imgtui.model.taglog.words import happened


class NotPossible(Exception):
    """There is no such plan; the message is one line that says why."""


class NothingToDo(NotPossible):
    """Nothing is as an act for many asks for it: no failure; the message is one line that says so."""


class Verb(StrEnum):
    """What a step does to a reference."""

    TAG = "tag"
    UNTAG = "untag"
    PULL = "pull"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one reference in the engine."""

    verb: Verb
    reference: str
    """Familiar tagged reference; of a pull `repository@digest`."""
    image_id: str
    """The image that the reference will point at, or that it points at until it is taken away.

    On a graph driver it is not the digest that it is pulled by.
    """
    origin: str | None
    """Where the reference points while the plan is made; None where it is not there."""
    cause: Cause
    undoes: int | None = None
    """Number of the move that this step puts back."""

    @property
    def command(self) -> str:
        """The docker command that does the same."""
        if self.verb is Verb.TAG:
            return shlex.join(["docker", "tag", self.image_id, self.reference])
        if self.verb is Verb.PULL:
            return shlex.join(["docker", "pull", self.reference])
        return shlex.join(["docker", "rmi", "--no-prune", self.reference])

    @property
    def target(self) -> str | None:
        """Where the reference points afterwards."""
        return None if self.verb is Verb.UNTAG else self.image_id

    @property
    def reverse(self) -> Step:
        """What puts the reference back where it was."""
        if self.origin is None:
            return Step(Verb.UNTAG, self.reference, self.image_id, self.target, Cause.UNDO)
        return Step(Verb.TAG, self.reference, self.origin, self.target, Cause.UNDO)


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done, in this order, and what has to be known before."""

    title: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    """What cannot be undone: such a plan is typed, not nodded."""
    deletes: frozenset[str] = frozenset()
    """Images that lose their last name by it, and may: what the risks say."""

    @property
    def commands(self) -> tuple[str, ...]:
        """The docker commands that do the same."""
        return tuple(step.command for step in self.steps)

    @property
    def moving(self) -> tuple[Step, ...]:
        """The steps that move tags and keeps: a pull by digest moves none."""
        return tuple(step for step in self.steps if step.verb is not Verb.PULL)

    @property
    def references(self) -> tuple[str, ...]:
        """The tags and keeps that it changes."""
        return tuple(step.reference for step in self.moving)

    @property
    def pulled(self) -> frozenset[str]:
        """The images that are not there, and are pulled."""
        return frozenset(step.image_id for step in self.steps if step.verb is Verb.PULL)

    def names_after(self, image_id: str, names: Iterable[str]) -> frozenset[str]:
        """The names that an image has when all is done, of those that it has now."""
        given = {step.reference for step in self.steps if step.target == image_id}
        taken = {step.reference for step in self.steps if step.target != image_id}
        return frozenset({*names, *given} - taken)


def plan_tag(
    catalog: Catalog,
    image_id: str,
    reference: str,
    now: int,
    *,
    cause: Cause = Cause.TAG,
    undoes: int | None = None,
) -> Plan:
    """Point a tag at an image. `now` is in seconds since the epoch. Raises NotPossible.

    `undoes` is the number of the move that this puts back, or does again.
    """
    name = _tagged(reference)
    _present(catalog, image_id)
    if catalog.tags.get(name) == image_id:
        raise NotPossible(f"{name} points at {short(image_id)} already")
    step = Step(Verb.TAG, name, image_id, catalog.tags.get(name), cause, undoes)
    titles = {
        Cause.ROLLBACK: f"roll {name} back to {short(image_id)}",
        Cause.UNDO: f"move {name} back to {short(image_id)}",
        Cause.REDO: f"move {name} to {short(image_id)} again",
    }
    return _plan_of(catalog, titles.get(cause, f"tag {short(image_id)} as {name}"), step, now)


def plan_untag(
    catalog: Catalog, reference: str, now: int, *, cause: Cause = Cause.UNTAG, undoes: int | None = None
) -> Plan:
    """Take a tag away; its image stays. Raises NotPossible."""
    name = _tagged(reference)
    image_id = catalog.tags.get(name)
    if image_id is None:
        raise NotPossible(f"there is no tag {name}")
    step = Step(Verb.UNTAG, name, image_id, image_id, cause, undoes)
    return _plan_of(catalog, f"untag {name} from {short(image_id)}", step, now)


def plan_pull(catalog: Catalog, image_id: str, *, repository: str | None = None) -> Plan:
    """Have an image again that is gone, by its repo digest: of this repository, if there is a choice.

    Raises NotPossible.
    """
    step = _pull_step(catalog, image_id, repository)
    return Plan(f"pull {step.reference}", (step,), (_pull_note(step),))


def plan_keep(
    catalog: Catalog,
    image_id: str,
    repository: str | None,
    now: int,
    *,
    by: KeptBy = KeptBy.PERSON,
    owner: str = "",
) -> Plan:
    """Hold an image alive; `owner` as `keep_of` takes it. Raises NotPossible."""
    image = _present(catalog, image_id)
    if any(keep.repository == repository and keep.by is by for keep in keeps_of(image)):
        raise NotPossible(f"{short(image_id)} is kept already")
    step = _keep_step(image_id, repository, now, by, owner)
    return Plan(f"keep {short(image_id)}{_of(repository)}", (step,))


def plan_unkeep(catalog: Catalog, image_id: str) -> Plan:
    """Keep an image no longer. Raises NotPossible."""
    image = _present(catalog, image_id)
    keeps = keeps_of(image)
    if not keeps:
        raise NotPossible(f"{short(image_id)} is not kept")
    of_rules = [keep for keep in keeps if keep.by is KeptBy.RULE]
    taken = [keep for keep in keeps if keep.by is not KeptBy.RULE] or of_rules
    steps = tuple(Step(Verb.UNTAG, keep.reference, image_id, image_id, Cause.UNTAG) for keep in taken)
    last = frozenset({image_id} if not image.tags and len(taken) == len(image.keeps) else ())
    risks = tuple(map(_last_name, last))
    made = "stays" if taken != of_rules else "is taken away: it comes back where the rule wants it still"
    notes = tuple(f"the keep that a rule made of it in {keep.repository} {made}" for keep in of_rules)
    return Plan(f"stop keeping {short(image_id)}", steps, notes, risks, last)


def together(title: str, plans: Sequence[Plan]) -> Plan:
    """Several plans as one; a single one stays as it is. Raises NotPossible for none."""
    if not plans:
        raise NotPossible("there is nothing to do")
    if len(plans) == 1:
        return plans[0]
    return Plan(
        title,
        tuple(step for plan in plans for step in plan.steps),
        tuple(dict.fromkeys(note for plan in plans for note in plan.notes)),
        tuple(dict.fromkeys(risk for plan in plans for risk in plan.risks)),
        frozenset(image_id for plan in plans for image_id in plan.deletes),
    )


def plan_undo(catalog: Catalog, move: Move, now: int) -> Plan:
    """Put a move back: a step forward that points its tag where it pointed before. Raises NotPossible."""
    return _plan_back(catalog, move, move.target, move.origin, now, Cause.UNDO)


def plan_redo(catalog: Catalog, move: Move, now: int) -> Plan:
    """Do again what was undone. Raises NotPossible."""
    return _plan_back(catalog, move, move.origin, move.target, now, Cause.REDO)


def keeps_of(image: Image) -> tuple[Keep, ...]:
    """The keeps of an image."""
    return keeps_on(image.id, image.keeps)


def _plan_back(
    catalog: Catalog, move: Move, expected: str | None, wanted: str | None, now: int, cause: Cause
) -> Plan:
    name, here, pull = move.reference, points_at(catalog, move.reference), None
    if move.known is Provenance.UNREAD:
        raise NotPossible(unread_words(move))
    if move.known is Provenance.EVIDENCE:
        raise NotPossible(f"this move of {name} was not observed: where it pointed before is not known")
    if here != expected:
        raise NotPossible(f"{name} points at {_shown(here)} now, not at {_shown(expected)}: retag it with t")
    if wanted is None and here is not None:
        step = Step(Verb.UNTAG, name, here, here, cause, move.number)
    elif wanted is not None:
        step = Step(Verb.TAG, name, wanted, here, cause, move.number)
        if wanted not in catalog.images:
            pull = _pull_step(catalog, wanted, _repository(name))
    else:
        raise NotPossible(f"{name} points at nothing already")
    plan = _plan_of(catalog, _title_of(move, now, again=cause is Cause.REDO), step, now)
    if pull is None:
        return plan
    return replace(plan, steps=(pull, *plan.steps), notes=(_pull_note(pull), *plan.notes))


def unread_words(move: Move) -> str:
    """Why nothing is done that depends on a move which is not understood."""
    of = f" of {move.reference}" if move.reference else ""
    return f"the newest move{of} is not understood ({move.source}): what it changed is not known"


def _title_of(move: Move, now: int, *, again: bool) -> str:
    """What is put back, or done again: which tag or keep, when it was changed, and by whom."""
    name, goes_to = move.reference, move.target if again else move.origin
    keep = read_keep(name)
    if keep is not None:
        verb = f"{'Keep' if goes_to else 'Stop keeping'} {short(keep.image_id)}{_of(keep.repository)}"
    elif goes_to is None:
        verb = f"Take {name} away"
    elif (move.origin if again else move.target) is None:
        verb = f"Point {name} at {short(goes_to)}"
    else:
        verb = f"Move {name}{'' if again else ' back'} to {short(goes_to)}"
    return f"{verb}{' again' if again else ''} ({happened(move, now)}{', and undone' if again else ''})"


def _of(repository: str | None) -> str:
    return f" of {repository}" if repository else ""


def _pull_step(catalog: Catalog, image_id: str, repository: str | None) -> Step:
    """The pull of an image that is gone. Raises NotPossible where no registry is known to have it."""
    names = catalog.past.pulls.get(image_id, ())
    if image_id in catalog.images:
        raise NotPossible(f"{short(image_id)} is here")
    if not names:
        raise NotPossible(f"{short(image_id)} is gone from this engine, and no registry is known to have it")
    best = next((name for name in names if repository_of(name) == repository), names[0])
    return Step(Verb.PULL, best, image_id, None, Cause.PULL)


def _pull_note(step: Step) -> str:
    named = Reference.parse(step.reference)
    return f"{short(step.image_id)} is gone: it is pulled again from {named.name}, by its digest"


def _repository(reference: str) -> str | None:
    """The repository of a tag, or the one that a keep is of."""
    keep = read_keep(reference)
    return keep.repository if keep is not None else repository_of(reference)


def _plan_of(catalog: Catalog, title: str, step: Step, now: int) -> Plan:
    """The step, after a keep of the image that would lose its last name by it; with what drifts by it."""
    steps, notes, last = [step], [], set()
    loser = catalog.images.get(step.origin or "")
    if loser is not None and len(loser.tags) + len(loser.keeps) == 1:
        parts = split_tagged(step.reference)
        if is_keep(step.reference):
            last.add(loser.id)
        else:
            by = KeptBy.ROLLBACK if step.cause is Cause.ROLLBACK else KeptBy.MOVE
            steps.insert(0, _keep_step(loser.id, parts[0] if parts else None, now, by))
            notes.append(f"{short(loser.id)} has no other name: it is kept first")
    drifting = [
        container.name
        for container in catalog.containers.values()
        if container.created_from == step.reference and container.image_id == step.origin != step.target
    ]
    if drifting:
        notes.append(f"drift afterwards: {', '.join(sorted(drifting))}")
    return Plan(title, tuple(steps), tuple(notes), tuple(map(_last_name, last)), frozenset(last))


def points_at(catalog: Catalog, reference: str) -> str | None:
    """Where a tag or a keep points; None where it is not there."""
    keep = read_keep(reference)
    if keep is None:
        return catalog.tags.get(reference)
    image = catalog.images.get(keep.image_id)
    return keep.image_id if image is not None and reference in image.keeps else None


def _last_name(image_id: str) -> str:
    return f"{short(image_id)} has no other name: the engine deletes it, and nothing brings it back"


def _keep_step(image_id: str, repository: str | None, now: int, by: KeptBy, owner: str = "") -> Step:
    try:
        keep = keep_of(image_id, repository, now, by, owner)
    except CannotKeep as error:
        raise NotPossible(str(error)) from None
    return Step(Verb.TAG, keep.reference, image_id, None, Cause.TAG)


def _tagged(reference: str) -> str:
    try:
        parsed = Reference.parse(reference)
    except InvalidReference as error:
        raise NotPossible(str(error)) from None
    if parsed.digest is not None:
        raise NotPossible(
            f"{reference} names a digest: a tag is wanted, such as {parsed.familiar_name}:latest"
        )
    name = parsed.with_default_tag().familiar
    if is_keep(name):
        raise NotPossible("imgtui.invalid is where imgtui keeps its own references: use keep and unkeep")
    return name


def _present(catalog: Catalog, image_id: str) -> Image:
    image = catalog.images.get(image_id)
    if image is None:
        raise NotPossible(f"{short(image_id)} is gone from this engine")
    return image


def _shown(image_id: str | None) -> str:
    return "nothing" if image_id is None else short(image_id)
