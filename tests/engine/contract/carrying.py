"""One container carried on to another image on a real engine, and what is compared before and after."""

from dataclasses import dataclass
from typing import Any, Final

from imgtui.engine.docker.connection import api_number
from imgtui.model.clone.clone import Carried, carried
from imgtui.model.clone.libpod import told_by_podman
from imgtui.model.core.image import Store
from tests.engine.contract.hands import DockerHands
from tests.engines import content

_COPY: Final = "FROM scratch\nARG VERSION\nCOPY bin /bin\nCOPY etc /etc\n"
OLD_IMAGE: Final = (
    _COPY
    + """\
ENV MODE=prod LEVEL=info OLD=1
LABEL who=old only.old=1
EXPOSE 80 81/udp
VOLUME /data /olddata
USER 10:10
WORKDIR /old
HEALTHCHECK --interval=9s --retries=4 CMD true old
STOPSIGNAL SIGUSR1
ENTRYPOINT ["/bin/sleep"]
CMD ["1001"]
"""
)
NEW_IMAGE: Final = (
    _COPY
    + """\
ENV MODE=dev LEVEL=debug NEW=1
LABEL who=new only.new=1
EXPOSE 90
VOLUME /data /newdata
USER 20:20
WORKDIR /new
HEALTHCHECK --interval=7s --timeout=3s CMD ["true", "new"]
STOPSIGNAL SIGHUP
ENTRYPOINT ["/bin/busybox", "sleep"]
CMD ["1002"]
"""
)
PLAIN_IMAGE: Final = _COPY + 'COPY etc /spool\nCMD ["sleep", "1000"]\n'

NEEDED: Final = "needed"
"""The suffix of a container that others need."""

OF_ONE_CONTAINER: Final = frozenset(
    {
        *("Id", "Name", "Created", "State", "Image", "ImageManifestDescriptor", "GraphDriver", "Storage"),
        *("LogPath", "HostnamePath", "HostsPath", "ResolvConfPath", "Config.Image", "HostConfig.Links"),
        *("NetworkSettings.SandboxID", "NetworkSettings.SandboxKey"),
        "HostConfig.ContainerIDFile",  # a file that the docker command writes; Podman would write it again
        "HostConfig.Mounts",  # with the names of anonymous volumes: `Mounts` tells all of them
    }
)
"""What is different for every container."""
GENERATED_ANNOTATIONS: Final = (
    "io.container.",
    "io.podman.annotations.",
    "org.opencontainers.",
    "org.systemd.",
)
"""How annotations begin that Podman 5 writes by other options, most when it starts a container."""


@dataclass
class Carrier:
    """Makes containers on one engine with the docker command, and carries them on as imgtui does."""

    hands: DockerHands
    name: str

    def __post_init__(self) -> None:
        self.info = self.hands.engine.connect()
        self.old = self.build("old", OLD_IMAGE)
        self.new = self.build("new", NEW_IMAGE)
        self.plain = self.build("plain", PLAIN_IMAGE)

    @property
    def podman(self) -> bool:
        return self.hands.store is Store.PODMAN

    def build(self, tag: str, dockerfile: str) -> str:
        return content.build(self.hands.real, f"{self.name}:{tag}", version=self.name, dockerfile=dockerfile)

    def create(self, suffix: str, *arguments: str) -> dict[str, Any]:
        """`docker create`; what the engine tells of it."""
        name = f"{self.name}-{suffix}"
        self.hands.real.docker("create", "--name", name, *arguments)
        return self.told(name)

    def told(self, name: str) -> dict[str, Any]:
        """What the engine tells of a container."""
        document = self.hands.engine.inspect_container(name)
        assert document is not None
        return dict(document)

    def work_out(self, document: dict[str, Any], image: str, *, gone: bool = False) -> Carried:
        """What makes a container like this one on an image; `gone` as if its own image was."""
        engine = self.hands.engine
        return carried(
            document,
            None if gone else engine.image_config(document["Image"]),
            image=image,
            new_image=engine.image_config(image),
            api=api_number(self.info.api_version),
            store=self.info.store,
            told=told_by_podman(engine.podman_document(document["Id"])) if self.podman else None,
        )

    def make(self, suffix: str, what: Carried) -> dict[str, Any]:
        """Make it, connect it; what the engine tells of it."""
        engine = self.hands.engine
        made = engine.create_container(f"{self.name}-{suffix}", what.body)
        for network, endpoint in what.networks.items():
            engine.connect_network(network, made, endpoint)
        for network in what.left:
            engine.disconnect_network(network, made)
        return self.told(made)

    def carry(self, document: dict[str, Any], image: str, suffix: str = "next") -> dict[str, Any]:
        """Make one like this on an image; what the engine tells of it."""
        return self.make(suffix, self.work_out(document, image))

    def replace(self, document: dict[str, Any], next_one: dict[str, Any]) -> dict[str, Any]:
        """Stop the one, start the other; what the engine tells of that then."""
        self.hands.engine.stop_container(document["Id"])
        self.hands.engine.start_container(next_one["Id"])
        return self.told(next_one["Id"])

    def clean(self) -> None:
        """Remove all containers, networks, and the volumes that have no name."""
        real, mine = self.hands.real, f"name={self.name}-"
        names = real.docker("ps", "--all", "--format", "{{.Names}}", "--filter", mine).split()
        # Podman removes no container that another one needs.
        for name in sorted(names, key=lambda name: name.endswith(NEEDED)):
            real.docker("rm", "--force", "--volumes", name)
        for network in real.docker("network", "ls", "-q", "--filter", mine).split():
            real.docker("network", "rm", network)

    def network(self, suffix: str) -> tuple[str, str]:
        """Make a network in which addresses can be chosen; its name, and an address of it."""
        name = f"{self.name}-{suffix}"
        return name, content.network(self.hands.real, name)

    def execute(self, document: dict[str, Any], *command: str) -> str:
        """`docker exec`."""
        return self.hands.real.docker("exec", "-u", "0", document["Id"], *command)


def settings(document: dict[str, Any], *, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Everything that is told of a container by its path, but for what is different for every container.

    Empty values of every kind are equal. The order counts, but for variables, which Podman mixes, and binds
    and mounts, which the docker command does.
    """
    short = document["Id"][:12]
    said = dict(_flat(document, OF_ONE_CONTAINER | without, ""))
    said["Mounts"] = {mount["Destination"]: _mount(mount) for mount in document["Mounts"]}
    # Which Podman adds, but not to all that never ran; the second where the image names no home.
    added = {f"HOSTNAME={document['Config']['Hostname']}", "HOME="}
    said["Config.Env"] = sorted(entry for entry in said.get("Config.Env", []) if entry not in added)
    said["HostConfig.Binds"] = sorted(said.get("HostConfig.Binds") or [])
    for path, value in [*said.items()]:
        if path.endswith((".Aliases", ".DNSNames")):
            said[path] = [name for name in value or [] if name not in {short, document["Name"].lstrip("/")}]
        if value == short:
            del said[path]
    generated = tuple(f"HostConfig.Annotations.{name}" for name in GENERATED_ANNOTATIONS)
    return {path: value for path, value in said.items() if value and not path.startswith(generated)}


def _mount(mount: dict[str, Any]) -> tuple[object, ...]:
    """A mode that says only that SELinux may share it is that of every volume with a name (Docker)."""
    mode = mount["Mode"].replace("z", "")
    return (mount["Type"], mount.get("Name"), mount["Source"], mount["RW"], mode, mount["Propagation"])


def _flat(value: dict[str, Any], without: frozenset[str], path: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, inner in value.items():
        here = f"{path}{key}"
        if here in without:
            continue
        found += _flat(inner, without, f"{here}.") if isinstance(inner, dict) and inner else [(here, inner)]
    return found
