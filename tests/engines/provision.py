"""The programs that private engines are made of, from Debian's archive.

What has no daemon of its own is installed with apt. Docker is unpacked beside the system instead, from the
suites that hold the generations under test, so that no Docker of the machine is replaced or started. So is
Podman 5, with all that it needs: its programs want a newer C library than Debian 12 has.
"""

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final, Literal

Suite = Literal["bookworm", "trixie", "sid"]

SYSTEM_PACKAGES: Final = (
    "busybox-static", "iproute2", "runc", "libdevmapper1.02.1",
    "podman", "conmon", "netavark", "aardvark-dns",
    "openssh-client", "openssl",
)  # fmt: skip
UNPACKED_PACKAGES: Final[dict[Suite, tuple[str, ...]]] = {
    "bookworm": ("docker.io", "containerd"),
    "trixie": ("docker.io", "docker-cli", "docker-buildx", "docker-compose", "containerd", "tini"),
    "sid": ("docker.io", "docker-cli", "docker-buildx", "docker-compose", "containerd", "tini-static"),
}
PODMAN_PACKAGES: Final = (
    "podman", "conmon", "runc", "netavark", "aardvark-dns", "catatonit", "tzdata",
)  # fmt: skip
SSH_PACKAGES: Final = ("openssh-server", "libwrap0", "libnsl2", "libtirpc3")
REGISTRY_PACKAGES: Final = ("docker-registry",)
ROOTLESS_PACKAGES: Final = ("rootlesskit", "uidmap", "slirp4netns", "libslirp0", "libglib2.0-0")
TERMINAL_PACKAGES: Final = ("screen", "libutempter0", "mosh", "libprotobuf32")
_ARCHIVE: Final = "http://deb.debian.org/debian"
_KEYRING: Final = "/usr/share/keyrings/debian-archive-keyring.gpg"


class EngineUnavailableError(RuntimeError):
    """An engine cannot be had on this machine; the message says why."""


def cache_folder() -> Path:
    """The folder that keeps downloaded programs from one test run to the next."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "imgtui-tests"


def require_debian_and_root() -> None:
    """Raise `EngineUnavailableError` where nothing can be provisioned."""
    if os.geteuid() != 0:
        raise EngineUnavailableError("real engines need root: they mount, bridge and unshare")
    if not Path("/etc/debian_version").exists() or not shutil.which("apt-get"):
        raise EngineUnavailableError("real engines are made of Debian packages, and this is no Debian")


@cache
def install_system_packages() -> None:
    """Install with apt what is missing of `SYSTEM_PACKAGES`; each process looks once."""
    require_debian_and_root()
    with _locked("install"):
        if missing := [package for package in SYSTEM_PACKAGES if not _is_installed(package)]:
            wait_for_dpkg = ("-o", "DPkg::Lock::Timeout=300")
            _run_twice("apt-get", *wait_for_dpkg, "update", "-qq")
            _run_twice("apt-get", *wait_for_dpkg, "install", "-y", "-qq", "--no-install-recommends", *missing)


def docker_programs(suite: Suite) -> Path:
    """The root under which Docker of `suite` is unpacked; downloaded on the first call on a machine."""
    return _unpacked("docker", suite, UNPACKED_PACKAGES[suite])


def podman_programs() -> Path:
    """The root under which Podman 5 is unpacked with everything that it needs, down to the C library."""
    return _unpacked("podman", "sid", PODMAN_PACKAGES, with_needed=True)


def ssh_server_programs() -> Path:
    """The root under which sshd is unpacked; installing it would start one for the whole machine."""
    return _unpacked("sshd", "bookworm", SSH_PACKAGES)


def registry_programs() -> Path:
    """The root under which a registry is unpacked; installing it would start one for the whole machine."""
    return _unpacked("registry", "bookworm", REGISTRY_PACKAGES)


def rootless_programs() -> Path:
    """The root under which is unpacked what a user needs to have namespaces."""
    return _unpacked("rootless", "bookworm", ROOTLESS_PACKAGES)


def terminal_programs() -> Path:
    """The root under which GNU screen and mosh are unpacked."""
    return _unpacked("terminals", "bookworm", TERMINAL_PACKAGES)


def _unpacked(what: str, suite: Suite, packages: Sequence[str], *, with_needed: bool = False) -> Path:
    require_debian_and_root()
    name = f"{what}-{suite}"
    root = cache_folder() / name
    with _locked(name):
        if not root.exists():
            work = cache_folder() / f"work-{name}"
            shutil.rmtree(work, ignore_errors=True)
            (work / "root").mkdir(parents=True)
            for package in _download(suite, packages, work, with_needed=with_needed):
                _run("dpkg", "-x", str(package), str(work / "root"))
            (work / "root").rename(root)
            shutil.rmtree(work)
    return root


def _download(suite: Suite, packages: Sequence[str], work: Path, *, with_needed: bool) -> Sequence[Path]:
    """Download packages of `suite` with apt, verified, without its sources becoming the system's.

    With what they need, as if nothing was installed, where that is wanted.
    """
    for folder in ("debs", "lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True)
    sources = work / "sources.list"
    sources.write_text(f"deb [signed-by={_KEYRING}] {_configured_archive()} {suite} main\n")
    installed = work / "status"
    installed.touch()
    settings = {
        "Dir::Etc::SourceList": sources,
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": work / "lists",
        "Dir::State::Status": installed,
        "Dir::Cache": work / "cache",
        "APT::Sandbox::User": "root",
    }
    apt = ["apt-get", "-qq", *(word for key, value in settings.items() for word in ("-o", f"{key}={value}"))]
    _run_twice(*apt, "update")
    if with_needed:
        _run_twice(*apt, "install", "--download-only", "--yes", "--no-install-recommends", *packages)
        return sorted((work / "cache/archives").glob("*.deb"))
    _run_twice(*apt, "download", *packages, cwd=work / "debs")
    return sorted((work / "debs").glob("*.deb"))


def _configured_archive() -> str:
    """The Debian archive that the machine uses, which it can reach, and otherwise the well-known one."""
    apt = Path("/etc/apt")
    for path in [*sorted(apt.glob("sources.list.d/*")), *apt.glob("sources.list")]:
        active = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("#"))
        if found := re.search(r"https?://\S+/debian(?=/?\s|/?$)", active):
            return found[0]
    return _ARCHIVE


def _is_installed(package: str) -> bool:
    query = ("dpkg-query", "--show", "--showformat=${db:Status-Status}", package)
    return subprocess.run(query, check=False, capture_output=True, text=True).stdout == "installed"


@contextmanager
def _locked(name: str) -> Iterator[None]:
    """Let one process at a time in: parallel test workers provision the same machine."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (cache_folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run_twice(*command: str, cwd: Path | None = None) -> None:
    """Run a command that depends on the network, and once more when it failed."""
    try:
        _run(*command, cwd=cwd)
    except EngineUnavailableError:
        _run(*command, cwd=cwd)


def _run(*command: str, cwd: Path | None = None) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command,
        check=False,
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        raise EngineUnavailableError(
            f"{' '.join(command)}: exit {done.returncode}\n{done.stderr or done.stdout}"
        )
