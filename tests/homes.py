"""Throw-away folders for the servers that tests start."""

import os
import shutil
import tempfile
from pathlib import Path

import psutil

_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 4 * 2**30
_PREFIX = "shoutu-test-"
_folder: Path | None = None


def keep_in_memory() -> None:
    """Put homes into memory where there is room, unless SHOUTU_TEST_HOMES names a folder.

    A fresh database is some two thousand small files, and most of a test's time was their making on a disk. Whoever
    measures does not call this: figures are taken on the disk.
    """
    global _folder
    chosen = os.environ.get("SHOUTU_TEST_HOMES")
    if chosen:
        _folder = Path(chosen)
    elif _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES:
        _folder = _MEMORY
    if _folder:
        _sweep(_folder)


def new_home() -> Path:
    """A folder that nobody else has, called after this process. Not pytest's own: that is closed to the user to whom
    PostgreSQL drops when we are root."""
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_folder))


def _sweep(folder: Path) -> None:
    """Remove what killed runs left behind."""
    for home in folder.glob(f"{_PREFIX}*-*"):
        owner = home.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(home, ignore_errors=True)
