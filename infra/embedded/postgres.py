"""PostgreSQL as our child: made on first use, reachable by TCP and password only."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psutil

from infra.embedded.child import AlreadyRunning, Child, ProcessFailed, User, end, is_marked
from infra.embedded.postgres_files import PostgresPlace, find_place
from infra.ports import accepts, require_free
from infra.secrets import Secrets
from infra.settings import PlatformSettings

SUPERUSER = "postgres"
PASSWORD_NAME = "postgres/superuser"  # noqa: S105 - the name under which it is kept
_LEFTOVER_WORDS = ("lock file", "shared memory block")
_RETRY_SECONDS = 20.0
_STOP_SECONDS = 20.0

SERVER_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    # TCP with passwords only: a socket folder would be one more thing that a killed run leaves behind.
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The seal horizon is cluster-wide: one forgotten transaction would hold back every service's seals.
    "idle_in_transaction_session_timeout": "60s",
    "transaction_timeout": "15min",
    # Details of errors quote rows, and rows may hold personal data.
    "log_error_verbosity": "terse",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_min_messages": "warning",
    "logging_collector": "off",
}


class Postgres:
    """One PostgreSQL server over `<home>/postgres`. Start it from a thread that outlives the need for it."""

    def __init__(
        self,
        home: Path,
        *,
        port: int,
        password: str,
        binaries: Path | None = None,
        user_name: str | None = None,
        overrides: Mapping[str, str] | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self._home = home.resolve()
        self.host, self.port = host, port
        self._password = password
        self._binaries = binaries
        self._user_name = user_name
        self._settings = {**SERVER_SETTINGS, **(overrides or {})}
        self._place: PostgresPlace | None = None
        self._child: Child | None = None

    @classmethod
    def of(cls, settings: PlatformSettings, secrets: Secrets) -> "Postgres":
        """The server that these settings describe."""
        return cls(
            settings.home,
            port=settings.postgres_port,
            password=secrets.of(PASSWORD_NAME),
            binaries=settings.postgres_bin,
            user_name=settings.postgres_user,
            host=settings.postgres_host,
        )

    @property
    def url(self) -> str:
        """The superuser's address of the maintenance database."""
        return self.url_of("postgres", user=SUPERUSER, password=self._password)

    def url_of(self, database: str, *, user: str, password: str) -> str:
        """The address of a database on this server for one role."""
        return f"postgresql://{quote(user)}:{quote(password)}@{self.host}:{self.port}/{quote(database)}"

    @property
    def place(self) -> PostgresPlace:
        """Programs, data folder and system user; looked up once."""
        if self._place is None:
            self._place = find_place(self._home, binaries=self._binaries, user_name=self._user_name)
        return self._place

    @property
    def child(self) -> Child:
        """The server's process."""
        if self._child is None:
            self._child = Child("postgres", self._home, marker=str(self.place.data), stop_signal=signal.SIGINT)
        return self._child

    @property
    def pid(self) -> int | None:
        """The postmaster's process id while it runs."""
        return self.child.pid

    def start(self, seconds: float = 60.0) -> None:
        """Start the server, making its data folder first if there is none; returns when it answers.

        A leftover of a killed run is ended first. Raises PortInUse, AlreadyRunning, PostgresUnusable
        or ProcessFailed, each saying what to do.
        """
        self.launch()
        deadline = time.monotonic() + _RETRY_SECONDS
        while True:
            try:
                self.child.wait_until(self.is_ready, seconds)
            except ProcessFailed:
                # A killed postmaster's workers, or its unreaped zombie, hold the lock for a moment.
                held = any(word in self.child.log_tail() for word in _LEFTOVER_WORDS)
                self.child.kill()
                if not held or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
                self._spawn()
            else:
                return

    def launch(self) -> None:
        """Begin to start the server, as `start` does, without waiting for it."""
        self._open_home()
        self.clear_leftover()
        require_free(self.port, "SHOUTU_POSTGRES_PORT")
        if not (self.place.data / "PG_VERSION").exists():
            self._make_data_folder()
        self._spawn()

    def clear_leftover(self) -> None:
        """End a server over our data that a killed run left behind. Raises AlreadyRunning when it is somebody's."""
        self.child.clear_leftover(_STOP_SECONDS)
        self._end_unrecorded_leftover()

    def _open_home(self) -> None:
        private = self.place.user is None
        self._home.mkdir(parents=True, exist_ok=True)
        # Its secrets are closed one by one; PostgreSQL's own user must be able to walk through.
        self._home.chmod(0o700 if private else 0o711)
        self.place.data.parent.mkdir(parents=True, exist_ok=True)
        shown = self._home / "postgres"
        if shown != self.place.data and not shown.exists():
            # The data lies elsewhere because its user cannot walk here; the link says where.
            shown.unlink(missing_ok=True)
            shown.symlink_to(self.place.data)

    def _spawn(self) -> None:
        self.child.spawn(self._command(), user=self.place.user)

    def _command(self) -> list[str | Path]:
        options = [f"--{name}={value}" for name, value in self._settings.items()]
        return [self.place.binaries / "postgres", "-D", self.place.data, f"--port={self.port}", *options]

    def is_ready(self) -> bool:
        """Whether our server has finished starting and accepts connections."""
        pid = self.pid
        lines = self._pid_file()
        return (
            pid is not None
            and len(lines) >= 8
            and lines[0] == str(pid)
            and lines[7].strip() == "ready"
            and accepts(self.port)
        )

    def stop(self) -> bool:
        """Stop in good order: sessions end, everything is written. True when no force was needed."""
        return self.child.stop(_STOP_SECONDS)

    def kill(self) -> None:
        """End the postmaster at once (SIGKILL)."""
        self.child.kill()

    def _pid_file(self) -> list[str]:
        try:
            return (self.place.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _end_unrecorded_leftover(self) -> None:
        """End a postmaster over our data of which we were killed before we could record it."""
        lines = self._pid_file()
        if not lines or not lines[0].isdigit():
            return
        try:
            found = psutil.Process(int(lines[0]))
            if is_marked(found, str(self.place.data)):
                parent = found.parent()
                if parent is not None and parent.pid != os.getpid() and _is_python(parent):
                    raise AlreadyRunning("postgres", found.pid, parent.pid)
                end(found, signal.SIGINT, _STOP_SECONDS)
            elif not self._has_workers():
                # The number belongs to somebody else now; PostgreSQL would refuse to start for ever.
                (self.place.data / "postmaster.pid").unlink(missing_ok=True)
        except psutil.NoSuchProcess:
            return

    def _has_workers(self) -> bool:
        """Whether any process works inside the data folder (PostgreSQL's workers do)."""
        for process in psutil.process_iter():
            try:
                if process.cwd() == str(self.place.data):
                    return True
            except (psutil.NoSuchProcess, psutil.AccessDenied, FileNotFoundError):
                continue
        return False

    def _make_data_folder(self) -> None:
        """Run initdb beside the final place and move the result: a killed initdb leaves no half folder."""
        fresh = self.place.data.with_name(f"{self.place.data.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        with tempfile.NamedTemporaryFile("w", prefix="shoutu-") as password_file:
            password_file.write(self._password)
            password_file.flush()
            if self.place.user is not None:
                for path in (fresh, Path(password_file.name)):
                    os.chown(path, self.place.user.uid, self.place.user.gid)
            self._initdb(fresh, Path(password_file.name), self.place.user)
        fresh.rename(self.place.data)

    def _initdb(self, folder: Path, password_file: Path, user: User | None) -> None:
        identity = {} if user is None else {"user": user.uid, "group": user.gid, "extra_groups": []}
        command = [
            self.place.binaries / "initdb", "-D", folder, f"--username={SUPERUSER}",
            f"--pwfile={password_file}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
            # Order by code point, letters of every script known, and the same on every machine.
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        ]  # fmt: skip
        answer = subprocess.run(command, capture_output=True, text=True, cwd="/", **identity)  # type: ignore[call-overload]
        if answer.returncode != 0:
            self.child.log.parent.mkdir(parents=True, exist_ok=True)
            self.child.log.write_text(f"{answer.stdout}{answer.stderr}")
            raise self.child.failure("could not make its data folder")


def _is_python(process: psutil.Process) -> bool:
    try:
        # Its name may be that of a script, such as `shoutu`.
        return "python" in Path(process.exe()).name
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
