"""What the keys that look at a version, and those of the program, do."""

from __future__ import annotations

from textual.command import CommandPalette

from imgtui.engine.memory.blueprint import Blueprint, BlueprintStep, digest_of
from imgtui.model.core.image import Layer
from imgtui.model.safety.secrets import MASK
from imgtui.ui.explorer.help import HelpScreen
from tests.ui.keys.scenarios import does
from tests.ui.robot import NOW, Robot

SECRET = "demo-5f2a9c71"
"""The token of the demo's application."""


@does("image.copy")
async def y_copies_the_whole_digest_first(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    digest = robot.version
    await robot.press(key)
    await robot.sees("repo@digest", "docker command", "docker run")
    await robot.press("enter")
    await robot.sees("sent to the terminal (OSC 52): sha256:")
    assert robot.app.clipboard == digest
    await robot.press(key, "j", "enter")
    await robot.sees("sent to the terminal (OSC 52): myapp@sha256:")
    assert robot.app.clipboard == f"myapp@{digest}"


@does("image.used_by")
async def u_shows_the_containers_of_the_version(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    await robot.press(key)
    await robot.sees("CREATED FROM", "api", "worker", "this image")


@does("secrets.reveal")
async def x_shows_masked_values_and_masks_them_again(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    await robot.do("pane.detail")
    await robot.show_tab("Config")
    await robot.sees(f"API_TOKEN={MASK}")
    assert SECRET not in robot.text
    await robot.press(key)
    await robot.sees(f"API_TOKEN={SECRET}")
    await robot.press(key)
    await robot.sees(f"API_TOKEN={MASK}")
    assert SECRET not in robot.text


@does("app.topics")
async def i_shows_the_manual_by_topic(robot: Robot, key: str) -> None:
    await robot.press(key)
    await robot.sees("Manual", "keeps", "rollback")
    await robot.press("j", "enter")
    await robot.sees("The tag log, and undo", "Where every tag pointed")
    await robot.press("escape")
    await robot.misses("The tag log, and undo")


@does("rules.open")
async def m_with_shift_shows_the_keep_rules(robot: Robot, key: str) -> None:
    await robot.press(key)
    await robot.sees("Keep rules", "No keep rule is in force", "config.toml")
    await robot.press("enter", "n")
    await robot.sees("Keep rules")
    await robot.press("escape")
    await robot.misses("No keep rule is in force")


@does("list.freeze")
async def f_holds_the_list_still_until_it_is_pressed_again(robot: Robot, key: str) -> None:
    await robot.press(key)
    await robot.sees("frozen")
    before = list(robot.explorer.repositories.keys)
    robot.memory.build(image("arrived"), "arrived:latest")
    await robot.until(lambda: robot.explorer.frozen, "news that waits")
    assert robot.explorer.repositories.keys == before
    await robot.press(key)
    await robot.misses("frozen")
    assert "arrived" in robot.explorer.repositories.keys


@does("engine.refresh")
async def capital_r_asks_the_engine_for_what_no_event_told(robot: Robot, key: str) -> None:
    robot.memory.stock([(image("silent"), ("silent:latest",))])
    await robot.press(key)
    await robot.until(lambda: "silent" in robot.explorer.repositories.keys, "what came silently")
    await robot.live()


@does("app.palette")
async def the_palette_offers_the_actions_by_name(robot: Robot, key: str) -> None:
    await robot.press(key)
    await robot.until(lambda: isinstance(robot.app.screen, CommandPalette), "the palette")
    await robot.type("freeze")
    await robot.sees("Hold the list still")
    await robot.press("enter")
    await robot.until(lambda: robot.explorer.frozen is not None, "the list frozen by the palette")


@does("app.help")
async def the_question_mark_shows_all_keys_and_takes_them_away(robot: Robot, key: str) -> None:
    await robot.press(key)
    await robot.until(lambda: isinstance(robot.app.screen, HelpScreen), "the keys")
    await robot.sees("KEYS", "Next row")
    await robot.press(key)
    await robot.misses("WHAT IT DOES")


@does("app.quit")
async def q_goes_back_and_at_the_top_it_quits(robot: Robot, key: str) -> None:
    await robot.do("pane.detail")
    await robot.press(key, key)
    assert robot.explorer.pane == 0
    assert robot.app.is_running
    await robot.press(key)
    await robot.until(lambda: not robot.app.is_running or robot.app.return_code == 0, "the end")


def image(text: str) -> Blueprint:
    """An image of one layer that no other has."""
    return Blueprint(
        (BlueprintStep(f"COPY {text} / # buildkit", Layer(digest_of(text), 1000)),), created=NOW - 60
    )


@does("journal.open")
async def at_shows_what_imgtui_did_as_docker_commands_the_newest_first(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    await robot.press(key)
    await robot.sees("0 acts", "imgtui has changed nothing on this engine yet.")
    await robot.press("escape")
    await robot.do("version.keep")
    await robot.sees("enter: do it")
    await robot.press("enter")
    await robot.sees("1 kept")
    await robot.press(key)
    await robot.sees("1 act", "keep 9b94b5201a3b of myapp", "done", "$ docker tag sha256:9b94b5201a3b")
