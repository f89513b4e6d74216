"""What an act was to do, written down before it is done: for who finds it interrupted.

Of a roll back the journal has more (`imgtui.model.containers.replacement.Journey`): that one can be finished.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from imgtui.model.plans.plan import Step, Verb
from imgtui.model.taglog.moves import Cause

if TYPE_CHECKING:  # an act does not pay for what few acts do
    from imgtui.model.removal.plan import Doomed, Removal

LAUNCHED: Final = "io.imgtui.launched"
"""Label of a container that was launched: a word that only the act knows which made it."""


@dataclass(frozen=True, slots=True)
class NewContainer:
    """A container that was to be made and started."""

    name: str
    """Empty where the engine was to name it."""
    image_id: str
    word: str
    """The value of its label `LAUNCHED`."""


@dataclass(frozen=True, slots=True)
class OldContainer:
    """A container that was to be stopped and removed."""

    container_id: str
    name: str
    title: str
    ran: bool
    """Whether it ran before."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What an act was to do; empty for one of which nothing has to be put back."""

    steps: tuple[Step, ...] = ()
    """Names that it was to give and to take away, in this order."""
    removal: Removal | None = None
    """Images that it was to remove; of each only what is needed to put its names back."""
    launched: NewContainer | None = None
    discarded: OldContainer | None = None
    origins: Mapping[str, str | None] = field(default_factory=dict)
    """Where the tags pointed before that it might move; nobody knew where to."""
    pulls: str = ""
    """`repository@digest` of an image that it was to pull; no tag moves."""
    keeps: tuple[Step, ...] = ()
    """Keeps that it made first, for images that it might take the last name from."""

    def to_json(self) -> str:
        """The text for the journal."""
        removal = self.removal
        return json.dumps(
            {
                "steps": [_written(step) for step in self.steps],
                "keeps": [_written(step) for step in self.keeps],
                "origins": dict(self.origins),
                "pulls": self.pulls,
                "images": [
                    {
                        "id": image.image_id,
                        "tags": image.tags,
                        "former": image.former,
                        "keeps": image.keeps,
                        "intermediate": image.intermediate,
                    }
                    for image in (removal.images if removal is not None else ())
                ],
                "launched": asdict(self.launched) if self.launched is not None else None,
                "discarded": asdict(self.discarded) if self.discarded is not None else None,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote. Raises ValueError."""
        try:
            raw: Mapping[str, Any] = json.loads(text)
            images = tuple(map(_image, raw["images"]))
            return cls(
                steps=tuple(map(_step, raw["steps"])),
                origins={_text(tag): _text_or_none(origin) for tag, origin in raw["origins"].items()},
                pulls=_text(raw["pulls"]),
                keeps=tuple(map(_step, raw["keeps"])),
                removal=_removal(images) if images else None,
                launched=NewContainer(**_texts(raw["launched"])) if raw["launched"] else None,
                discarded=OldContainer(**_texts(raw["discarded"])) if raw["discarded"] else None,
            )
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"not what an act was to do: {error!r}") from error


def _written(step: Step) -> dict[str, object]:
    return {**asdict(step), "verb": step.verb.value, "cause": step.cause.value}


def _step(raw: Mapping[str, Any]) -> Step:
    undoes = raw["undoes"]
    return Step(
        Verb(raw["verb"]),
        _text(raw["reference"]),
        _text(raw["image_id"]),
        _text_or_none(raw["origin"]),
        Cause(raw["cause"]),
        None if undoes is None else int(undoes),
    )


def _removal(images: tuple[Doomed, ...]) -> Removal:
    from imgtui.model.removal.plan import Removal

    return Removal("", images)


def _image(raw: Mapping[str, Any]) -> Doomed:
    from imgtui.model.removal.plan import Doomed

    tags, former, keeps = (tuple(map(_text, raw[key])) for key in ("tags", "former", "keeps"))
    return Doomed(_text(raw["id"]), tags, former, keeps, intermediate=raw["intermediate"] is True)


def _texts(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value if isinstance(value, bool) else _text(value) for key, value in raw.items()}


def _text_or_none(value: object) -> str | None:
    """Raises TypeError."""
    return None if value is None else _text(value)


def _text(value: object) -> str:
    """Raises TypeError."""
    if not isinstance(value, str):
        raise TypeError(value)
    return value
