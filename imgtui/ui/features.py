"""The features of the explorer: each is a controller."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from imgtui.ui.actions import MOVE, PANES
from imgtui.ui.build.controller import BuildController
from imgtui.ui.compare.controller import CompareController
from imgtui.ui.containers.controller import ContainersController
from imgtui.ui.containers.rollback_controller import RollbackController
from imgtui.ui.explorer.lists_controller import ListsController
from imgtui.ui.explorer.moving_controller import MovingController
from imgtui.ui.explorer.program_controller import ProgramController
from imgtui.ui.explorer.state_controller import StateController
from imgtui.ui.explorer.version_controller import VersionController
from imgtui.ui.files.controller import FilesController
from imgtui.ui.jobs.controller import JobsController
from imgtui.ui.launch.controller import LaunchController
from imgtui.ui.plans.controller import PlansController
from imgtui.ui.plans.journal_controller import JournalController
from imgtui.ui.removal.controller import RemovalController
from imgtui.ui.rules.controller import RulesController
from imgtui.ui.rules.identity_controller import IdentityController
from imgtui.ui.taglog.controller import LogController
from imgtui.ui.tags.controller import TagsController
from imgtui.ui.tags.keep_controller import KeepController

if TYPE_CHECKING:
    from imgtui.operations.protocol.updates import Update
    from imgtui.ui.actions import Action
    from imgtui.ui.controller import Controller
    from imgtui.ui.explorer.screen import ExplorerScreen

CONTROLLERS: Final[Sequence[type[Controller]]] = (
    MovingController,
    ListsController,
    VersionController,
    FilesController,
    JournalController,
    KeepController,
    RulesController,
    LaunchController,
    BuildController,
    CompareController,
    TagsController,
    JobsController,
    RemovalController,
    LogController,
    ContainersController,
    RollbackController,
    PlansController,
    IdentityController,
    StateController,
    ProgramController,
)
"""In the order in which help and footer have their actions."""
EXPLORER: Final[tuple[Action, ...]] = tuple(
    sorted(
        (action for controller in CONTROLLERS for action in controller.ACTIONS),
        key=lambda action: action.group not in {MOVE, PANES},
    )
)
"""All actions of the explorer, the ways to move first."""


class Features:
    """The controllers of one explorer, each by its name for those that need it."""

    def __init__(self, explorer: ExplorerScreen) -> None:
        self.moving = MovingController(explorer, self)
        self.lists = ListsController(explorer)
        self.version = VersionController(explorer)
        self.files = FilesController(explorer)
        self.journal = JournalController(explorer)
        self.keep = KeepController(explorer, self)
        self.rules = RulesController(explorer)
        self.launch = LaunchController(explorer, self)
        self.build = BuildController(explorer, self)
        self.compare = CompareController(explorer)
        self.tags = TagsController(explorer, self)
        self.jobs = JobsController(explorer, self)
        self.removal = RemovalController(explorer)
        self.log = LogController(explorer, self)
        self.containers = ContainersController(explorer, self)
        self.rollback = RollbackController(explorer, self)
        self.plans = PlansController(explorer, self)
        self.identity = IdentityController(explorer)
        self.state = StateController(explorer)
        self.program = ProgramController(explorer, self)
        self._owners = {action.id: each for each in self for action in each.ACTIONS}
        self._handlers: dict[type[Update], list[Callable[[Any], None]]] = {}
        for each in self:
            for update, handler in each.handlers.items():
                self._handlers.setdefault(update, []).append(handler)

    def __iter__(self) -> Iterator[Controller]:
        """All of them, in the order of `CONTROLLERS`."""
        made = {type(each): each for each in vars(self).values()}
        return (made[controller] for controller in CONTROLLERS)

    def owner(self, action: Action) -> Controller:
        """The controller that has an action."""
        return self._owners[action.id]

    def take(self, update: Update) -> None:
        """Have every controller take it that does."""
        for handler in self._handlers.get(type(update), ()):
            handler(update)
