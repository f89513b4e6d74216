"""What differs between two images, from their facts: layers, instructions, configuration, base, times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from imgtui.model.build.verdict import WORDS, Same, Side, Verdict, VerdictChange, verdict_of
from imgtui.model.compare.base import BaseChange, Tagged, base_change
from imgtui.model.compare.steps import ComparedStep, aligned
from imgtui.model.core.image import ImageConfig, ImageFacts, Layer
from imgtui.model.core.instruction import instruction

if TYPE_CHECKING:
    from imgtui.model.compare.files import FilesDifference

Value = str | tuple[str, ...] | None
"""Of a setting; None where there is none."""
LONGEST: Final = 48
"""Characters of an instruction in the first line."""
MOST_NAMED: Final = 3
"""Settings that the first line names."""


class DifferenceCause(StrEnum):
    """Why two images are not the same image; the value is the word used in JSON."""

    NOTHING = "nothing"
    PROVENANCE = "provenance"
    """What is attested of the builds, beside the images."""
    TIMES = "times"
    """When they were made, or when their files were."""
    ORDER = "order"
    """The same files in another order, or spread over the layers in another way."""
    CONFIGURATION = "configuration"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of the configuration of both images, secrets masked."""

    key: str
    """`environment PATH`, `label maintainer`, `command`."""
    a: Value
    b: Value
    change: str
    """`added`, `removed`, `changed`, `same`."""

    @property
    def behind_mask(self) -> bool:
        """Whether only what is masked differs."""
        return self.change == "changed" and self.a == self.b


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two images side by side; secrets are masked in all of it."""

    a: Side
    b: Side
    verdict: Verdict
    steps: tuple[ComparedStep, ...]
    settings: tuple[Setting, ...]
    base: BaseChange | None = None
    unmasked: bool = True
    """Whether what is behind masks was compared too; else it counts as the same."""

    @property
    def differing(self) -> tuple[Setting, ...]:
        """The settings that are not the same."""
        return tuple(setting for setting in self.settings if setting.change != "same")

    @property
    def only_a(self) -> tuple[Layer, ...]:
        """The layers that B has nowhere."""
        return _without(self.a.facts.layers, self.b.facts.layers)

    @property
    def only_b(self) -> tuple[Layer, ...]:
        """The layers that A has nowhere.

        What both have is stored once only where all below it is the same too: `verdict.reused`.
        """
        return _without(self.b.facts.layers, self.a.facts.layers)

    @property
    def words(self) -> str:
        """The whole in one line."""
        return _words(self)

    def swapped(self) -> Comparison:
        """The same, seen from the other image."""
        verdict = self.verdict
        changes = tuple(
            VerdictChange(each.what, _SWAPPED.get(each.how, each.how)) for each in verdict.changes
        )
        return Comparison(
            self.b,
            self.a,
            replace(
                verdict,
                old=self.b.image_id,
                new=self.a.image_id,
                fresh=verdict.left,
                left=verdict.fresh,
                changes=changes,
            ),
            tuple(step.swapped() for step in self.steps),
            tuple(
                Setting(each.key, each.b, each.a, _SWAPPED.get(each.change, each.change))
                for each in self.settings
            ),
            self.base.swapped() if self.base is not None else None,
            self.unmasked,
        )


_SWAPPED: Final = {"added": "removed", "removed": "added"}


def compare(
    a: Side, b: Side, tagged: Sequence[Tagged] = (), real: tuple[ImageFacts, ImageFacts] | None = None
) -> Comparison:
    """Compare two images whose facts are masked.

    `real` are the same facts with all secrets: of them nothing comes out but that they differ.
    """
    facts_a, facts_b = real or (a.facts, b.facts)
    verdict = verdict_of(replace(a, facts=facts_a), replace(b, facts=facts_b))
    histories = (real[0].history, real[1].history) if real is not None else None
    return Comparison(
        a,
        b,
        verdict,
        aligned(a.facts.history, b.facts.history, histories),
        _settings(a.facts, b.facts, verdict),
        base_change(a.facts, b.facts, tagged, len(verdict.reused)),
        real is not None,
    )


def values(facts: ImageFacts) -> Mapping[str, Value]:
    """The configuration by key, as `VerdictChange.what` names it; nothing that is not set."""
    found: dict[str, Value] = {"platform": facts.platform, "author": facts.author}
    for each in fields(ImageConfig):
        if each.name not in {"env", "labels"}:
            found[WORDS.get(each.name, each.name)] = getattr(facts.config, each.name)
    found |= {f"environment {name}": value for name, value in facts.config.env}
    found |= {f"label {name}": value for name, value in facts.config.labels.items()}
    named = ("environment ", "label ")
    return {key: value for key, value in found.items() if value or key.startswith(named)}


def cause(comparison: Comparison, files: FilesDifference | None) -> DifferenceCause | None:
    """Why they are not the same image; None where only their files can tell."""
    verdict = comparison.verdict
    if verdict.same is Same.IMAGE:
        return DifferenceCause.NOTHING
    if verdict.same is Same.MANIFEST:
        return DifferenceCause.PROVENANCE
    if verdict.fresh or verdict.left:
        return None if files is None else _cause_in_layers(comparison, files)
    if verdict.changes:
        return DifferenceCause.CONFIGURATION
    return (
        DifferenceCause.TIMES
        if _times(comparison.a.facts) != _times(comparison.b.facts)
        else DifferenceCause.PROVENANCE
    )


def _cause_in_layers(comparison: Comparison, files: FilesDifference) -> DifferenceCause:
    """Why the layers are not the same."""
    if files.content:
        return DifferenceCause.CONTENT
    if comparison.verdict.changes:
        return DifferenceCause.CONFIGURATION
    same_layers = not comparison.only_a and not comparison.only_b
    return DifferenceCause.TIMES if files.times and not same_layers else DifferenceCause.ORDER


def _times(facts: ImageFacts) -> tuple[object, ...]:
    return (facts.created, *(entry.created for entry in facts.history))


def _settings(a: ImageFacts, b: ImageFacts, verdict: Verdict) -> tuple[Setting, ...]:
    """Those that differ first; fields before variables before labels, these by name."""
    of_a, of_b = values(a), values(b)
    fields_first = ["platform", "author", *(WORDS.get(each.name, each.name) for each in fields(ImageConfig))]
    keys = [key for key in fields_first if key in of_a or key in of_b]
    keys += sorted({*of_a, *of_b} - set(keys))
    how = {change.what: change.how for change in verdict.changes}
    settings = [Setting(key, of_a.get(key), of_b.get(key), how.get(key, "same")) for key in keys]
    return tuple(sorted(settings, key=lambda setting: setting.change == "same"))


def _words(comparison: Comparison) -> str:
    verdict = comparison.verdict
    if verdict.same is Same.IMAGE:
        return "the same image"
    if verdict.same is not None:
        return f"identical content: {verdict.same.value}"
    settings = [setting.key for setting in comparison.differing]
    named = ", ".join(settings[:MOST_NAMED]) + (", …" if len(settings) > MOST_NAMED else "")
    if not verdict.fresh and not verdict.left:
        return f"same layers, other configuration: {named}" if named else "same layers, same configuration"
    words = _layers_in_words(comparison)
    if comparison.base is not None:
        words += f"; base image {comparison.base.words}"
    return f"{words}; configuration: {named}" if named else words


def _layers_in_words(comparison: Comparison) -> str:
    only_a, only_b = len(comparison.only_a), len(comparison.only_b)
    shared = len(comparison.b.facts.layers) - only_b
    begin = _made_by(comparison, comparison.only_b[0].diff_id) if only_b else ""
    onwards = f" from {begin} on" if begin else ""
    if not only_a and not only_b:
        return "the same layers in another order"
    if not shared:
        return f"no layer in common: {only_a} {_layers(only_a)}, {only_b} {_layers(only_b)}"
    if not only_a:
        return f"{only_b} more {_layers(only_b)} than the same {shared}{onwards}"
    if not only_b:
        return f"{only_a} fewer {_layers(only_a)} than the same {shared}"
    return f"{only_b} of {only_b + shared} layers differ{onwards}"


def _without(layers: Sequence[Layer], others: Sequence[Layer]) -> tuple[Layer, ...]:
    """The layers of one image that another has not; what is there twice counts twice."""
    left = Counter(layer.diff_id for layer in others)
    found: list[Layer] = []
    for layer in layers:
        if left[layer.diff_id] > 0:
            left[layer.diff_id] -= 1
        else:
            found.append(layer)
    return tuple(found)


def _layers(count: int) -> str:
    return "layer" if count == 1 else "layers"


def _made_by(comparison: Comparison, diff_id: str) -> str:
    """The instruction that made a layer of B, short enough for a line."""
    for step in comparison.steps:
        if step.b is not None and step.b.diff_id == diff_id:
            text = instruction(step.b.created_by)
            return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"
    return ""
