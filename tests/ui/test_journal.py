"""The journal of acts on the screen."""

from __future__ import annotations

import pytest

from imgtui.model.core.digest import short
from imgtui.model.keeps.keep import keep_of
from imgtui.operations.protocol.updates import JournalRead
from imgtui.store.journal import JournalEntry
from imgtui.store.state import State, StateUnusable
from imgtui.ui.plans.journal_screen import JournalScreen
from imgtui.ui.plans.journal_text import commands_of, journal_cells, journal_lines, took
from tests.ui.robot import NARROW, NOW, Robot, both_sizes, exploring

SECOND = 1_000_000_000
BEGUN = (NOW - 3600) * SECOND


def act(
    number: int, command: str = "docker tag a b", *, ended: float | None = 0.3, outcome: str | None = "done"
) -> JournalEntry:
    end = None if ended is None else BEGUN + int(ended * SECOND)
    return JournalEntry(number, f"tag a as b{number}", command, BEGUN, end, outcome)


async def retag(robot: Robot, name: str) -> None:
    """Point a tag at the version under the cursor."""
    await robot.press("t")
    await robot.type(name)
    await robot.press("enter")
    await robot.sees("enter: do it")
    await robot.press("enter")
    await robot.sees("done")


def together(text: str) -> str:
    """A text as it is whatever the width that it is wrapped to."""
    return "".join(text.replace("│", "").split())


@both_sizes
async def test_tag_keep_and_undo_are_three_acts_with_their_docker_commands(size: tuple[int, int]) -> None:
    async with exploring(size=size) as robot:
        await robot.open_repository("myapp")
        digest = str(robot.version)
        await retag(robot, "new")
        await robot.press("m")
        await robot.sees("enter: do it")
        await robot.press("enter")
        await robot.sees("1 kept", "done")
        await robot.press("z")
        await robot.sees("enter: do it")
        await robot.press("enter")
        await robot.misses("1 kept")
        await robot.press("at")
        await robot.sees(
            "Done by imgtui  3 acts", "Stop keeping", f"keep {short(digest)}", f"tag {short(digest)} as"
        )
        keep = keep_of(digest, "myapp", NOW).reference
        for command in (
            f"docker rmi --no-prune {keep}",
            f"docker tag {digest} {keep}",
            f"docker tag {digest} myapp:new",
        ):
            await robot.until(lambda: together(command) in together(robot.text), command)  # noqa: B023
            await robot.press("j")


async def test_the_command_of_an_act_is_copied_as_it_is() -> None:
    async with exploring() as robot:
        await robot.press("at")
        await robot.sees("has changed nothing")
        robot.explorer.take(JournalRead((act(1, "docker tag 'a b' c"),)))
        await robot.press("y")
        await robot.sees("sent to the terminal (OSC 52): docker tag 'a b' c")
        assert robot.app.clipboard == "docker tag 'a b' c"
        await robot.press("j")
        await robot.sees("1 act   y copy")


async def test_of_several_commands_all_or_one_is_copied() -> None:
    async with exploring() as robot:
        await robot.press("at")
        await robot.sees("0 acts", "imgtui has changed nothing on this engine yet.")
        robot.explorer.take(JournalRead((act(1, "docker tag a b\ndocker run -e 'A=1\n2' b"),)))
        await robot.press("y")
        await robot.sees("all 2", "docker run -e 'A=1↵ 2' b")
        await robot.press("enter")
        await robot.sees("sent to the terminal (OSC 52): docker tag a b")
        assert robot.app.clipboard == "docker tag a b\ndocker run -e 'A=1\n2' b"
        await robot.press("enter")
        await robot.sees("all 2")
        await robot.press("G", "enter")
        await robot.misses("all 2")
        assert robot.app.clipboard == "docker run -e 'A=1\n2' b"


@both_sizes
async def test_why_an_act_failed_is_told_in_full_and_one_in_the_middle_is_unfinished(
    size: tuple[int, int],
) -> None:
    why = "failed: no space left on device"
    async with exploring(size=size) as robot:
        await robot.press("at")
        robot.explorer.take(JournalRead((act(2, ended=None, outcome=None), act(1, ended=75, outcome=why))))
        await robot.sees("2 acts", "unfinished: it goes on, or imgtui was ended in the middle")
        await robot.press("j")
        await robot.sees(why, "took 1 m")


async def test_the_words_of_a_filter_are_looked_for_in_titles_commands_and_outcomes() -> None:
    async with exploring() as robot:
        await robot.press("at")
        await robot.until(lambda: robot.explorer.known.journal is not None, "the journal")
        failed = act(3, outcome="failed: no such image")
        robot.explorer.take(JournalRead((failed, act(2, "docker rmi x"), act(1))))
        await robot.sees("3 acts")
        await robot.press("slash")
        await robot.type("docker !rmi !failed")
        await robot.sees("1 of 3 acts", "b1")
        await robot.press("enter", "escape")
        await robot.sees("Done by imgtui  3 acts")
        await robot.press("escape")
        await robot.misses("Done by imgtui")


async def test_an_act_that_ends_while_one_looks_is_shown_as_it_ended() -> None:
    async with exploring() as robot:
        await robot.open_repository("myapp")
        await robot.press("m")
        await robot.sees("enter: do it")
        robot.memory.read_only = True
        await robot.press("enter", "at")
        await robot.sees("1 act", "failed: ")


async def test_while_the_list_is_frozen_the_journal_is_read_too() -> None:
    async with exploring() as robot:
        await robot.press("f", "at")
        await robot.sees("imgtui has changed nothing on this engine yet.")


def nowhere() -> State:
    raise StateUnusable("the state file /nowhere cannot be written (Read-only file system): use --state")


async def test_without_a_state_file_the_journal_says_why_it_is_empty() -> None:
    async with exploring(open_state=nowhere) as robot:
        await robot.press("at")
        await robot.sees("0 acts", "Read-only file system")


async def test_a_journal_that_was_left_is_not_painted_any_more() -> None:
    async with exploring() as robot:
        await robot.press("at")
        await robot.sees("0 acts")
        assert isinstance(robot.app.screen, JournalScreen)
        await robot.press("escape")
        robot.explorer.take(JournalRead((act(1),)))
        await robot.misses("1 act")


async def test_a_thousand_commands_of_one_act_are_scrolled() -> None:
    commands = "\n".join(f"docker tag a b:{number}" for number in range(1000))
    async with exploring(size=NARROW) as robot:
        await robot.press("at")
        robot.explorer.take(JournalRead((act(1, commands),)))
        await robot.sees("b:4")
        await robot.misses("b:40")
        await robot.press(*["J"] * 40)
        await robot.sees("b:40")
        await robot.press(*["K"] * 40)
        await robot.sees("b:4")


@pytest.mark.parametrize(
    ("ended", "told"),
    [(None, "-"), (0, "0.0 s"), (0.26, "0.3 s"), (9.9, "9.9 s"), (12.7, "12 s"), (200, "3 m"), (-5, "0.0 s")],
)
def test_how_long_an_act_took_is_told_in_few_characters(ended: float | None, told: str) -> None:
    assert took(act(1, ended=ended)) == told


def test_a_command_ends_with_its_line_unless_a_quotation_mark_is_open() -> None:
    text = "docker tag a b\ndocker run -e 'A=1\ndocker x' \"b\n\\\" c\" d\n\nit's\nopen"
    assert commands_of(act(1, text)) == [
        "docker tag a b",
        'docker run -e \'A=1\ndocker x\' "b\n\\" c" d',
        "it's",
        "open",
    ]


def test_no_line_of_an_act_has_a_line_break() -> None:
    lines = journal_lines(act(1, "docker run -e 'A=1\n2' b"))
    assert not [span for line in lines for span in line if "\n" in span.text]
    assert [span.text for span in journal_cells(act(1), NOW)] == ["1 h", "tag a as b1", "done", "0.3 s"]
