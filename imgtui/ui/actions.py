"""Everything a key does: one registry, from which bindings, footer, help and palette are made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can do. The screen that offers it has a method `do_<id with _>`."""

    id: str
    keys: str
    """Keys as Textual names them, separated by commas."""
    label: str
    tooltip: str
    group: str
    hint: int = 0
    """Whether the footer shows it: where there is no room for all, the lowest go first."""
    shown: str = ""
    """The keys as people write them, where that is not what Textual names them."""

    @property
    def method(self) -> str:
        """The name of the method that does it."""
        return "do_" + self.id.replace(".", "_")

    @property
    def key_text(self) -> str:
        """The keys, for help and footer."""
        return self.shown or " ".join(self.keys.split(","))


MOVE, PANES, LIST, LOOK, CHANGE, APP = "Move", "Panes", "List", "Look", "Change", "Program"

EXPLORER: tuple[Action, ...] = (
    Action("move.down", "j,down", "down", "Next row", MOVE, shown="j ↓"),
    Action("move.up", "k,up", "up", "Previous row", MOVE, shown="k ↑"),
    Action("move.top", "g,home", "top", "First row", MOVE, shown="g home"),
    Action("move.bottom", "G,end", "bottom", "Last row", MOVE, shown="G end"),
    Action(
        "move.half_down", "ctrl+d,pagedown", "half a page down", "Half a page down", MOVE, shown="ctrl+d pgdn"
    ),
    Action("move.half_up", "ctrl+u,pageup", "half a page up", "Half a page up", MOVE, shown="ctrl+u pgup"),
    Action("go.in", "enter", "open", "Into the repository, then into the detail", PANES, hint=9),
    Action("go.back", "escape", "back", "Clear the filter, else one pane back", PANES, shown="esc"),
    Action("pane.left", "h,left", "pane left", "The pane before", PANES, shown="h ←"),
    Action("pane.right", "l,right", "pane right", "The pane after", PANES, shown="l →"),
    Action("pane.next", "tab", "next pane", "The next pane, round and round", PANES),
    Action("pane.previous", "shift+tab", "previous pane", "The previous pane, round and round", PANES),
    Action("pane.repositories", "1", "repositories", "Pane 1: repositories", PANES),
    Action("pane.versions", "2", "versions", "Pane 2: versions of the repository", PANES),
    Action("pane.detail", "3", "detail", "Pane 3: detail of the version", PANES),
    Action(
        "pane.containers",
        "4",
        "containers",
        "Pane 4: the containers of this engine, those whose tag moved first; roll back, ask the registries",
        PANES,
    ),
    Action("pane.jobs", "5", "jobs", "Pane 5: the jobs: what each does, its log, and stop it", PANES),
    Action("tab.previous", "left_square_bracket", "tab before", "The detail tab before", PANES, shown="["),
    Action("tab.next", "right_square_bracket", "tabs", "The next detail tab", PANES, 5, "]"),
    Action("detail.down", "J", "detail down", "Scroll the detail from the list", PANES),
    Action("detail.up", "K", "detail up", "Scroll the detail from the list", PANES),
    Action(
        "filter.open",
        "slash",
        "filter",
        "Filter: words, !not, ~fuzzy, sha: tag: used: drift: gone:",
        LIST,
        8,
        "/",
    ),
    Action("filter.next", "n", "next match", "Next match of the last filter", LIST),
    Action("filter.previous", "N", "previous match", "Previous match of the last filter", LIST),
    Action("list.sort", "s", "sort", "Sort by the next key", LIST, hint=1),
    Action("list.reverse", "S", "reverse", "Reverse the order", LIST),
    Action("mark.toggle", "space", "mark", "Mark this version and go on", LIST),
    Action("mark.range", "v", "mark range", "Start a range here; again: mark up to here", LIST),
    Action("mark.all", "asterisk", "mark all", "Mark all shown, or none", LIST, shown="*"),
    Action(
        "image.copy",
        "y",
        "copy",
        "Copy digest, repo@digest, tag or a docker command (OSC 52)",
        LOOK,
        hint=2,
    ),
    Action("image.used_by", "u", "used by", "The containers created from this image", LOOK),
    Action("secrets.reveal", "x", "reveal", "Show the masked values of this image, or mask them again", LOOK),
    Action(
        "files.open",
        "F",
        "files",
        "The files of this version as a tree: what each layer added, changed, removed, and what it wastes",
        LOOK,
    ),
    Action("log.open", "L", "tag log", "The tag log of this repository, or of the engine", LOOK),
    Action(
        "journal.open",
        "at",
        "journal",
        "Every change that imgtui made to this engine, as docker commands, with its outcome",
        LOOK,
        shown="@",
    ),
    Action(
        "version.keep",
        "m",
        "keep",
        "Keep this version, or the marked ones, through rebuilds, moved tags and prune; again: no longer."
        " A keep does not hold against prune -a and removal by force",
        CHANGE,
        hint=6,
    ),
    Action(
        "rules.open",
        "M",
        "keep rules",
        "The keep rules in force, and what they hold; where there are none: have the last 5 of every"
        " repository kept, and what containers run",
        LOOK,
    ),
    Action(
        "version.run",
        "r",
        "run",
        "Run exactly this digest: a form, filled from the newest container of the repository",
        CHANGE,
        hint=7,
    ),
    Action(
        "version.shell",
        "E",
        "shell",
        "A throw-away shell in exactly this digest, in this terminal; nothing of it stays",
        CHANGE,
    ),
    Action(
        "version.rebuild",
        "B",
        "rebuild",
        "Build this version anew: the form has how it was built, and where that is known from."
        " What loses its tag by it is kept",
        CHANGE,
        hint=3,
    ),
    Action(
        "version.compare",
        "D",
        "compare",
        "Mark this version as A; on another one: what differs between both. With two marked versions: these",
        LOOK,
        hint=3,
    ),
    Action(
        "verdict.open",
        "V",
        "changed",
        "What the newest move of this repository changed, whoever made it; of a rebuild (B) its verdict",
        LOOK,
    ),
    Action("version.retag", "t", "retag", "Point a tag at this digest", CHANGE, hint=4),
    Action("version.untag", "T", "untag", "Take a tag away; the image is kept", CHANGE),
    Action(
        "version.pull",
        "p",
        "pull",
        "Pull a tag or a digest of any repository: a version that is gone by its digest, where one is known."
        " What loses its tag by it is kept",
        CHANGE,
    ),
    Action("version.push", "P", "push", "Push a tag of this version to the registry it names", CHANGE),
    Action(
        "version.save",
        "w",
        "save",
        "Write this version, or the marked ones, into an archive for docker load",
        LOOK,
    ),
    Action(
        "image.load",
        "W",
        "load",
        "Load images and tags from an archive. What loses its tag by it is kept",
        CHANGE,
    ),
    Action(
        "version.remove",
        "d",
        "remove",
        "Remove this version, or the marked ones; the plan says what goes with them and what it frees",
        CHANGE,
    ),
    Action(
        "bulk.open",
        "b",
        "prune",
        "Plans to remove many: no tag, no container, all but the last versions, older than, not run for;"
        " and to free the build cache",
        CHANGE,
    ),
    Action(
        "log.undo",
        "z",
        "undo",
        "Undo the newest change here: of a tag, a keep or a container, whoever made it",
        CHANGE,
        7,
    ),
    Action("log.redo", "Z", "redo", "Do again what was undone last", CHANGE),
    Action(
        "act.take_up",
        "exclamation_mark",
        "take up",
        "A roll back that was interrupted: finish it, or put everything back as it was",
        CHANGE,
        shown="!",
    ),
    Action("act.stop", "ctrl+x", "stop", "Stop what is under way: it puts back what it has done", APP),
    Action("list.freeze", "f", "freeze", "Hold the list still while the engine changes; again: go on", LOOK),
    Action("engine.refresh", "R", "refresh", "Ask the engine again", LOOK),
    Action(
        "app.palette",
        "colon,ctrl+p",
        "commands",
        "Command palette: every action and theme by name",
        APP,
        shown=": ctrl+p",
    ),
    Action("app.help", "question_mark", "keys", "All keys; Enter does one", APP, hint=10, shown="?"),
    Action("app.quit", "q", "quit", "Back; at the top, quit", APP),
)

NO_ENGINE: tuple[Action, ...] = (
    Action("engine.refresh", "R,enter", "try again", "Ask the engine again", APP, hint=1, shown="R"),
    Action("demo.open", "d", "demo", "The explorer on a built-in engine: nothing is touched", APP, hint=1),
    Action("app.quit", "q,escape", "quit", "Quit", APP, hint=1, shown="q"),
)


def bindings(actions: Iterable[Action]) -> list[BindingType]:
    """The bindings of a screen: each with the action's ID, so that keys can be bound anew."""
    return [
        Binding(
            action.keys,
            f"screen.act('{action.id}')",
            action.label,
            show=bool(action.hint),
            tooltip=action.tooltip,
            id=action.id,
        )
        for action in actions
    ]


def by_id(actions: Iterable[Action], action_id: str) -> Action:
    """The action of an ID. Raises KeyError."""
    return {action.id: action for action in actions}[action_id]
