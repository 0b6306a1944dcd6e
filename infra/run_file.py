"""One platform over one home folder at a time; who it is, for those who want to stop it or look at it."""

import fcntl
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import psutil

from infra.embedded.child import Identity

_POLL_SECONDS = 0.05


class PlatformRunning(Exception):
    """A platform already runs over this home folder."""

    def __init__(self, home: Path, pid: int | None) -> None:
        who = f"process {pid}" if pid else "another process"
        super().__init__(
            f"the platform over {home} already runs ({who}); look at it with `shoutu status`, "
            "stop it with `shoutu down`, or give this one another folder with SHOUTU_HOME"
        )
        self.pid = pid


@dataclass(slots=True)
class RunFile:
    """The lock and the note of a running platform, in `<home>/run`."""

    home: Path
    _held: TextIO | None = None

    @property
    def _path(self) -> Path:
        return self.home / "run" / "platform.json"

    def claim(self, patience_seconds: float = 0.0, *, ports: Mapping[str, int] | None = None) -> None:
        """Become the one platform over this home and note its ports; raises PlatformRunning when there is one.

        The lock goes with its process however that ends, so a killed run never blocks the next.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        held = (self.home / "run" / "platform.lock").open("w")
        deadline = time.monotonic() + patience_seconds
        while not _locked(held):
            if time.monotonic() >= deadline:
                held.close()
                owner = self.owner()
                raise PlatformRunning(self.home, owner.pid if owner else None)
            time.sleep(_POLL_SECONDS)
        self._held = held
        us = Identity.of(os.getpid())
        self._path.write_text(json.dumps({"pid": us.pid, "created": us.created, "ports": dict(ports or {})}))

    def release(self) -> None:
        """Give the home up again."""
        if self._held is not None:
            self._path.unlink(missing_ok=True)
            self._held.close()
            self._held = None

    def owner(self) -> psutil.Process | None:
        """The process that runs the platform, if it is alive."""
        note = self._note()
        return Identity(pid=note["pid"], created=note["created"]).process() if note else None

    def ports(self) -> dict[str, int]:
        """The port of each setting of the platform that runs; empty when none does."""
        return dict(self._note().get("ports", {})) if self.owner() is not None else {}

    def _note(self) -> dict[str, Any]:
        try:
            note: dict[str, Any] = json.loads(self._path.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return note


def _locked(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
