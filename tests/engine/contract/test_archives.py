"""Archives: what is saved is loaded again with its tags; what a load takes a tag from is kept first."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from backports import zstd

from imgtui.engine.archive.tags import read_archive
from imgtui.engine.memory.blueprint import Blueprint
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, ReadOnly, Unavailable
from imgtui.engine.port.registry import UnderWay
from imgtui.model.catalog.catalog import Catalog, Version
from imgtui.model.core.image import Store
from imgtui.model.jobs.job import JobState
from imgtui.model.jobs.plans import LoadPlan, SavePlan, plan_load, plan_save
from imgtui.model.keeps.keep import read_keep
from imgtui.model.taglog.moves import IMGTUI, Cause, Provenance
from tests.engine.contract.conftest import archive
from tests.engine.contract.hands import DockerHands, Hands, MemoryHands, connect
from tests.engine.contract.transferring import Desk
from tests.engine.relay import Relay
from tests.engines.archives import ArchiveImage, docker_archive, layer
from tests.engines.private import PrivateEngine
from tests.engines.waiting import PATIENCE
from tests.operations.listening import made


@pytest.fixture
def repository(name: str) -> str:
    """A name that Podman does not take for one of `localhost/`."""
    return f"registry.example.com/{name}"


def saving(catalog: Catalog, path: Path, *image_ids: str, replaces: bool = False) -> SavePlan:
    """The plan of a save of whole images."""
    versions = [
        Version(catalog.images[image_id], None, catalog.images[image_id].tags) for image_id in image_ids
    ]
    return plan_save(catalog, versions, str(path), replaces=replaces)


def loading(desk: Desk, path: Path) -> LoadPlan:
    """The plan of a load."""
    return plan_load(desk.catalog(), read_archive(path), desk.info.store, 1_760_000_000)


def pointing(hands: Hands, *tags: str) -> list[str | None]:
    """Where tags point."""
    found = {tag: image.id for image in hands.engine.find_images(tags) for tag in image.tags}
    return [found.get(tag) for tag in tags]


def clean(hands: Hands, *image_ids: str) -> None:
    """Remove images, however many names they have."""
    for image_id in image_ids:
        hands.remove(image_id, force=True)


def test_what_was_saved_is_loaded_again_with_the_same_ids_and_tags(
    hands: Hands, repository: str, tmp_path: Path
) -> None:
    path = tmp_path / "two images.tar"
    one, two = (hands.load(archive(f"{repository}:{text}", text)) for text in ("1", "2"))
    hands.tag(one, f"{repository}:stable")
    desk = Desk(hands.engine)
    plan = saving(desk.catalog(), path, one, two)
    job = desk.run(plan)
    assert job.state is JobState.DONE, job.line
    assert desk.journal()[0].command == plan.command
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in tmp_path.iterdir()] == [path.name]
    assert set(read_archive(path).tags) >= {f"{repository}:{tag}" for tag in ("1", "2", "stable")}

    clean(hands, one, two)
    assert hands.engine.image(one) is None
    tags = [f"{repository}:{tag}" for tag in ("1", "2", "stable")]
    desk.recorder.look_at(tags)
    job = desk.run(loading(desk, path))
    assert job.state is JobState.DONE, job.line
    assert pointing(hands, *tags) == [one, two, one]
    newest = [move for move in desk.moves() if move.target in {one, two}]
    assert {(move.cause, move.known, move.actor) for move in newest} == {(Cause.LOAD, Provenance.ACT, IMGTUI)}
    assert desk.catalog().images[one].keeps == ()
    clean(hands, one, two)


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress, zstd.compress])
def test_a_packed_archive_is_loaded_or_refused_by_the_engine(
    real_engine: PrivateEngine, repository: str, tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    """Docker 20.10 does not know zstd."""
    hands = DockerHands(real_engine)
    path, tag = tmp_path / "packed.tar", f"{repository}:packed"
    path.write_bytes(pack(docker_archive([archive(tag, tag)])))
    desk = Desk(hands.engine)
    plan = loading(desk, path)
    assert tag in plan.origins
    job = desk.run(plan)
    refused = desk.info.api_version == "1.41" and hands.store is Store.GRAPH and pack is zstd.compress
    assert job.state is (JobState.FAILED if refused else JobState.DONE), job.line
    assert (pointing(hands, tag) == [None]) is refused
    if not refused:
        hands.engine.untag(tag)
    hands.engine.close()


def test_an_image_without_a_tag_is_saved_by_its_digest_and_loaded_without_a_name(
    hands: Hands, repository: str, tmp_path: Path
) -> None:
    path = tmp_path / "bare.tar"
    one = hands.load(archive(f"{repository}:1", "bare one", "bare"))
    hands.load(archive(f"{repository}:1", "bare two"))
    if hands.engine.image(one) is None:
        pytest.skip("this engine has dropped it")  # Docker 28 with the containerd store may
    desk = Desk(hands.engine)
    plan = saving(desk.catalog(), path, one)
    assert plan.notes == (f"{one[7:19]} has no tag: it is loaded without a name",)
    assert desk.run(plan).state is JobState.DONE
    clean(hands, one)
    assert hands.engine.image(one) is None
    plan_back = loading(desk, path)
    assert "names no tag" in plan_back.notes[0]
    job = desk.run(plan_back)
    assert job.state is JobState.DONE, job.line
    back = hands.engine.image(one)
    assert back is not None
    assert back.tags == ()
    clean(hands, one)


@pytest.mark.parametrize("packed", [False, True], ids=["tar", "gzip"])
def test_what_a_load_takes_the_last_tag_from_is_kept_first(
    hands: Hands, repository: str, tmp_path: Path, *, packed: bool
) -> None:
    path, tag = tmp_path / "moved.tar", f"{repository}:1"
    content = docker_archive([archive(tag, "newer", str(packed))])
    path.write_bytes(gzip.compress(content) if packed else content)
    loser = hands.load(archive(tag, "older", str(packed)))
    desk = Desk(hands.engine)
    plan = loading(desk, path)
    assert plan.notes == (
        f"{tag} points at {loser[7:19]}: it is kept first, and no longer if the tag does not move",
    )
    job = desk.run(plan)
    assert job.state is JobState.DONE, job.line
    (here,) = pointing(hands, tag)
    assert here not in {None, loser}
    found = desk.catalog().images[loser]
    assert [read_keep(keep).repository for keep in found.keeps] == [repository]  # type: ignore[union-attr]
    (move,) = [move for move in desk.moves() if move.reference == tag]
    assert (move.origin, move.target, move.cause, move.actor) == (loser, here, Cause.LOAD, IMGTUI)
    hands.engine.untag(found.keeps[0])
    clean(hands, loser, str(here))


def test_what_was_kept_for_a_load_that_moved_nothing_is_kept_no_longer(
    hands: Hands, repository: str, tmp_path: Path
) -> None:
    path, tag = tmp_path / "same.tar", f"{repository}:1"
    same = archive(tag, "same", "again")
    path.write_bytes(docker_archive([same]))
    image_id = hands.load(same)
    desk = Desk(hands.engine)
    plan = loading(desk, path)
    assert plan.keeping is not None
    job = desk.run(plan)
    assert job.state is JobState.DONE, job.line
    found = desk.catalog().images[image_id]
    assert (found.tags, found.keeps) == ((tag,), ())
    assert [move for move in desk.moves() if move.reference == tag] == []
    clean(hands, image_id)


def test_a_broken_archive_is_an_error_and_changes_nothing(
    hands: Hands, repository: str, tmp_path: Path
) -> None:
    path, tag = tmp_path / "broken.tar", f"{repository}:1"
    content = docker_archive([archive(tag, "to be broken", "off")])
    here = hands.load(archive(tag, "stays"))
    path.write_bytes(content)
    desk = Desk(hands.engine)
    plan = loading(desk, path)
    path.write_bytes(content[: content.index(b"layer.tar") + 100])
    job = desk.run(plan)
    assert job.state is JobState.FAILED
    assert "another file by now" in job.line
    assert (pointing(hands, tag), desk.catalog().images[here].keeps) == ([here], ())

    with pytest.raises(EngineError):
        list(hands.engine.load_images([path.read_bytes()]))
    assert pointing(hands, tag) == [here]
    clean(hands, here)


def test_a_load_that_is_stopped_in_the_middle_leaves_everything_as_it_was(
    hands: Hands, repository: str
) -> None:
    tag = f"{repository}:1"
    content = docker_archive([archive(tag, "never", "there")])
    held, go_on = threading.Event(), threading.Event()

    def parts() -> Iterator[bytes]:
        yield content[:2000]
        held.set()
        assert go_on.wait(PATIENCE)
        yield content[2000:]

    load = hands.engine.load_images(parts())
    said: list[str] = []
    thread = threading.Thread(target=lambda: said.extend(load))
    thread.start()
    assert held.wait(PATIENCE)
    load.close()
    go_on.set()
    thread.join(60)
    assert not thread.is_alive()
    assert said == []
    assert pointing(hands, tag) == [None]


def test_what_the_source_of_an_archive_raises_is_raised(hands: Hands) -> None:
    def parts() -> Iterator[bytes]:
        yield bytes(100)
        raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        list(hands.engine.load_images(parts()))


def test_what_is_not_there_is_not_saved(hands: Hands, repository: str) -> None:
    with pytest.raises(EngineError):
        list(hands.engine.save_images([f"{repository}:none"]))


def test_a_load_into_a_read_only_engine_is_not_sent_and_a_save_changes_nothing(
    hands: Hands, repository: str
) -> None:
    tag = f"{repository}:1"
    image_id = hands.load(archive(tag, "read", "only"))
    if isinstance(hands, MemoryHands):
        hands.engine.read_only = True
        engine: Engine = hands.engine
    else:
        assert isinstance(hands, DockerHands)
        engine = connect(hands.real, read_only=True)
    with pytest.raises(ReadOnly):
        list(engine.load_images([docker_archive([archive(tag, "other")])]))
    assert len(b"".join(engine.save_images([tag]))) > 1024
    assert pointing(hands, tag) == [image_id]
    if isinstance(hands, MemoryHands):
        hands.engine.read_only = False
    clean(hands, image_id)


def test_a_save_that_is_stopped_leaves_no_file_and_the_one_before(
    hands: Hands, repository: str, tmp_path: Path
) -> None:
    path = tmp_path / "held.tar"
    path.write_bytes(b"before")
    image_id = hands.load(archive(f"{repository}:1", "held", "back"))
    held, go_on = threading.Event(), threading.Event()

    class Holding(Relay):
        """Stands still after the first part."""

        def save_images(self, names: object) -> UnderWay[bytes]:
            behind = hands.engine.save_images(list(names))  # type: ignore[call-overload]

            class Held:
                def __iter__(self) -> Iterator[bytes]:
                    for part in behind:
                        yield part
                        held.set()
                        assert go_on.wait(PATIENCE)

                def close(self) -> None:
                    behind.close()
                    go_on.set()

            return Held()

        def __getattr__(self, asked: str) -> object:
            return getattr(hands.engine, asked)

    desk = Desk(Holding(hands.engine))  # type: ignore[arg-type]  # passes everything on
    number = desk.transfers.begin(saving(desk.catalog(), path, image_id, replaces=True))
    assert held.wait(PATIENCE)
    desk.jobs.stop(number)
    job = desk.end(number)
    assert (job.state, job.line) == (JobState.STOPPED, "stopped by hand")
    assert [found.name for found in tmp_path.iterdir()] == ["held.tar"]
    assert path.read_bytes() == b"before"
    assert desk.journal()[0].outcome == "failed: stopped by hand"
    clean(hands, image_id)


# ---------------------------------------------------------------------- in the middle


def large(tag: str) -> ArchiveImage:
    """An image that no socket holds."""
    return ArchiveImage([tag], [layer({"noise": random.Random(tag).randbytes(20_000_000)})], {})


def test_a_load_job_that_is_stopped_keeps_nothing_that_has_not_lost_its_tag(tmp_path: Path) -> None:
    engine, path = MemoryEngine(), tmp_path / "large.tar"
    here = engine.build(made("here"), "web:1")
    path.write_bytes(docker_archive([large("web:1")]))
    engine.archive_gate = threading.Event()
    desk = Desk(engine)
    number = desk.transfers.begin(loading(desk, path))
    desk.until(number, lambda job: job.done)
    assert desk.catalog().images[here].keeps != ()
    desk.jobs.stop(number)
    job = desk.end(number)
    assert (job.state, job.line) == (JobState.STOPPED, "stopped by hand")
    assert (desk.catalog().images[here].tags, desk.catalog().images[here].keeps) == (("web:1",), ())


def test_a_load_job_that_is_stopped_when_the_engine_has_all_of_it_says_so(tmp_path: Path) -> None:
    path, has_all, go_on = tmp_path / "a.tar", threading.Event(), threading.Event()

    class Slow(MemoryEngine):
        """Takes its time when it has all of the archive."""

        def load(self, blueprint: Blueprint, *references: str) -> str:
            has_all.set()
            assert go_on.wait(PATIENCE)
            return super().load(blueprint, *references)

    engine = Slow()
    here = engine.build(made("here"), "web:1")
    path.write_bytes(docker_archive([archive("web:1", "there")]))
    desk = Desk(engine)
    number = desk.transfers.begin(loading(desk, path))
    assert has_all.wait(PATIENCE)
    desk.jobs.stop(number)
    job = desk.end(number)
    assert job.state is JobState.STOPPED
    assert "it may load it yet" in job.line
    assert desk.catalog().images[here].keeps != ()
    assert [entry.outcome for entry in desk.journal()] == ["done", None]
    go_on.set()


@pytest.mark.parametrize("what", ["save", "load"])
def test_a_job_whose_engine_goes_away_leaves_no_file_and_no_harm(tmp_path: Path, what: str) -> None:
    engine, path = MemoryEngine(), tmp_path / "large.tar"
    path.write_bytes(docker_archive([large("web:1")]))
    list(engine.load_images([path.read_bytes()]))
    (here,) = (image.id for image in engine.find_images(["web:1"]))
    engine.archive_gate = threading.Event()
    desk = Desk(engine)
    plan = loading(desk, path) if what == "load" else saving(desk.catalog(), tmp_path / "new.tar", here)
    number = desk.transfers.begin(plan)
    desk.until(number, lambda job: job.done)
    engine.stop_answering()
    job = desk.end(number)
    assert (job.state, job.line) == (JobState.FAILED, "the engine in memory was stopped")
    assert [found.name for found in tmp_path.iterdir()] == ["large.tar"]
    engine.answer_again()
    assert [image.id for image in engine.find_images(["web:1"])] == [here]


def test_a_save_whose_engine_is_killed_in_the_middle_is_an_error(own_engine: PrivateEngine) -> None:
    hands = DockerHands(own_engine)
    hands.load(large("registry.example.com/large:1"))
    parts = iter(hands.engine.save_images(["registry.example.com/large:1"]))
    assert next(parts)
    own_engine.kill()
    with pytest.raises(Unavailable):
        list(parts)
    hands.engine.close()


def test_a_load_whose_engine_is_killed_in_the_middle_is_an_error(own_engine: PrivateEngine) -> None:
    content = docker_archive([large("registry.example.com/large:1")])

    def parts() -> Iterator[bytes]:
        yield content[:1_000_000]
        own_engine.kill()
        yield content[1_000_000:]

    engine = connect(own_engine)
    with pytest.raises(Unavailable):
        list(engine.load_images(parts()))
    engine.close()
