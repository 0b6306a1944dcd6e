"""What runs now, as the run files and the system tell it; nothing is asked of the programs but readiness."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from infra.embedded.envoy import Envoy
from infra.embedded.nats import Nats
from infra.embedded.postgres import Postgres
from infra.parts import app_processes
from infra.ports import accepts
from infra.processes import AppProcess, readiness
from infra.run_file import RunFile
from infra.secrets import Secrets
from infra.settings import PlatformSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class PartStatus:
    """One program: what it is called, whether it runs, and why it is not ready if it is not."""

    name: str
    pid: int | None
    ports: tuple[int, ...]
    memory_bytes: int
    up_seconds: float
    problem: str | None


def platform_owner(settings: PlatformSettings) -> psutil.Process | None:
    """The process that runs the platform over this home, if there is one."""
    return RunFile(settings.home).owner()


def part_statuses(settings: PlatformSettings) -> Iterator[PartStatus]:
    """Every program of the platform in the order of its start, running or not."""
    secrets = Secrets(settings.home)
    postgres, nats = Postgres.of(settings, secrets), Nats.of(settings, secrets)
    yield _status(postgres.child.leftover(), "postgres", (postgres.port,))
    yield _status(nats.child.leftover(), "nats", (nats.port,))
    for app in app_processes(settings, secrets):
        yield _app_status(app)
    envoy = Envoy(settings.home, bootstrap="", port=settings.gateway_port, admin_port=settings.envoy_admin_port)
    yield _status(envoy.child.leftover(), "envoy", (envoy.port,))


def _app_status(app: AppProcess) -> PartStatus:
    found = app.child.leftover()
    problems = (readiness(port) for port in app.ports.values()) if found is not None else iter(())
    problem = next((problem for problem in problems if problem is not None), None)
    return _status(found, app.child.name, tuple(app.ports.values()), problem)


def _status(
    process: psutil.Process | None, name: str, ports: tuple[int, ...], problem: str | None = None
) -> PartStatus:
    if process is None:
        return PartStatus(name=name, pid=None, ports=ports, memory_bytes=0, up_seconds=0, problem="does not run")
    closed = [port for port in ports if not accepts(port)]
    if closed and problem is None:
        problem = f"runs, but nothing answers on port {closed[0]}"
    return PartStatus(
        name=name,
        pid=process.pid,
        ports=ports,
        memory_bytes=_memory(process),
        up_seconds=time.time() - process.create_time(),
        problem=problem,
    )


def _memory(process: psutil.Process) -> int:
    """Proportional share where the system tells it: PostgreSQL's workers share one large region."""
    total = 0
    for one in (process, *process.children(recursive=True)):
        try:
            total += one.memory_full_info().pss
        except (psutil.Error, AttributeError):
            continue
    return total
