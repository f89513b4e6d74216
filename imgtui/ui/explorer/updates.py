"""What the session tells, and where in the explorer it is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on

from imgtui.operations.compare.updates import Compared, FileCompared, FilesCompared, PackagesCompared
from imgtui.operations.files.updates import FilesAnswered, FilesTold
from imgtui.operations.protocol.updates import (
    ActEnded,
    ActTold,
    ContainerSeen,
    EngineState,
    FactsReady,
    Failed,
    Interrupted,
    JobLogRead,
    JobTold,
    JournalRead,
    LaunchDrafted,
    LayersLearned,
    Phase,
    Proposed,
    RebuildDrafted,
    Rebuilt,
    RegistryAnswered,
    Remembered,
    RulesTold,
    Settled,
    Update,
)
from imgtui.ui.actions import by_id
from imgtui.ui.launch.attach import with_news
from imgtui.ui.messages import ActAsked, LogAnswered
from imgtui.ui.rules.controller import ExplorerRules

if TYPE_CHECKING:
    from textual.timer import Timer

OF_COMPARES = Compared | FilesCompared | PackagesCompared | FileCompared
"""What is known of two images that are compared."""
ANSWERS = (
    JournalRead
    | OF_COMPARES
    | RegistryAnswered
    | LaunchDrafted
    | ContainerSeen
    | JobLogRead
    | FilesTold
    | FilesAnswered
    | RebuildDrafted
    | Rebuilt
)
"""What screens before this one asked for, or are opened by."""
OF_ACTS = ActTold | ActEnded | Proposed | Interrupted | Settled | JobTold | Failed
"""How it goes with acts and jobs, and what failed."""
NEVER_HELD = FactsReady | OF_ACTS | ANSWERS | RulesTold
"""What somebody asked for: a frozen explorer shows it too."""
GATHER = 0.1
"""Seconds in which layers that are learned one after the other are gathered before they are shown."""


class ExplorerNews(ExplorerRules):
    """Takes over what is told, and has shown what it changes."""

    _gathering: Timer | None = None
    """Runs while layers are gathered that are learned one after the other."""
    _composed = False
    """Whether there is anything to show it on."""

    if TYPE_CHECKING:

        def show_top(self) -> None: ...
        def show_bottom(self) -> None: ...

    def take(self, update: Update) -> None:
        """Something new is known."""
        if self.frozen is not None and not isinstance(update, NEVER_HELD):
            self._hold(self.frozen, update)
            return
        if isinstance(update, EngineState):
            self.known.take_state(update)
            self.show_all()
            self.show_list()
            self.look_at_launched()
        elif isinstance(update, Remembered):
            self._take_log(update)
        elif isinstance(update, RulesTold):
            self.take_rules(update)
        elif isinstance(update, ANSWERS):
            self._take_answer(update)
        elif isinstance(update, OF_ACTS):
            self._take_act(update)
        elif isinstance(update, LayersLearned):
            self.known.take_layers(update)
            if self._gathering is None:
                self._gathering = self.set_timer(GATHER, self._show_learned)
        elif isinstance(update, FactsReady):
            if update.revealed and not (self.revealed and self._looks_at(update.image_id)):
                return  # asked for before the move: what nobody looks at is not held
            self.known.take_facts(update)
            if self._looks_at(update.image_id):
                self.show_detail(top=False)

    def _take_log(self, update: Remembered) -> None:
        """The tag log has new moves, or cannot be kept."""
        was_clear = self.known.doubt is None
        said, bad = self.known.take_log(update)
        if said and update.doubt is None:
            self.say(said, bad=bad)
        if self._composed:
            if was_clear:
                self.ask_whose_log()
            elif self.known.doubt is None:
                self._stop_asking()
            self.show_top()
            self.show_detail(top=False)
        self.show_list()
        if self.known.released:
            from imgtui.ui.rules.text import released_words

            self.say(released_words(self.known.released))

    def ask_whose_log(self) -> None:
        """Ask which engine this is, where that is not clear."""
        doubt = self.known.doubt
        if doubt is None:
            return
        from imgtui.ui.rules.whose_log_screen import AS_NEW, LATER, WhoseLogScreen

        def answered(key: str | None) -> None:
            if self.known.doubt is None:
                return  # somebody has said it elsewhere
            if key in {None, LATER}:
                self.say("nothing is recorded until you say which engine this is: R asks again", bad=True)
            else:
                self.post_message(LogAnswered(None if key == AS_NEW else key))

        self.app.push_screen(WhoseLogScreen(doubt), answered)

    def _stop_asking(self) -> None:
        """It is clear by now which engine this is: an answer would say something else."""
        from imgtui.ui.rules.whose_log_screen import WhoseLogScreen

        if isinstance(asking := self.app.screen, WhoseLogScreen):
            asking.dismiss(None)

    def _take_act(self, update: OF_ACTS) -> None:
        """How it goes with what is done, and what was left undone."""
        if isinstance(update, ActEnded):
            if not update.by_itself:
                self.known.under_way = max(0, self.known.under_way - 1)
            done = (update.said or f"{update.act.title}: done") if update.error is None else update.error
            self.say(done, bad=update.error is not None)
            self.ask_journal()
        elif isinstance(update, ActTold):
            self.say(f"{update.line}   {by_id(self.ACTIONS, 'act.stop').key_text}: stop")
        elif isinstance(update, JobTold):
            self.take_job(update)
        elif isinstance(update, Proposed):
            self.propose_act(update)
        elif isinstance(update, Failed):
            self.say(update.problem, bad=True)
        elif isinstance(update, Settled):
            self.say("; ".join(update.lines))
            self.ask_journal()
        else:
            self.known.interrupted = update.pending
            self.show_bottom()

    def _take_answer(self, update: ANSWERS) -> None:
        """What a screen before this one asked for."""
        if isinstance(update, JournalRead):
            self.known.journal = update
            self.show_journal()
        elif isinstance(update, LaunchDrafted | ContainerSeen):
            self.take_launching(update)
        elif isinstance(update, JobLogRead):
            self.take_job(update)
        elif isinstance(update, FilesTold | FilesAnswered):
            self.take_files(update)
        elif isinstance(update, OF_COMPARES):
            self.take_compared(update)
        elif isinstance(update, RebuildDrafted | Rebuilt):
            self.take_rebuild(update)
        else:
            self.known.take_remote(update.tag)
            self.show_list()

    @on(ActAsked)
    def _act_asked(self) -> None:
        """It goes on to the application."""
        self.known.under_way += 1

    def _looks_at(self, image_id: str) -> bool:
        return self.version is not None and self.version.image.id == image_id

    def _hold(self, held: list[Update], update: Update) -> None:
        """While frozen: keep the last of what comes; only that the engine is lost is said."""
        self.frozen = with_news(held, update)
        if isinstance(update, EngineState) and update.phase is Phase.LOST:
            lost = replace(self.known.state, phase=Phase.LOST, problem=update.problem, as_of=update.as_of)
            self.known.take_state(lost)
            self.show_top()
            self.show_bottom()

    def _show_learned(self) -> None:
        self._gathering = None
        self.show_rows()
        if self.known.complete:
            self.show_detail(top=False)
