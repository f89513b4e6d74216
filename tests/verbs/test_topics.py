"""The manual: listed, shown, linked in the README, and its examples are what imgtui understands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Final

import pytest

from imgtui import arguments, cli
from imgtui import help as manual
from imgtui.store.config.settings import Settings, read_settings
from imgtui.ui.features import EXPLORER
from imgtui.verbs.console.output import Exit

ROOT: Final = Path(cli.__file__).parents[1]
TOPICS: Final = manual.topics()
MOST_LINES: Final = 150
"""Of the README."""
CALL: Final = re.compile(r"^ {4}(?:\$ )?(imgtui .*)$", re.MULTILINE)


def test_all_files_of_the_manual_are_topics() -> None:
    assert {path.stem for path in (ROOT / "imgtui/help").glob("*.md")} == {each.name for each in TOPICS}


def test_help_lists_the_topics(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["help"]) == Exit.DONE
    shown = capsys.readouterr().out
    assert all(f"{each.name} " in shown and each.about in shown for each in TOPICS)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda each: each.name)
def test_a_topic_is_shown_whole(topic: manual.Topic, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["help", topic.name]) == Exit.DONE
    assert capsys.readouterr().out == topic.text
    assert topic.text.startswith(f"# {topic.title}\n\n{topic.about}\n")


@pytest.mark.parametrize("topic", TOPICS, ids=lambda each: each.name)
@pytest.mark.parametrize("width", [40, 80, 200])
def test_filled_to_a_width_it_has_the_same_words(topic: manual.Topic, width: int) -> None:
    lines = topic.lines(width)
    assert " ".join(lines).split() == topic.text.split()
    prose = [line for line in lines if not line.startswith(("    ", "|", "#"))]
    assert all(len(line) <= width or " " not in line for line in prose)


def test_a_topic_that_is_none_is_an_error_with_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["help", "rolback"]) == Exit.USAGE
    assert capsys.readouterr().err == "imgtui: there is no topic rolback: rollback?\n"
    assert cli.main(["help", "\x1b[31m"]) == Exit.USAGE
    assert "\x1b" not in capsys.readouterr().err


def calls() -> list[str]:
    """Every call that stands as an example in the manual or the README."""
    texts = [each.text for each in TOPICS] + [(ROOT / "README.md").read_text(encoding="utf-8")]
    return [re.split(r"\s*(?:[>|#]|&&)", found)[0] for text in texts for found in CALL.findall(text)]


@pytest.mark.parametrize("call", calls())
def test_an_example_is_a_call_that_is_understood(call: str) -> None:
    assert arguments.read(shlex.split(call)[1:]).verb is not None


def settings() -> list[str]:
    """Every configuration that stands as an example."""
    blocks = [
        block for each in TOPICS for block in re.findall(r"(?:^ {4}.*\n|^\n)+", each.text, re.MULTILINE)
    ]
    return [
        block for block in blocks if re.search(r"^ {4}\[\[?(?:keep|rollback|keys)\]", block, re.MULTILINE)
    ]


@pytest.mark.parametrize("text", settings())
def test_a_configuration_is_one_that_is_understood(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(re.sub(r"^ {4}", "", text, flags=re.MULTILINE), encoding="utf-8")
    found = read_settings(path, {action.id for action in EXPLORER})
    assert found != Settings()


def test_the_readme_is_short_and_links_every_topic() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert [each.name for each in TOPICS] == re.findall(r"\(imgtui/help/(\w+)\.md\)", text)
    assert all(f"| {each.about} |" in text for each in TOPICS)


def test_the_examples_are_found() -> None:
    assert len(calls()) >= 3
    assert len(settings()) > 3
