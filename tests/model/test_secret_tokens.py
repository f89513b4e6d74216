"""Tokens of services are masked: held to the samples of gitleaks, whose rules they are."""

import codecs
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from imgtui.engine.wire.facts import mask_again, to_document
from imgtui.model.safety.mask import MASK
from imgtui.model.safety.rules import RULES
from imgtui.model.safety.secrets import mask_instruction, mask_text

SAMPLES = json.loads(
    codecs.decode((Path(__file__).parents[1] / "gitleaks/samples.json.rot13").read_text(), "rot13")
)
PATTERNS = {name: pattern for name, _, pattern in RULES}
WORDS = {name: words for name, words, _ in RULES}
LIMIT = 2.0
"""Seconds of a processor for 64 KB of the worst text; a pattern that takes a power of it takes hours."""


def texts(rule: str) -> Iterator[str]:
    for sample in SAMPLES["rules"][rule]:
        if isinstance(sample, str):
            yield sample
            continue
        name, secret = sample
        for shape in SAMPLES["shapes"]:
            yield shape.replace("{i}", name).replace("{I}", name.upper()).replace("{s}", secret)


def secret_in(rule: str, text: str) -> str:
    found = re.search(PATTERNS[rule], text, re.ASCII)
    assert found is not None, f"{rule} does not find its sample {text}"
    return str(next((group for group in found.groups() if group), found[0]))


def test_every_rule_of_gitleaks_that_is_taken_in_has_a_word_and_compiles() -> None:
    assert len(RULES) > 200
    for name, words, pattern in RULES:
        assert words, name
        assert all(word == word.lower() for word in words), name
        re.compile(pattern, re.ASCII)


@pytest.mark.parametrize("rule", sorted(PATTERNS.keys() & SAMPLES["rules"].keys()))
def test_no_sample_of_gitleaks_comes_through(rule: str) -> None:
    tried = 0
    for text in texts(rule):
        secret = secret_in(rule, text)
        for shown in (mask_text(text), mask_instruction(f"RUN {text}")):
            assert secret not in shown, shown
        tried += 1
    assert tried


@pytest.mark.parametrize("rule", ["curl-auth-header", "curl-auth-user", "private-key"])
def test_the_samples_of_rules_that_are_left_out_are_masked_by_names_and_commands(rule: str) -> None:
    for text in texts(rule):
        assert MASK in mask_text(text), text


def test_no_sample_is_in_what_is_kept_of_an_image() -> None:
    samples = [(rule, text) for rule in PATTERNS.keys() & SAMPLES["rules"].keys() for text in texts(rule)]
    secrets = {secret_in(rule, text) for rule, text in samples}
    inspect = {
        "Config": {
            "Env": [f"PLAIN={text}" for _, text in samples],
            "Labels": {str(number): text for number, (_, text) in enumerate(samples)},
            "Cmd": ["sh", "-c", *(text for _, text in samples)],
        }
    }
    history = [{"CreatedBy": f"RUN {text}", "Comment": text} for _, text in samples]
    kept = to_document(inspect, history)
    assert [secret for secret in secrets if json.dumps(secret)[1:-1] in kept] == []
    assert mask_again(to_document(inspect, history, reveal=True)) == kept


HOSTILE = ("a", "A", "0", "-", "_", ".", " ", "=", '"', "aA0", "a-", "a.", "\n", "x=", "https://")


@pytest.mark.matrix
@pytest.mark.parametrize("rule", sorted(PATTERNS))
def test_no_pattern_takes_a_power_of_the_length_of_a_text(rule: str) -> None:
    compiled = re.compile(PATTERNS[rule], re.ASCII)
    size = 64 * 1024
    for word in WORDS[rule]:
        for cased in {word, word.upper(), word.capitalize()}:
            for filling in HOSTILE:
                for text in (
                    cased + filling * (size // len(filling)),
                    (cased + filling) * (size // len(cased)),
                ):
                    begun = time.process_time()
                    compiled.search(text[:size])
                    assert time.process_time() - begun < LIMIT, (cased, filling)
