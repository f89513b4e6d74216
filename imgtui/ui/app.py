"""The application: it wires a session to the screens, and does nothing else."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import App, SuspendNotSupported, SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.events import Event, InputEvent, Key
from textual.filter import LineFilter
from textual.screen import Screen
from textual.widget import AwaitMount

from imgtui.operations.protocol.updates import EngineState, Phase, Publish, TerminalWanted, Update
from imgtui.operations.session.session import Session
from imgtui.threads import aside
from imgtui.ui import themes
from imgtui.ui.actions import Action
from imgtui.ui.dialogs.acting import ActingScreen
from imgtui.ui.explorer.knowledge import Knowledge
from imgtui.ui.explorer.screen import ExplorerScreen
from imgtui.ui.features import EXPLORER
from imgtui.ui.launch.attach import Held, run_in_terminal
from imgtui.ui.messages import CopyAsked, DemoAsked, QuitAsked, RefreshAsked, Told
from imgtui.ui.terminal import SafeText

if TYPE_CHECKING:
    from rich.console import RenderableType

    from imgtui.engine.connect.docker_client import DockerClient
    from imgtui.model.jobs.job import Job
    from imgtui.ui.explorer.no_engine import NoEngineScreen


QUIT_KEY = "ctrl+c"
"""It ends the program from anywhere: every screen of Textual binds it to copying."""
EARLY_SECONDS = 0.01
"""How soon it is looked again whether a screen is there for what was typed."""
STOP_SECONDS = 3.0
"""How long jobs that are stopped by quitting are waited for."""


@dataclass(frozen=True, slots=True)
class EngineSource:
    """An engine to explore: where it is, and how a session with it is opened."""

    where: str
    open: Callable[[Publish], Session]
    client: DockerClient | None = None
    """What attaches this terminal to a container; None where nothing runs in one."""

    def no_terminal(self) -> str | None:
        """Why no container can run in this terminal."""
        return "the demo has no containers that run" if self.client is None else self.client.why_not()


class ImgtuiApp(App[None], inherit_bindings=False):
    """The explorer on one source; the demo can take its place."""

    TITLE = "imgtui"
    CSS_PATH = "explorer/screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(QUIT_KEY, "quit", "quit", show=False, priority=True),
        Binding("ctrl+z", "step_aside", "to the shell", show=False, priority=True),
    ]
    """Textual's own have ctrl+q, which is flow control."""
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        source: EngineSource,
        demo: EngineSource,
        *,
        clock: Callable[[], float],
        theme: str,
        read_only: bool = False,
        ascii_only: bool = False,
        actions: Sequence[Action] = EXPLORER,
    ) -> None:
        # What NO_COLOR does is decided by this constructor, which does not know the theme yet.
        super().__init__(ansi_color=theme in themes.ANSI or None)
        self._source = source
        self._demo = demo
        self._clock = clock
        self._read_only = read_only
        self._actions = actions
        self._safe_text = SafeText(ascii_only=ascii_only)
        self._session: Session | None = None
        self._held = Held()
        self._generation = 0
        self.explorer = self._explorer_of(source)
        self._no_engine: NoEngineScreen | None = None
        self._early: list[InputEvent] = []
        """What was typed before there was a screen for it."""
        self._quitting = False
        """Whether the program ends as soon as nothing runs."""
        self._is_asked_to_quit = False
        self._is_ending = False
        for each in themes.ALL:
            self.register_theme(each)
        self.theme = theme if theme in self.available_themes else themes.DARK.name
        self.ansi_color = None

    def get_driver_class(self) -> type[Driver]:
        """Textual's, with envelopes for what the terminal shall copy, and for whatever is typed."""
        from imgtui.ui.clipboard import driver_of
        from imgtui.ui.keyboard import take_anything

        take_anything()
        return driver_of(super().get_driver_class(), os.environ)

    @on(CopyAsked)
    def _copy_asked(self, event: CopyAsked) -> None:
        """Tmux may take its time to answer."""
        self.run_worker(self._copy(event), exit_on_error=False)

    async def _copy(self, event: CopyAsked) -> None:
        from imgtui.ui.clipboard import said, to_tmux

        taken = await aside("copy", partial(to_tmux, event.text, os.environ))
        if not taken:
            self.copy_to_clipboard(event.text)
        event.tell(said(event.text, taken=taken))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, and the one that keeps control characters from the terminal."""
        return [*super().get_line_filters(), self._safe_text]

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: every action of the screen, and the themes."""
        if isinstance(screen, ActingScreen):
            for action in screen.ACTIONS:
                if not action.id.startswith("move."):
                    yield SystemCommand(
                        f"{action.label} ({action.key_text})",
                        action.tooltip,
                        lambda action=action: screen.act(action),
                    )
        yield SystemCommand("theme", "Choose the colours", self.action_change_theme)

    def action_command_palette(self) -> None:
        """Textual's, with a palette that takes keys at any time."""
        from imgtui.ui.explorer.palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def _fatal_error(self) -> None:
        """Textual's own version prints the local variables of every frame: revealed secrets among them."""
        from rich.traceback import Traceback  # 50 ms that every start would pay

        self._exit_renderables.append(Traceback(show_locals=False, width=None))
        self._close_messages_no_wait()

    async def on_event(self, event: Event) -> None:
        """Textual's; where nothing has the focus, a key is done before the next one is looked at.

        Textual sends it to the screen first, and looks for its binding when it has come back: of keys that
        arrive at once, as over a slow link, the filter would then get what was typed after another key.
        What is typed before a screen is there waits for it: its keys would find no widgets.
        """
        if isinstance(event, InputEvent) and not event.is_forwarded and self._is_early(event):
            if not self._early:
                self.set_timer(EARLY_SECONDS, self._take_early)
            self._early.append(event)
            return
        if isinstance(event, Key) and event.key != QUIT_KEY and not event.is_forwarded and not self.focused:
            bound = self.screen.active_bindings.get(event.key)
            if bound is not None and bound.enabled:
                self.app_focus = True
                await self.run_action(bound.binding.action, bound.node)
                return
        await super().on_event(event)

    def _is_early(self, event: InputEvent) -> bool:
        """Whether an event has to wait for the screen, or for others that do."""
        quits = isinstance(event, Key) and event.key == QUIT_KEY
        return not quits and (bool(self._early) or not self._has_screen())

    def _has_screen(self) -> bool:
        return bool(self._screen_stack) and self.screen.is_mounted

    def _take_early(self) -> None:
        """What waited, in its order; one of them may open a screen, for which the rest waits again."""
        if not self._has_screen():
            self.set_timer(EARLY_SECONDS, self._take_early)
            return
        early, self._early = self._early, []
        for event in early:
            self.post_message(event)

    async def on_mount(self) -> None:
        """Open the explorer and begin to follow the engine."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            self._loop_exit_on(number)
        self.set_keymap({action.id: action.keys for action in self._actions if action not in EXPLORER})
        # After `fg` Textual paints what changes from then on: the terminal has nothing of the screen by then.
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        self._follow(self._source)

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Textual's, once a screen that has just been opened is there: else it would find no widgets."""
        self._is_ending = True
        if self.screen.is_mounted:
            super().exit(result, return_code, message)
        else:
            self.call_later(self.exit, result, return_code, message)

    def push_screen(self, screen: Screen[Any] | str, *arguments: Any, **options: Any) -> Any:
        """Textual's; nothing where the program ends: a screen that is opened by now would find no widgets."""
        if self._is_ending:
            return AwaitMount(self.screen, ())
        return super().push_screen(screen, *arguments, **options)

    def on_unmount(self) -> None:
        """Stop following."""
        if self._session is not None:
            self._session.close()

    def _loop_exit_on(self, number: signal.Signals) -> None:
        """Leave the terminal as it was when the program is ended from outside."""
        try:
            asyncio.get_running_loop().add_signal_handler(number, self.exit)
        except (ValueError, RuntimeError, NotImplementedError):
            self.log.warning(number.name, "cannot be handled here")

    def get_default_screen(self) -> Screen[None]:
        """The explorer itself: a screen under it would cost a start 15 ms."""
        return self.explorer

    def _follow(self, source: EngineSource) -> None:
        """Follow an engine; one that was followed before is left."""
        if self._session is not None:
            self._session.close()
        self._generation += 1
        generation = self._generation
        self._session = source.open(lambda update: self._hear(update, generation))
        recalled = self._session.recall()
        if recalled is not None:
            self.explorer.take(recalled)
        self._session.start()
        self.explorer.serve(self._session)

    def _explorer_of(self, source: EngineSource) -> ExplorerScreen:
        known = Knowledge(self._clock)
        return ExplorerScreen(
            known,
            source.where,
            read_only=self._read_only,
            no_terminal=source.no_terminal,
            actions=self._actions,
        )

    def _hear(self, update: Update, generation: int) -> None:
        """Called from threads of the session."""
        if not self._held.hold(update):
            self.post_message(Told(update, generation))

    @on(Told)
    def _told(self, event: Told) -> None:
        if event.session != self._generation or self._is_ending or not self.is_running:
            return
        if isinstance(event.update, EngineState):
            self._show_whether_there_is_an_engine(event.update)
        if isinstance(event.update, TerminalWanted):
            self._give_terminal(event.update.container_id)
        else:
            self.explorer.take(event.update)
        if self._quitting and not self._act_under_way and not self._running_jobs():
            self.exit()

    def _give_terminal(self, container_id: str) -> None:
        """Have a container in this terminal until it ends or lets go; then show what happened meanwhile."""
        if self._session is None or self._source.client is None:
            return
        self._held.begin()
        try:
            said = run_in_terminal(
                self, self._source.client.attached_start(container_id), self._session.close
            )
        except SuspendNotSupported as error:
            said = str(error)
        for update in self._held.end():
            self._hear(update, self._generation)
        self._session.services.acts.launches.left(container_id, said)

    def _show_whether_there_is_an_engine(self, state: EngineState) -> None:
        never = state.phase is Phase.LOST and state.as_of is None and not state.catalog.images
        if not never:
            if state.phase in {Phase.LISTING, Phase.LIVE}:
                self._leave_no_engine()
        elif state.problem is not None and self._no_engine is not None:
            self._no_engine.show_problem(state.problem)
        elif state.problem is not None:
            from imgtui.ui.explorer.no_engine import NoEngineScreen

            self._no_engine = NoEngineScreen(state.problem, self._source.where)
            self.push_screen(self._no_engine)

    def _leave_no_engine(self) -> None:
        if self._no_engine is not None:
            while self.screen is not self._no_engine and self._no_engine in self.screen_stack:
                self.pop_screen()
            self._no_engine.dismiss()
            self._no_engine = None

    @on(RefreshAsked)
    def _refresh_asked(self) -> None:
        if self._session is not None:
            self._session.refresh()

    @on(QuitAsked)
    async def action_quit(self) -> None:
        """Quit; while an act or jobs run, ask. Who asks for it again while being asked means it."""
        act, jobs = self._act_under_way, self._running_jobs()
        if self._quitting or self._is_asked_to_quit or not (act or jobs):
            self.exit()
            return
        from imgtui.ui.jobs.quitting import QuitScreen

        self._is_asked_to_quit = True
        self.push_screen(QuitScreen(act, jobs), self._quit)

    def action_step_aside(self) -> None:
        """Stop, and give the terminal back to the shell until `fg`; not in the middle of an act."""
        jobs = self._running_jobs()
        if busy := self._act_under_way or (jobs[0].title if jobs else ""):
            self.explorer.say(f"ctrl+z would stop {busy} in the middle", bad=True)
        else:
            self.action_suspend_process()

    def _quit(self, yes: bool | None) -> None:
        self._is_asked_to_quit = False
        if yes and self._session is not None:
            self._quitting = True
            self.explorer.say("stopping what runs …")
            self._session.services.acts.stop()
            self._session.services.stop_reading()
            self._session.services.jobs.stop_all()
            self.set_timer(STOP_SECONDS, self.exit)

    @property
    def _act_under_way(self) -> str | None:
        if self._session is None:
            return None
        return self._session.services.acts.under_way

    def _running_jobs(self) -> Sequence[Job]:
        return self._session.services.jobs.running if self._session is not None else ()

    @on(DemoAsked)
    async def _demo_asked(self) -> None:
        self._leave_no_engine()
        self._source = self._demo
        self.explorer = self._explorer_of(self._demo)
        self._follow(self._demo)
        await self.push_screen(self.explorer)
