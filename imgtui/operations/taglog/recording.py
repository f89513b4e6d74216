"""Recording: what a session sees of tags becomes the tag log."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TypeVar

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, Unavailable
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.clock import SECOND, MonotonicTime
from imgtui.model.core.event import Event
from imgtui.model.core.image import EngineInfo, Store
from imgtui.model.taglog.identity import Doubt, KnownEngine, Place, place_of
from imgtui.model.taglog.moves import Move
from imgtui.model.taglog.observation import IN_FLIGHT, Observation, true_since
from imgtui.operations.taglog.identifying import Identifying
from imgtui.store.engines import Engines
from imgtui.store.facts import Facts
from imgtui.store.machine import read_shared
from imgtui.store.presence import is_held
from imgtui.store.pulls import Pulls
from imgtui.store.rule_notes import RuleNotes
from imgtui.store.state import State, StateUnusable
from imgtui.store.state_errors import CannotWrite
from imgtui.store.tag_log import Recorded, TagLog
from imgtui.words import plural

LOOKS = 5
"""How often a tag is looked at again that moved while others were recording: once is nearly always enough."""
_BOOT = Path("/proc/sys/kernel/random/boot_id")

AWAY_SECONDS, AWAY_LOOKS = 0.02, 20
"""The pause before a tag is looked for again that should not be gone, and how often it is."""
FEW = 50
"""Tags that are looked for one by one when they are missing in a list."""

Found = TypeVar("Found")
Prove = Callable[[Catalog, Sequence[Event]], Iterable[Move]]
Gather = Callable[[Catalog, Sequence[Event], Callable[[str], None]], Iterable[Move]]
"""Hears also who is told of each image of which nothing can be said."""


def moment() -> MonotonicTime:
    """Now, on the clock of the machine that never steps back."""
    seconds = time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
    return MonotonicTime(_boot(), seconds)


@cache
def _boot() -> str:
    """What names this run of the machine; empty where nothing does."""
    try:
        return _BOOT.read_text().strip()
    except OSError:  # not Linux
        from imgtui.engine.connect.program import run

        told = run(["sysctl", "-n", "kern.bootsessionuuid"], os.environ, Path("/"), seconds=5)
        return (told or "").strip()


class Recorder:
    """Records the moves of the tags of one engine after the other, as long as the state file can be used.

    When it cannot, `problem` says why, and everything else goes on without it: for good, or until another
    program has let go of the file. `open_state` may raise StateUnusable.

    At the first sight of an engine `prove` tells at once what the events that it holds prove of the past, and
    `gather` everything else that proves something of it. `machine` is the machine's log, which is taken over;
    `beside` is where that is, also for who may not read it.
    """

    def __init__(
        self,
        engine: Engine,
        open_state: Callable[[], State],
        *,
        prove: Prove | None = None,
        gather: Gather | None = None,
        machine: Path | None = None,
        beside: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine
        self._machine = machine
        self._beside = beside
        self.machine_said: tuple[str, bool] = ("", True)
        """What became of reading the machine's log, in one line, and whether that went well."""
        self._open_state = open_state
        self._prove = prove
        self._gather = gather
        self._clock = clock
        self._state: State | None = None
        self.info: EngineInfo | None = None
        """The engine that is followed."""
        self.doubt: Doubt | None = None
        """Why it is not clear which engine this is: nothing is recorded meanwhile, and no act is done."""
        self._key: str | None = None
        self._place: Place | None = None
        self.whose: object = None
        """Equal as long as the engine that is followed is surely the same; in doubt, where it was found."""
        self._known_in_doubt: object = None
        """What was known of engines when it was not clear which one this is."""
        self._ahead = 0
        self.problem: str | None = None
        """Why the state file cannot be used, for people to read: all threads share it, no act goes by it."""
        self.unheard: str | None = None
        """Why the events that the engine held could not be had; None where they could."""
        self.unproved: list[str] = []
        """Why nothing is known of the past of images that the engine could not read: one line each."""
        self.told_unwritten = False
        """Whether people were told that nothing can be written down before they asked for what is done."""
        self._unusable: StateUnusable | None = None
        """What ended the use of the state file, until it is followed anew."""
        self._unwritable: StateUnusable | None = None
        """What ended the writing: it is read still."""
        self._trouble: StateUnusable | None = None
        """Why the log of the engine could not be found when that was tried last."""
        self._not_written = False
        """Whether `problem` is of a write: a read that succeeds does not end it."""
        self.behind = False
        """Whether something was seen that could not be recorded: everything has to be compared again."""

    @property
    def state(self) -> State | None:
        """The state file; None where it can be used no more."""
        return None if self._unusable is not None else self._state

    @property
    def can_write(self) -> bool:
        """Whether there is a state file that nothing is known to be wrong with; it may be locked for now."""
        return self.state is not None and self._unwritable is None

    @property
    def remark(self) -> str | None:
        """What of the state files is not understood, in one line; None where all of it is."""
        said, well = self.machine_said
        own = None if self._state is None else self._state.unread.words
        return own or (None if well else said)

    @property
    def trouble(self) -> StateUnusable:
        """Why there is no `state`, or no `key`."""
        doubt = None if self.doubt is None else StateUnusable(self.doubt.words, passing=True)
        return (
            self._unusable
            or doubt
            or self._unwritable
            or self._trouble
            or StateUnusable("no engine has answered yet", passing=True)
        )

    @property
    def key(self) -> str | None:
        """What everything about the engine that is followed is kept under; None while that is not clear."""
        return self._key

    @property
    def log(self) -> TagLog | None:
        """The log of the engine that is followed; None while it cannot be used."""
        if self.state is None or self.info is None:
            return None
        return TagLog(self.state, self._key) if self._key is not None else None

    @property
    def pulls(self) -> Pulls | None:
        """Where images of the engine that is followed can be pulled from; None while it cannot be used."""
        if self.state is None or self.info is None:
            return None
        return Pulls(self.state, self._key) if self._key is not None else None

    @property
    def notes(self) -> RuleNotes | None:
        """What keep rules remember of the engine that is followed; None while it cannot be used."""
        return RuleNotes(self.state, self._key) if self.state is not None and self._key is not None else None

    @property
    def machine_watches(self) -> bool:
        """Whether the machine's recorder, with a state file of its own, watches this engine."""
        beside, info = self._beside, self.info
        if beside is None or info is None:
            return False
        keys = {info.id, self._key or info.id}  # the machine's file may have it under another key
        return any(is_held(beside.parent, key) for key in keys)

    @property
    def facts(self) -> Facts | None:
        """Facts of images, also of those that are gone; None while they cannot be used."""
        return None if self.state is None else Facts(self.state)

    def follow(self, info: EngineInfo) -> int:
        """Record for this engine; since when what it did is not recorded (its clock, nanoseconds).

        Where it is not clear whose log it has, `doubt` says why, and nothing is recorded until `answer`. An
        engine without a clock is one of which the last known state is shown: it is asked nothing.
        Raises EngineError.
        """
        self.info = info
        self._try_again()
        # What lies between that and now, on a busy machine half a second, is no difference of clocks.
        self._ahead = info.clock_ns - (info.told_ns or self.wall) if info.clock_ns else 0
        self._recognise(info)
        self._tell_whose(place_of(info))
        confirmed = self._confirmed()
        if self._machine is not None and self._take_over(self._machine, info):
            confirmed = self._confirmed()
        return max(0, true_since(confirmed, self.now) - IN_FLIGHT)

    def hear(self, since: int) -> list[Event]:
        """What the engine still tells of the time since (its clock, nanoseconds).

        It is evidence, without which everything else goes on: `unheard` says why there is none. A proxy that
        forbids it, or an answer that cannot be read, keeps nobody from what can be seen.
        """
        self.unheard = None
        try:
            return self._engine.past_events(since)
        except EngineError as error:
            self.unheard = str(error)
            return []

    def take_all(
        self, catalog: Catalog, asked: MonotonicTime, events: Sequence[Event], *, evidence: bool = True
    ) -> Recorded:
        """Everything was listed: compare all of it with what is recorded.

        At the first sight of an engine `evidence` is whether what its events prove is recorded too.
        """
        recorded = (self.guarded(self.log.names) if self.log else None) or {}
        missing = [name for name in recorded if name not in catalog.names]
        found = self._where(missing, events) if len(missing) <= FEW else dict.fromkeys(missing)
        # Of what could not be asked for nothing new is known.
        still = {name: found.get(name, recorded[name]) for name in missing}
        names = {**catalog.names, **{name: target for name, target in still.items() if target}}
        self.behind = self._key is None and self.doubt is None and self._unusable is None
        return self._record(names, catalog, asked, _of_images(events), whole=True, evidence=evidence)

    def take(
        self, before: Catalog, after: Catalog, asked: MonotonicTime, events: Sequence[Event]
    ) -> Recorded:
        """Something happened, and it was looked at what became of it.

        While something else is still to be compared, nothing is recorded: that would get a wrong time.
        """
        if self.behind:
            return Recorded()
        events = _of_images(events)
        seen = {name for name, _ in before.names.items() ^ after.names.items()}
        seen |= {event.reference for event in events if event.reference}
        tags: dict[str, str | None] = {name: after.names[name] for name in seen if name in after.names}
        tags |= self._where([name for name in seen if name not in after.names], events)
        return self._record({**tags, **self._known_to_others(before, events)}, after, asked, events)

    def look_at(self, references: Iterable[str]) -> Recorded:
        """Ask the engine where these tags point, and record it: what could not be is unsettled.

        Raises EngineError.
        """
        asked, names = moment(), list(references)
        images = self._engine.find_images(names) if names else []
        seen = Catalog({image.id: image for image in images})
        tags = {name: seen.names.get(name) for name in names}
        return self._record(tags, seen, asked, (), followed=False)

    def gather_evidence(self, catalog: Catalog, events: Sequence[Event]) -> tuple[Move, ...]:
        """Look once in an engine's life for what happened before it was seen first: takes seconds.

        `events` are all that the engine held at the first sight. Raises Unavailable: it is tried again then.
        """
        log, gather = self.log, self._gather
        if log is None or gather is None or not self.guarded(log.wants_evidence):
            return ()
        self.unproved = []
        found = list(gather(catalog, events, self.unproved.append))
        return tuple(self.guarded(lambda: log.add_evidence(found, self.now), writes=True) or ())

    def confirm(self) -> None:
        """Until just now what is recorded was true: the engine was followed all the time."""
        log = self.log
        if log is not None:
            self.guarded(lambda: log.confirm(self.now - IN_FLIGHT), writes=True)

    def hurried(self) -> AbstractContextManager[None]:
        """What this thread writes waits for nobody who has the state file locked: it is written later."""
        return nullcontext() if self._state is None else self._state.hurried()

    def close(self) -> None:
        """Close the state file."""
        if self._state is not None:
            self._state.close()

    def guarded(self, use: Callable[[], Found], *, writes: bool = False) -> Found | None:
        """What the state file says; None when it cannot be used, which `problem` then says."""
        try:
            return self.attempt(use, writes=writes)
        except StateUnusable:
            return None

    def attempt(self, use: Callable[[], Found], *, writes: bool = False) -> Found:
        """What the state file says. Raises StateUnusable, whatever other threads have read meanwhile."""
        if (over := self._unusable or (self._unwritable if writes else None)) is not None:
            raise over
        try:
            found = use()
        except StateUnusable as error:
            self.problem, self._not_written = str(error), writes
            if not error.passing:
                self._unwritable = error
                self._unusable = None if isinstance(error, CannotWrite) else error
            self.behind = self.behind or error.passing
            raise
        if writes or not self._not_written:
            self.problem = None if self.doubt is None else self.doubt.words
            self._not_written = False
        if writes:
            self.told_unwritten = False
        return found

    def _try_again(self) -> None:
        """Whoever connects anew, or asks to, may have mended what was wrong with the file."""
        if self._unwritable is not None:
            self._state = None  # whoever uses it still finds out for himself
        self._unusable = self._unwritable = None

    def _take_over(self, path: Path, info: EngineInfo) -> bool:
        """Have what the machine's recorder has seen; whether anything came of it."""
        log, facts = self.log, self.facts
        if log is None or facts is None:
            return False
        try:
            known = self.attempt(lambda: facts.known(info.store))
            shared = read_shared(path, log, place_of(info), info.store, known)
            if shared is None:
                self.machine_said = f"the machine's log is read too: {path}", True
                return False
            count = self.attempt(lambda: log.take_over(shared.log, name=info.name), writes=True)
            self.attempt(lambda: facts.keep(info.store, shared.facts.items()), writes=True)
        except StateUnusable as error:
            self.machine_said = str(error), False
            return False
        said = f"the machine's log is read too: {path}, {plural(count, 'move')} of it new"
        self.machine_said = (said, True) if shared.unread is None else (f"{path}: {shared.unread}", False)
        return True

    def _known_to_others(self, before: Catalog, events: Sequence[Event]) -> Mapping[str, str | None]:
        """Where tags point now that another program has recorded on these images, and this one never saw."""
        log = self.log
        images = {event.id for event in events if event.id}
        recorded = (self.guarded(lambda: log.pointing_at(images)) if log and images else None) or {}
        return self._where(
            {name for name, image_id in recorded.items() if before.names.get(name) != image_id}
        )

    def _where(self, names: Collection[str], events: Sequence[Event] = ()) -> Mapping[str, str | None]:
        """Where tags point that may have moved while one image was asked for after the other.

        A tag of which the engine cannot say it is left out. Raises EngineError.

        On the containerd store a tag that moves is nowhere for some milliseconds (Docker 28.5), but what
        takes one away names it: what no event took away is asked for again.
        """
        found = self._ask(names)
        taken = {event.reference for event in events if event.action in {"untag", "delete"}}

        def missing() -> list[str]:
            return [name for name, target in found.items() if target is None and name not in taken]

        if self.info is not None and self.info.store is Store.CONTAINERD:
            for _ in range(AWAY_LOOKS):
                if not missing():
                    break
                time.sleep(AWAY_SECONDS)
                found |= self._ask(missing())
        # A list can lack what the engine knows very well by its name (moby issue 47674).
        for name in missing():
            try:
                image = self._engine.image(name)
            except Unavailable:
                raise
            except EngineError:
                del found[name]  # it was not said that it is gone
                continue
            if image is not None and name in {*image.tags, *image.keeps}:
                found[name] = image.id
        return found

    def _ask(self, names: Collection[str]) -> dict[str, str | None]:
        images = self._engine.find_images(list(names)) if names else []
        found = Catalog({image.id: image for image in images}).names
        return {name: found.get(name) for name in names}

    def answer(self, key: str | None) -> None:
        """Whose log the engine has that is followed: that under a key, or, for None, one of its own.

        Raises Ambiguous, and EngineError where the state file cannot be used. `follow` finds it from then on.
        """
        state, info = self.state, self.info
        if state is None or info is None:
            raise EngineError(self.problem or "no engine has answered yet")
        engines, here = Engines(state), place_of(info, time.time_ns())
        found = self.guarded(
            lambda: engines.begin(here) if key is None else engines.adopt(key, here)[0], writes=True
        )
        if found is None:
            raise EngineError(self.problem or "")
        self._key, self.doubt, self.problem = found, None, None

    def _recognise(self, info: EngineInfo) -> None:
        """Find the key under which everything about this engine is kept."""
        self._key, self.doubt, self._trouble = None, None, None
        asked, here = bool(info.clock_ns), place_of(info, time.time_ns())
        try:
            engines = Engines(self.attempt(self._open))
            self._known_in_doubt = _places(self.attempt(engines.known))
            found = self.attempt(lambda: Identifying(self._engine, engines).find(here, ask=asked))
        except StateUnusable as error:
            self._trouble = error
            return
        if isinstance(found, Doubt):
            self.doubt = found if asked else None
            self.problem = self.doubt.words if self.doubt is not None else self.problem
            return
        self._key = found
        if asked:
            self.guarded(lambda: engines.saw(found, here), writes=True)

    def _tell_whose(self, here: Place) -> None:
        unrecognised = self._key is None and self.doubt is None
        if unrecognised and here == self._place:
            return  # nothing says that it is another one
        self._place = here
        self.whose = here if self._key is None else (here.reported, self._key)

    @property
    def may_be_settled(self) -> bool:
        """Whether somebody may have said elsewhere which engine this is: places of engines have changed."""
        state = self.state
        if self.doubt is None or state is None:
            return False
        known = self.guarded(Engines(state).known)
        return known is not None and _places(known) != self._known_in_doubt

    def _open(self) -> State:
        """Only `_recognise` opens the file: what is in it is not used before it is known whose it is."""
        if self._state is None:
            self._state = self._open_state()
        return self._state

    def _confirmed(self) -> int:
        """When what is recorded was known to be true last; 0 for never, or where there is no log."""
        log = self.log
        return (self.guarded(log.confirmed) if log is not None else None) or 0

    def _record(
        self,
        tags: Mapping[str, str | None],
        catalog: Catalog,
        asked: MonotonicTime,
        events: Sequence[Event],
        *,
        whole: bool = False,
        followed: bool = True,
        evidence: bool = False,
        looks: int = LOOKS,
    ) -> Recorded:
        log, info = self.log, self.info
        if log is None or info is None or not (tags or events or whole):
            return Recorded()
        first = {Store.CONTAINERD: True, Store.GRAPH: False}.get(info.store)
        observation = Observation(
            tags,
            asked,
            moment(),
            self.now,
            whole,
            events,
            catalog.images,
            first,
            info.tells_builds,
            followed and (whole or not info.hides_builds),
        )
        proved = self._proved(log, catalog, events) if evidence else ()
        recorded = self.guarded(lambda: log.record(observation, name=info.name, proved=proved), writes=True)
        if recorded is None:
            return Recorded(unsettled=tuple(tags))
        if not recorded.unsettled or not looks:
            return recorded
        asked = moment()
        where = self._where(recorded.unsettled)
        again = self._record(where, Catalog(), asked, (), followed=followed, looks=looks - 1)
        return Recorded((*recorded.moves, *again.moves), again.unsettled, recorded.first_sight)

    def _proved(self, log: TagLog, catalog: Catalog, events: Sequence[Event]) -> Sequence[Move]:
        """What the events that the engine held before the first sight prove, where evidence is wanted."""
        if self._prove is None or self.guarded(log.confirmed) is not None:
            return ()
        return list(self._prove(catalog, events))

    @property
    def wall(self) -> int:
        """The clock of this machine: nanoseconds since the epoch."""
        return int(self._clock() * SECOND)

    @property
    def now(self) -> int:
        """The engine's clock, by which events are told: nanoseconds since the epoch."""
        return self.wall + self._ahead


def _places(known: Iterable[KnownEngine]) -> object:
    """Which engines are known, and by what: not when they were seen."""
    return {(each.key, replace(place, seen=0)) for each in known for place in each.places}


def unproved_words(failed: Sequence[str]) -> str:
    """One line for all images of whose past nothing could be read."""
    return f"what was before the first look is not known of {plural(len(failed), 'image')} ({failed[0]})"


def _of_images(events: Sequence[Event]) -> Sequence[Event]:
    """What containers do moves no tag: nothing is written because of it."""
    return [event for event in events if event.kind == "image"]
