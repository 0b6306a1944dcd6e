"""The home folder of a platform: known by what it holds, usable or said why not, and removed as a whole."""

import os
import shutil
from pathlib import Path

from infra.embedded.postgres_files import ROOT_DATA

_MARKS = ("secrets.json", ".secrets.lock", "run/platform.lock")
"""What the very first start writes, in whatever way it ends."""
_OURS = (
    "anchors", "demonstration.json", "envoy", "files", "jobs", "logs", "nats", "postgres", "postgres.new", "run",
    "secrets.json", "secrets.new", ".secrets.lock",
)  # fmt: skip
"""All that a platform writes into its home. Nothing else is ever removed: a home may be a folder with more in it."""


class HomeUnusable(Exception):
    """SHOUTU_HOME names a place where nothing can be kept."""

    def __init__(self, home: Path, reason: str) -> None:
        super().__init__(
            f"nothing can be kept in {home}: {reason}\n"
            "Set SHOUTU_HOME to a folder that you may write to (it is made when it is not there)."
        )


class NotAHome(Exception):
    """A folder that no platform has ever used."""

    def __init__(self, home: Path) -> None:
        super().__init__(
            f"no platform has ever run over {home.resolve()}; start one with `make run`,"
            " or set SHOUTU_HOME to the folder of the one that you mean"
        )


def is_home(home: Path) -> bool:
    """Whether a platform has ever been started over this folder."""
    return any(_there(home / mark) for mark in _MARKS)


def require_home(home: Path) -> None:
    """Raise NotAHome unless a platform has been started over this folder; nothing is made."""
    if not is_home(home):
        raise NotAHome(home)


def require_usable(home: Path) -> None:
    """Make the folder if it is not there. Raises HomeUnusable when that cannot be done or it cannot be written to."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise HomeUnusable(home, "it is no folder") from error
    except OSError as error:
        raise HomeUnusable(home, f"it cannot be made ({error.strerror})") from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise HomeUnusable(home, "it cannot be written to")


def remove(home: Path) -> list[Path]:
    """Remove all that a stopped platform keeps in its home, and the folder when nothing else is in it.

    Returns what is left there because no platform put it there. Raises NotAHome and removes nothing
    when the folder bears no mark of a platform.
    """
    require_home(home)
    home = home.resolve()
    _remove_data_elsewhere(home / "postgres")
    for name in _OURS:
        _remove(home / name)
    left = sorted(home.iterdir())
    if not left:
        home.rmdir()
    return left


def _remove_data_elsewhere(shown: Path) -> None:
    # Only what we put there: a link of somebody's own making may lead anywhere.
    if shown.is_symlink() and shown.resolve().parent == ROOT_DATA.resolve():
        shutil.rmtree(shown.resolve(), ignore_errors=True)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
