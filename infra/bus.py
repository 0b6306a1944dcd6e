"""Streams and consumers: declared by infra alone, and declared again when they vanish."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import nats
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    ConsumerInfo,
    DeliverPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
    StreamInfo,
)
from nats.js.errors import NotFoundError

from infra.embedded.nats_config import ADMIN
from infra.settings import APPS
from libs.common.bus import BusError, stream_of
from libs.common.bus_names import ConsumerKind, ConsumerSpec
from libs.common.clocks import system_now

log = logging.getLogger("shoutu.bus")

STREAM_AGE_DAYS = 100
"""Below the inbox's 130 days, which are below the outbox's 400: a hearer knows every event it can be sent."""
DUPLICATE_WINDOW_SECONDS = 120
REDELIVERY_SECONDS = 4.0
"""[DEF] A hearer that was killed gives its events back after this; who is still at it says so meanwhile.

No backoff: the server adds it to the delay that a hearer asks for when it hands an event back, so that an outage of
a minute was followed by another minute of waiting (nats-server 2.15).
"""
_WATCH_SECONDS = 2.0
_EPOCH, _DECLARED = "epoch", "declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """Everything that must exist on the bus. `replicas` is 1 on one server and 3 in a cluster."""

    consumers: tuple[ConsumerSpec, ...] = ()
    producers: tuple[str, ...] = APPS
    replicas: int = 1

    def hearers_of(self, producer: str) -> tuple[ConsumerSpec, ...]:
        """The consumers of one producer's stream."""
        return tuple(spec for spec in self.consumers if spec.stream == stream_of(producer))


async def connect(url: str, password: str) -> Client:
    """A connection as the declaring user, which reconnects for ever."""

    # nats-py wants a coroutine function; without one it prints to stderr.
    async def note(error: Exception) -> None:
        log.info("bus: %s", error)

    return await nats.connect(
        url, user=ADMIN, password=password, name=ADMIN, max_reconnect_attempts=-1,
        reconnect_time_wait=0.25, connect_timeout=5, error_cb=note,
    )  # fmt: skip


async def declare(js: JetStreamContext, wanted: Declaration) -> list[str]:
    """Make the streams and consumers as wanted; returns what had to be done, as sentences."""
    done: list[str] = []
    for producer in wanted.producers:
        done += await _declare_stream(js, producer, wanted)
    return done


async def keep_declared(
    js: JetStreamContext,
    wanted: Declaration,
    *,
    tell: Callable[[str], None] = log.warning,
    well: Callable[[], object] = lambda: None,
) -> None:
    """Declare again within seconds whatever disappears; runs until cancelled. NATS may be away meanwhile.

    `well` is called after each round that left everything declared.
    """
    while True:
        try:
            for sentence in await declare(js, wanted):
                tell(sentence)
            well()
        except BusError as error:
            log.info("bus not reachable for declarations: %s", error)
        await asyncio.sleep(_WATCH_SECONDS)


async def raise_epoch(js: JetStreamContext, producer: str) -> str:
    """Say that a stream's past is no longer the one that was published (after a restore); the new epoch."""
    info = await js.stream_info(stream_of(producer))
    epoch = _new_epoch()
    await js.update_stream(_with_metadata(info.config, {_EPOCH: epoch}))
    return epoch


async def _declare_stream(js: JetStreamContext, producer: str, wanted: Declaration) -> list[str]:
    name, hearers = stream_of(producer), wanted.hearers_of(producer)
    config = _stream_config(producer, wanted.replicas)
    names = {spec.name for spec in hearers}
    done: list[str] = []
    try:
        info = await js.stream_info(name)
    except NotFoundError:
        # Its consumers count as declared at once: if we die before they exist, they still get everything.
        info = await js.add_stream(
            replace(config, metadata={_EPOCH: _new_epoch(), _DECLARED: json.dumps(sorted(names))})
        )
        done.append(f"stream {name} created, epoch {_metadata(info)[_EPOCH]}")
    if _differs(info.config, config, _STREAM_FIELDS):
        info = await js.update_stream(replace(config, metadata=info.config.metadata))
        done.append(f"stream {name} updated")
    declared = set(json.loads(_metadata(info).get(_DECLARED, "[]")))
    done += await _declare_consumers(js, hearers, declared, _metadata(info)[_EPOCH])
    if not names <= declared:
        known = json.dumps(sorted(names | declared))
        await js.update_stream(_with_metadata(info.config, {_DECLARED: known}))
    return done


async def _declare_consumers(
    js: JetStreamContext, hearers: Sequence[ConsumerSpec], declared: set[str], epoch: str
) -> list[str]:
    if not hearers:
        return []
    existing = {info.name: info for info in await js.consumers_info(hearers[0].stream)}
    done: list[str] = []
    for spec in hearers:
        found = existing.get(spec.name)
        if found is None:
            fresh_actor = spec.kind == ConsumerKind.ACTS and spec.name not in declared
            policy = DeliverPolicy.NEW if fresh_actor else DeliverPolicy.ALL
            await js.add_consumer(spec.stream, _consumer_config(spec, policy, epoch))
            done.append(f"consumer {spec.name} created, from {policy.value}")
        elif _is_outdated(found, spec, epoch):
            await js.add_consumer(spec.stream, _updated(found, spec, epoch))
            done.append(f"consumer {spec.name} updated")
    return done


_STREAM_FIELDS = (
    "subjects", "max_age", "duplicate_window", "num_replicas", "allow_direct", "allow_atomic",
)  # fmt: skip
_CONSUMER_FIELDS = ("filter_subjects", "max_deliver", "ack_wait", "backoff", "max_ack_pending")


def _stream_config(producer: str, replicas: int) -> StreamConfig:
    return StreamConfig(
        name=stream_of(producer),
        subjects=[f"{producer}.>"],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        max_age=STREAM_AGE_DAYS * 86_400,
        duplicate_window=DUPLICATE_WINDOW_SECONDS,
        num_replicas=replicas,
        allow_direct=True,
        allow_atomic=True,
    )


def _consumer_config(spec: ConsumerSpec, policy: DeliverPolicy | None, epoch: str) -> ConsumerConfig:
    return ConsumerConfig(
        durable_name=spec.name,
        filter_subjects=list(spec.filter_subjects),
        deliver_policy=policy,
        ack_policy=AckPolicy.EXPLICIT,
        # A message that is counted out is gone for ever, and the count runs out when PostgreSQL is away.
        max_deliver=-1,
        ack_wait=REDELIVERY_SECONDS,
        max_ack_pending=1000,
        metadata={_EPOCH: epoch},
    )


def _is_outdated(found: ConsumerInfo, spec: ConsumerSpec, epoch: str) -> bool:
    """A hearer reads the stream's epoch from its consumer: it may not look at another's stream."""
    told = (found.config.metadata or {}).get(_EPOCH)
    return told != epoch or _differs(found.config, _consumer_config(spec, None, epoch), _CONSUMER_FIELDS)


def _updated(found: ConsumerInfo, spec: ConsumerSpec, epoch: str) -> ConsumerConfig:
    """Where a consumer began cannot be changed, so it is repeated."""
    config = _consumer_config(spec, found.config.deliver_policy, epoch)
    return replace(config, opt_start_seq=found.config.opt_start_seq, opt_start_time=found.config.opt_start_time)


def _differs(found: object, wanted: object, fields: Sequence[str]) -> bool:
    return any(_value(found, field) != _value(wanted, field) for field in fields)


def _value(config: object, field: str) -> object:
    if field == "filter_subjects":
        # The server keeps a single filter in a field of its own.
        single = getattr(config, "filter_subject", None)
        return sorted(getattr(config, field) or ([single] if single else []))
    return getattr(config, field)


def _metadata(info: StreamInfo) -> Mapping[str, str]:
    return info.config.metadata or {}


def _with_metadata(config: StreamConfig, changed: Mapping[str, str]) -> StreamConfig:
    return replace(config, metadata={**(config.metadata or {}), **changed})


def _new_epoch() -> str:
    """Microseconds since 1970: of the same width for centuries, so that it rises as text and as a number."""
    return str(int(system_now().timestamp() * 1_000_000))
