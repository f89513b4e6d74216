"""Images and containers for engines, without a registry."""

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path
from typing import Final
from urllib.parse import quote

from tests.engines.archives import ArchiveImage, docker_archive, layer
from tests.engines.private import CommandFailedError, PrivateEngine, RefusedError

_APPLETS: Final = ("cat", "echo", "env", "ls", "sh", "sleep", "true")
_BUSYBOX: Final = Path("/bin/busybox")
DOCKERFILE: Final = """\
FROM scratch
ARG VERSION
COPY bin /bin
COPY etc /etc
LABEL org.opencontainers.image.version=$VERSION
CMD ["sh"]
"""


def write_context(folder: Path, *, version: str, dockerfile: str = DOCKERFILE) -> None:
    """Write a build context: busybox, `/etc/version`, and a Dockerfile that needs no base image.

    All times are 0, so that the same version always gives the same layers.
    """
    for name in ("bin", "etc"):
        (folder / name).mkdir()
    (folder / "bin/busybox").write_bytes(_BUSYBOX.read_bytes())
    (folder / "bin/busybox").chmod(0o755)
    for applet in _APPLETS:
        (folder / "bin" / applet).symlink_to("busybox")
    (folder / "etc/version").write_text(f"{version}\n")
    (folder / "Dockerfile").write_text(dockerfile)
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (0, 0), follow_symlinks=False)


def build(
    engine: PrivateEngine,
    tag: str,
    *,
    version: str,
    dockerfile: str = DOCKERFILE,
    labels: Mapping[str, str] | None = None,
) -> str:
    """Build an image the way `docker build` does on this engine; return its ID.

    Docker 26 and 28 build with BuildKit, Docker 20.10 with the classic builder, Podman with its own.
    """
    label_options = [f"--label={name}={value}" for name, value in (labels or {}).items()]
    with tempfile.TemporaryDirectory() as name:
        write_context(Path(name), version=version, dockerfile=dockerfile)
        command = ("-q", "-t", tag, "--build-arg", f"VERSION={version}", *label_options, name)
        try:
            engine.build(*command)
        except CommandFailedError as error:
            # The containerd store may lose a layer of the build cache to a deletion at the same moment
            # (Docker 28.5): "failed to prepare extraction snapshot: parent snapshot … does not exist".
            if "parent snapshot" not in str(error):
                raise
            engine.build(*command)
    # A docker command, as a person's next one: engines tell a build and a tag within some 10 ms in any order.
    shown = engine.docker("image", "inspect", "--format", "{{.Id}}", tag).strip()
    return f"sha256:{shown.removeprefix('sha256:')}"


def import_tar(engine: PrivateEngine, tag: str, files: Mapping[str, bytes]) -> str:
    """Make an image of one layer with `docker import`; return its ID."""
    engine.docker("import", "-", tag, stdin=layer(files))
    return image_id(engine, tag)


def load_archive(engine: PrivateEngine, images: Sequence[ArchiveImage]) -> list[str]:
    """Load images with `docker load`; return the ID of each, by its first tag.

    An image needs a tag: the containerd store drops what an archive does not name.
    """
    engine.ask("POST", "/images/load?quiet=1", docker_archive(images))
    return [image_id(engine, image.tags[0]) for image in images]


def dangling(engine: PrivateEngine, tag: str, *, text: str = "before") -> str:
    """Move `tag` from a new image to another new one with `docker tag`; return the ID that lost it.

    The two share no layer: Podman 4.3 takes an image whose layers another one begins with for its parent,
    and hides it from the list.
    """
    lost = ArchiveImage([tag], [layer({"text": f"{tag} {text}".encode()})])
    winner = ArchiveImage([f"{tag}-moved"], [layer({"moved": f"{tag} {text}".encode()})])
    before = load_archive(engine, [lost, winner])[0]
    engine.docker("tag", winner.tags[0], tag)
    engine.docker("rmi", winner.tags[0])
    return before


def image_id(engine: PrivateEngine, reference: str) -> str:
    """The engine's ID of an image, with its algorithm also where the engine leaves it out (Podman).

    Raises `CommandFailedError`.
    """
    found = engine.ask("GET", f"/images/{quote(reference)}/json")
    return f"sha256:{found['Id'].removeprefix('sha256:')}"


def remove_images(engine: PrivateEngine, is_wanted: Callable[[str], bool]) -> None:
    """Remove the images of which no repository, by its last part, is wanted, also those that imgtui keeps."""
    for image in engine.ask("GET", "/images/json"):
        names = [str(name).rpartition("@")[0] or str(name) for name in image.get("RepoTags") or ()]
        if not any(is_wanted(name.rpartition("/")[2].partition(":")[0]) for name in names):
            with suppress(RefusedError):  # one goes with another that was built from it
                engine.ask("DELETE", f"/images/{image['Id']}?force=1")


def remove_containers(engine: PrivateEngine) -> None:
    """Remove all containers, with their anonymous volumes."""
    for container in engine.ask("GET", "/containers/json?all=1"):
        with suppress(RefusedError):  # it goes by itself
            engine.ask("DELETE", f"/containers/{container['Id']}?force=1&v=1")


def run(engine: PrivateEngine, name: str, image: str, *command: str) -> str:
    """Run a container in the background; without a command it waits for long. Return its ID.

    It is killed where others are asked to stop, so that nothing waits for it.
    """
    waiting = command or ("sh", "-c", "sleep 1000")
    return engine.docker("run", "-d", "--stop-signal=KILL", "--name", name, image, *waiting).strip()


def create(engine: PrivateEngine, name: str, image: str, *command: str) -> str:
    """Create a container that does not run, also of an image without a program in it; return its ID."""
    return engine.docker("create", "--name", name, image, *(command or ("true",))).strip()


def network(engine: PrivateEngine, name: str) -> str:
    """Make a network in which addresses can be chosen; an address of it that nobody has."""
    engine.docker("network", "create", name)
    shown = engine.docker("network", "inspect", "--format", "{{(index .IPAM.Config 0).Subnet}}", name)
    subnet = ip_network(shown.strip())
    engine.docker("network", "rm", name)
    engine.docker("network", "create", "--subnet", str(subnet), name)
    return str(subnet[9])
