"""A rebuild keeps what it replaces, and says what it changed; one that fails leaves everything as it was."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from imgtui.engine.port.errors import ReadOnly
from imgtui.model.build.rebuild_plans import plan_back, plan_move
from imgtui.model.build.verdict import Same, TagEnd
from imgtui.model.core.digest import short
from imgtui.model.core.image import Store
from imgtui.model.jobs.job import JobState
from imgtui.model.keeps.keep import read_keep
from imgtui.model.plans.plan import NotPossible
from imgtui.model.safety.mask import MASK
from imgtui.model.taglog.moves import IMGTUI, Cause, Provenance
from imgtui.operations.acts.acts import Acts
from imgtui.store.recipes import Recipes
from tests.engine.contract.hands import DockerHands, Hands, MemoryHands
from tests.engine.contract.rebuilding import DOCKERFILE, FAILING, SLOW, Site, engine_of
from tests.engines.kinds import SINCE_DOCKER26
from tests.engines.looked_at import only_on
from tests.engines.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.in_turn


@pytest.fixture
def site(hands: Hands, name: str, tmp_path: Path) -> Iterator[Site]:
    made = Site(hands, name, tmp_path / "context")
    yield made
    made.desk.jobs.stop_all()
    assert made.desk.jobs.wait(PATIENCE)
    if made.engine is not hands.engine:
        made.engine.close()


def test_the_digest_differs_the_tag_moves_and_the_earlier_digest_stays(site: Site) -> None:
    before = site.build_outside()
    site.write("two")
    job = site.rebuild()
    assert job.state is JobState.DONE, job.line
    now, verdict = site.where(), site.verdict
    assert now not in {None, before}
    assert (verdict.old, verdict.new, verdict.same) == (before, now, None)
    assert verdict.tags == (TagEnd(site.tag, before, now),)
    assert len(verdict.reused) == 1
    assert verdict.reused[0].size > 500_000
    assert verdict.fresh[-1].size < 100_000
    assert verdict.changes == ()
    assert site.engine.image(before) is not None
    assert f"{short(before)} -> {short(str(now))}" in job.line
    newest = next(move for move in site.desk.moves() if move.reference == site.tag)
    assert (newest.origin, newest.target) == (before, now)
    assert (newest.cause, newest.known, newest.actor) == (Cause.BUILD, Provenance.ACT, IMGTUI)


def test_the_earlier_digest_is_kept_before_the_build_begins(site: Site) -> None:
    before = site.build_outside()
    site.write("two")
    site.rebuild()
    titles = [entry.title for entry in site.desk.journal()]
    assert titles == [f"rebuild {site.tag}", f"keep {short(before)} of {site.repository}"]
    assert site.held()[before][1] != ()
    assert all(entry.outcome and entry.outcome.startswith("done") for entry in site.desk.journal())
    steps = {bar.name for bar in site.desk.jobs._tasks[1].job.bars}
    assert any("COPY" in name for name in steps), steps


def test_where_nothing_changed_the_verdict_says_identical_whatever_the_image_id(site: Site) -> None:
    before = site.build_outside()
    job = site.rebuild()
    now, verdict = site.where(), site.verdict
    assert verdict.same is not None
    assert "identical" in job.line
    assert (verdict.fresh, verdict.left, verdict.changes) == ((), (), ())
    if site.hands.store is Store.CONTAINERD:
        assert now != before
        assert verdict.same is Same.MANIFEST
        assert site.engine.image(before) is not None
    else:
        assert now == before
        assert verdict.same is Same.IMAGE
        assert not verdict.tags[0].moved
        assert site.held() == {before: ((site.tag,), ())}


def test_built_first_the_result_waits_under_a_keep_and_the_tag_stays(site: Site) -> None:
    before = site.build_outside()
    site.write("two")
    job = site.rebuild(look_first=True)
    assert job.state is JobState.DONE, job.line
    verdict = site.verdict
    assert site.where() == before
    assert verdict.new != before
    keep = read_keep(verdict.kept or "")
    assert keep is not None
    assert (keep.image_id, keep.repository) == (verdict.new, site.repository)
    assert site.held()[verdict.new] == ((), (verdict.kept,))
    assert "not moved yet" in job.line
    assert not verdict.tags[0].moved
    if isinstance(site.hands, DockerHands):
        site.hands.real.docker("image", "prune", "-f")
        assert site.engine.image(verdict.new) is not None


@pytest.mark.parametrize("text", [FAILING, "FROM nowhere.invalid/none:1\n", "NONSENSE\n"])
def test_a_failed_build_leaves_tags_and_digests_as_they_were(site: Site, text: str) -> None:
    site.build_outside()
    before, moves = site.held(), site.desk.moves()
    site.write("two", text)
    if isinstance(site.hands, MemoryHands):
        del site.hands.engine.contexts[str(site.folder)]
    job = site.rebuild(network="none" if text is FAILING else "")
    assert job.state is JobState.FAILED
    assert job.line
    assert "\n" not in job.line
    assert site.held() == before
    ended = next(entry for entry in site.desk.journal() if entry.title == f"rebuild {site.tag}")
    assert str(ended.outcome).startswith("failed: ")
    assert site.desk.moves() == moves


def test_a_build_that_is_stopped_in_the_middle_leaves_nothing(site: Site) -> None:
    site.build_outside()
    before = site.held()
    site.write("two", SLOW)
    if isinstance(site.hands, MemoryHands):
        site.hands.engine.build_gate = threading.Event()
    number = site.begin(site.build(network="none"))
    # Podman 4.3 tells of a step when it tells of the next one.
    last = "CMD" if site.hands.store is Store.PODMAN else "sleep"
    slow = "COPY bin" if isinstance(site.hands, MemoryHands) else last
    site.desk.until(number, lambda job: any(slow in bar.name and bar.state == "running" for bar in job.bars))
    site.desk.jobs.stop(number)
    job = site.desk.end(number)
    assert job.state is JobState.STOPPED, job.line
    assert site.held() == before


@only_on(*SINCE_DOCKER26, why="no program builds here")
def test_who_closes_a_build_ends_the_program_and_all_that_it_started(site: Site) -> None:
    from imgtui.engine.build.buildx_build import BuildxBuilding

    site.write("two", SLOW)
    building = site.engine.start_build(site.build(network="none"))
    assert isinstance(building, BuildxBuilding)
    session = building._process.pid
    for news in building:
        if any("sleep" in bar.name and bar.state == "running" for bar in news.steps):
            building.close()
    wait_until(lambda: not _of_session(session), "no process of it left")


@only_on("docker28-overlay2", "docker28-containerd", why="no program builds here")
def test_of_what_a_build_is_given_nothing_is_an_argument_or_a_name_in_the_environment(site: Site) -> None:
    from imgtui.engine.build.buildx_build import BuildxBuilding

    site.build_outside()
    mark = "hunter2-in-no-argument"
    names = ("API_TOKEN", "SSH_PRIVATE_KEY", "DOCKER_PASSWORD", "GIT_ASKPASS", "PASSWORD_STORE_GPG_OPTS")
    given = {
        "arguments": tuple(f"{name}={mark}" for name in names),
        "labels": (f"api.token={mark}", "plain=${HOME} $x %{y}"),
        "network": "none",
    }
    site.write("two", SLOW)
    building = site.engine.start_build(site.build(**given))
    assert isinstance(building, BuildxBuilding)
    looked = 0
    for news in building:
        if not looked and any("sleep" in bar.name and bar.state == "running" for bar in news.steps):
            for process in _of_session(building._process.pid):
                folder = Path("/proc", process)
                assert mark.encode() not in (folder / "cmdline").read_bytes()
                environ = (folder / "environ").read_bytes().split(b"\0")
                assert not [word for word in environ if word.partition(b"=")[0].decode() in names]
                assert mark.encode() not in b"".join(environ)
                looked += 1
            building.close()
    assert looked, "the program was seen"
    site.write("three", DOCKERFILE)
    job = site.desk.end(site.begin(site.build(**given)))
    assert job.state is JobState.DONE, job.line
    document = json.loads(site.engine.document(str(site.where()), reveal=True) or "")
    labels = document["inspect"]["Config"]["Labels"]
    assert (labels["api.token"], labels["plain"]) == (mark, "${HOME} $x %{y}")


def _of_session(session: int) -> list[str]:
    """The processes of a session, by what the kernel says (proc(5), `stat`)."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(folder.name)
    return found


def test_values_that_look_secret_are_nowhere(site: Site) -> None:
    site.build_outside()
    token = "hunter2-of-the-build"
    said = 'ARG API_TOKEN\nRUN ["/bin/sh", "-c", "echo the token is $API_TOKEN; env"]\n'
    site.write("two", DOCKERFILE + said)
    number = site.begin(site.build(arguments=(f"API_TOKEN={token}", "VERSION=7"), network="none"))
    job = site.desk.end(number)
    assert job.state is JobState.DONE, job.line
    log = "\n".join(site.desk.jobs.log(number))
    assert token not in log
    assert token not in repr(job)
    assert token not in "\n".join(site.desk.state._connection.iterdump())
    assert f"API_TOKEN={MASK}" in site.desk.journal()[0].command
    written = Recipes(site.desk.state, site.desk.info.id).find(site.repository, str(site.where()), ())
    assert written["arguments"] == (f"API_TOKEN={MASK}", "VERSION=7")
    if not isinstance(site.hands, MemoryHands):
        assert f"the token is {MASK}" in log
        assert any(change.what == "label version" for change in site.verdict.changes)


def test_after_it_the_form_is_what_it_was_and_secrets_are_asked_for_again(site: Site) -> None:
    before = site.build_outside()
    site.write("two")
    site.rebuild(arguments=("VERSION=7", "API_TOKEN=hunter2"), target="final")
    draft = site.draft(str(site.where()), site.tag)
    recipe = draft.recipe
    assert recipe.fields["context"].origin.value == "the last rebuild"
    assert recipe.values("context") == (str(site.folder),)
    assert recipe.values("target") == ("final",)
    build, faults = site.checked(draft)
    assert faults == {"arguments": "type the value of API_TOKEN: it is never stored"}
    build, faults = site.checked(draft, arguments="VERSION=7 API_TOKEN=hunter2")
    assert faults == {}
    assert build.arguments == ("VERSION=7", "API_TOKEN=hunter2")
    older = site.draft(before, former=(site.tag,))
    assert older.recipe.values("context") == (str(site.folder),)


def test_a_context_that_is_gone_is_said(site: Site) -> None:
    site.build_outside()
    site.rebuild()
    draft = site.draft(str(site.where()), site.tag)
    (site.folder / "Dockerfile").unlink()
    _, faults = site.checked(draft)
    assert faults == {"dockerfile": "there is no Dockerfile in the context"}
    _, faults = site.checked(draft, context="/nowhere/at/all")
    assert faults == {"context": "there is no such folder on this machine"}


def test_read_only_begins_nothing(site: Site, hands: Hands) -> None:
    engine = engine_of(hands, read_only=True)
    if isinstance(hands, MemoryHands):
        hands.engine.read_only = True
    with pytest.raises(ReadOnly):
        engine.start_build(site.build())


def test_what_is_written_down_is_json_that_a_newer_imgtui_can_read(site: Site) -> None:
    site.build_outside()
    site.rebuild()
    with site.desk.state.reading() as file:
        (words,) = file.execute("SELECT words FROM recipes").fetchone()
    assert json.loads(words)["tags"] == [site.tag]


def test_all_tags_are_moved_when_it_was_looked_at_and_moved_back(site: Site) -> None:
    extra = f"{site.repository}:extra"
    before = site.build_outside(site.tag, extra)
    site.desk.recorder.look_at([site.tag, extra])
    site.write("two")
    site.rebuild(look_first=True, tags=(site.tag, extra))
    verdict = site.verdict
    acts = Acts(site.engine, site.desk.recorder)
    acts.perform(plan_move(site.desk.catalog(), verdict, 1_800_000_000))
    assert (site.where(), site.where(extra)) == (verdict.new, verdict.new)
    assert site.held()[verdict.new][1] == ()
    assert site.engine.image(before) is not None
    with pytest.raises(NotPossible):
        plan_move(site.desk.catalog(), verdict, 1_800_000_000)


def test_all_tags_are_put_back_by_one_plan(site: Site) -> None:
    extra = f"{site.repository}:extra"
    before = site.build_outside(site.tag, extra)
    site.desk.recorder.look_at([site.tag, extra])
    site.write("two")
    site.rebuild(tags=(site.tag, extra))
    verdict = site.verdict
    assert {end.moved for end in verdict.tags} == {True}
    plan = plan_back(site.desk.catalog(), verdict, site.desk.moves(), 1_800_000_000)
    Acts(site.engine, site.desk.recorder).perform(plan)
    assert (site.where(), site.where(extra)) == (before, before)
    assert site.engine.image(verdict.new) is not None
    assert {move.cause for move in site.desk.moves()[:2]} == {Cause.UNDO}
