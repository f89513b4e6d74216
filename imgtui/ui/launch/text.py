"""A launch as a form, and as the docker command that does the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from imgtui.model.clone.shown_command import explained
from imgtui.model.core.digest import short
from imgtui.model.core.printable import printable
from imgtui.model.launch.form import Checked, Draft
from imgtui.operations.protocol.updates import ContainerSeen
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.words import plural

LONGEST: Final = 100_000
"""Characters of a command that are shown and copied: environments can be long, argument lists are bounded."""


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row of the form."""

    name: str
    """Of the field."""
    label: str
    example: str = ""


TYPED: Final[Sequence[FormRow]] = (
    FormRow("name", "name"),
    FormRow("command", "command", "empty: the image's own"),
    FormRow("entrypoint", "entry point", "empty: the image's own"),
    FormRow("ports", "ports", "8080:80 127.0.0.1:53:53/udp"),
    FormRow("environment", "environment", "A=1 'B=two words' NAME"),
    FormRow("env_files", "env files", "/srv/app.env"),
    FormRow("volumes", "volumes", "/srv/data:/data:ro cache:/var"),
    FormRow("network", "network", "host none NAME"),
    FormRow("restart", "restart", "unless-stopped on-failure:3"),
    FormRow("user", "user", "1000:1000"),
    FormRow("memory", "memory", "512m 2g"),
    FormRow("cpus", "cpus", "1.5"),
    FormRow("labels", "labels", "a=1 b=2"),
)
TOGGLES: Final[Sequence[FormRow]] = (
    FormRow("terminal", "in terminal", "off: detached"),
    FormRow("remove", "remove after"),
    FormRow("keep", "keep digest"),
    FormRow("rest", "its options"),
)


def rows(draft: Draft) -> list[FormRow]:
    """The rows of a form: a digest that is kept cannot be kept again."""
    without = {"keep"} if draft.keep is None else set()
    without |= set() if draft.rest.options or draft.rest.networks else {"rest"}
    return [*TYPED, *(row for row in TOGGLES if row.name not in without)]


def heading(draft: Draft) -> Line:
    """What is run, and what the form was filled from."""
    tag = f" {draft.tag}" if draft.tag else ""
    filled = f"  filled from {draft.source or 'the image'}"
    left = f", without its {' '.join(draft.rest.left)}" if draft.rest.left else ""
    return line(
        " Run ", Span(short(draft.image_id), "strong"), Span(tag, "accent"), Span(filled + left, "dim")
    )


def remarks(draft: Draft, shown: Sequence[FormRow], checked: Checked) -> list[Line]:
    """Beside each row what is wrong with it, else an example."""
    lines: list[Line] = []
    for row in shown:
        fault = checked.faults.get(row.name)
        example = row.example
        if row.name == "keep" and draft.loses:
            example = "containers do not hold it"
        if row.name == "rest":
            example = _more(draft)
        warning = checked.warnings.get(row.name)
        if fault:
            lines.append(line(Span(printable(fault, 200), "bad")))
        elif warning:
            lines.append(line(Span(printable(warning, 200), "warn")))
        else:
            lines.append(line(Span(example, "dim")))
    return lines


def _more(draft: Draft) -> str:
    """`+ 23 more options of web-prod: --hostname --ulimit …`."""
    found = (*draft.rest.flags, *("--network" for _ in draft.rest.networks))
    count = plural(len(found), "more option")
    return printable(f"+ {count} of {draft.source}: {' '.join(dict.fromkeys(found))}", 300)


def command_lines(checked: Checked) -> list[Line]:
    """The docker command that does the same, and what is done before it."""
    launch = checked.launch
    before = launch.keep.commands if launch.keep is not None else ()
    return [
        *(line(printable(explained(command), LONGEST)) for command in launch.run_commands),
        *(line(Span(f"before: {printable(command, LONGEST)}", "dim")) for command in before),
    ]


def footer(checked: Checked, focused: str | None) -> Line:
    """What is wrong with the field that is typed in, in full, else the keys."""
    fault = checked.faults.get(focused or "")
    if fault:
        return line(Span(f" {printable(fault, 300)}", "bad"))
    if checked.faults:
        return line(
            Span(f" {next(iter(checked.faults)).replace('_', ' ')} is wrong: enter goes there", "warn")
        )
    return line(
        " ",
        *(Span("enter", "strong"), Span(" run  ", "dim"), Span("↑↓ tab", "strong"), Span(" fields  ", "dim")),
        *(Span("space", "strong"), Span(" on, off  ", "dim"), Span("ctrl+y", "strong")),
        *(Span(" copy the command  ", "dim"), Span("esc", "strong"), Span(" back", "dim")),
    )


def launched_heading(seen: ContainerSeen) -> tuple[Line, Line]:
    """Name, digest and ID of a container, and its state."""
    digest = Span(short(seen.image_id) if seen.image_id else "", "strong")
    left = line(" ", Span(seen.name, "accent"), "  ", digest, Span(f"  {seen.container_id[:12]}", "dim"))
    return left, line(Span(f"{seen.state} ", "good" if seen.state.startswith("running") else "warn"))


def log_lines(seen: ContainerSeen) -> list[Line]:
    """The end of the log of a container."""
    if seen.gone:
        return [line(Span(" It has ended, and went as it was to.", "dim"))]
    if not seen.log:
        return [line(Span(" It has said nothing yet, or its log cannot be read.", "dim"))]
    return [line(f" {said}") for said in seen.log]


def launched_footer(seen: ContainerSeen) -> Line:
    """What can be done with a container."""
    keys = [("esc", "back"), ("R", "look again"), ("y", "copy its ID")]
    if not seen.gone:
        keys.insert(1, ("d", "stop and remove"))
    return line(
        " ", *(span for key, does in keys for span in (Span(key, "strong"), Span(f" {does}  ", "dim")))
    )
