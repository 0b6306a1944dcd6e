"""A server that answers everything with the same bytes, and keeps what it was asked."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@dataclass
class PlainServer:
    """Where it listens, what it says next (nothing: it keeps silent), and the heads of what it was sent."""

    port: int = 0
    answer: bytes = PLAIN
    requests: list[bytes] = field(default_factory=list)

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one answer."""
        try:
            self.requests.append(await reader.readuntil(b"\r\n\r\n"))
            if not self.answer:
                await reader.read()
            writer.write(self.answer)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None = None) -> AsyncIterator[PlainServer]:
    """The server on a free port of this machine, until the block ends."""
    server = PlainServer()
    listening = await asyncio.start_server(server.meet, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
