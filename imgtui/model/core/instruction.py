"""Instructions of a Dockerfile, out of what builders write into the history of an image."""

from __future__ import annotations

import re
from typing import Final

_COPIED: Final = re.compile(r"\b(?:file|dir|multi):[0-9a-f]{64} in ")
"""The classic builder names what was copied by its digest."""
_ARGUMENTS: Final = re.compile(r"\|\d+ ")
"""Build arguments before a command, where the classic builder and Podman leave out that it was run."""


def instruction(created_by: str) -> str:
    """An instruction as its Dockerfile had it, as far as the builders' wrapping can be undone."""
    text = created_by.removeprefix("/bin/sh -c #(nop) ").strip().removesuffix("# buildkit").strip()
    if _ARGUMENTS.match(text):
        return f"RUN {text}"
    shell = text.removeprefix("RUN ")
    return f"RUN {shell.removeprefix('/bin/sh -c ')}" if shell.startswith("/bin/sh -c ") else text


def normalized(created_by: str) -> str:
    """The same for the same line of a Dockerfile, whatever was copied by it and however it is spaced."""
    return " ".join(_COPIED.sub("", instruction(created_by)).split())


def keyword(created_by: str) -> str:
    """What an instruction does, and to what: `RUN`, `COPY /app`, `ENV PATH`."""
    word, _, rest = normalized(created_by).partition(" ")
    if word in {"ENV", "LABEL", "ARG"}:
        return f"{word} {rest.partition('=')[0].partition(' ')[0]}"
    if word in {"COPY", "ADD"} and rest:
        return f"{word} {rest.split()[-1]}"
    return word
