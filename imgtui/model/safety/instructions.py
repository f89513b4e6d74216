"""Masks layer instructions as `docker history` prints them.

Builders print `ENV`, `ARG`, `LABEL` and the arguments of `RUN |2 …` without quotes, also where a value has
spaces (`ENV PHP_CFLAGS=-O2 -g`), so the text does not always tell where a secret ends. Where it does not, all
that could belong to the secret is masked.
"""

import re
from typing import Final

from imgtui.model.safety.mask import MASK
from imgtui.model.safety.names import looks_secret
from imgtui.model.safety.shapes import WORD
from imgtui.model.safety.text import mask_text

_HEAD: Final = re.compile(
    r"\s*(?:\S{1,64}(?:\s+[/-]\w+){1,3}\s+)?(?:#\(nop\)\s*)?(?:ONBUILD\s+)?"
    r"(?:(?P<keyword>ENV|ARG|LABEL)\s+|(?:RUN\s+)?\|(?P<count>\d+)\s+)",
    re.IGNORECASE,
)
_SHELL: Final = re.compile(r"\s(?:/\S+|\w+)\s(?:-\S+\s(?:pipefail\s)?)*-\w*c\s", re.ASCII)
_BARE_NAME: Final = re.compile(r"(?P<name>[^\s=]+)\s+(?P<value>.+)", re.DOTALL)
_PAIR_START: Final = re.compile(r"""(?<![^\s"'])(?P<name>[A-Za-z_][\w./-]*)["']?=""", re.ASCII)
_GAP: Final = re.compile(r"(?:\s|\\\r?\n)+")
_WORD: Final = re.compile(WORD, re.DOTALL)
_PAIR: Final = re.compile(r"""["']?(?P<name>[A-Za-z_][\w./-]*)["']?=(?P<value>.*)""", re.ASCII | re.DOTALL)
_COMMENT: Final = " # buildkit"


def mask_instruction(text: str) -> str:
    """Mask the secrets of one layer instruction, of either builder, or of a Dockerfile instruction."""
    head = _HEAD.match(text)
    if head is None:
        return mask_text(text)
    shell = _SHELL.search(text, head.end()) if head["count"] else None
    end = shell.start() if shell is not None else len(text)
    if shell is None and text.endswith(_COMMENT):
        end -= len(_COMMENT)
    pairs = text[head.end() : end]
    bare = _BARE_NAME.fullmatch(pairs) if head["keyword"] else None
    if bare is not None and looks_secret(bare["name"]):
        return head[0] + pairs[: bare.start("value")] + MASK + text[end:]
    return head[0] + _mask_pairs(pairs) + (mask_text(text[end:]) if end < len(text) else "")


def _mask_pairs(text: str) -> str:
    for pair in _PAIR_START.finditer(text):
        if looks_secret(pair["name"]):
            start = pair.start() - (text[pair.start() - 1 : pair.start()] in {'"', "'"})
            pairs = _split_pairs(text[start:])
            masked = text[start : pair.end()] + MASK if pairs is None else "".join(map(_mask_pair, pairs))
            return mask_text(text[:start]) + masked
    return mask_text(text)


def _split_pairs(text: str) -> list[str] | None:
    """Split into pairs and the gaps between them; None if something in between is no pair."""
    pieces: list[str] = []
    position = 0
    while position < len(text):
        found = _GAP.match(text, position) or _WORD.match(text, position)
        if found is None:
            return None
        if not found[0][0].isspace() and found[0][0] != "\\" and _PAIR.fullmatch(found[0]) is None:
            return None
        pieces.append(found[0])
        position = found.end()
    return pieces


def _mask_pair(text: str) -> str:
    pair = _PAIR.fullmatch(text)
    if pair is None:
        return text
    name, value = pair["name"], pair["value"]
    if not looks_secret(name):
        return text[: pair.start("value")] + mask_text(value)
    quoted = len(value) > 1 and value[0] in "\"'" and value[-1] == value[0]
    shown = f"{value[0]}{MASK}{value[0]}" if quoted else MASK
    return text[: pair.start("value")] + (shown if value.strip("\"'") else value)
