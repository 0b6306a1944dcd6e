"""The bus: NATS JetStream as one service may use it, with single publishes and atomic batches."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import StreamInfo
from nats.js.errors import APIError
from nats.protocol.command import hpub_cmd

from libs.common.clocks import system_now
from libs.common.ids import new_id

log = structlog.get_logger("bus")

BATCH_LIMIT = 1000
"""The server takes no larger batch; each costs some 9 ms beside what its messages cost."""
_SENT_TOGETHER = 50
_KNOWN_ID_IN_BATCH = 10201
_NOT_FOUND = "404"
_ANSWER_SECONDS = 3.0
"""A server that is killed answers nothing any more; asking again is safe, since every message has its id."""

BusError = (NatsError, asyncio.TimeoutError, TimeoutError, OSError)
"""What a publish or a fetch may raise while a server or a leader is away; all of it is to be tried again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One event as the relay publishes it."""

    subject: str
    data: bytes
    headers: dict[str, str]
    message_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """Where the stream keeps it; `duplicate` means the server says that it knew the id."""

    sequence: int
    duplicate: bool


class BatchRefused(Exception):
    """The server refused a whole batch because one id in it is known: publish one by one."""


class AnswerUnreadable(NatsError):
    """The server's answer is not one that a stream gives; what was asked for may or may not have happened."""


def stream_of(service: str) -> str:
    """The stream that holds what a service tells."""
    return service.upper()


class Bus:
    """A connection of one service's own user; permissions on the server hold it to its subjects."""

    def __init__(self, url: str, *, user: str, password: str, service: str) -> None:
        self.url, self.user, self.service = url, user, service
        self._password = password
        self._client: Client | None = None
        self._context: JetStreamContext | None = None
        self.lost_at: datetime | None = None
        """When the connection was last lost: what the stream held before may be gone since."""

    @property
    def client(self) -> Client:
        """The live connection; raises ConnectionError before `connect`."""
        if self._client is None:
            raise ConnectionError("the bus is not connected yet")
        return self._client

    @property
    def context(self) -> JetStreamContext:
        """The JetStream context; raises ConnectionError before `connect`."""
        if self._context is None:
            raise ConnectionError("the bus is not connected yet")
        return self._context

    @property
    def is_connected(self) -> bool:
        """Whether the connection is up right now."""
        return self._client is not None and self._client.is_connected

    async def connect(self) -> None:
        """Connect, however long the server is away, and keep reconnecting for ever afterwards.

        Cancel it to give up; nothing of the attempt is left behind then.
        """
        client = Client()
        try:
            await client.connect(
                self.url, user=self.user, password=self._password, name=self.service, error_cb=_Complaints().note,
                disconnected_cb=self._note_loss,
                inbox_prefix=f"_INBOX_{self.service}".encode(), max_reconnect_attempts=-1, connect_timeout=5,
                reconnect_time_wait=0.25,  # type: ignore[arg-type]
                ping_interval=10, max_outstanding_pings=2, pending_size=0,
            )  # fmt: skip
        except BaseException:
            await client.close()
            raise
        self._client, self._context = client, client.jetstream(timeout=_ANSWER_SECONDS)

    async def _note_loss(self) -> None:
        self.lost_at = system_now()

    async def publish(self, message: Message) -> Published:
        """Publish one message and wait for its acknowledgement."""
        headers = message.headers | {"Nats-Msg-Id": message.message_id}
        ack = await self.context.publish(message.subject, message.data, headers=headers)
        return Published(sequence=ack.seq, duplicate=bool(ack.duplicate))

    async def publish_batch(self, messages: Sequence[Message]) -> list[Published]:
        """Publish up to `BATCH_LIMIT` messages as one atomic batch: all of them are stored, or none.

        Raises BatchRefused where an id is known already.
        """
        batch_id, answer = str(new_id()), b""
        for number, message in enumerate(messages, start=1):
            headers = message.headers | {
                "Nats-Msg-Id": message.message_id,
                "Nats-Batch-Id": batch_id,
                "Nats-Batch-Sequence": str(number),
            }
            if number < len(messages):
                await self._send(message, headers)
                if number % _SENT_TOGETHER == 0:
                    # Lets the connection write: the server takes these in while the next are made ready.
                    await asyncio.sleep(0)
                continue
            headers["Nats-Batch-Commit"] = "1"
            reply = await self.client.request(message.subject, message.data, timeout=_ANSWER_SECONDS, headers=headers)
            answer = reply.data
        return _batch_acks(answer, len(messages))

    async def _send(self, message: Message, headers: Mapping[str, str]) -> None:
        """Send without waiting for anything, as one of a batch.

        The client's own way checks and translates every header of every message, which takes longer than all the
        rest of a batch; the outbox has made these values safe already.
        """
        if not self.client.is_connected:
            raise ConnectionError("the bus is away")
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"NATS/1.0\r\n{lines}\r\n".encode()
        await self.client._send_command(hpub_cmd(message.subject, "", head, message.data))

    async def stream_info(self) -> StreamInfo:
        """The state of this service's own stream, with its leader and the sequences that were deleted."""
        request = orjson.dumps({"deleted_details": True})
        reply = await self.client.request(
            f"$JS.API.STREAM.INFO.{stream_of(self.service)}", request, timeout=_ANSWER_SECONDS
        )
        info: StreamInfo = StreamInfo.from_response(_answer(reply.data))
        return info

    async def read_back(self, sequence: int) -> str | None:
        """The CloudEvents id stored at a sequence of the own stream, or None where nothing is.

        Raises AnswerUnreadable for any answer that says neither: not knowing is no proof of a loss.
        """
        request = orjson.dumps({"seq": sequence})
        reply = await self.client.request(
            f"$JS.API.DIRECT.GET.{stream_of(self.service)}", request, timeout=_ANSWER_SECONDS
        )
        headers = reply.headers or {}
        status = headers.get("Status", "")
        if status not in ("", _NOT_FOUND):
            raise AnswerUnreadable(f"asked for message {sequence}: {status} {headers.get('Description', '')}")
        return headers.get("ce-id")

    async def close(self) -> None:
        """Finish what is in flight and close."""
        if self._client is not None and not self._client.is_closed:
            try:
                await asyncio.wait_for(self._client.drain(), 5)
            except BusError:
                await self._client.close()


def _answer(data: bytes) -> dict[str, Any]:
    """What the stream said; raises APIError for its refusals, AnswerUnreadable where it said nothing."""
    try:
        body: dict[str, Any] = orjson.loads(data)
    except ValueError as error:
        raise AnswerUnreadable(f"{data[:100]!r}") from error
    if "error" in body:
        APIError.from_error(body["error"])
    return body


def _batch_acks(answer: bytes, count: int) -> list[Published]:
    try:
        body = _answer(answer)
    except APIError as error:
        if error.err_code == _KNOWN_ID_IN_BATCH:
            raise BatchRefused(error.description or "") from error
        raise
    if "seq" not in body or body.get("count", count) != count:
        raise AnswerUnreadable(f"a batch of {count}: {answer[:100]!r}")
    last = int(body["seq"])
    return [Published(sequence=last - count + number, duplicate=False) for number in range(1, count + 1)]


class _Complaints:
    """Logs what the connection complains about, once in a row: an absent server is complained about for ever.

    A forbidden publish looks like a timeout everywhere else.
    """

    def __init__(self) -> None:
        self._last = ""

    # nats-py wants a coroutine function, and asks `inspect`: a method is one, a callable object is not.
    async def note(self, error: Exception) -> None:
        """One complaint."""
        said = f"{type(error).__name__}: {error}"
        if said != self._last:
            log.warning("bus_error", error=str(error), kind=type(error).__name__)
        self._last = said


def epoch_of(info: StreamInfo) -> str:
    """The stream's epoch, which rises whenever it is recreated or restored."""
    return (info.config.metadata or {}).get("epoch", "")
