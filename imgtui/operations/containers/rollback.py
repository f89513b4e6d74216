"""Roll back containers and the tag they were created from; or leave everything as it was.

One program at a time does this on an engine for one state file. The journal holds what is needed to finish or
to reverse what was interrupted: by `kill -9`, by an engine that was restarted, by a machine that went down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, Unavailable, raise_if_lost
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.containers.dependents import Dependent, joined
from imgtui.model.containers.pending import Pending
from imgtui.model.containers.replacement import (
    Journey,
    Progress,
    Replacement,
    Stage,
    TagToMove,
    joining,
    settings_of,
)
from imgtui.model.containers.rollback import Rollback
from imgtui.model.core.clock import SECOND
from imgtui.model.core.digest import short
from imgtui.model.core.image import Store
from imgtui.model.core.printable import printable
from imgtui.model.plans.plan import NotPossible, plan_tag, plan_untag
from imgtui.model.taglog.moves import Move
from imgtui.operations.acts.act_journal import ActJournal
from imgtui.operations.acts.acts import Acts, PlanOutdated
from imgtui.operations.containers.beside import Beside
from imgtui.operations.containers.health import NotWell, comes_back
from imgtui.operations.containers.replacing import Replacing, Watch
from imgtui.operations.protocol.cancellation import Stopped, Tell
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.presence import AlreadyHeld, Role, hold, is_held

BUSY: Final = "another imgtui rolls back on this engine: try again when it is done"

Moved = Callable[[tuple[Move, ...]], None]
"""Hears of moves of tags that a roll back made."""


class Rollbacks:
    """Does roll backs on the engine that a recorder follows; finishes or reverses interrupted ones."""

    def __init__(self, engine: Engine, recorder: Recorder, acts: Acts, moved: Moved = lambda _: None) -> None:
        self._engine = engine
        self._recorder = recorder
        self._journal = ActJournal(recorder)
        self._acts = acts
        self._moved = moved
        self._beside = Beside(engine)
        self.not_understood: tuple[str, ...] = ()
        """What `pending` found that this version does not understand: nothing is done about it."""

    def perform(self, what: Rollback, tell: Tell, watch: Watch) -> str:
        """Do it; what there is to say of it, in one line.

        Raises EngineError: then everything is as it was, or the act stays open (`pending`).
        """
        with self._alone():
            if what.written:
                self._refuse_after_interrupted(what)
            sharing = self._check(what)
            if what.keeping is not None:
                self._acts.perform(
                    what.keeping, undoable=False, tell=tell, stop=watch.stop, unwritten=not what.written
                )
            progress = tuple(map(Progress.of, what.containers))
            beside = self._beside.running(sharing)
            journey = Journey(progress, what.tag_to_move, what.undoes, what.redo, beside)
            watch = self._watch_here(watch)
            script = self._script(what, journey)
            replacing = Replacing(self._engine, tell)
            try:
                for each in what.containers:
                    script.at = each.name
                    self._replace(each, what, script, replacing, watch)
                self._finish(script, replacing, tell, watch)
            except EngineError as error:
                raise self._put_back(script, replacing, error, watch) from error
            except Exception as error:
                refused = EngineError(printable(f"{type(error).__name__}: {error}", 300))
                raise self._put_back(script, replacing, refused, watch) from error
            return self._end(script, replacing)

    def refuse_beside_another(self) -> None:
        """Raises EngineError while another program is at it: what it has begun cannot be planned with."""
        if (key := self._recorder.key) is not None and self._others_at_it(key):
            raise EngineError(BUSY)

    def pending(self) -> list[Pending]:
        """What was interrupted; nothing while another program is at it. Raises NotReadable."""
        key = self._recorder.key
        return [] if key is None or self._others_at_it(key) else self._unfinished()

    def _unfinished(self) -> list[Pending]:
        pending: list[Pending] = []
        unread: list[str] = []
        for found in self._journal.unfinished():
            if found.journey is None:
                unread.append(found.title)
            else:
                pending.append(Pending(found.number, printable(found.title), found.begun, found.journey))
        self.not_understood = tuple(unread)
        return pending

    def give_up(self) -> list[str]:
        """Abandon what was interrupted, whatever is there; the titles of the acts.

        Nothing is done to the engine. Raises EngineError.
        """
        with self._alone():
            found = self._journal.unfinished()
            for each in found:
                self._journal.give_up(each.number)
            return [printable(each.title) for each in found]

    def _refuse_after_interrupted(self, what: Rollback) -> None:
        """Raises EngineError where an interrupted act has to do with the same container or tag.

        One whose containers are all gone is in nobody's way.
        """
        ids = {each.container_id for each in what.containers}
        names = {each.name for each in what.containers}
        tag = what.tag_to_move.reference if what.tag_to_move is not None else None
        for pending in self._unfinished():
            journey = pending.journey
            its_ids = {
                known
                for each in journey.containers
                for known in (each.container_id, each.made, each.spare)
                if known is not None
            }
            same_tag = tag is not None and journey.tag is not None and journey.tag.reference == tag
            same_name = any(each.name in names for each in journey.containers)
            if (same_tag or same_name or ids & its_ids) and self._engine.containers(sorted(its_ids)):
                raise EngineError(
                    f"{pending.act} was interrupted: take it up first (!, --unfinished), or give it up"
                    " (imgtui rollback --give-up)"
                )

    def take_up(self, pending: Pending, tell: Tell, watch: Watch) -> str:
        """Finish it where all containers were well, else put everything back; what there is to say of it.

        Raises EngineError: then it can be taken up again.
        """
        with self._alone():
            script = _Script(self._note_in_journal, pending.number, pending.journey)
            replacing, watch = Replacing(self._engine, tell), self._watch_here(watch)
            if self._is_at_the_end(pending.journey):
                return self._end(script, replacing)
            if pending.journey.ready:
                try:
                    self._finish(script, replacing, tell, watch)
                except EngineError as error:
                    raise_if_lost(error)
                    raise self._put_back(script, replacing, error, watch) from error
                return self._end(script, replacing)
            said = self._reverse(script, replacing, watch)
            self._journal.end(script.number, said or "put back after it was interrupted")
            names = ", ".join(progress.name for progress in script.journey.containers)
            return said or f"{names}: everything is as it was"

    # ------------------------------------------------------------------ the parts

    def _watch_here(self, watch: Watch) -> Watch:
        info = self._recorder.info
        return replace(watch, checked_by_systemd=info is not None and info.store is Store.PODMAN)

    def _replace(
        self,
        each: Replacement,
        what: Rollback,
        script: _Script,
        replacing: Replacing,
        watch: Watch,
    ) -> None:
        """What shares its namespaces is stopped before it, and is replaced after it, by one that joins it."""

        def before() -> None:
            self._check_dependents(what, new=True)  # to make the new one takes its time
            for other in reversed(joining(what.containers, each.container_id)):
                script.note(replacing.stop(other, script.of(other), script.note))

        made = {other: script.made(other) for other in each.joins}
        each = replace(each, body=joined(each.body, made))
        script.note(replacing.replace(each, script.of(each), script.note, watch, before))

    def _check(self, what: Rollback) -> list[tuple[Dependent, str]]:
        """Whether all is as planned; what else shares a namespace with one of them. Raises PlanOutdated."""
        for each in what.containers:
            document = self._engine.inspect_container(each.container_id)
            if each.absent:
                if document is not None or self._engine.inspect_container(each.name) is not None:
                    raise PlanOutdated(f"{each.name} is there by now: nothing was done, look again")
                self._check_aside(each)
                continue
            if document is not None and each.settings not in {"", settings_of(document)}:
                raise PlanOutdated(f"{each.name} was changed by now: nothing was done, look again")
            found = self._engine.containers([each.container_id])
            if not found or found[0].name != each.name or found[0].image_id != each.origin:
                raise PlanOutdated(f"{each.name} is another one by now: nothing was done, look again")
            running = found[0].running or comes_back(self._engine, document or {})
            if running != (each.running and not each.stopped):
                raise PlanOutdated(f"{each.name} is {found[0].state} by now: nothing was done, look again")
            self._check_aside(each)
        sharing = self._check_dependents(what)
        pulled = what.keeping.pulled if what.keeping is not None else frozenset()
        for target in {each.target for each in what.containers if each.aside is None} - pulled:
            if self._engine.image(target) is None:
                raise PlanOutdated(f"{short(target)} is gone by now: nothing was done, look again")
        return sharing

    def _check_dependents(self, what: Rollback, *, new: bool = False) -> list[tuple[Dependent, str]]:
        """What shares a namespace of one of them, and is told in the plan. Raises PlanOutdated for others."""
        sharing = self._beside.sharing(what.containers, new=new)
        for other, of in sharing:
            if other.container_id not in what.told:
                raise PlanOutdated(f"{other.name} uses {of} by now: nothing was done, look again")
        return sharing

    def _check_aside(self, each: Replacement) -> None:
        """Whether the container that is to take a place again is as it was. Raises PlanOutdated."""
        if each.aside is None:
            return
        found = self._engine.containers([each.aside.container_id])
        as_planned = found and (found[0].name, found[0].image_id) == (each.aside.name, each.target)
        if not as_planned or found[0].running:
            raise PlanOutdated(f"{each.aside.name} is another one by now: nothing was done, look again")

    def _finish(self, script: _Script, replacing: Replacing, tell: Tell, watch: Watch) -> None:
        for progress in script.journey.containers:
            script.at = progress.name
            script.finished(replacing.finish(progress, watch))
        script.at = ""
        if script.journey.tag is not None:
            tell(f"moving {script.journey.tag.reference}")
            self._move_tag(script.journey)

    def _end(self, script: _Script, replacing: Replacing) -> str:
        """Remove the containers that are not to stay, now that nothing is put back any more; the outcome.

        Raises Unavailable: then it can be taken up again.
        """
        left = {each.name: replacing.discard(each) for each in reversed(script.journey.containers)}
        self._journal.end(script.number, "done")
        return _outcome(script.journey, left)

    def _is_at_the_end(self, journey: Journey) -> bool:
        """Whether containers were to be removed next, or are: those cannot be put back."""
        if not any(each.discards for each in journey.containers):
            return False
        done = all(each.stage is Stage.DONE for each in journey.containers)
        return done and (journey.tag is None or self._points_at(journey.tag) == journey.tag.target)

    def _points_at(self, tag: TagToMove) -> str | None:
        here = self._engine.find_images([tag.reference])
        return here[0].id if here else None

    def _move_tag(self, journey: Journey) -> None:
        """The tag follows, where it is still where it was; moved by somebody else, it stays with them."""
        tag = journey.tag
        if tag is None:
            return
        points_at = self._points_at(tag)
        if points_at == tag.target:
            return
        if points_at != tag.origin:
            raise PlanOutdated(f"{tag.reference} was moved by somebody else meanwhile")
        ends = [name for name in (tag.origin, tag.target) if name is not None]
        catalog = Catalog().with_images(filter(None, map(self._engine.image, ends)))
        now = self._recorder.now // SECOND
        try:
            if tag.target is None:
                plan = plan_untag(catalog, tag.reference, now, cause=tag.cause, undoes=tag.undoes)
            else:
                plan = plan_tag(catalog, tag.target, tag.reference, now, cause=tag.cause, undoes=tag.undoes)
        except NotPossible as error:
            raise EngineError(str(error)) from error
        self._moved(self._acts.perform(plan).moves)

    def _put_back(
        self, script: _Script, replacing: Replacing, error: EngineError, watch: Watch
    ) -> EngineError:
        """Everything as it was; the error to raise, which says why and what the new one said last."""
        reason = "stopped by hand" if isinstance(error, Stopped) else script.whose(error)
        said = ""
        with suppress(EngineError):  # whatever comes of it, everything is put back
            for progress in script.journey.containers:
                if isinstance(error, NotWell) and progress.name == script.at:
                    said = replacing.why(progress)
        try:
            left = self._reverse(script, replacing, watch)
        except Unavailable as lost:
            # What was done shows when the engine is back: the act stays open.
            return error if isinstance(error, Unavailable) else lost
        except EngineError as worse:
            return EngineError(
                f"{reason}; and it could not be put back: {worse}; take it up again (!, --unfinished), or"
                " give it up (imgtui rollback --give-up)"
            )
        told = f"{reason}; {left or 'everything is as it was'}"
        told += f"; it said: {said}" if said else ""
        self._journal.end(script.number, f"failed: {reason}")
        return EngineError(told)

    def _reverse(self, script: _Script, replacing: Replacing, watch: Watch) -> str:
        """The last one first; what shares a namespace goes first, and is started last. Raises EngineError."""
        containers = script.journey.containers
        forward = _no_way_back(containers, replacing)
        ahead = [replacing.go_forward(each) for each in containers if each.container_id in forward]
        containers = tuple(each for each in containers if each.container_id not in forward)
        said = [replacing.withdraw(progress) for progress in reversed(containers) if progress.joins]
        said += [replacing.reverse(progress) for progress in reversed(containers) if not progress.joins]
        said += [replacing.reverse(progress) for progress in containers if progress.joins]
        said += self._beside.start_again(script.journey)
        said += replacing.ended_again(containers, watch)
        return "; ".join(dict.fromkeys(filter(None, (*ahead, *said))))

    # ------------------------------------------------------------------ the journal

    def _script(self, what: Rollback, journey: Journey) -> _Script:
        progress = journey.to_json()
        number = self._journal.begin(
            what.title, (*what.of_containers, *what.discarding), progress=progress, unwritten=not what.written
        )
        return _Script(self._note_in_journal, number, journey)

    def _note_in_journal(self, number: int | None, journey: Journey) -> None:
        """Raises NotWrittenDown: what is not written down is not done."""
        self._journal.note(number, journey.to_json())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time: two would take each other's containers for their own. Raises EngineError."""
        folder, key = self._folder, self._recorder.key
        if folder is None or key is None:
            yield
            return
        try:
            held = hold(folder, key, Role.CONTAINERS)
        except AlreadyHeld:
            raise EngineError(BUSY) from None
        except OSError as error:
            if self._recorder.can_write:
                raise EngineError(f"the folder {folder} cannot be used ({error.strerror})") from error
            held = None  # a read-only disk: the plan had that nothing is written down as a risk
        with held or nullcontext():
            yield

    def _others_at_it(self, engine_id: str) -> bool:
        return self._folder is not None and is_held(self._folder, engine_id, Role.CONTAINERS)

    @property
    def _folder(self) -> Path | None:
        state = self._recorder.state
        return state.path.parent if state is not None and state.path is not None else None


def _no_way_back(containers: Sequence[Progress], replacing: Replacing) -> set[str]:
    """Those that share namespaces, of which one has nothing to go back to: none can go back alone."""
    found: set[str] = set()
    for each in containers:
        group = (each, *joining(containers, each.container_id))
        if len(group) > 1 and not all(map(replacing.is_there, group)):
            found |= {one.container_id for one in group}
    return found


class _Script:
    """How far a roll back has come, in memory and in the journal."""

    def __init__(
        self, write: Callable[[int | None, Journey], None], number: int | None, journey: Journey
    ) -> None:
        self._write = write
        self.number = number
        """Of the act in the journal; None where nothing can be written."""
        self.journey = journey
        self.at = ""
        """The name of the container that is being done; empty for none."""

    def whose(self, error: EngineError) -> str:
        """Why something failed, with the name of the container; a lost engine is no container's."""
        reason = str(error)
        named = not self.at or isinstance(error, Unavailable) or reason.startswith(self.at)
        return reason if named else f"{self.at}: {reason}"

    def of(self, what: Replacement) -> Progress:
        """How far a container has come."""
        return next(known for known in self.journey.containers if known.container_id == what.container_id)

    def made(self, container_id: str) -> str:
        """ID of the container in the place of another one. Raises EngineError where it has none yet."""
        for known in self.journey.containers:
            if known.container_id == container_id and known.made is not None:
                return known.made
        raise EngineError(f"nothing is in the place of {container_id[:12]} yet")

    def note(self, progress: Progress) -> None:
        """One container is further; written down when this returns. Raises EngineError."""
        self.journey = self.journey.with_progress(progress)
        self._write(self.number, self.journey)

    def finished(self, progress: Progress) -> None:
        """One container is done: where that cannot be written down, it can be finished again."""
        with suppress(EngineError):
            self.note(progress)


def _outcome(journey: Journey, left: Mapping[str, str]) -> str:
    """`left` says by name why the container before it could not be removed."""
    told = [
        f"{progress.name} {'runs' if progress.running else 'is of'} {short(progress.target)}"
        f"{_before(progress, left[progress.name])}"
        for progress in journey.containers
        if progress.stage is Stage.DONE
    ]
    if journey.tag is not None:
        target = journey.tag.target
        told.append(f"{journey.tag.reference} {f'points at {short(target)}' if target else 'is taken away'}")
    if not all(each.discards or each.absent for each in journey.containers):
        told.append("docker container prune would remove what is stopped")
    return "; ".join(told)


def _before(progress: Progress, left: str) -> str:
    """What became of the container before, as it follows on the new one."""
    if progress.absent:
        return ""
    if left:
        return f"; {progress.retired} could not be removed ({left}): docker compose would start it too"
    if progress.discards:
        return "; the one before is removed, imgtui undo makes it again"
    return f"; the one before stays, stopped, as {progress.retired}"
