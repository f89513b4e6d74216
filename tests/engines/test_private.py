"""The tests' own engines are what their names say, and leave nothing behind."""

import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.engines import content
from tests.engines.archives import ArchiveImage, layer
from tests.engines.kinds import EVERY_KIND
from tests.engines.private import CommandFailedError, PrivateEngine
from tests.engines.waiting import wait_until

# Server version, API version, image store.
FACTS = {
    "docker20-overlay2": ("20.10.", (1, 41), "overlay2"),
    "docker28-overlay2": ("28.", (1, 51), "overlay2"),
    "docker28-containerd": ("28.", (1, 51), "overlayfs io.containerd.snapshotter.v1"),
    "podman": ("4.3.", (1, 41), "overlay"),
    "docker26-overlay2": ("26.1.", (1, 45), "overlay2"),
    "docker26-containerd": ("26.1.", (1, 45), "overlayfs io.containerd.snapshotter.v1"),
    "podman5": ("5.", (1, 41), "overlay"),
    "docker28-ssh": ("28.", (1, 51), "overlay2"),
    "docker28-rootless": ("28.", (1, 51), "overlay2"),
}


def processes_naming(folder: Path) -> list[str]:
    """The command lines of this machine that name an engine's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            found.append((process / "cmdline").read_text(errors="replace").replace("\0", " "))
    return [line for line in found if str(folder) in line]


def link_numbers() -> dict[str, int]:
    """The machine's network links by name; a number, unlike a name, is not given again to another engine."""
    return {name: number for number, name in socket.if_nameindex()}


def mounts_of(engine: PrivateEngine) -> list[str]:
    return [line for line in Path("/proc/mounts").read_text().splitlines() if str(engine.folder) in line]


def test_an_engine_has_the_version_and_the_image_store_of_its_kind(real_engine: PrivateEngine) -> None:
    version, api, store = FACTS[real_engine.kind]
    shown = real_engine.docker("version", "--format", "{{.Server.Version}} {{.Server.APIVersion}}").split()
    driver = real_engine.docker("info", "--format", "{{.Driver}} {{range .DriverStatus}}{{.}}{{end}}")

    assert shown[0].startswith(version)
    assert tuple(int(part) for part in shown[1].split(".")) >= api
    assert driver.startswith(store.split()[0] + " ")
    assert all(word in driver for word in store.split())


def test_a_built_image_is_found_again_after_a_restart(own_engine: PrivateEngine) -> None:
    built = content.build(own_engine, "web:latest", version="1")
    own_engine.restart()

    assert content.image_id(own_engine, "web:latest") == built


def test_a_killed_engine_does_not_answer_until_it_is_started_again(own_engine: PrivateEngine) -> None:
    imported = content.import_tar(own_engine, "web:latest", {"etc/version": b"1"})
    own_engine.kill()

    with pytest.raises(CommandFailedError, match="Cannot connect"):
        own_engine.docker("ps")
    own_engine.start()
    assert content.image_id(own_engine, "web:latest") == imported


def test_a_stopped_engine_leaves_no_process_mount_bridge_or_file(own_engine: PrivateEngine) -> None:
    content.build(own_engine, "web:latest", version="1")
    content.run(own_engine, "api", "web:latest")
    assert own_engine.docker("ps", "--format", "{{.Names}}").split() == ["api"]
    assert processes_naming(own_engine.folder)
    bridges = {number for name, number in link_numbers().items() if name in own_engine.links}
    assert bridges
    own_engine.stop()

    assert processes_naming(own_engine.folder) == []
    assert mounts_of(own_engine) == []
    assert bridges.isdisjoint(link_numbers().values())
    assert not own_engine.folder.exists()


def test_an_engine_whose_owner_is_killed_ends_too(docker28_overlay2: PrivateEngine) -> None:
    kind = docker28_overlay2.kind
    script = f"engine = PrivateEngine({kind!r}).start(); print(engine.folder, flush=True); input()"
    command = (sys.executable, "-c", f"from tests.engines.private import PrivateEngine; {script}")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout
        folder = Path(owner.stdout.readline().strip())
        assert processes_naming(folder)
        owner.kill()

    wait_until(lambda: not folder.exists() and not processes_naming(folder), "the engine is gone")


def test_two_engines_of_a_kind_do_not_see_each_other(real_engine: PrivateEngine) -> None:
    with PrivateEngine(real_engine.kind) as other:
        content.import_tar(other, "elsewhere:1", {"etc/version": b"1"})

        assert other.bridge != real_engine.bridge
        assert "elsewhere" not in real_engine.docker("image", "ls")


def test_archived_images_are_loaded_with_their_tags_and_layers(own_engine: PrivateEngine) -> None:
    base = layer({"base": b"b" * 1000})
    first = ArchiveImage(["shop/web:1"], [base, layer({"app": b"one"})])
    second = ArchiveImage(["shop/web:2", "shop/web:latest"], [base, layer({"app": b"two"})], {"Env": ["A=b"]})
    ids = content.load_archive(own_engine, [first, second])

    assert len(set(ids)) == 2
    assert content.image_id(own_engine, "shop/web:latest") == ids[1]
    layers = own_engine.docker("image", "inspect", "-f", '{{join .RootFS.Layers " "}}', ids[1]).split()
    assert layers == second.diff_ids


def test_the_image_id_of_a_graph_driver_is_the_config_digest(docker28_overlay2: PrivateEngine) -> None:
    image = ArchiveImage(["id:1"], [layer({"app": b"one"})])

    assert content.load_archive(docker28_overlay2, [image]) == [image.config_digest]


def test_an_image_that_lost_its_tag_stays_as_dangling(own_engine: PrivateEngine) -> None:
    lost = content.dangling(own_engine, "web:latest")
    listed = own_engine.docker("images", "-q", "--no-trunc", "--filter", "dangling=true").split()

    assert listed == [lost]
    assert content.image_id(own_engine, "web:latest") != lost


def test_a_container_can_be_created_without_running(own_engine: PrivateEngine) -> None:
    content.import_tar(own_engine, "web:1", {"etc/version": b"1"})
    content.create(own_engine, "idle", "web:1")

    assert own_engine.docker("ps", "-a", "--format", "{{.Names}} {{.State}}").split() == ["idle", "created"]


def test_every_kind_has_its_facts_tested() -> None:
    assert tuple(FACTS) == EVERY_KIND
