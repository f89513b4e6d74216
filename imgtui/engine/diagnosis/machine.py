"""What this machine can tell about an engine that does not answer. Only looks; starts nothing."""

import errno
import grp
import os
import pwd
import shutil
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from imgtui.engine.connect.addresses import DEFAULT_SOCKET
from imgtui.engine.connect.endpoint import user_sockets

_PODMAN_SYSTEM_SOCKET = Path("/run/podman/podman.sock")
_SYSTEM_PROGRAMS = ("/usr/local/sbin", "/usr/sbin", "/sbin")
_ACL = "system.posix_acl_access"


@dataclass(frozen=True, slots=True)
class SocketFile:
    """The state of a path that should be an engine's socket."""

    path: Path
    exists: bool
    closed_folder: Path | None = None
    """The folder on the way that this user may not enter."""
    is_socket: bool = False
    mode: int = 0
    """Permission bits."""
    owner: str = ""
    group: str = ""
    gid: int = -1
    has_acl: bool = False


@dataclass(frozen=True, slots=True)
class Machine:
    """The user, the programs and the sockets here. `environ` stands for the process's environment."""

    environ: Mapping[str, str]
    uid: int = field(default_factory=os.geteuid)
    groups: frozenset[int] = field(default_factory=lambda: frozenset((os.getegid(), *os.getgroups())))
    systemd: bool = field(default_factory=lambda: _is(Path("/run/systemd/system"), stat.S_ISDIR))
    program_folders: tuple[str, ...] = _SYSTEM_PROGRAMS
    """Where to look for programs beside PATH: those for root are not in the PATH of all users."""
    default_socket: Path = DEFAULT_SOCKET
    system_sockets: tuple[Path, ...] = (_PODMAN_SYSTEM_SOCKET,)

    def has_program(self, *names: str) -> bool:
        """Tell whether one of these programs is installed."""
        path = os.pathsep.join((self.environ.get("PATH", ""), *self.program_folders))
        return any(shutil.which(name, path=path) for name in names)

    def as_root(self, command: str) -> str:
        """Return the command as this user has to type it to run as root."""
        return command if self.uid == 0 else f"sudo {command}"

    def other_socket(self, path: Path) -> Path | None:
        """Return another place where an engine's socket is."""
        usual = (
            self.default_socket,
            *(place for place, _ in user_sockets(self.environ)),
            *self.system_sockets,
        )
        return next((place for place in usual if place != path and _is(place, stat.S_ISSOCK)), None)

    @property
    def user(self) -> str:
        """The name of the effective user, or the number where it has none."""
        return _name_of_user(self.uid)

    def is_member(self, group: str) -> bool:
        """Tell whether the user database has this user in the group, whatever this session has."""
        try:
            return self.user in grp.getgrnam(group).gr_mem
        except KeyError:
            return False


def look_at_socket(path: Path) -> SocketFile:
    """Return what can be seen of the path without opening it."""
    try:
        status = path.stat()
    except OSError as error:
        if error.errno == errno.EACCES:
            return SocketFile(path, exists=False, closed_folder=_closed_folder(path))
        return SocketFile(path, exists=False)
    return SocketFile(
        path,
        exists=True,
        is_socket=stat.S_ISSOCK(status.st_mode),
        mode=stat.S_IMODE(status.st_mode),
        owner=_name_of_user(status.st_uid),
        group=_name_of_group(status.st_gid),
        gid=status.st_gid,
        has_acl=_has_acl(path),
    )


def _closed_folder(path: Path) -> Path:
    for folder in reversed(path.parents):
        if not os.access(folder, os.X_OK, effective_ids=os.access in os.supports_effective_ids):
            return folder
    return path.parent


def _has_acl(path: Path) -> bool:
    if not hasattr(os, "getxattr"):
        return False
    try:
        return bool(os.getxattr(path, _ACL))
    except OSError:
        return False


def _name_of_user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _name_of_group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _is(path: Path, test: Callable[[int], bool]) -> bool:
    try:
        return test(path.stat().st_mode)
    except OSError:
        return False
