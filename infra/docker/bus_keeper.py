"""Keeps streams and consumers declared: a container that runs beside the bus for as long as the bus does."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

from infra import bus
from infra.consumers import ask_for_consumers
from infra.docker import places
from infra.docker.places import SetupSettings

MARK = Path("/tmp/declared")  # noqa: S108 - a file system of the container's own, gone with it
"""Touched whenever everything was found declared; the health check looks at its age."""


async def keep_bus(settings: SetupSettings) -> None:
    """Declare what the services' listen tables ask for, again and again, until a signal asks to stop."""
    wanted = bus.Declaration(consumers=await ask_for_consumers())
    password = (settings.configuration / places.BUS_KEEPER / "nats-password").read_text()
    client = await bus.connect(f"nats://{places.NATS.host}:{places.NATS.port}", password)
    keeping = asyncio.create_task(bus.keep_declared(client.jetstream(), wanted, tell=_tell, well=MARK.touch))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, keeping.cancel)
    try:
        with suppress(asyncio.CancelledError):
            await keeping
    finally:
        await client.close()


def _tell(sentence: str) -> None:
    print(sentence, flush=True)
