"""Small upstreams that say what reached them."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import orjson
import uvicorn

from tests.gateway.envoy.keys import JWKS

LARGE = orjson.dumps({"items": ["守土有责" * 8] * 200})


@dataclass
class Recorder:
    """An ASGI app that answers 200 with what it was asked; some paths answer otherwise."""

    seen: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        body = b""
        while scope["type"] == "http":
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        request = {
            "method": scope["method"],
            "path": scope["path"],
            "headers": [[name.decode(), value.decode("latin-1")] for name, value in scope["headers"]],
            "size": len(body),
        }
        self.seen.append(request)
        await self._answer(scope["path"], request, send)

    async def _answer(self, path: str, request: dict[str, Any], send: Any) -> None:
        headers, payload = [(b"content-type", b"application/json")], orjson.dumps(request)
        if path == "/.well-known/jwks.json":
            payload = JWKS.encode()
        if path.endswith("/large"):
            payload = LARGE
        if path.endswith("/tagged"):
            payload = LARGE
            headers.append((b"etag", b'"7"'))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": payload})


class Breaker:
    """A TCP server that reads a request and hangs up without an answer; it counts by method."""

    def __init__(self) -> None:
        self.requests: list[str] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.requests.append(head.split(b" ", 1)[0].decode())
        writer.close()


class Waiter:
    """A TCP server that takes a request and never answers."""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()


class Serving(uvicorn.Server):
    """A uvicorn server inside the test's own loop; it says when it listens."""

    def __init__(self, app: Any, port: int) -> None:
        super().__init__(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off"))
        self.listening = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.listening.set()
