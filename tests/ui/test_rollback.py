"""Rolling back by keys: a container to another digest, a tag with the containers that go with it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.core.clock import SECOND
from imgtui.model.core.digest import short
from imgtui.model.core.image import Container
from imgtui.model.keeps.rules import KeepRule
from imgtui.operations.keeps.rule_book import RuleBook
from imgtui.ui.actions import by_id
from imgtui.ui.containers.rollback_screen import TargetScreen, WithItScreen
from imgtui.ui.containers.screen import ContainersScreen
from imgtui.ui.features import EXPLORER
from imgtui.ui.plans.screen import PlanScreen
from tests.operations.listening import made
from tests.ui.keys.rollbacks import go_away_at_the_start
from tests.ui.robot import NOW, Robot, both_sizes, exploring


@dataclass
class Shop:
    """An engine on which `web:latest` was rebuilt under two containers, one of which follows it."""

    engine: MemoryEngine

    def __post_init__(self) -> None:
        self.old = self.engine.load(made("old", age=100), "web:1", "web:latest")
        self.engine.run("worker", "web:latest")
        self.new = self.engine.load(made("new"), "web:2", "web:latest")
        self.engine.run("api", "web:latest")

    def container(self, name: str) -> Container | None:
        return next((known for known in self.engine.containers() if known.name == name), None)

    def runs(self, name: str) -> str | None:
        """The image that a running container of this name is of."""
        found = self.container(name)
        return found.image_id if found is not None and found.running else None

    def tag(self) -> str | None:
        return self.engine.find_images(["web:latest"])[0].id


@pytest.fixture
def shop() -> Shop:
    return Shop(MemoryEngine())


async def choose(robot: Robot, name: str) -> None:
    """Open the containers, and go to one."""
    await robot.back()
    await robot.do("pane.containers")
    await robot.sees(name, "enter version")
    await robot.press("slash")
    await robot.type(name)
    await robot.press("enter")


@both_sizes
async def test_r_on_a_container_has_it_run_the_digest_that_is_chosen(
    shop: Shop, size: tuple[int, int]
) -> None:
    async with exploring(shop.engine, size) as robot:
        await choose(robot, "api")
        await robot.press("r")
        await robot.until(lambda: isinstance(robot.app.screen, TargetScreen), "the choice of a digest")
        await robot.sees(f"Roll api back from {short(shop.new)}", short(shop.old))
        await robot.press("enter")
        await robot.sees(f"roll api back to {short(shop.old)}", "api: down from when", "enter: do it")
        assert shop.runs("api") == shop.new
        await robot.press("enter")
        await robot.sees(f"api runs {short(shop.old)}; the one before stays, stopped, as api-")
        assert shop.runs("api") == shop.old
        before = shop.container(f"api-{short(shop.new)}")
        assert before is not None
        assert not before.running


async def test_d_removes_what_was_replaced_and_nothing_else(shop: Shop) -> None:
    async with exploring(shop.engine) as robot:
        await choose(robot, "api")
        await robot.press("d")
        await robot.sees("api was not replaced by a roll back")
        await choose(robot, "api")
        await robot.press("r")
        await robot.until(lambda: isinstance(robot.app.screen, TargetScreen), "the choice of a digest")
        await robot.press("enter")
        await robot.sees("enter: do it")
        await robot.press("enter")
        await robot.sees("the one before stays")
        before = f"api-{short(shop.new)}"
        await choose(robot, before)
        await robot.sees("replaced")
        await robot.press("d")
        await robot.sees(f"stop and remove {before}", f"type {before} to do it")
        await robot.type(before)
        await robot.press("enter")
        await robot.until(lambda: shop.container(before) is None, "it gone")
        assert shop.runs("api") == shop.old


async def test_the_cursor_stays_on_the_name_of_what_is_rolled_back(shop: Shop) -> None:
    async with exploring(shop.engine) as robot:
        await robot.do("pane.containers")
        await robot.sees("api", "worker")
        screen = robot.app.screen
        assert isinstance(screen, ContainersScreen)
        if screen.table.key != shop.container("api").id:  # type: ignore[union-attr]  # it is there
            await robot.press("j")
        await robot.press("r")
        await robot.until(lambda: isinstance(robot.app.screen, TargetScreen), "the choice of a digest")
        await robot.press("enter")
        await robot.sees("enter: do it")
        await robot.press("enter")
        await robot.until(lambda: shop.runs("api") == shop.old, "api rolled back")
        made = shop.container("api")
        assert made is not None
        await robot.until(lambda: screen.table.key == made.id, "the cursor on api")


async def test_escape_at_any_question_does_nothing(shop: Shop) -> None:
    async with exploring(shop.engine) as robot:
        for times in (1, 2):
            await choose(robot, "api")
            await robot.press("r")
            await robot.until(lambda: isinstance(robot.app.screen, TargetScreen), "the choice of a digest")
            if times == 2:
                await robot.press("enter")
                await robot.until(lambda: isinstance(robot.app.screen, PlanScreen), "the plan")
            await robot.press("escape")
            await robot.until(lambda: isinstance(robot.app.screen, ContainersScreen), "the containers")
        assert {known.name for known in shop.engine.containers()} == {"api", "worker"}
        assert shop.runs("api") == shop.new


async def test_r_in_the_tag_log_takes_the_marked_containers_along(shop: Shop) -> None:
    async with exploring(shop.engine) as robot:
        shop.engine.tag(shop.old, "web:latest")
        await robot.until(lambda: robot.explorer.known.log, "the move")
        await robot.open_repository("web")
        shop.engine.tag(shop.new, "web:latest")
        await robot.until(lambda: robot.explorer.known.log[0].target == shop.new, "the move back")
        await robot.do("log.open")
        await robot.sees("Tag log of web", "r roll back")
        await robot.press("j", "r")
        await robot.until(lambda: isinstance(robot.app.screen, WithItScreen), "the choice of containers")
        await robot.sees(f"web:latest to {short(shop.old)}", "api", "space: mark")
        assert isinstance(robot.app.screen, WithItScreen)
        assert [robot.app.screen._containers[key].name for key in robot.app.screen.table.keys] == ["api"]
        await robot.press("space", "enter")
        await robot.sees(f"roll web:latest and api back to {short(shop.old)}")
        await robot.press("enter")
        await robot.until(lambda: shop.tag() == shop.old, "the tag")
        await robot.sees(f"web:latest points at {short(shop.old)}")
        assert shop.runs("api") == shop.old
        await robot.until(lambda: robot.explorer.known.log[0].cause == "rollback", "the log says so")


async def test_r_in_the_tag_log_moves_the_tag_alone_where_nothing_is_marked(shop: Shop) -> None:
    async with exploring(shop.engine) as robot:
        shop.engine.tag(shop.old, "web:latest")
        await robot.until(lambda: robot.explorer.known.log, "the move")
        shop.engine.tag(shop.new, "web:latest")
        await robot.until(lambda: robot.explorer.known.log[0].target == shop.new, "the move back")
        await robot.do("log.open")
        await robot.sees("r roll back")
        await robot.press("j", "r")
        await robot.until(lambda: isinstance(robot.app.screen, WithItScreen), "the choice of containers")
        await robot.press("enter")
        await robot.sees(f"roll web:latest back to {short(shop.old)}", "drift afterwards: api")
        await robot.press("enter")
        await robot.until(lambda: shop.tag() == shop.old, "the tag")
        assert shop.runs("api") == shop.new


async def test_what_was_interrupted_is_said_and_taken_up_with_one_key(shop: Shop) -> None:
    async with exploring(shop.engine) as robot:
        await choose(robot, "api")
        await robot.press("r")
        await robot.until(lambda: isinstance(robot.app.screen, TargetScreen), "the choice of a digest")
        await robot.press("enter")
        await robot.sees("enter: do it")
        go_away_at_the_start(shop.engine)
        await robot.press("enter")
        await robot.sees("the engine went away")
        assert shop.runs("api") is None
        await robot.back()
        await robot.do("move.down")
        await robot.sees("! roll api back", "put everything back as it was")
        await robot.press("exclamation_mark")
        await robot.sees(
            "put back what was interrupted: roll api back",
            "RISK  api loses what it has written",
            "type api to do it",
        )
        await robot.type("api")
        await robot.press("enter")
        await robot.sees("api: everything is as it was")
        assert shop.runs("api") == shop.new
        assert {known.name for known in shop.engine.containers()} == {"api", "worker"}
        await robot.do("move.down")
        await robot.misses("interrupted")


async def roll_api_back(robot: Robot) -> None:
    """Have `api` run the older digest, by keys."""
    await choose(robot, "api")
    await robot.press("r")
    await robot.until(lambda: isinstance(robot.app.screen, TargetScreen), "the choice of a digest")
    await robot.press("enter")
    await robot.sees("enter: do it")
    await robot.press("enter")
    await robot.sees("the one before stays")
    await robot.back()


async def test_z_after_a_roll_back_puts_the_container_back_and_not_somebody_elses_move(shop: Shop) -> None:
    async with exploring(shop.engine) as robot:
        shop.engine.tag(shop.old, "web:latest")
        await robot.until(lambda: robot.explorer.known.log, "the move")
        await robot.open_repository("web")
        before = shop.container("api")
        await roll_api_back(robot)
        await robot.press("z")
        await robot.sees(
            f"Put api back on {short(shop.new)} (rolled back by you 0 s ago)",
            f"docker rename api-{short(shop.new)} api",
            "docker start api",
        )
        await robot.press("enter")
        await robot.until(lambda: shop.runs("api") == shop.new, "the earlier container")
        await robot.sees(
            f"api runs {short(shop.new)}; the one before stays, stopped, as api-{short(shop.old)}"
        )
        after = shop.container("api")
        assert before is not None
        assert after is not None
        assert after.id == before.id
        assert {known.name for known in shop.engine.containers()} == {
            "api", "worker", f"api-{short(shop.old)}",
        }  # fmt: skip
        assert shop.tag() == shop.old


async def test_z_and_big_z_go_back_and_forth_between_two_containers(shop: Shop) -> None:
    async with exploring(shop.engine) as robot:
        await robot.open_repository("web")
        await roll_api_back(robot)
        for key, title, image_id in (
            ("z", f"Put api back on {short(shop.new)}", shop.new),
            ("Z", f"Roll api back again to {short(shop.old)} (put back by you", shop.old),
            ("z", f"Put api back on {short(shop.new)} (rolled back by you", shop.new),
        ):
            action = by_id(EXPLORER, "log.undo" if key == "z" else "log.redo")
            await robot.until(lambda: robot.explorer.why_not(action) is None, f"{key} can be pressed")  # noqa: B023
            await robot.press(key)
            await robot.sees(title, "enter: do it")
            await robot.press("enter")
            await robot.until(lambda: shop.runs("api") == image_id, title)  # noqa: B023
            await robot.sees("the one before stays")
        assert len(shop.engine.containers()) == 3


async def test_z_works_in_the_list_of_containers_and_in_the_log(shop: Shop) -> None:
    async with exploring(shop.engine) as robot:
        await robot.open_repository("web")
        await roll_api_back(robot)
        await robot.do("pane.containers")
        await robot.sees("enter version")
        await robot.press("z")
        await robot.sees(f"Put api back on {short(shop.new)}")
        await robot.press("escape")
        await robot.sees("enter version")
        await robot.back()
        await robot.do("log.open")
        await robot.sees("Tag log of web")
        await robot.press("z")
        await robot.sees(f"Put api back on {short(shop.new)}")


async def test_the_title_of_an_undo_says_which_when_and_by_whom_in_every_pane() -> None:
    shop = Shop(MemoryEngine(clock=lambda: (NOW - 4) * SECOND))
    async with exploring(shop.engine) as robot:
        shop.engine.tag(shop.old, "web:latest")
        await robot.until(lambda: robot.explorer.known.log, "the move")
        back = f"Move web:latest back to {short(shop.new)}"
        newest = f"{back} (was moved to {short(shop.old)} by docker tag 4 s ago)"
        for pane, there in (("pane.repositories", "live"), ("pane.containers", "enter version")):
            await robot.do(pane)
            await robot.sees(there)
            await robot.press("z")
            await robot.sees(newest)
            await robot.press("escape")
            await robot.sees(there)
            await robot.back()
        await robot.open_repository("web")
        shop.engine.tag(shop.new, "web:latest")
        await robot.until(lambda: robot.explorer.known.log[0].target == shop.new, "the move back")
        await robot.do("log.open")
        await robot.sees("Tag log of web")
        await robot.press("z")
        await robot.sees(f"back to {short(shop.old)} (was moved to {short(shop.new)} by docker tag")
        await robot.press("escape")
        await robot.sees("Tag log of web")
        await robot.press("j", "z")
        await robot.sees(f"web:latest points at {short(shop.new)} now, not at {short(shop.old)}")


async def test_the_detail_says_by_whom_or_before_what_a_version_is_kept(shop: Shop) -> None:
    async with exploring(shop.engine) as robot:
        await robot.open_repository("web")
        await roll_api_back(robot)
        robot.explorer.select_version(shop.new)
        await robot.sees("before a roll back, ")
        robot.explorer.select_version(shop.old)
        await robot.press("m")
        await robot.sees("enter: do it")
        await robot.press("enter")
        await robot.sees("by you, ")
    other = Shop(MemoryEngine())
    async with exploring(other.engine, rules=RuleBook(rules=[KeepRule("web*", all=True)])) as robot:
        await robot.open_repository("web")
        robot.explorer.select_version(other.old)
        await robot.sees("by rule web*, ")


async def test_after_a_removal_of_the_container_before_undo_makes_it_again(shop: Shop) -> None:
    async with exploring(shop.engine) as robot:
        await robot.open_repository("web")
        await roll_api_back(robot)
        retired = f"api-{short(shop.new)}"
        await choose(robot, retired)
        await robot.press("d")
        await robot.sees(f"RISK  {retired} goes with what it has written", f"type {retired} to do it")
        await robot.type(retired)
        await robot.press("enter")
        await robot.until(lambda: shop.container(retired) is None, "it gone")
        await robot.sees("is stopped and removed")
        await robot.press("z")
        await robot.sees(f"{retired} is gone: a new container is made from {short(shop.new)}")
        await robot.press("enter")
        await robot.until(lambda: shop.runs("api") == shop.new, "a new container")


async def test_one_that_was_removed_by_hand_is_followed_by_the_one_before(shop: Shop) -> None:
    async with exploring(shop.engine) as robot:
        await robot.open_repository("web")
        await roll_api_back(robot)
        made = shop.container("api")
        assert made is not None
        shop.engine.discard(made.id)
        await robot.until(lambda: made.id not in robot.explorer.known.catalog.containers, "it gone")
        await robot.press("z")
        await robot.sees("api was removed since")
        await robot.press("enter")
        await robot.until(lambda: shop.runs("api") == shop.new, "the one before")


async def test_without_the_container_before_a_new_one_is_made_from_its_digest(shop: Shop) -> None:
    async with exploring(shop.engine) as robot:
        await robot.open_repository("web")
        await roll_api_back(robot)
        retired = shop.container(f"api-{short(shop.new)}")
        assert retired is not None
        shop.engine.discard(retired.id)
        await robot.until(lambda: retired.id not in robot.explorer.known.catalog.containers, "it gone")
        await robot.press("z")
        await robot.sees(f"{retired.name} is gone: a new container is made from {short(shop.new)}")
        await robot.press("enter")
        await robot.until(lambda: shop.runs("api") == shop.new, "a new container")


async def test_an_undo_that_does_not_come_up_leaves_everything_as_it_was(shop: Shop) -> None:
    async with exploring(shop.engine) as robot:
        await robot.open_repository("web")
        await roll_api_back(robot)
        retired = shop.container(f"api-{short(shop.new)}")
        assert retired is not None
        made = shop.engine._made_of(retired)
        made.config["Cmd"] = ["false"]
        await robot.press("z")
        await robot.sees("enter: do it")
        await robot.press("enter")
        await robot.sees("everything is as it was")
        assert shop.runs("api") == shop.old
        left = shop.container(retired.name)
        assert left is not None
        assert (left.id, left.running) == (retired.id, False)
        assert len(shop.engine.containers()) == 3


async def settling(robot: Robot) -> None:
    """Roll `api` back, up to where it is watched whether it stays."""
    await choose(robot, "api")
    await robot.press("r")
    await robot.until(lambda: isinstance(robot.app.screen, TargetScreen), "the choice of a digest")
    await robot.press("enter")
    await robot.sees("enter: do it")
    await robot.press("enter")
    await robot.sees("settling")


async def test_quitting_in_the_middle_of_a_roll_back_asks_and_puts_everything_back(shop: Shop) -> None:
    async with exploring(shop.engine, settle=1000) as robot:
        await settling(robot)
        assert shop.runs("api") == shop.old
        await robot.press("ctrl+c")
        await robot.sees(
            "an act runs", f"roll api back to {short(shop.old)}", "put back what the act has done"
        )
        await robot.press("escape")
        await robot.misses("an act runs")
        assert robot.app.is_running
        await robot.press("ctrl+c")
        await robot.sees("an act runs")
        await robot.press("enter")
        await robot.until(lambda: robot.app._exit, "the end")
    assert shop.runs("api") == shop.new
    assert {known.name for known in shop.engine.containers()} == {"api", "worker"}


async def test_a_program_that_ends_without_asking_puts_back_what_it_was_at(shop: Shop) -> None:
    async with exploring(shop.engine, settle=1000) as robot:
        await settling(robot)
        robot.app.exit()
        await robot.until(lambda: robot.app._exit, "the end")
    assert shop.runs("api") == shop.new
    assert {known.name for known in shop.engine.containers()} == {"api", "worker"}


async def test_z_in_the_middle_of_a_roll_back_offers_nothing_that_was_done_before_it(shop: Shop) -> None:
    async with exploring(shop.engine, settle=1000) as robot:
        shop.engine.tag(shop.old, "web:latest")
        await robot.until(lambda: robot.explorer.known.log, "the move")
        await settling(robot)
        view = robot.explorer.view_now
        assert "an act is under way" in (robot.explorer.features.log.why_not_back(view) or "")
        await robot.misses("z undo")
        await robot.press("z")
        await robot.misses("Move web:latest back")
        await robot.press("ctrl+x")
        await robot.sees("everything is as it was")
        await robot.press("z")
        await robot.sees(f"Move web:latest back to {short(shop.new)}")
