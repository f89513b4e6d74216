"""Writes `imgtui/model/safety/rules.py` and `samples.json` from a copy of gitleaks' repository."""

import codecs
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

from tests.gitleaks.patterns import to_python
from tests.gitleaks.samples import samples_of, shapes_of

HERE: Final = Path(__file__).parent
MODULE: Final = HERE.parents[1] / "imgtui/model/safety/rules.py"
LEFT_OUT: Final = {
    "curl-auth-header": "names and `mask_commands` cover it; it takes a power of the length of a line",
    "curl-auth-user": "the same",
    "generic-api-key": "names cover it (`secret_names.py`)",
    "kubernetes-secret-yaml": "a file as a whole",
    "pkcs12-file": "a file's name",
    "private-key": "`mask_shapes` masks it, also where its end is cut off",
}

HEAD: Final = '''"""Shapes of tokens: the rules of gitleaks {version}.

Source: https://github.com/gitleaks/gitleaks, config/gitleaks.toml, taken in by `python -m tests.gitleaks`;
not edited by hand. A rule is its name there, words of which one is in every text that it matches (in lower
case), and a pattern for `re.ASCII`: its first group that matched, or all of it, is the secret. Entropy and
lists of exceptions are left out: to mask too much costs a look.
Left out: {left_out}.

{licence}"""

from typing import Final

'''


def main() -> None:
    """Take in what a folder has."""
    folder, version = Path(sys.argv[1]), sys.argv[2]
    rules = tomllib.loads((folder / "config/gitleaks.toml").read_text())["rules"]
    taken = []
    for rule in rules:
        if rule["id"] in LEFT_OUT:
            continue
        pattern = to_python(rule["regex"], rule.get("secretGroup", 1))
        re.compile(pattern, re.ASCII)
        taken.append((rule["id"], tuple(sorted({word.lower() for word in rule["keywords"]})), pattern))
    head = HEAD.format(
        version=version,
        left_out=", ".join(sorted(LEFT_OUT)),
        licence=(folder / "LICENSE").read_text(),
    )
    lines = "".join(f"    ({name!r}, {words!r}, {_raw(pattern)}),\n" for name, words, pattern in taken)
    MODULE.write_text(f"{head}RULES: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (\n{lines})\n")
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", str(MODULE)], check=True)
    samples, missed = samples_of(folder)
    # In ROT13, so that nobody's scanner takes a list of samples for a leak.
    found = {"shapes": shapes_of(folder), "rules": samples}
    text = codecs.encode(json.dumps(found, indent=1, sort_keys=True), "rot13")
    (HERE / "samples.json.rot13").write_text(text + "\n")
    for line in missed:
        sys.stderr.write(f"not read: {line}\n")
    sys.stderr.write(
        f"{len(taken)} rules, {sum(map(len, samples.values()))} samples of {len(samples)} rules\n"
    )


def _raw(pattern: str) -> str:
    for quote in ('"', "'", '"""', "'''"):
        if quote not in pattern and not pattern.endswith(quote[0]) and not pattern.endswith("\\"):
            return f"r{quote}{pattern}{quote}"
    return repr(pattern)


if __name__ == "__main__":
    main()
