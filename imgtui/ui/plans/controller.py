"""What the explorer's keys change: every act is a plan first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from imgtui.model.core.reference import repository_of
from imgtui.model.plans.plan import (
    NotPossible,
    Plan,
    plan_keep,
    plan_redo,
    plan_tag,
    plan_undo,
    plan_unkeep,
    plan_untag,
    together,
)
from imgtui.model.taglog.moves import Move
from imgtui.ui.explorer.keys import ExplorerActions
from imgtui.ui.explorer.knowledge import View
from imgtui.ui.explorer.rows import EVERYTHING
from imgtui.ui.messages import ActAsked, ActStopped, BackAsked, JournalAsked, TransferAsked

if TYPE_CHECKING:
    from imgtui.model.catalog.catalog import Version
    from imgtui.model.jobs.plans import TransferPlan
    from imgtui.operations.protocol.updates import Act
    from imgtui.ui.dialogs.wanting import WantingScreen
    from imgtui.ui.plans.journal_screen import JournalScreen


class ExplorerActs(ExplorerActions):
    """Keep, retag, untag, undo, redo, and the tag log and the journal that they are seen in."""

    _journal: JournalScreen | None = None
    """The journal, while it is looked at."""
    list_before: WantingScreen | None = None
    """The list that stands before the panes: the containers, or the tag log."""

    if TYPE_CHECKING:

        def _roll_back(self, container_id: str) -> None: ...
        def _roll_tag_back(self, move: Move) -> None: ...
        def why_unchangeable(self) -> str | None: ...
        def _discard(self, container_id: str) -> None: ...

    def do_version_keep(self) -> None:
        """The marked versions, else the one under the cursor; all that are kept are kept no longer."""
        chosen = self._chosen_versions()
        catalog, now = self.known.catalog, int(self.known.now)
        kept = all(version.image.keeps for version in chosen)

        def plan_of(version: Version) -> Plan:
            image_id = version.image.id
            if kept:
                return plan_unkeep(catalog, image_id)
            return plan_keep(catalog, image_id, self._repository_of(version), now)

        wanted = [version for version in chosen if kept or not version.image.keeps]
        title = f"{'stop keeping' if kept else 'keep'} {len(wanted)} versions"
        self._propose(lambda: together(title, [plan_of(version) for version in wanted]))

    def do_version_retag(self) -> None:
        version = self.version
        if version is None:
            return
        from imgtui.ui.dialogs.asking import AskScreen

        image_id = version.image.id
        name = self._repository_of(version)

        def fault(text: str) -> str | None:
            try:
                plan_tag(self.known.catalog, image_id, text, 0)
            except NotPossible as error:
                return str(error)
            return None

        def asked(text: str | None) -> None:
            if text is not None:
                self._propose(lambda: plan_tag(self.known.catalog, image_id, text, int(self.known.now)))

        title = f"tag {image_id[7:19]} as"
        self.app.push_screen(AskScreen(title, f"{name}:" if name else "", fault), asked)

    def do_version_untag(self) -> None:
        version = self.version
        if version is None:
            return
        image = self.known.catalog.images.get(version.image.id, version.image)
        tags = [tag for tag in image.tags if version.repository in {None, repository_of(tag)}]
        if len(tags) == 1:
            self._untag(tags[0])
            return
        from imgtui.ui.dialogs.choice import ChoiceScreen

        choices = [("tag", tag) for tag in tags]
        self.app.push_screen(ChoiceScreen("Untag", choices), lambda tag: self._untag(tag) if tag else None)

    def do_log_undo(self) -> None:
        self.put_back(self.view_now)

    def do_log_redo(self) -> None:
        self.put_back(self.view_now, redo=True)

    @property
    def view_now(self) -> View:
        """What is looked at: the repository under the cursor, or all."""
        everything = self.browse.repository == EVERYTHING
        return View(None if everything else self.browse.repository)

    def why_not_in_log(self, view: View, verb: str, _: str | None) -> str | None:
        """Why something cannot be done in the tag log now; None when it can."""
        if reason := self.why_unchangeable():
            return reason
        return self.why_not_back(view, redo=verb == "redo") if verb in {"undo", "redo"} else None

    def why_not_back(self, view: View, *, redo: bool = False) -> str | None:
        """Why nothing in view can be undone, or done again; None where something can.

        What is being done will be the newest change: what was that before is not offered in its place.
        """
        if self.known.under_way:
            return "an act is under way: ctrl+x stops it, and it puts back what it has done"
        change = self.known.newest(view, redo=redo)
        if change is None:
            return f"there is nothing to {'redo' if redo else 'undo'} in {self._place(view)}"
        if isinstance(change, Move):
            return None
        from imgtui.model.acts.changes import RolledBack, why_final

        if isinstance(change, RolledBack):
            return None
        return why_final(change, int(self.known.now), self.known.title_before(view))

    def put_back(self, view: View, *, redo: bool = False) -> None:
        """Show the plan that undoes the newest change in view, or does again what was undone last."""
        from imgtui.model.acts.changes import RolledBack

        change = None if self.known.under_way else self.known.newest(view, redo=redo)
        if isinstance(change, Move):
            plan = plan_redo if redo else plan_undo
            self._propose(lambda: plan(self.known.catalog, change, int(self.known.now)))
        elif isinstance(change, RolledBack):
            self.say("looking at what would be done …")
            self.post_message(BackAsked(self.known.catalog, self.known.log, change))
        else:
            self.say(f"{'redo' if redo else 'undo'}: {self.why_not_back(view, redo=redo)}", bad=True)

    def do_log_open(self) -> None:
        from imgtui.ui.taglog.screen import TagLogScreen

        view = self.view_now

        def moves() -> Sequence[Move]:
            return self.known.moves(view.repository)

        def move_of(number: str | None) -> Move | None:
            return next((move for move in moves() if str(move.number) == number), None)

        def do(verb: str, number: str | None) -> None:
            move = move_of(number)
            if verb == "stop":
                self.do_act_stop()
            elif verb in {"undo", "redo"}:
                self.put_back(view, redo=verb == "redo")
            elif move is not None and verb == "undo one":
                self._undo(move)
            elif move is not None:
                self._roll_tag_back(move)

        def left(number: str | None) -> None:
            self._left_list()
            if (move := move_of(number)) is not None:
                self._show_version(move)

        screen = self.list_before = TagLogScreen(
            self._place(view),
            moves,
            self.known.where,
            lambda: self.known.now,
            partial(self.why_not_in_log, view),
            do,
        )
        self.app.push_screen(screen, left)

    def _left_list(self) -> None:
        """What was said was read there."""
        self.list_before = None
        self.quieten()

    def show_list(self) -> None:
        """Show what is known now, where a list stands before the panes."""
        if self.list_before is not None and self.list_before.is_mounted:
            self.list_before.tell()

    def do_journal_open(self) -> None:
        from imgtui.ui.plans.journal_screen import JournalScreen

        self._journal = JournalScreen(self.known)
        self.app.push_screen(self._journal, self._left_journal)
        self.post_message(JournalAsked())

    def show_journal(self) -> None:
        """Show what is known of the journal, where it is looked at."""
        if self._journal is not None:
            self._journal.show_known()

    def ask_journal(self) -> None:
        """Have the journal read again, where it is looked at."""
        if self._journal is not None:
            self.post_message(JournalAsked())

    def _left_journal(self, _: str | None) -> None:
        self._journal = None

    def do_act_stop(self) -> None:
        if not self.known.under_way:
            jobs = any(job.running for job in self.known.jobs.values())
            self.say(f"stop: {'jobs are stopped in pane 5' if jobs else 'nothing is under way'}", bad=True)
            return
        self.say("stopping …")
        self.post_message(ActStopped())

    def _undo(self, move: Move) -> None:
        self._propose(lambda: plan_undo(self.known.catalog, move, int(self.known.now)))

    def _untag(self, tag: str) -> None:
        self._propose(lambda: plan_untag(self.known.catalog, tag, int(self.known.now)))

    def _propose(self, make: Callable[[], Plan | TransferPlan]) -> None:
        """Show a plan; Enter has exactly that one done."""
        from imgtui.ui.plans.screen import PlanScreen

        try:
            plan = make()
        except NotPossible as error:
            self.say(str(error), bad=True)
            return
        self.app.push_screen(
            PlanScreen(plan, self.known.unwritten), lambda yes: self._act(plan) if yes else None
        )

    def _act(self, act: Act | TransferPlan) -> None:
        """Transfers are jobs: they go on beside each other, and beside acts."""
        from imgtui.model.jobs.plans import TransferPlan

        if isinstance(act, TransferPlan):
            self.quieten()
            self.post_message(TransferAsked(act))
            return
        self.say(f"{act.title} …")
        self.post_message(ActAsked(act))

    def _show_version(self, move: Move) -> None:
        """Where the tag pointed before, else where it came to."""
        for image_id in (move.origin, move.target):
            if image_id is not None and self.select_version(image_id):
                self.go_to(1)
                return
        self.say("neither end of this move is in this list")

    def _chosen_versions(self) -> Sequence[Version]:
        marked = [version for key, version in self.rows.items() if key in self.versions.marks]
        return marked or ([self.version] if self.version is not None else [])

    def _repository_of(self, version: Version) -> str | None:
        if version.repository is not None:
            return version.repository
        names = [*version.image.tags, *version.image.repo_digests, *version.former_tags]
        return next((found for found in map(repository_of, names) if found), None)

    def _place(self, view: View) -> str:
        if view.containers:
            return "the containers and their tags"
        return view.repository or "this engine"
