"""Two images side by side: what their facts tell; in columns where there is room, else below each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from imgtui.model.compare.compare import Comparison, DifferenceCause, Setting, Value
from imgtui.model.compare.packages import PackageChange, PackagesDifference
from imgtui.model.compare.steps import ComparedStep, StepChange
from imgtui.model.core.digest import short
from imgtui.model.core.image import HistoryEntry, Layer
from imgtui.model.core.instruction import instruction
from imgtui.ui.widgets.columns import fit
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.words import plural, size

WIDE: Final = 100
"""Cells from which on two images stand side by side."""
SIGNS: Final = {
    StepChange.SAME: " ",
    StepChange.REBUILT: "~",
    StepChange.CHANGED: "~",
    StepChange.REMOVED: "-",
    StepChange.ADDED: "+",
}
STYLES: Final = {" ": "dim", "=": "dim", "~": "warn", "-": "bad", "+": "good"}
WHY: Final = {
    DifferenceCause.PROVENANCE: "only what is attested of the builds differs",
    DifferenceCause.TIMES: "only times differ: the same content, made again",
    DifferenceCause.ORDER: "the same files, written in another order, or in other layers",
    DifferenceCause.CONFIGURATION: "the files are the same, the configuration is not",
}
"""Why they are not the same image, where the line before it does not say so."""
ORIGINS: Final = ("version", "revision", "source", "base.name", "base.digest")
"""Annotations of the OCI image specification that say where an image is from."""
_KEY: Final = 30


def words(comparison: Comparison, why: DifferenceCause | None) -> Line:
    """The whole in one line, with the cause as soon as it is known."""
    style = "good" if comparison.verdict.same is not None else "strong"
    said = f"  {WHY[why]}" if why is not None and why in WHY else ""
    return line(Span(f" {comparison.words}", style), Span(said, "accent"))


def layers(comparison: Comparison, width: int) -> list[Line]:
    """Each layer of both; how many bytes are shared."""
    verdict = comparison.verdict
    moved = len(verdict.fresh) - len(comparison.only_b)
    again = f", {moved} of them the same content at another place" if moved > 0 else ""
    certain = "" if verdict.sizes_certain else "  some sizes are not told by the engine"
    lines: list[Line] = [
        _sum("=", "both", verdict.reused, "stored once"),
        _sum("-", "A above it", verdict.left),
        [*_sum("+", "B above it", verdict.fresh, again.removeprefix(", ")), Span(certain, "warn")],
    ]
    if comparison.base is not None:
        lines.append(line(Span(" base image  ", "dim"), Span(comparison.base.words, "warn")))
    stored = {layer.diff_id for layer in verdict.reused}
    known = {layer.diff_id for layer in comparison.a.facts.layers}
    both = known & {layer.diff_id for layer in comparison.b.facts.layers}
    lines += [line(""), _layer_titles(width)]
    for step in comparison.steps:
        if any(entry is not None and entry.diff_id for entry in (step.a, step.b)):
            lines += _layer(step, stored, both, width)
    return lines


def _sum(sign: str, what: str, found: Sequence[Layer], note: str = "") -> list[Span]:
    counted = f"{plural(len(found), 'layer')}, {size(sum(layer.size for layer in found))}"
    return [
        Span(f" {sign} {what:<11}", STYLES[sign]),
        Span(f"{counted:<22}"),
        Span(f"  {note}" if found and note else "", "dim"),
    ]


def _layer_titles(width: int) -> Line:
    if width < WIDE:
        return line(Span(f"   {'LAYER':<12} {'SIZE':>9}  INSTRUCTION", "columns"))
    half = f"{'LAYER':<12} {'SIZE':>9}"
    return line(Span(f"   A {half}   B {half}   INSTRUCTION", "columns"))


def _layer(step: ComparedStep, stored: set[str], both: set[str], width: int) -> Iterator[Line]:
    """`=`: stored once; `≈`: the same content at another place, stored again."""
    ids = [entry.diff_id if entry is not None else None for entry in (step.a, step.b)]
    same = ids[0] == ids[1]
    sign = "=" if same and ids[0] in stored else "≈" if same else SIGNS[step.change]
    sign = sign if sign != " " else "~"
    style = STYLES.get(sign, "accent")
    text = _text(step.b or step.a)
    if width >= WIDE:
        halves = [_half(entry) for entry in (step.a, step.b)]
        yield line(Span(f" {sign} ", style), Span(f"  {halves[0]}     {halves[1]}   ", style), text)
        return
    if same:
        yield line(Span(f" {sign} {_half(step.b)}  ", style), text)
        return
    for sign, entry in (("-", step.a), ("+", step.b)):
        if entry is not None and entry.diff_id:
            mark = "≈" if entry.diff_id in both else sign
            yield line(Span(f" {mark} {_half(entry)}  ", STYLES.get(mark, "accent")), _text(entry))


def _half(entry: HistoryEntry | None) -> str:
    if entry is None or entry.diff_id is None:
        return " " * 22
    return f"{short(entry.diff_id):<12} {size(entry.size):>9}"


def instructions(comparison: Comparison, width: int) -> list[Line]:
    """The history of both, aligned."""
    if not comparison.steps:
        return [line(Span(" Neither image tells how it was made.", "dim"))]
    half = (width - 6) // 2
    lines: list[Line] = []
    for step in comparison.steps:
        sign = SIGNS[step.change]
        style = STYLES[sign]
        note = "  other content" if step.change is StepChange.REBUILT else ""
        if width >= WIDE:
            texts = [fit(_text(entry), half) for entry in (step.a, step.b)]
            lines.append(line(Span(f" {sign} {texts[0]} │ {texts[1]}", "" if sign == " " else style)))
        elif step.change is not StepChange.CHANGED:
            lines.append(
                line(
                    Span(f" {sign} {_text(step.b or step.a)}", "" if sign == " " else style),
                    Span(note, "dim"),
                )
            )
        else:
            lines.append(line(Span(f" - {_text(step.a)}", STYLES["-"])))
            lines.append(line(Span(f" + {_text(step.b)}", STYLES["+"])))
            if _text(step.a) == _text(step.b):
                lines.append(line(Span("   what is masked differs", "dim")))
    return lines


def _text(entry: HistoryEntry | None) -> str:
    return "" if entry is None else instruction(entry.created_by) or entry.comment or "(nothing is told)"


def configuration(comparison: Comparison, width: int) -> list[Line]:
    """The configuration by key, what differs first; then when, and from what, both were made."""
    differing = comparison.differing
    same = [setting for setting in comparison.settings if setting.change == "same"]
    lines: list[Line] = []
    if not differing:
        lines.append(line(Span(" The configuration is the same.", "good")))
    for setting in differing:
        lines += _setting(setting, width)
    if not comparison.unmasked:
        lines.append(line(Span(" what is masked was not compared: the engine does not tell it", "warn")))
    lines += [line(""), line(Span(" where they are from", "heading"))]
    lines += _origins(comparison, width)
    if same:
        lines += [line(""), line(Span(" the same in both", "heading"))]
        lines += [line(Span(f"   {fit(each.key, _KEY)} {_value(each.b)}", "dim")) for each in same]
    return lines


def _setting(setting: Setting, width: int) -> Iterator[Line]:
    sign = {"added": "+", "removed": "-"}.get(setting.change, "~")
    hidden = "  what is masked differs" if setting.behind_mask else ""
    yield from _pair(sign, setting.key, _value(setting.a), _value(setting.b), width, hidden)


def _pair(sign: str, key: str, a: str, b: str, width: int, note: str = "") -> Iterator[Line]:
    style = STYLES[sign]
    half = (width - _KEY - 7) // 2
    if width >= WIDE and max(len(a), len(b)) <= half:
        yield line(
            Span(f" {sign} {fit(key, _KEY)} ", style), f"{fit(a, half)} │ {fit(b, half)}", Span(note, "dim")
        )
        return
    yield line(Span(f" {sign} {key}", style), Span(note, "dim"))
    if a:
        yield line(Span(f"     A {a}", STYLES["-"] if sign != " " else ""))
    if b:
        yield line(Span(f"     B {b}", STYLES["+"] if sign != " " else ""))


def _value(value: Value) -> str:
    if isinstance(value, tuple):
        import shlex

        return shlex.join(value)
    return value or ""


def _origins(comparison: Comparison, width: int) -> Iterator[Line]:
    a, b = comparison.a, comparison.b
    rows = [("image ID", a.image_id, b.image_id), ("created", a.facts.created, b.facts.created)]
    if a.manifest or b.manifest:
        rows.insert(1, ("platform manifest", a.manifest or "", b.manifest or ""))
    for key in ORIGINS:
        name = f"org.opencontainers.image.{key}"
        rows.append((key, a.facts.config.labels.get(name, ""), b.facts.config.labels.get(name, "")))
    for key, left, right in rows:
        if left or right:
            yield from _pair(" " if left == right else "~", key, left, right, width)


def packages(found: PackagesDifference) -> list[Line]:
    """The packages that differ, by manager."""
    lines: list[Line] = [line(Span(f" {reason}", "warn")) for reason in found.not_read]
    if not found.changes:
        return [*lines, line(Span(" No package that is known here differs.", "dim"))]
    lines.append(line(Span(f" {plural(len(found.changes), 'package')} differ", "dim")))
    place: tuple[str, str] | None = None
    width = min(40, max(len(change.package.name) for change in found.changes))
    for change in found.changes:
        package = change.package
        if (package.manager.value, package.place) != place:
            place = package.manager.value, package.place
            where = f"  /{package.place}" if package.place else ""
            lines += [line(""), line(Span(f" {package.manager.value}{where}", "heading"))]
        lines.append(_package(change, width))
    return lines


def _package(change: PackageChange, width: int) -> Line:
    sign = {"added": "+", "removed": "-"}.get(change.change, "~")
    versions = f"{change.a} -> {change.b}" if sign == "~" else change.a or change.b or ""
    return line(Span(f" {sign} {fit(change.package.name, width)}  ", STYLES[sign]), versions)
