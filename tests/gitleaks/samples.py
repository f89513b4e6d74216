"""The samples of gitleaks' rules, out of the Go sources that check them: what must be found."""

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

_PARSER: Any = re._parser  # type: ignore[attr-defined]

_TOKEN: Final = re.compile(
    r"""\s+|//[^\n]*|/\*.*?\*/|(?P<raw>`[^`]*`)|(?P<text>"(?:\\.|[^"\\\n])*")|(?P<rune>'(?:\\.|[^'])+')"""
    r"""|(?P<name>[A-Za-z_][\w]*)|(?P<number>\d+)|(?P<dots>\.\.\.)|(?P<sign>:=|[^\s\w])""",
    re.DOTALL,
)
_FUNCTION: Final = re.compile(r"^func (\w+)\(\) \*config\.Rule \{\n(.*?)^\}", re.DOTALL | re.MULTILINE)
_RULE_ID: Final = re.compile(r'RuleID:\s*"([^"]+)"')
_GIVEN: Final = re.compile(r"\btps\s*:?=\s*")
_CASES: Final = re.compile(r'^\t\t"[^"]+":\s*(".*?"|`.*?`),', re.MULTILINE | re.DOTALL)

Pieces = list[tuple[str, str]]
Sample = str | tuple[str, str]
"""A text, or the name of a service and a secret, which has to be found in each of the shapes."""

Value = str | list[Sample]


class NotRead(Exception):
    """Go that this does not understand."""


def samples_of(folder: Path) -> tuple[dict[str, list[Sample]], list[str]]:
    """Return the samples of each rule, and the rules whose samples could not be read."""
    found: dict[str, list[Sample]] = {}
    missed: list[str] = []
    for path in sorted((folder / "cmd/generate/config/rules").glob("*.go")):
        for function in _FUNCTION.finditer(path.read_text()):
            rule = _RULE_ID.search(function[2])
            if rule is None:
                continue
            try:
                found.setdefault(rule[1], []).extend(_samples(function[2], _Reader(rule[1], function[2])))
            except (NotRead, RecursionError) as error:
                missed.append(f"{rule[1]}: {error}")
    samples = {rule: [text for text in dict.fromkeys(given) if text] for rule, given in found.items()}
    return {rule: given for rule, given in samples.items() if given}, missed


def shapes_of(folder: Path) -> list[str]:
    """Return the forms of configuration in which a secret has to be found: `{i}Token = "{s}"`."""
    text = (folder / "cmd/generate/config/utils/generate.go").read_text()
    body = text.partition("func GenerateSampleSecrets")[2]
    return [str(_Reader("", "").read(case[1], [])) for case in _CASES.finditer(body)]


def _samples(body: str, reader: "_Reader") -> list[Sample]:
    known: list[Sample] = []
    for start in _GIVEN.finditer(body):
        value = reader.read(body[start.end() :], known)
        known = value if isinstance(value, list) else [value]
    return known


class _Reader:
    """Evaluates the few expressions that samples are made of."""

    def __init__(self, rule: str, body: str) -> None:
        self._random = random.Random(rule)
        self._body = body
        self._tokens: Pieces = []
        self._at = 0
        self._known: list[Sample] = []

    def read(self, source: str, known: list[Sample]) -> Value:
        """Return the value of the expression that a source begins with; `known` is what `tps` is so far."""
        self._tokens, self._at, self._known = list(_tokens(source)), 0, known
        return self._sum()

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise NotRead("the end")
        self._at += 1
        return self._tokens[self._at - 1]

    def _is(self, text: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at][1] == text:
            self._at += 1
            return True
        return False

    def _sum(self) -> Value:
        value = self._one()
        while self._is("+"):
            more = self._one()
            if not isinstance(value, str) or not isinstance(more, str):
                raise NotRead("a sum of lists")
            value += more
        return value

    def _one(self) -> Value:
        kind, word = self._next()
        if kind == "raw":
            return word[1:-1]
        if kind == "text":
            return word[1:-1].encode("latin-1", "backslashreplace").decode("unicode_escape")
        if word in {"[", "map"}:
            return self._composite(word)
        if kind != "name":
            raise NotRead(f"{kind} {word}")
        if word == "tps":
            return self._known
        while self._is("."):
            word = self._next()[1]
        if not self._is("("):
            return self._variable(word)
        return self._call(word, self._arguments(")"))

    def _variable(self, name: str) -> Value:
        given = re.search(rf"^\t(?:var )?{name}\s*:?=\s*", self._body, re.MULTILINE)
        if given is None:
            raise NotRead(f"the variable {name}")
        before = self._tokens, self._at
        value = self.read(self._body[given.end() :], self._known)
        self._tokens, self._at = before
        return value

    def _composite(self, word: str) -> list[Sample]:
        while not self._is("{"):
            self._next()
        return _flat(self._arguments("}", keyed=word == "map"))

    def _arguments(self, end: str, *, keyed: bool = False) -> list[Value]:
        values: list[Value] = []
        while not self._is(end):
            value = self._sum()
            if keyed and self._is(":"):
                value = self._sum()
            self._is("...")
            values.append(value)
            if not self._is(",") and self._tokens[self._at][1] != end:
                raise NotRead(f"{self._tokens[self._at][1]} in a list")
        return values

    def _call(self, name: str, given: list[Value]) -> Value:
        if name == "append":
            return _flat(given)
        texts = [value for value in given if isinstance(value, str)]
        sizes: dict[str, str] = {
            "Numeric": "[0-9]",
            "Hex": "[a-f0-9]",
            "AlphaNumeric": "[a-z0-9]",
            "AlphaNumericExtendedShort": "[a-z0-9_-]",
            "AlphaNumericExtended": r"[a-z0-9=_\-]",
            "AlphaNumericExtendedLong": r"[a-z0-9\/=_\+\-]",
        }
        if name in sizes:
            return f"{sizes[name]}{{{texts[0]}}}"
        simple: dict[str, Callable[[], Value]] = {
            "Hex8_4_4_4_12": lambda: "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            "NewSecret": lambda: self._secret(_PARSER.parse(texts[0])),
            "GenerateSampleSecret": lambda: f'{texts[0]}_api_token = "{texts[1]}"',
            "GenerateSampleSecrets": lambda: [(texts[0], texts[1])],
            "Sprintf": lambda: texts[0].replace("%d", "%s") % tuple(texts[1:]),
            "ToUpper": lambda: texts[0].upper(),  # noqa: PLW0108 - not every call has texts,
        }
        if name not in simple:
            raise NotRead(f"the function {name}")
        return simple[name]()

    def _secret(self, parsed: Any) -> str:
        """A text that a parsed pattern matches."""
        return "".join(self._part(str(kind), value) for kind, value in parsed)

    def _part(self, kind: str, value: Any) -> str:
        match kind:
            case "LITERAL":
                return chr(value)
            case "IN":
                return self._random.choice(list(_members(value)))
            case "MAX_REPEAT" | "MIN_REPEAT":
                least, most, what = value
                count = self._random.randint(least, min(most, least + 20))
                return "".join(self._secret(what) for _ in range(count))
            case "SUBPATTERN":
                return self._secret(value[-1])
            case "BRANCH":
                return self._secret(self._random.choice(value[1]))
            case "ANY" | "AT":
                return ""
        raise NotRead(f"{kind} in a pattern")


def _members(parts: Any) -> Iterator[str]:
    for kind, value in parts:
        if str(kind) == "LITERAL":
            yield chr(value)
        elif str(kind) == "RANGE":
            yield from map(chr, range(value[0], value[1] + 1))
        elif str(kind) == "CATEGORY":
            yield from "abcdefghij0123456789"
        else:
            raise NotRead(f"{kind} in a class")


def _flat(values: list[Value]) -> list[Sample]:
    return [text for value in values for text in ([value] if isinstance(value, str) else value)]


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(source):
        token = _TOKEN.match(source, position)
        if token is None:
            return
        position = token.end()
        if token.lastgroup is not None:
            yield token.lastgroup, token[0]
