"""One program run as our child: started, watched, stopped, and recognised after we were killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_TETHER = Path(__file__).with_name("tether.py")
_LOG_LIMIT_BYTES = 20_000_000
_LINE_LIMIT = 600
_POLL_SECONDS = 0.02


class ProcessFailed(Exception):
    """A program ended, or did not become ready; carries the end of its log."""

    def __init__(self, name: str, problem: str, log: Path, tail: str) -> None:
        super().__init__(f"{name} {problem}; the end of {log}:\n{tail}")
        self.name = name


class AlreadyRunning(Exception):
    """The same program over the same data belongs to another process that is alive."""

    def __init__(self, name: str, pid: int, owner: int) -> None:
        super().__init__(
            f"{name} already runs here (pid {pid}), started by process {owner}; "
            f"stop that one first: shoutu down, or kill {owner}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A process beyond its number, which the system gives to somebody else one day."""

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> "Identity":
        """The identity of a living process."""
        return cls(pid=pid, created=psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """The living process with this identity, if it is still there."""
        try:
            found = psutil.Process(self.pid)
            # The clock's adjustments move the computed start by a little; a reused number differs by more.
            if abs(found.create_time() - self.created) > 2 or found.status() == psutil.STATUS_ZOMBIE:
                return None
        except psutil.NoSuchProcess:
            return None
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An unprivileged system user that a program drops to."""

    uid: int
    gid: int


def tied(number: signal.Signals = signal.SIGTERM, user: User | None = None) -> list[str]:
    """What to put before a command so that the kernel sends it this signal when our thread ends."""
    values = [os.getpid(), int(number), user.uid if user else -1, user.gid if user else -1]
    return [sys.executable, "-I", "-S", str(_TETHER), *(str(value) for value in values)]


class Child:
    """A child process with a log and a run record in the home folder.

    `marker` is a part of its command line (a data folder, a configuration file) by which a leftover of a
    killed run is recognised. The kernel signals the child when the *thread* that started it ends: start
    it from a thread that lives as long as the child is needed.
    """

    def __init__(self, name: str, home: Path, *, marker: str, stop_signal: signal.Signals = signal.SIGTERM) -> None:
        self.name = name
        self.log = home / "logs" / f"{name}.log"
        self._record = home / "run" / f"{name}.json"
        self._marker = marker
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._process.pid if self._process is not None and self.is_alive() else None

    @property
    def exit_code(self) -> int | None:
        """How the child ended; None while it runs or before it started."""
        return self._process.poll() if self._process is not None else None

    def is_alive(self) -> bool:
        """Whether the child runs (a zombie does not)."""
        return self._process is not None and self._process.poll() is None

    def spawn(
        self,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str] | None = None,
        user: User | None = None,
    ) -> None:
        """Start the program, tied to us: it is asked to stop when we die, however we die."""
        self._log_start = self._open_log()
        self._record.parent.mkdir(parents=True, exist_ok=True)
        arguments = [*tied(self._stop_signal, user), *command]
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [str(argument) for argument in arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if environment is None else dict(environment),
                cwd="/" if user else None,
                # Ctrl-C reaches us alone; we stop the children in order.
                start_new_session=True,
            )
        self._write_record(self._process.pid)

    def _open_log(self) -> int:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        self.log.touch(mode=0o600)
        return self.log.stat().st_size

    def _write_record(self, pid: int) -> None:
        us = Identity.of(os.getpid())
        record = {
            "pid": pid,
            "created": Identity.of(pid).created,
            "owner": us.pid,
            "owner_created": us.created,
        }
        fresh = self._record.with_suffix(".new")
        fresh.write_text(json.dumps(record))
        fresh.replace(self._record)

    def log_tail(self, lines: int = 15) -> str:
        """The last lines that the child has written since it was started."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(max(self._log_start, self.log.stat().st_size - 16_384))
            last = file.read().decode(errors="replace").splitlines()[-lines:]
        return "\n".join(line[:_LINE_LIMIT] for line in last)

    def wait_until(self, is_ready: Callable[[], bool], seconds: float) -> None:
        """Wait until the child is ready; raise ProcessFailed when it ends first or takes too long."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if not self.is_alive():
                raise self.failure(f"ended with code {self.exit_code} while starting")
            if time.monotonic() > deadline:
                raise self.failure(f"was not ready after {seconds:.0f} s")
            time.sleep(_POLL_SECONDS)

    def failure(self, problem: str) -> ProcessFailed:
        """An error that shows the end of this child's log."""
        return ProcessFailed(self.name, problem, self.log, self.log_tail())

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the child if it runs."""
        if self._process is not None:
            self._process.send_signal(number)

    def ask_to_stop(self) -> None:
        """Send the signal that makes this program stop in good order."""
        self.send(self._stop_signal)

    def wait(self, seconds: float) -> bool:
        """Wait for the child's end; False when it still runs after that time."""
        if self._process is not None:
            try:
                self._process.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                return False
        self._record.unlink(missing_ok=True)
        return True

    def stop(self, seconds: float = 10.0) -> bool:
        """Ask the child to stop and wait; kill it when it does not. True when it stopped by itself."""
        self.ask_to_stop()
        if self.wait(seconds):
            return True
        self.kill()
        return False

    def kill(self) -> None:
        """End the child at once (SIGKILL) and wait for its end."""
        self.send(signal.SIGKILL)
        self.wait(10)

    def pause(self) -> None:
        """Freeze the child (SIGSTOP)."""
        self.send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen child go on (SIGCONT)."""
        self.send(signal.SIGCONT)

    def clear_leftover(self, seconds: float = 10.0) -> int | None:
        """End this program if a killed run left it behind; returns its pid, or None when there was none.

        Raises AlreadyRunning when the process that started it is alive and is not us.
        """
        [pid] = clear_leftovers([self], seconds)
        return pid

    def orphan(self) -> psutil.Process | None:
        """The leftover of a killed run. Raises AlreadyRunning when who started it is alive and is not us."""
        found, owner = self.leftover(), self._owner()
        if found is not None and owner is not None and owner.pid != os.getpid():
            raise AlreadyRunning(self.name, found.pid, owner.pid)
        return found

    def leftover(self) -> psutil.Process | None:
        """The recorded process, verified by start time and command line."""
        record = self._read_record()
        if record is None:
            return None
        found = Identity(pid=int(record["pid"]), created=record["created"]).process()
        return found if found is not None and is_marked(found, self._marker) else None

    def ask(self, process: psutil.Process) -> None:
        """Send a leftover the signal that makes this program stop in good order."""
        with suppress(psutil.NoSuchProcess):
            process.send_signal(self._stop_signal)

    def forget(self) -> None:
        """Drop the run record: there is nothing left to find by it."""
        self._record.unlink(missing_ok=True)

    def _owner(self) -> psutil.Process | None:
        record = self._read_record()
        if record is None:
            return None
        return Identity(pid=int(record["owner"]), created=record["owner_created"]).process()

    def _read_record(self) -> dict[str, float] | None:
        try:
            record: dict[str, float] = json.loads(self._record.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return record


def clear_leftovers(children: Sequence[Child], seconds: float) -> list[int | None]:
    """End what a killed run left of all these programs, in this one time for all; the pid of each, or None.

    All are asked before any is waited for: one may wait for the end of another, and their times do not add up.
    Raises AlreadyRunning, and ends nothing, when one was started by a process that is alive and is not us.
    """
    found = [child.orphan() for child in children]
    left = {process: child for process, child in zip(found, children, strict=True) if process is not None}
    for process, child in left.items():
        child.ask(process)
    for process in psutil.wait_procs(left, timeout=seconds)[1]:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=seconds)
    for child in children:
        child.forget()
    return [process.pid if process is not None else None for process in found]


def is_marked(process: psutil.Process, marker: str) -> bool:
    """Whether a part of the process's command line is the marker."""
    try:
        return any(marker in part for part in process.cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def end(process: psutil.Process, number: signal.Signals, seconds: float) -> None:
    """Ask a process to end, and kill it when it does not within that time."""
    try:
        process.send_signal(number)
        process.wait(seconds)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(seconds)
    except psutil.NoSuchProcess:
        return
