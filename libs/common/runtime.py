"""One running service: its pools, its bus, and the loops that relay, reconcile, hear, seal and watch.

Requests have a pool of their own, so that no rush at the doors starves what runs behind them; so has the relay, whose
lease must not run out because hearers hold every connection. The bus may be away at the start and later: requests go
on and the outbox fills.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from uuid import UUID, uuid5

import structlog
from pydantic import SecretStr

from libs.common import city_clock, outbox
from libs.common.access import ScopesOfCallers
from libs.common.alembic.digests import edited_since
from libs.common.alembic.heads import at_head
from libs.common.anchors import AnchorFile
from libs.common.bus import Bus, BusError
from libs.common.bus_names import ConsumerKind, consumer_name
from libs.common.clocks import allow_demonstration, offset_seconds
from libs.common.copies import WHOLE_CITY
from libs.common.daily_heads import DailyHead
from libs.common.db import Database, Tx
from libs.common.db_errors import DATABASE_ERRORS
from libs.common.ddl.http import PURGER
from libs.common.gate import INBOX_DAYS
from libs.common.hearing import Hearer
from libs.common.http_runtime import Checked, HttpRuntime
from libs.common.idempotency import forget_expired
from libs.common.keys import JwksKeys
from libs.common.loops import Loop, Loops, until_stopped
from libs.common.merkle import SealHead
from libs.common.reconciler import Reconciler
from libs.common.relay import Relay
from libs.common.revocations import FORGET_REVOKED
from libs.common.scope import Scope
from libs.common.sealer import Sealer
from libs.common.service import Service
from libs.common.settings import ServiceSettings
from libs.common.telemetry import Telemetry
from libs.common.tokens import TokenVerifier
from libs.common.watchdog import Runner, Watchdog
from libs.common.watches import WatchLoop, watch
from libs.contracts.plumbing import DAYS, SEALED

log = structlog.get_logger("runtime")

_HEAD_SECONDS = 60.0
_CHAINS = UUID("6b4b8f0e-6b0f-5b6c-9d53-0a7ad1b7a1c5")
_STOP_SECONDS, _DRAIN_SECONDS = 12.0, 7.0
_LAG_LIMIT_SECONDS = 30.0


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value is not None else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Chain:
    """A seal chain, seen as the thing that its heads are told of."""

    id: UUID
    version: int
    correlation_id: UUID = _CHAINS
    area_code: str = WHOLE_CITY
    sectors: tuple[str, ...] = ()
    exercise: bool = False


class Runtime:
    """Builds and runs everything of one service that is not its doors."""

    def __init__(self, service: Service, settings: ServiceSettings) -> None:
        self.service, self.settings = service, settings
        if settings.demonstration:
            allow_demonstration()
        url = _secret(settings.database_url)
        name, algorithm = service.name, settings.algorithm
        self.database = Database(url, service=name, pool_size=12, algorithm=algorithm)
        self.background = Database(url, service=name, pool_size=8, algorithm=algorithm)
        sealing = _secret(settings.sealer_database_url)
        self.sealer_database = Database(sealing, service=name, pool_size=2, algorithm=algorithm)
        self.bus = Bus(
            settings.nats_url,
            user=settings.nats_user or service.name,
            password=_secret(settings.nats_password),
            service=service.name,
        )
        self.relaying = Database(url, service=service.name, pool_size=3)
        self.relay = Relay(self.relaying, self.bus)
        self.database.wake_relay = self.background.wake_relay = self.relay.wake
        self.reconciler = Reconciler(self.relaying, self.bus, self.relay)
        self.hearers = self._hearers()
        self.sealer = self._sealer()
        self.watches = WatchLoop(
            self.background, (*service.watches, *service.plumbing_watches(), _FORGET_KEYS, FORGET_REVOKED)
        )
        self.watchdog = Watchdog(
            self.background, watches=self.watches.watches, runners=self._runners(), promises=service.promises
        )
        self.telemetry = Telemetry(service.name, sample=settings.trace_sample)
        self._head_told_at = float("-inf")
        self._loops, self._outlet = Loops(), Loops()

    def http(self) -> HttpRuntime:
        """What the doors need."""
        keys = JwksKeys(self.settings.jwks_url)
        return HttpRuntime(
            settings=self.settings,
            database=self.database,
            scope_of=ScopesOfCallers().find,
            tokens=TokenVerifier(issuer=self.settings.issuer, audience=self.settings.audience, keys=keys),
            telemetry=self.telemetry,
            checks=self.checks(),
            ranges_of=self.service.ranges_of,
        )

    async def start(self) -> None:
        """Start every loop; returns at once, also where the bus or the database is still away."""
        self._outlet.start("relay", self.relay.run)
        loops: dict[str, Loop] = {
            "bus": self._connect, "reconciler": self.reconciler.run, "sealer": self.sealer.run,
            "watches": self.watches.run, "watchdog": self.watchdog.run,
        }  # fmt: skip
        if self.settings.demonstration:
            loops["clock"] = lambda stopping: city_clock.follow(self.background, stopping, self.watches.wake)
        for name, loop in (loops | {hearer.spec.name: hearer.run for hearer in self.hearers}).items():
            self._loops.start(name, loop)

    async def stop(self) -> None:
        """Finish what is in flight: whatever tells something ends first, then the relay drains, then pools close."""
        await self._loops.stop(_STOP_SECONDS)
        await self._outlet.stop(_DRAIN_SECONDS)
        await self.bus.close()
        for database in (self.database, self.background, self.relaying, self.sealer_database):
            await database.close()
        self.telemetry.flush()

    def _sealer(self) -> Sealer:
        anchors = AnchorFile.of(self.settings.home, self.service.name)
        return Sealer(self.sealer_database, anchors, announce=self._tell_head, announce_day=self._tell_day)

    async def _tell_head(self, head: SealHead) -> None:
        """Tell the head of the seal chain on the bus too, once a minute at most: it outlives this machine there."""
        if monotonic() - self._head_told_at < _HEAD_SECONDS:
            return
        event = SEALED[self.service.name](
            batch=head.batch,
            rows=head.count,
            root=head.root.hex(),
            previous=head.previous.hex(),
            algorithm=head.algorithm,
        )
        async with self.background.unit_of_work(Scope.of_system("sealer")) as tx:
            await outbox.add(tx, event, _Chain(id=uuid5(_CHAINS, self.service.name), version=head.batch))
        self._head_told_at = monotonic()

    async def _tell_day(self, head: DailyHead) -> None:
        """Tell a day of the seal chain on the bus: whoever hears it can hold it against ours for ever."""
        event = DAYS[self.service.name](
            day=head.day,
            first_batch=head.first_batch,
            last_batch=head.last_batch,
            root=head.root.hex(),
            previous=head.previous.hex(),
            chained=head.chained.hex(),
            algorithm=head.algorithm,
        )
        chain = _Chain(id=uuid5(_CHAINS, f"{self.service.name} days"), version=head.version)
        async with self.background.unit_of_work(Scope.of_system("sealer")) as tx:
            await outbox.add(tx, event, chain)

    async def _connect(self, stopping: asyncio.Event) -> None:
        await until_stopped(self.bus.connect(), stopping)

    def _runners(self) -> dict[str, Runner]:
        loops: dict[str, Runner] = {
            "relay": self.relay, "reconciler": self.reconciler, "sealer": self.sealer, "watches": self.watches,
        }  # fmt: skip
        return loops | {hearer.spec.name: hearer for hearer in self.hearers}

    def _hearers(self) -> list[Hearer]:
        specs = {spec.name: spec for spec in self.service.consumers()}
        return [
            Hearer(self.background, self.bus, specs[consumer_name(self.service.name, kind, producer)], listeners)
            for kind in ConsumerKind
            for producer, listeners in self.service.by_producer(kind).items()
        ]

    def checks(self) -> dict[str, Callable[[], Awaitable[Checked]]]:
        """What readiness asks."""
        return {
            "database": self._database_is_well,
            "bus": self._bus_is_well,
            "relay": self._relay_is_well,
            "clock": _clock,
            "watchdog": self.watchdog.check,
        }

    async def _database_is_well(self) -> Checked:
        try:
            async with self.background.unit_of_work(Scope.of_system("health")) as tx:
                head = await at_head(tx, self.service.name)
                edited = await edited_since(tx, self.service.name)
        except DATABASE_ERRORS as error:
            return Checked(ok=False, facts={"error": type(error).__name__})
        return Checked(ok=head and not edited, facts={"migrations_at_head": head, "migrations_edited": list(edited)})

    async def _bus_is_well(self) -> Checked:
        # A server that answers /healthz may still have no leader for the stream: ask the stream itself.
        try:
            info = await asyncio.wait_for(self.bus.stream_info(), 2)
        except BusError as error:
            return Checked(ok=False, facts={"error": type(error).__name__})
        led = info.cluster is None or info.cluster.leader is not None
        age_days = (info.config.max_age or 0) / 86_400
        facts = {"stream": info.config.name, "messages": info.state.messages, "led": led, "age_days": age_days}
        # Whatever a stream still holds the inbox must still know: else what was handled would be buried as too old.
        return Checked(ok=led and 0 < age_days < INBOX_DAYS, facts=facts)

    async def _relay_is_well(self) -> Checked:
        waiting, seconds = await self.relay.lag()
        facts = {"waiting": waiting, "oldest_seconds": round(seconds, 1)}
        return Checked(ok=seconds < _LAG_LIMIT_SECONDS, facts=facts)


async def _forget_keys(now: datetime, tx: Tx) -> int:
    del now
    async with tx.system(PURGER):
        return await forget_expired(tx)


_FORGET_KEYS = watch("forget_idempotency_keys", _forget_keys, every_seconds=300)


async def _clock() -> Checked:
    return Checked(ok=True, facts={"offset_seconds": offset_seconds()})
