"""Keep rules as a session has them: followed in their file, applied, offered where there are none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from imgtui.engine.port.engine import Engine
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.image import Layer, Store
from imgtui.model.core.printable import printable
from imgtui.model.keeps.rules import KeepRule
from imgtui.model.taglog.moves import Move
from imgtui.operations.keeps.keeping import Keeping, own_keeps
from imgtui.operations.keeps.rule_book import RuleBook
from imgtui.operations.protocol.updates import Publish, RulesUpdated
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.config.first_rule import RuleNotWritten, add_first_rule
from imgtui.store.rule_notes import OfferAnswer


class RulesService:
    """Tells what has changed with `RulesUpdated`; every method is called from the session's thread."""

    def __init__(
        self,
        engine: Engine,
        recorder: Recorder,
        rules: RuleBook | Sequence[KeepRule],
        layers: Callable[[Store], Iterable[tuple[str, tuple[Layer, ...]]]],
        publish: Publish,
    ) -> None:
        self.book = rules if isinstance(rules, RuleBook) else RuleBook(None, rules)
        self._recorder = recorder
        self._publish = publish
        self._keeping = Keeping(engine, recorder, self.book, layers)
        self._offered = False
        self._own: frozenset[str] = frozenset()
        self._declined = False
        """Whether the offer was declined since the engine is followed, also where that cannot be noted."""
        self._told = RulesUpdated()

    def begin(self) -> None:
        """An engine is followed from now on."""
        self._read()
        self._declined = False
        self._own = frozenset(own_keeps(self._recorder))
        self._offered = is_offered(self._recorder, self.book)
        self._tell()

    def look(self) -> bool:
        """Look whether the rules have changed: then they are to be applied everywhere."""
        changed = self._read()
        # The machine's recorder may have begun or ended meanwhile.
        self._offered = not self._declined and is_offered(self._recorder, self.book)
        self._tell()
        return changed

    def apply(self, catalog: Catalog, repositories: Collection[str] | None) -> tuple[Move, ...]:
        """Apply the rules in these repositories, or everywhere; the releases. Raises Unavailable."""
        released = self._keeping.apply(catalog, repositories)
        self._own = frozenset(own_keeps(self._recorder))
        self._tell()
        return released

    @property
    def is_due(self) -> bool:
        """Whether something may be released by now that could not be before."""
        return self._keeping.is_due

    def answer(self, *, agreed: bool) -> bool:
        """Write a first rule, or that none is wanted; whether there is a rule to apply."""
        self.look()
        if self.book.path is None or self.book.rules:
            return bool(self.book.rules)
        if agreed:
            try:
                add_first_rule(self.book.path)
            except RuleNotWritten as error:
                self._tell(problem=str(error))
                return False
            self.book.look()
            self._offered = False
            self._tell(
                said=f"kept from now on, by {printable(self.book.path)}: the last 5 of every repository"
            )
            return True
        notes, now = self._recorder.notes, self._recorder.wall
        if notes is not None:
            self._recorder.guarded(lambda: notes.keep_answer(OfferAnswer.DECLINED, now), writes=True)
        self._offered, self._declined = False, True
        self._tell(said="no keep rule on this engine: what a rebuild replaces is lost. M offers one again")
        return False

    def _read(self) -> bool:
        """Read the file if it has changed; whether the rules, or what is wrong with them, have."""
        same = not self.book.other_keys
        changed = self.book.look()
        if same and self.book.other_keys:
            self._tell(said="the keys in the settings have changed: they hold from the next start on")
        return changed

    def _tell(self, *, said: str = "", problem: str | None = None) -> None:
        problem = problem or self.book.problem or self._keeping.problem
        place = "" if self.book.rules or self.book.problem else printable(self.book.path or "")
        told = RulesUpdated(self.book.rules, self._offered, place, problem, "", self._own)
        if said or told != self._told:
            self._told = told
            self._publish(replace(told, said=said))


def is_offered(recorder: Recorder, book: RuleBook) -> bool:
    """Whether an engine deletes what a rebuild replaces, no rule holds it, and nobody has wanted it so.

    Where the machine's recorder watches it, that applies rules of its own.
    """
    info, notes = recorder.info, recorder.notes
    if info is None or info.store is not Store.CONTAINERD or book.path is None:
        return False
    if book.rules or book.problem is not None or recorder.machine_watches:
        return False
    return notes is None or recorder.guarded(notes.answer) is None
