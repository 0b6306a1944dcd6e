"""The parts of a running platform, each a child process that is started, watched and restarted."""

import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from infra.embedded.child import AlreadyRunning, Child, ProcessFailed
from infra.environment import process_environment
from infra.ports import PortInUse, require_free

FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 15.0
_CALM_SECONDS = 60.0


class Part(Protocol):
    """One program of the platform."""

    @property
    def child(self) -> Child:
        """Its process."""

    def launch(self) -> None:
        """Begin to start it; it becomes ready later."""

    def is_ready(self) -> bool:
        """Whether it does its work now."""


class AppProcess:
    """One or more apps in one Python process, each on its own port."""

    def __init__(
        self, name: str, home: Path, command: Sequence[str], told: Mapping[str, str], ports: Mapping[str, int]
    ) -> None:
        self.ports = dict(ports)
        self._command = [sys.executable, *command]
        self._told = dict(told)
        self.child = Child(name, home.resolve(), marker=command[-1])

    def launch(self) -> None:
        """Start the process. Raises PortInUse, naming the setting to change."""
        self.child.clear_leftover()
        for setting, port in self.ports.items():
            require_free(port, setting)
        self.child.spawn(self._command, environment=process_environment(self._told))

    def is_ready(self) -> bool:
        """Whether every app in the process says that it is ready."""
        return self.child.is_alive() and all(readiness(port) is None for port in self.ports.values())


def readiness(port: int) -> str | None:
    """Why the app on a port is not ready, in its own words; None when it is."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=3):
            return None
    except urllib.error.HTTPError as answer:
        return _reason(answer.read())
    except (OSError, urllib.error.URLError) as error:
        return f"does not answer on port {port} ({error})"


def _reason(body: bytes) -> str:
    try:
        told = json.loads(body)
    except ValueError:
        return body.decode(errors="replace")[:500]
    return json.dumps(told, ensure_ascii=False)


@dataclass(slots=True)
class Watched:
    """A part with what is needed to restart it: quickly at first, then ever more slowly."""

    part: Part
    tell: Callable[[str], None]
    _wait: float = FIRST_WAIT_SECONDS
    _started_at: float = field(default_factory=time.monotonic)
    _restart_at: float | None = None

    def look(self) -> None:
        """Restart the part when it has ended and its waiting time is over. Call it often."""
        if self.part.child.is_alive():
            if time.monotonic() - self._started_at > _CALM_SECONDS:
                self._wait = FIRST_WAIT_SECONDS
            return
        if self._restart_at is None:
            self._note_end()
        elif time.monotonic() >= self._restart_at:
            self._restart()

    def _note_end(self) -> None:
        child = self.part.child
        self._restart_at = time.monotonic() + self._wait
        self.tell(
            f"{child.name} ended (code {child.exit_code}); starting again in {self._wait:.1f} s, see {child.log}"
        )
        self._wait = min(self._wait * 2, LONGEST_WAIT_SECONDS)

    def _restart(self) -> None:
        self._restart_at = None
        self._started_at = time.monotonic()
        try:
            self.part.launch()
        except (AlreadyRunning, PortInUse, ProcessFailed, OSError) as error:
            self.tell(f"{self.part.child.name} cannot start: {error}")
            self._restart_at = time.monotonic() + self._wait
