"""A session keeps a catalog equal to an engine, and its facts at hand.

One thread follows the engine: it paints the last known state first, lists, then lives on events.
It never holds a widget or a screen; what it knows it publishes.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from imgtui.engine.port.engine import Engine, EventStream
from imgtui.engine.port.errors import EngineError, Problem, ProblemKind, Unavailable
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.event import Event
from imgtui.model.core.image import EngineInfo
from imgtui.model.core.reference import repository_of
from imgtui.model.keeps.keep import is_keep
from imgtui.model.keeps.rules import KeepRule
from imgtui.model.taglog.history import Past
from imgtui.model.taglog.identity import place_of
from imgtui.model.taglog.moves import Move, Provenance
from imgtui.operations.keeps.rule_book import RuleBook
from imgtui.operations.protocol.updates import ActEnded, EngineState, Failed, Phase, Publish, Rebuilt
from imgtui.operations.session.log_cache import LogCache, Watched
from imgtui.operations.session.rules_service import RulesService
from imgtui.operations.session.services import Services
from imgtui.operations.taglog.reconcile import Listed, look_at_everything, reconcile
from imgtui.operations.taglog.recording import Recorder, moment, unproved_words
from imgtui.store.cached.cache import Cache, Snapshot
from imgtui.store.config.settings import RollbackSettings
from imgtui.store.engines import Ambiguous
from imgtui.store.state import State
from imgtui.store.tag_log import Recorded
from imgtui.threads import ends_by_itself, in_background

QUIET_SECONDS = 0.03
"""Events that follow each other faster than this are one burst."""
BURST_SECONDS = 0.2
"""The longest time that a burst is gathered before it is looked at."""
WATCH_SECONDS = 0.25
"""How often it is looked whether another imgtui has written into the state file."""
SAVE_SECONDS = 2.0
"""Quiet time after a change before the last known state is written; how often it is looked what is due."""
SAVE_AT_LATEST_SECONDS = 60.0
"""The last known state of an engine that is never quiet is written this often."""
PAINT_SECONDS = 0.5
"""The longest time that the last known state is given to be painted, before docker is imported."""
FINISH_SECONDS = 0.3
"""The longest time that closing waits for files."""
JOB_SECONDS = 15.0
"""How long the end of the program waits for jobs that it stops: they let go what they kept, and remove what
is half extracted."""
ACT_SECONDS = 30.0
"""How long the end of the program waits for an act that is under way, and puts back what it has done."""
STEADY_SECONDS = 5.0
"""A connection that lasted this long was a good one: the next try after it is made at once."""
TIDY_SECONDS = 3600.0
UNTOLD_SECONDS, UNTOLD_SHARE = 4.0, 20
"""The pause between two looks at an engine that hides its builds: so many times as long as a look takes."""
DEAF_SECONDS = 30.0
"""The pause between two looks at an engine that tells no events: each asks for everything."""
RULES_SECONDS = 5.0
"""How often it is looked whether the settings have changed, or something is to be released by a rule."""
JUDGED_SECONDS = 3600.0
"""How often rules are applied where nothing happens: by then days have passed that they count."""
RETRY_SECONDS = (0.25, 0.5, 1.0, 2.0, 3.0)


@dataclass(frozen=True, slots=True)
class _Added:
    """The log has what no event tells of: evidence, keeps, and, without a move, what registries have."""

    moves: tuple[Move, ...]
    whose: object
    """Of which engine, as `Recorder.whose`."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """The engine told something."""

    stream: int
    event: Event


@dataclass(frozen=True, slots=True)
class _Ended:
    """The event stream is over."""

    stream: int
    error: Exception | None


@dataclass(frozen=True, slots=True)
class _Over:
    """An act is over: it is told when what it did is shown, as what comes next may be to undo it."""

    update: ActEnded | Rebuilt


@dataclass(frozen=True, slots=True)
class _Written:
    """Somebody has changed the state file."""


@dataclass(frozen=True, slots=True)
class _Answered:
    """Somebody answered the offer of a first keep rule."""

    agreed: bool


class _Deaf(EngineError):
    """The engine answers and tells no events: it was looked at, and cannot be followed."""

    def __init__(self, cause: EngineError) -> None:
        super().__init__(f"the engine tells no events ({cause.message})", cause.status)


News = _Heard | _Added | _Over | _Answered | _Ended | _Written


class Session:
    """Follows one engine until it is closed. `publish` is called from its threads.

    A `headless` one has nobody who looks: no layers are fetched, and no last known state is written.
    """

    def __init__(
        self,
        engine: Engine,
        cache: Cache,
        endpoint: str,
        publish: Publish,
        *,
        recorder: Recorder | None = None,
        rules: RuleBook | Sequence[KeepRule] = (),
        watched: Watched = lambda *_: False,
        headless: bool = False,
        rollback: RollbackSettings | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine
        self._cache = cache
        self._publish = publish
        self.recorder = recorder or Recorder(engine, lambda: State(None), clock=clock)
        self.services = Services(
            engine,
            cache,
            self.recorder,
            publish,
            self._added,
            self._act_ended,
            rollback=rollback,
            headless=headless,
            clock=clock,
        )
        self.rules = rules
        """The keep rules that are applied."""
        self._endpoint = endpoint
        self._clock = clock
        self._closed = threading.Event()
        self._retry = threading.Event()
        self._relist = threading.Event()
        self._shown = threading.Event()
        self._stream: EventStream | None = None
        self._mail: queue.SimpleQueue[News] = queue.SimpleQueue()
        """One for as long as the session lives: what is put into it is never lost."""
        self._streams = 0
        """Event streams that were opened: what an earlier one told is old."""
        self._phases = threading.Lock()
        """Held while it is decided whether somebody reads the mail."""
        self._state = EngineState(Phase.CONNECTING)
        self._headless = headless
        self._unsaved = False
        self._looking = False
        """Whether what was heard is being looked at."""
        self._failures = 0
        self._live_since = 0.0
        self._tidied: float | None = None
        self._chronicle = LogCache(self.recorder, publish, watched)
        self._rules = RulesService(engine, self.recorder, rules, cache.layers, publish)
        self._judged = 0.0
        """When the rules were applied everywhere last, by the monotonic clock."""
        self._looked_at_rules = 0.0
        """When it was last looked whether the rules have changed, by the monotonic clock."""
        self._looked_at_due = 0.0
        """When it was last looked what is due, by the monotonic clock."""
        self._untold_due = 0.0
        """When all images are looked at again of an engine that hides its builds, by the monotonic clock."""
        self._heard_at = 0.0
        """When there was news of the engine last, by the monotonic clock."""
        self._saved_at = 0.0
        """When the last known state was written last, by the monotonic clock."""
        self._shown_of: object = None
        """Whose catalog is shown, as `Recorder.whose`."""

    def recall(self) -> EngineState | None:
        """The last known state, before `start`: there before the engine has answered."""
        snapshot = self._cache.snapshot(self._endpoint)
        if snapshot is None:
            return None
        self.services.facts.known_as(snapshot.info.store)
        self._state = EngineState(Phase.CONNECTING, snapshot.catalog, snapshot.info, snapshot.taken)
        return self._state

    def start(self) -> None:
        """Begin to follow, in a thread that never keeps the program alive."""
        in_background(
            "session", self._run, self.services.complaint("the engine is not followed any more"), self.close
        )

    def proceed(self) -> None:
        """What was recalled is on the screen: begin with what takes time."""
        self._shown.set()

    def answer(self, key: str | None) -> None:
        """Say whose log this engine has: that under a key, or, for None, one of its own; in a thread."""

        def write() -> None:
            try:
                self.recorder.answer(key)
            except (Ambiguous, EngineError) as error:
                self._chronicle.complain(str(error))
            else:
                self.refresh()

        in_background(
            "answer", write, self.services.complaint("the answer could not be written"), ends_by_itself
        )

    def refresh(self) -> None:
        """Ask again: reconnect at once when lost, list anew when live."""
        self._relist.set()
        self._retry.set()
        self._close_stream()

    def close(self) -> None:
        """Stop. It waits for acts and jobs, and not for ever: a thread that hangs ends with the program."""
        self.services.acts.close(ACT_SECONDS)
        self._closed.set()
        self.services.jobs.stop_all()
        self.services.jobs.wait(JOB_SECONDS)
        told = self.services.complaint("the last known state could not be written")
        in_background("finish", self._finish, told, ends_by_itself).wait(FINISH_SECONDS)
        self._retry.set()
        self._shown.set()
        self.services.close()
        self._close_stream()

    def _finish(self) -> None:
        """What is nice to have written; another program may hold a file for longer than anybody waits."""
        if self._unsaved:
            self._save()
        if self._state.phase is Phase.LIVE and self._up_to_date:
            self.recorder.confirm()

    # ------------------------------------------------------------------ the following thread

    def _run(self) -> None:
        state = self._state
        if state.info is not None:
            self._shown.wait(PAINT_SECONDS)
            self.services.facts.recall(state.info.store, state.catalog)
            # The log can be read while the engine does not answer; its clock is not known then.
            self._chronicle.begin(replace(state.info, clock_ns=0))
            self._shown_of = self.recorder.whose
        while not self._closed.is_set():
            try:
                self._follow()
            except EngineError as error:
                self._lose(error)
            except Exception as error:  # an answer that nobody foresaw must not end the following in silence
                told = f"{type(error).__name__}: {error}"
                self._lose(EngineError(f"the engine's answer could not be used ({told})"))

    def _follow(self) -> None:
        """Connect, list, and live on events until the stream ends. Raises EngineError."""
        info = self._engine.connect()
        since = self._chronicle.begin(info)
        untold = self._listen()
        held = self.recorder.hear(since)
        asked = moment()
        catalog = self._list(info)
        # What the list may not have seen yet stays in the mail: it is looked at right afterwards.
        with self.recorder.hurried():
            recorded = self.recorder.take_all(catalog, asked, held)
        self._chronicle.add(recorded)
        if untold is not None:
            self._tell(Phase.LOST, catalog, as_of=self._clock(), problem=self._state.problem)
            raise _Deaf(untold)
        self._tell(Phase.LIVE, catalog, as_of=self._clock())
        self._show_later(info)
        self._rules.begin()
        with self.recorder.hurried():
            self._keep()
        # Events of a later look are of moves that were observed: they are no evidence of the time before.
        self._look_for_evidence(held if recorded.first_sight else ())
        self._tidied = None
        self._tidy(catalog)
        self.services.acts.look_for_interrupted()
        self._live_since = self._looked_at_due = time.monotonic()
        self._save()
        while not self._closed.is_set():
            self._looking = False
            news = list(self._burst())
            self._looking = True
            try:
                everywhere = self._take_answers(news)
                ended = next((item for item in news if isinstance(item, _Ended)), None)
                if all(isinstance(item, _Written) for item in news):
                    self._read_again()
                elif ended is None:
                    self._heard_at = time.monotonic()
                    self._take(info, news, everywhere=everywhere)
                elif self._relist.is_set():
                    self._relist.clear()
                    self._put_back(news)
                    self._tell(Phase.CONNECTING, self._state.catalog, as_of=self._clock())
                    return
                else:
                    self._put_back(news)
                    raise _lost(ended)
            finally:
                self._tell_over(news)

    def _read_again(self) -> None:
        """Another imgtui has written into the state file: tell what is new in it, without a request."""
        past = self._chronicle.past
        self._chronicle.add(Recorded())
        if self._chronicle.past != past:
            self._tell(Phase.LIVE, self._state.catalog, as_of=self._clock())
        if self.recorder.may_be_settled:
            self.refresh()

    def _take(self, info: EngineInfo, news: Sequence[News], *, everywhere: bool) -> None:
        """Look at what became of what was heard of, and record and tell it. Raises EngineError.

        `everywhere` is whether the keep rules are to be applied everywhere.
        """
        with self.recorder.hurried():  # the next rebuild does not wait until what this one replaces is kept
            self._take_now(info, news, everywhere=everywhere)

    def _take_now(self, info: EngineInfo, news: Sequence[News], *, everywhere: bool) -> None:
        happened = [item.event for item in news if isinstance(item, _Heard)]
        before, asked = self._state.catalog, moment()
        proved = tuple(move for item in news if isinstance(item, _Added) for move in item.moves)
        # What an act has moved may be here before its event is (Podman 4.3): it is looked at all the same.
        acted = (Event("image", "tag", m.target, m.reference) for m in proved if m.known is Provenance.ACT)
        try:
            catalog = reconcile(self._engine, before, [*happened, *acted])
            recorded = self.recorder.take(before, catalog, asked, happened)
        except Exception:
            self._put_back(news)
            raise
        self._chronicle.add(
            replace(recorded, moves=(*recorded.moves, *proved)),
        )
        self._tell(Phase.LIVE, catalog, as_of=self._clock())
        everywhere = self._rules.look() or everywhere
        self._keep(None if everywhere else _touched(before, catalog, happened))
        self._show_later(info)
        self._tidy(catalog)

    def _act_ended(self, update: ActEnded | Rebuilt) -> None:
        with self._phases:
            live = self._state.phase is Phase.LIVE
            if live:
                self._mail.put(_Over(update))
        if not live:
            self._publish(update)

    def _tell_over(self, news: Iterable[News]) -> None:
        for item in news:
            if isinstance(item, _Over):
                self._publish(item.update)

    def _leave_mail(self) -> None:
        """Nobody reads the mail for a while, as the phase says: what needs no engine is done now."""
        with self._phases:
            left = list(_rest(self._mail))
        self._take_answers(left)
        self._tell_over(left)
        self._put_back(left)

    def _added(self, moves: tuple[Move, ...]) -> None:
        self._mail.put(_Added(moves, self.recorder.whose))

    def _put_back(self, news: Iterable[News]) -> None:
        """What was added to the log and not told yet is told when the engine is live again."""
        for item in news:
            if isinstance(item, _Added):
                self._mail.put(item)

    def _take_answers(self, news: Iterable[News]) -> bool:
        """Write what was answered; whether there is a rule to apply, which every connection does too."""
        answers = [item.agreed for item in news if isinstance(item, _Answered)]
        return any(self._rules.answer(agreed=agreed) for agreed in answers)

    def _listen(self) -> EngineError | None:
        """Open the event stream before listing, so that nothing falls between the two.

        Returns why an engine that answers tells no events: a proxy may forbid them, and them alone. Raises
        EngineError where nothing answers.
        """
        self._relist.clear()
        self._leave_mail()
        self._streams += 1
        number = self._streams
        try:
            stream = self._stream = self._engine.events()
        except EngineError as error:
            if error.status is None:
                raise
            return error

        def read() -> None:
            try:
                for event in stream:
                    self._mail.put(_Heard(number, event))
                self._mail.put(_Ended(number, None))
            except Exception as error:
                self._mail.put(_Ended(number, error))

        def fail(error: str) -> None:
            self._mail.put(_Ended(number, EngineError(error)))

        in_background("events", read, fail, stream.close)
        return None

    def _list(self, info: EngineInfo) -> Catalog:
        """Ask for everything. Without a last known state, what arrives is shown as it arrives."""
        before = self._state
        # An engine that was in doubt, and is not any more, is where it was.
        same = before.info is not None and self._shown_of in (self.recorder.whose, place_of(info))
        recalled = same and bool(before.catalog.images)
        listed = Listed()
        known = before.catalog if same else Catalog()
        if not same:
            self.services.facts.forget()
        as_of = self._clock() if before.phase is Phase.LIVE else before.as_of
        self._shown_of = self.recorder.whose
        self._tell(Phase.LISTING, known, info=info, as_of=as_of if same else None)
        containers = {container.id: container for container in self._engine.containers()}
        for part in self._engine.list_images():
            listed.add(part.images)
            shown = self._state.catalog if recalled else Catalog(dict(listed.images), containers)
            if part.records is not None:
                arrived = sum(max(1, len(image.tags)) for image in listed.images.values())
                as_of = self._state.as_of
                self._tell(Phase.LISTING, shown, as_of=as_of, arrived=arrived, expected=part.records)
        return Catalog(listed.settled(self._engine), containers)

    def _show_later(self, info: EngineInfo) -> None:
        """Have layers fetched, for whoever looks and for rules that count bytes, and facts kept."""
        if not self._headless or self._rules.book.counts_bytes:
            self.services.facts.follow(info.store, self._state.catalog)
        self.services.remembering.follow(info.store, self._state.catalog)

    @property
    def _up_to_date(self) -> bool:
        """Whether everything that the engine has done was told, and looked at."""
        hidden = self._state.info is not None and self._state.info.hides_builds
        return not self._looking and self._mail.empty() and not hidden

    def _burst(self) -> Iterator[News]:
        """The next events that belong together; what is due is done before."""
        while True:
            self._look_at_due()
            try:
                first = self._mail.get(timeout=WATCH_SECONDS)
            except queue.Empty:
                if self._chronicle.is_old:
                    yield _Written()
                    return
                continue
            if self._is_news(first):
                yield first
                break
        deadline = time.monotonic() + BURST_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            try:
                item = self._mail.get(timeout=min(QUIET_SECONDS, left))
            except queue.Empty:
                return
            if self._is_news(item):
                yield item

    def _is_news(self, item: News) -> bool:
        """Whether it is of this connection, and of this engine."""
        if isinstance(item, _Added):
            return item.whose == self.recorder.whose
        return not isinstance(item, _Heard | _Ended) or item.stream == self._streams

    def _look_at_due(self) -> None:
        """Do what has its time, however busy the engine or the state file is. Raises EngineError."""
        now = time.monotonic()
        if now - self._looked_at_due < SAVE_SECONDS:
            return
        self._looked_at_due = now
        quiet = now - self._heard_at >= SAVE_SECONDS
        if self._unsaved and (quiet or now - self._saved_at >= SAVE_AT_LATEST_SECONDS):
            self._save()
        if self.recorder.behind:
            self.refresh()  # what could not be recorded is found by comparing everything
        if now - self._looked_at_rules >= RULES_SECONDS:
            self._looked_at_rules = now
            self._keep_in_time()
        info = self._state.info
        if info is not None and info.hides_builds and now >= self._untold_due:
            self._look_for_untold(info)
            took = time.monotonic() - now
            self._untold_due = time.monotonic() + max(UNTOLD_SECONDS, UNTOLD_SHARE * took)

    def _look_for_untold(self, info: EngineInfo) -> None:
        """Record and tell what an engine has built or pruned without an event. Raises EngineError."""
        before, asked = self._state.catalog, moment()
        catalog = look_at_everything(self._engine, before)
        if catalog.images == before.images:
            return
        with self.recorder.hurried():
            self._chronicle.add(self.recorder.take_all(catalog, asked, (), evidence=False))
            self._tell(Phase.LIVE, catalog, as_of=self._clock())
            self._keep(_touched(before, catalog, ()))
        self._show_later(info)

    def _save(self) -> None:
        if self._state.info is not None and self._state.as_of is not None and not self._headless:
            self._cache.keep_snapshot(
                self._endpoint, Snapshot(self._state.info, self._state.catalog, self._state.as_of)
            )
        self._unsaved, self._saved_at = False, time.monotonic()

    def _lose(self, error: EngineError) -> None:
        """Tell that the engine does not answer, and pause before the next try."""
        if self._closed.is_set():
            return
        self._close_stream()
        problem = error.problem if isinstance(error, Unavailable) else None
        if problem is None:
            problem = Problem(ProblemKind.OTHER, str(error), "press R to try again")
        deaf = isinstance(error, _Deaf)
        as_of = self._clock() if self._state.phase is Phase.LIVE else self._state.as_of
        if self._state.phase is Phase.LIVE:
            if self._up_to_date:
                self.recorder.confirm()
            if time.monotonic() - self._live_since > STEADY_SECONDS:
                self._failures = 0
        self._tell(Phase.LOST, self._state.catalog, as_of=as_of, problem=problem)
        self._leave_mail()
        pause = RETRY_SECONDS[min(self._failures, len(RETRY_SECONDS) - 1)]
        self._retry.wait(DEAF_SECONDS if deaf else pause)
        self._retry.clear()
        self._failures += 1

    def _tell(
        self,
        phase: Phase,
        catalog: Catalog,
        *,
        info: EngineInfo | None = None,
        as_of: float | None = None,
        arrived: int = 0,
        expected: int | None = None,
        problem: Problem | None = None,
    ) -> None:
        # In a list that is still arriving, what is not there yet would look as if it were gone.
        arriving = phase is Phase.LISTING and as_of is None
        catalog = replace(catalog, past=Past() if arriving else self._chronicle.past)
        self._state = EngineState(phase, catalog, info or self._state.info, as_of, arrived, expected, problem)
        self._unsaved = self._unsaved or (phase is Phase.LIVE and not self._headless)
        _work_out(catalog)
        if not self._closed.is_set():
            self._publish(self._state)

    def answer_offer(self, *, agreed: bool) -> None:
        """The offer of a first keep rule was answered: it is written and applied, or not made again."""
        with self._phases:
            self._mail.put(_Answered(agreed))
            if self._state.phase is not Phase.LIVE:
                self._retry.set()  # the mail is looked at with every try

    def _keep(self, repositories: Collection[str] | None = None) -> None:
        """Apply the keep rules in these repositories, or everywhere."""
        if self.recorder.doubt is not None:
            return
        if repositories is None:
            self._judged = time.monotonic()
        elif not repositories:
            return
        if released := self._rules.apply(self._state.catalog, repositories):
            self._chronicle.add(Recorded(released))

    def _keep_in_time(self) -> None:
        """Apply the rules everywhere where they have changed, or where time has passed that they count."""
        changed = self._rules.look()
        self.services.acts.rollback = self._rules.book.rollback or self.services.acts.rollback
        if changed or self._rules.is_due or time.monotonic() - self._judged > JUDGED_SECONDS:
            with self.recorder.hurried():
                self._keep()

    def _look_for_evidence(self, held: Sequence[Event]) -> None:
        catalog, whose = self._state.catalog, self.recorder.whose

        def look() -> None:
            with suppress(EngineError):  # it is looked for again when the engine is back
                if found := self.recorder.gather_evidence(catalog, held):
                    self._mail.put(_Added(found, whose))
                if failed := self.recorder.unproved:
                    self._publish(Failed(unproved_words(failed)))

        in_background(
            "evidence",
            look,
            self.services.complaint("moves before the first look were not found"),
            ends_by_itself,
        )

    def _tidy(self, catalog: Catalog) -> None:
        """Have put right what was interrupted, and removed what has had its time.

        At every connection, and with what happens once an hour.
        """
        now = time.monotonic()
        if self._tidied is None or now - self._tidied > TIDY_SECONDS:
            self._tidied = now
            work = partial(self.services.acts.tidy, catalog)
            in_background(
                "tidy",
                work,
                self.services.complaint("what has had its time was not removed"),
                self.services.acts.stop,
            )

    def _close_stream(self) -> None:
        stream = self._stream
        if stream is not None:
            stream.close()


def _work_out(catalog: Catalog) -> None:
    """What everybody asks of a catalog is worked out here, not in the thread that paints."""
    _ = catalog.repositories, catalog.everything, catalog.containers_of, catalog.tags


def _touched(before: Catalog, after: Catalog, events: Sequence[Event]) -> set[str]:
    """Repositories in which tags moved or may have moved, whoever has recorded it."""
    changed = {name for name, _ in before.tags.items() ^ after.tags.items()}
    named = {event.reference for event in events if event.kind == "image" and event.reference}
    found = {repository_of(name) or "" for name in changed | named if not is_keep(name)}
    users = [{(user.id, user.image_id) for user in each.containers.values()} for each in (before, after)]
    if used := {image_id for _, image_id in users[0] ^ users[1]}:
        found |= {
            name
            for name, repository in after.repositories.items()
            if any(version.image.id in used for version in repository.versions)
        }
    return found


def _rest(mail: queue.SimpleQueue[News]) -> Iterator[News]:
    """What nobody has taken."""
    with suppress(queue.Empty):
        while True:
            yield mail.get_nowait()


def _lost(ended: _Ended) -> EngineError:
    if isinstance(ended.error, EngineError):
        return ended.error
    return Unavailable(
        Problem(ProblemKind.INTERRUPTED, "the engine closed the connection", "it is tried again by itself")
    )
