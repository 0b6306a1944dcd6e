"""Runs a platform in the foreground until it is told to stop, and stops one that runs elsewhere."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from infra.home import is_home
from infra.platform import Platform
from infra.run_file import RunFile
from infra.settings import PlatformSettings, variable
from infra.status import platform_owner

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_STOP_SECONDS = 90.0
_LOOK_SECONDS = 0.1


class PortNotChosen(Exception):
    """A command needs a port that is to be chosen by a platform that does not run."""

    def __init__(self, settings: PlatformSettings, field: str) -> None:
        super().__init__(
            f"{variable(field)}=0 asks for any free port, and no platform runs over {settings.home} that has chosen"
            " one; start it first with `shoutu up`, or name the port"
        )


def as_running(settings: PlatformSettings) -> PlatformSettings:
    """The settings, with the ports that the platform over this home has chosen where that was left to it."""
    return settings.with_ports(RunFile(settings.home).ports())


def reachable(settings: PlatformSettings) -> PlatformSettings:
    """The same, for commands that talk to the platform. Raises PortNotChosen when a port is not known."""
    found = as_running(settings)
    for field, port in found.ports.items():
        if port == 0:
            raise PortNotChosen(settings, field)
    return found


async def run(
    platform: Platform, tell: Callable[[str], None], then: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Start the platform, do `then`, and stay until Ctrl-C, SIGTERM or a closed terminal.

    Whatever happens, everything that was started is stopped. Raises what `Platform.start` raises.
    """
    stopping = asyncio.Event()
    for number in _STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    if not await _started(platform, stopping):
        return
    work = asyncio.create_task(_do(then))
    try:
        await platform.watch(stopping)
    finally:
        tell("Stopping: no new requests, then the apps, the bus and the database …")
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        await platform.stop()
        tell("Stopped; nothing is left running.")


async def _started(platform: Platform, stopping: asyncio.Event) -> bool:
    """Whether the platform came up before somebody wanted it to stop."""
    starting = asyncio.create_task(platform.start())
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait({starting, told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if not starting.done():
        starting.cancel()
        with suppress(asyncio.CancelledError):
            await starting
        return False
    await starting
    return True


async def _do(then: Callable[[], Awaitable[None]] | None) -> None:
    if then is not None:
        await then()


def stop_running(settings: PlatformSettings) -> int | None:
    """Stop the platform that runs over this home, and end what a killed one left; its pid or None.

    Raises TimeoutError when it does not stop within 90 s.
    """
    owner = platform_owner(settings)
    if owner is not None:
        owner.send_signal(signal.SIGTERM)
        _wait_for_end(settings, owner.pid)
    clear_leftovers(settings)
    return owner.pid if owner is not None else None


def _wait_for_end(settings: PlatformSettings, pid: int) -> None:
    deadline = time.monotonic() + _STOP_SECONDS
    # Asked by name and not by wait: its parent may be slow to reap it, and that is none of our business.
    while platform_owner(settings) is not None:
        if time.monotonic() > deadline:
            raise TimeoutError(
                f"the platform (pid {pid}) has not stopped after {_STOP_SECONDS:.0f} s; "
                f"look at {settings.home / 'logs'}, or end it with kill -9 {pid}"
            )
        time.sleep(_LOOK_SECONDS)


def clear_leftovers(settings: PlatformSettings) -> None:
    """End every program that a killed platform left behind, apps first and the database last."""
    # A folder of somebody else's, which may well have a `run` in it, is not made a home by looking.
    if not is_home(settings.home):
        return
    run_file = RunFile(settings.home)
    # A platform that has just stopped gives its lock up a moment after its note.
    run_file.claim(patience_seconds=2)
    try:
        Platform(settings).clear_leftovers()
    finally:
        run_file.release()
