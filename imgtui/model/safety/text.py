"""Masks secrets in free text: shell commands, JSON, headers, anything with a telling name before a value."""

import re
from typing import Final

from imgtui.model.safety.commands import mask_commands
from imgtui.model.safety.mask import MASK
from imgtui.model.safety.names import looks_secret
from imgtui.model.safety.shapes import WORD, mask_shapes

_NAME: Final = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_SEPARATOR: Final = re.compile(
    r"""(?:\[[^\]\s]{0,64}\])?(?P<quote>\\*["'`])?\]?
        (?:[ \t]+(?:[:+?]?=|=[=>])[ \t]+|[:+?!]?=[=>~]?|[ \t]*:[ \t]*|>)""",
    re.VERBOSE,
)
_FLAG_GAP: Final = re.compile(r"""(?:\\*["'`])?(?:\s*,\s*|(?:\s|\\\n)+)""")
_WORD: Final = re.compile(WORD, re.DOTALL)
_OPERATOR: Final = re.compile(r"[;&|<>)]")
_OPENING: Final = re.compile(r"""(?P<escape>\\*)(?P<quote>["'`])""")
_SCHEME: Final = re.compile(r"(?:apikey|basic|bearer|digest|negotiate|token)\s+", re.IGNORECASE)
_SETTING: Final = re.compile(r"(?:^|\s)(?:config|configure|set|setx)\s[^\n;&|]{0,128}\Z")
"""`aws configure set`, `npm config set`, `git config`: a name, then its value."""

_BOUNDARY: Final = " \t\r\n\"'`"
_BEHIND_VALUE: Final = re.compile(r"[\s,;\])}&|]|\Z")


def mask_text(text: str) -> str:
    """Mask secrets in a command line or any other text.

    A value belongs to a secret-looking name in `NAME=value`, `name: value`, `"name": "value"`,
    `--name value`, `config set name value` and `Authorization: Bearer value`. It ends with its quotes, or at
    a space.
    """
    text = mask_commands(mask_shapes(text))
    pieces: list[str] = []
    done = 0
    for name in _NAME.finditer(text):
        if name.start() < done or not looks_secret(name[0]):
            continue
        start, end = _value_of(text, name, done)
        if start < end:
            pieces += (text[done:start], MASK)
            done = end
    return "".join(pieces) + text[done:]


def _value_of(text: str, name: re.Match[str], done: int) -> tuple[int, int]:
    """Return where the value that follows a name starts and ends; an empty range where there is none."""
    separator = _SEPARATOR.match(text, name.end())
    if separator is not None:
        return _extent(text, separator.end(), _opening_quote(text, name.start(), done, separator["quote"]))
    flag = text[name.start() - 1 : name.start()] == "-"
    if name[0].endswith("-stdin") or not (flag or _is_set(text, name.start())):
        return 0, 0
    gap = _FLAG_GAP.match(text, name.end())
    if gap is None or _OPERATOR.match(text, gap.end()) is not None:
        return 0, 0
    if not flag and text[gap.end() : gap.end() + 1] == "-":
        return 0, 0
    return _extent(text, gap.end(), "")


def _is_set(text: str, start: int) -> bool:
    """Tell whether the name that starts there is given a value as its own argument."""
    return _SETTING.search(text, max(0, start - 140), start) is not None


def _opening_quote(text: str, start: int, done: int, closed_by: str | None) -> str:
    """Return the quote that opens the word a name is in, unless it closes right behind the name."""
    while start > done and text[start - 1] not in _BOUNDARY:
        start -= 1
    if start <= done or text[start - 1] not in "\"'`":
        return ""
    quote = text[start - 1]
    if closed_by is not None and closed_by[-1] == quote:
        return ""
    return f"\\{quote}" if text[start - 2 : start - 1] == "\\" else quote


def _extent(text: str, start: int, opened_by: str) -> tuple[int, int]:
    if opened_by:
        return start, _behind_quote(text, start, opened_by)
    opening = _OPENING.match(text, start)
    if opening is not None:
        return opening.end(), _behind_quote(text, opening.end(), opening[0])
    scheme = _SCHEME.match(text, start)
    if scheme is not None:
        return start, _extent(text, scheme.end(), "")[1]
    word = _WORD.match(text, start)
    return start, word.end() if word is not None else start


def _behind_quote(text: str, start: int, quote: str) -> int:
    """Return the end of a quoted value: its closing quote, or later where the word goes on behind it."""
    if len(quote) > 1 or quote == "'":
        close = text.find(quote, start)
    else:
        found = re.compile(rf"(?:\\.|[^\\{quote}])*+{quote}", re.DOTALL).match(text, start)
        close = found.end() - 1 if found is not None else -1
    if close < 0:
        return len(text)
    behind = close + len(quote)
    if _BEHIND_VALUE.match(text, behind) is not None:
        return close
    rest = _WORD.match(text, behind)
    return rest.end() if rest is not None else behind
