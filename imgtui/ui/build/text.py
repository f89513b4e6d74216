"""A rebuild as a form, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from imgtui.model.build.build import Build
from imgtui.model.build.form import RebuildChecked, RebuildDraft
from imgtui.model.build.recipe import KnownField
from imgtui.model.build.verdict import TagEnd, Verdict
from imgtui.model.core.digest import short
from imgtui.model.core.image import Layer
from imgtui.model.core.printable import printable
from imgtui.ui.launch.text import LONGEST, FormRow
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.words import plural, size

ROWS: Final[Sequence[FormRow]] = (
    FormRow("tags", "tags", "web:latest web:3.0"),
    FormRow("context", "context", "/srv/web or an address"),
    FormRow("dockerfile", "Dockerfile", "empty: Dockerfile"),
    FormRow("target", "target", "empty: the last stage"),
    FormRow("arguments", "arguments", "A=1 'B=two words' NAME"),
    FormRow("secrets", "secrets", "id=npm,src=/run/npm id=x,env=X"),
    FormRow("labels", "labels", "a=1 b=2"),
    FormRow("platform", "platform", "empty: the builder's own"),
    FormRow("cache_from", "cache from", "web:cache type=local,src=/c"),
    FormRow("network", "network", "none host"),
    FormRow("builder", "builder", "empty: the engine's own"),
    FormRow("look_first", "look first", "on: the tags move by t, later"),
    FormRow("no_cache", "no cache"),
    FormRow("pull", "pull", "on: look for newer base images"),
)
TOGGLES: Final = ("look_first", "no_cache", "pull")
MOST_CHANGES: Final = 200
"""Settings that are listed: more are counted."""


def rebuild_heading(draft: RebuildDraft) -> Line:
    """What is built anew, and what builds it."""
    why = f", as {draft.builder.why}" if draft.builder.why else ""
    builder = f"  by {draft.builder.kind.value}{why}"
    return line(" Rebuild ", Span(short(draft.image_id), "strong"), Span(builder, "dim"))


def rebuild_remarks(draft: RebuildDraft, texts: Mapping[str, str], checked: RebuildChecked) -> list[Line]:
    """Beside each row what is wrong with it, else where it is from, else an example."""
    lines: list[Line] = []
    begun = draft.texts
    for row in ROWS:
        fault, known = checked.faults.get(row.name), draft.recipe.fields.get(row.name)
        if fault:
            lines.append(line(Span(printable(fault, 200), "bad")))
        elif row.name not in TOGGLES and texts.get(row.name) != begun[row.name]:
            lines.append(line(Span("typed", "accent")))
        elif known is not None:
            lines.append(line(Span(_from(known), "accent")))
        else:
            lines.append(line(Span(row.example, "dim")))
    return lines


def rebuild_command(draft: RebuildDraft, checked: RebuildChecked) -> list[Line]:
    """The docker command; what is done before and after it; what else is known."""
    build = checked.build
    lines = [line(printable(build.command, LONGEST))]
    if build.look_first:
        lines.append(line(Span("after it: the result is kept; its tags stay where they are", "dim")))
    else:
        lines += [
            line(Span(f"before it: {short(each)} is kept, as it loses its last name", "dim"))
            for each in draft.keeps
        ]
    lines += [line(Span("note ", "warn"), Span(note)) for note in draft.recipe.notes]
    lines += list(_source(draft))
    for row in ROWS:
        known = draft.recipe.fields.get(row.name)
        for origin, words in known.others if known is not None else ():
            lines.append(line(Span(f"{row.label}: {origin.value} says {' '.join(words)}", "dim")))
    return lines


def rebuild_footer(checked: RebuildChecked, focused: str | None) -> Line:
    """What is wrong with the field that is typed in, in full, else the keys."""
    fault = checked.faults.get(focused or "")
    if fault:
        return line(Span(f" {printable(fault, 300)}", "bad"))
    if checked.faults:
        first = next(row.label for row in ROWS if row.name in checked.faults)
        return line(Span(f" {first} is wrong: enter goes there", "warn"))
    return _keys(
        ("enter", "build"), ("↑↓ tab", "fields"), ("space", "on, off"), ("ctrl+y", "copy"), ("esc", "back")
    )


def verdict_heading(build: Build, verdict: Verdict) -> tuple[Line, Line]:
    """Which version became which."""
    old = short(verdict.old) if verdict.old is not None else "nothing"
    ends = (Span(old), " -> ", Span(short(verdict.new), "strong"))
    return line(" ", Span(build.tags[0], "accent"), "  ", *ends), line(Span("rebuilt ", "good"))


def verdict_lines(verdict: Verdict) -> list[Line]:
    """Whether the content is the same; layers, configuration, tags."""
    lines = [_content(verdict), line("")]
    if verdict.old is not None:
        lines.append(_layers("reused", verdict.reused, "stored once for both", verdict))
        lines.append(_layers("new", verdict.fresh, "", verdict))
        lines.append(_layers("left behind", verdict.left, "of the earlier digest alone", verdict))
    else:
        lines.append(_layers("new", verdict.fresh, "", verdict))
    lines += [line(""), *_changes(verdict), line(""), *map(_tag, verdict.tags)]
    if verdict.kept is not None:
        lines.append(line(Span("   the result is kept until its tags are moved: t moves them", "warn")))
    return lines


def verdict_footer(verdict: Verdict) -> Line:
    """What can be done about it."""
    waits = verdict.kept is not None or not any(end.moved for end in verdict.tags)
    moved = any(end.moved for end in verdict.tags)
    keys = [("esc", "back"), ("r", "run it"), ("y", "copy its digest")]
    if verdict.old is not None:
        keys.insert(2, ("D", "compare"))
    if waits and any(end.after != verdict.new for end in verdict.tags):
        keys.insert(1, ("t", "move the tags"))
    if moved:
        keys.insert(1, ("z", "undo"))
    return _keys(*keys)


def _from(known: KnownField) -> str:
    others = f", {known.others[0][0].value} differs" if known.others else ""
    return f"{known.origin.value}{others}"


def _source(draft: RebuildDraft) -> Iterator[Line]:
    known = [draft.recipe.fields.get(name) for name in ("repository", "revision")]
    found = [each for each in known if each is not None]
    if found:
        said = " at ".join(" ".join(each.values) for each in found)
        yield line(Span(f"built from {said} ({found[0].origin.value})", "dim"))


def _content(verdict: Verdict) -> Line:
    if verdict.old is None:
        return line(Span("   nothing to compare it with: the earlier image is gone", "warn"))
    if verdict.same is None:
        return line(Span("   the content differs", "strong"))
    return line(Span("   identical: ", "good"), Span(verdict.same.value, "good"))


def _layers(what: str, layers: Sequence[Layer], meaning: str, verdict: Verdict) -> Line:
    about = "" if verdict.sizes_certain else "about "
    counted = f"{plural(len(layers), 'layer')}, {about}{size(sum(layer.size for layer in layers))}"
    return line(f"   {what:<12} ", Span(counted, "strong"), Span(f"  {meaning}" if layers else "", "dim"))


def _changes(verdict: Verdict) -> Iterator[Line]:
    if verdict.old is None:
        return
    if not verdict.changes:
        yield line("   configuration  the same")
        return
    yield line(f"   configuration  {plural(len(verdict.changes), 'change')}")
    for change in verdict.changes[:MOST_CHANGES]:
        yield line(Span(f"     {change.how:<8} ", "warn"), change.what)


def _tag(end: TagEnd) -> Line:
    before = short(end.before) if end.before else "nothing"
    after = short(end.after) if end.after else "nothing"
    if not end.moved:
        return line("   ", Span(end.reference, "accent"), f"  {after}  ", Span("not moved", "dim"))
    return line("   ", Span(end.reference, "accent"), f"  {before} -> ", Span(after, "strong"), "  moved")


def _keys(*keys: tuple[str, str]) -> Line:
    return line(
        " ", *(span for key, does in keys for span in (Span(key, "strong"), Span(f" {does}  ", "dim")))
    )
