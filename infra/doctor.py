"""What is not healthy on this machine, why, and what to do about it."""

import asyncio
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import asyncpg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from sqlalchemy.exc import DBAPIError

from infra import bus
from infra.consumers import TablesUnreadable, ask_for_consumers
from infra.database import DATABASE, at
from infra.embedded.nats import Nats
from infra.embedded.nats_config import ADMIN
from infra.embedded.postgres import Postgres
from infra.evidence import look_at_seals
from infra.ports import holder, is_free
from infra.seal_keys import retired_seals
from infra.secrets import Secrets
from infra.settings import APPS, PORT_FIELDS, PlatformSettings, misspelt, variable
from infra.status import part_statuses, platform_owner
from infra.upkeep import UpkeepFailed
from libs.common.alembic.digests import MigrationsEdited, edited
from libs.common.alembic.heads import head_of
from libs.common.bus import stream_of
from libs.common.bus_names import ConsumerSpec
from libs.common.resealing import Kept

_LEAST_DISK_BYTES = 1_000_000_000
_LONG_TRANSACTION_SECONDS = 60
_BEHIND_EVENTS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at; `advice` is there exactly when it is not well."""

    what: str
    found: str
    advice: str | None = None


async def examine(settings: PlatformSettings) -> list[Finding]:
    """Look at everything, the ground first: what stands on something broken is not asked."""
    findings = [_disk(settings), _files(settings)]
    owner = platform_owner(settings)
    if owner is None:
        return [*findings, *_not_running(settings)]
    findings.append(Finding(what="platform", found=f"runs as process {owner.pid}"))
    findings += _parts(settings)
    findings += await _database(settings)
    findings += await _seals(settings)
    findings += await _streams(settings)
    return findings


def settings_that_are_none(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Variables that look like settings and would be ignored in silence."""
    for sentence in misspelt(environment):
        yield Finding(what="setting", found=sentence, advice="correct or unset it")


def _disk(settings: PlatformSettings) -> Finding:
    place = next(path for path in (settings.home, *settings.home.resolve().parents) if path.exists())
    free = shutil.disk_usage(place).free
    advice = None if free > _LEAST_DISK_BYTES else "make room: PostgreSQL and NATS stop when the disk is full"
    return Finding(what="disk", found=f"{free / 1e9:.1f} GB free for {settings.home}", advice=advice)


def _files(settings: PlatformSettings) -> Finding:
    """Where photos and papers lie in this home."""
    place = settings.home.resolve() / "files"
    if not place.exists():
        return Finding(what="files", found="none were received yet")
    well = os.access(place, os.W_OK | os.X_OK)
    advice = None if well else f"let the user that runs the platform write to {place}: no photo is taken meanwhile"
    return Finding(what="files", found=f"lie in {place}", advice=advice)


def _not_running(settings: PlatformSettings) -> Iterator[Finding]:
    yield Finding(what="platform", found="does not run", advice="start it with `make run` or `shoutu up`")
    for field in PORT_FIELDS:
        port = getattr(settings, field)
        if port and not is_free(port):
            yield Finding(
                what=f"port {port}",
                found=f"is taken by {holder(port)}",
                advice=f"stop that program, or choose another port with {variable(field)}=<port>",
            )


def _parts(settings: PlatformSettings) -> Iterator[Finding]:
    for part in part_statuses(settings):
        log = settings.home.resolve() / "logs" / f"{part.name}.log"
        yield Finding(
            what=part.name,
            found=part.problem or "ready",
            advice=None if part.problem is None else f"it is restarted by itself; if that does not help, read {log}",
        )


_LONGEST = (
    "SELECT coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0)::float8"
    " FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


async def _database(settings: PlatformSettings) -> list[Finding]:
    url = at(Postgres.of(settings, Secrets(settings.home)).url, database=DATABASE)
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        return [Finding(what="database", found=f"refuses us: {error}", advice="read the log of postgres")]
    try:
        findings = [_longest(await connection.fetchval(_LONGEST))]
        for schema in APPS:
            findings += await _schema(connection, schema)
    finally:
        await connection.close()
    return findings


def _longest(seconds: float) -> Finding:
    advice = "seals of every service wait for it: find it in pg_stat_activity and end it"
    return Finding(
        what="longest transaction",
        found=f"{seconds:.0f} s",
        advice=advice if seconds > _LONG_TRANSACTION_SECONDS else None,
    )


async def _seals(settings: PlatformSettings) -> list[Finding]:
    """Which seals still have to open something, and which nobody needs any more."""
    try:
        found = await look_at_seals(settings)
    except (UpkeepFailed, DBAPIError, OSError) as error:
        return [Finding(what="seals", found=f"cannot be looked at: {error}", advice="read the log of postgres")]
    here = retired_seals(settings, Secrets(settings.home))
    findings = [_sealed(settings, one, one.key_id in here) for one in found.kept]
    unneeded = "is retired and seals nothing any more: take it out of secrets.json when no backup needs it"
    return [*findings, *(Finding(what=f"seal {name}", found=unneeded) for name in found.unneeded)]


def _sealed(settings: PlatformSettings, one: Kept, retired: bool) -> Finding:
    what = f"{one.column.table}.{one.column.column} with seal {one.key_id}, {one.suite}"
    if (one.key_id, one.suite) == (settings.key_seal_id, settings.crypto_suite):
        return Finding(what=what, found=f"{one.rows} values")
    if retired or one.key_id == settings.key_seal_id:
        advice = "that seal is still needed: it is done within minutes, or at once with `shoutu reseal`"
        return Finding(what=what, found=f"{one.rows} values are to be sealed anew", advice=advice)
    advice = f"put the seal {one.key_id} back into secrets.json: nothing else opens them"
    return Finding(what=what, found=f"{one.rows} values do not open", advice=advice)


async def _schema(connection: asyncpg.Connection, schema: str) -> list[Finding]:
    table = f"{schema}.alembic_version"
    reached = None
    if await connection.fetchval("SELECT to_regclass($1)", table) is not None:
        reached = await connection.fetchval(f"SELECT version_num FROM {table}")
    wanted = head_of(schema)
    if reached != wanted:
        advice = f"the code wants {wanted}: run `shoutu migrate`, or start the release that fits the data"
        return [Finding(what=f"schema {schema}", found=f"is at migration {reached}", advice=advice)]
    if wanted is None:
        return []
    noted = await connection.fetchval("SELECT obj_description(to_regclass($1), 'pg_class')", table)
    if changed := edited(schema, noted, reached):
        return [
            Finding(
                what=f"schema {schema}", found="is of another commit", advice=str(MigrationsEdited(schema, changed))
            )
        ]
    return [await _dead_letters(connection, schema), await _parked(connection, schema)]


async def _dead_letters(connection: asyncpg.Connection, schema: str) -> Finding:
    dead = await connection.fetchval(f"SELECT count(*) FROM {schema}.dead_letters WHERE replayed_at IS NULL")
    advice = f"mend the handler, then `shoutu replay {schema} --yes`" if dead else None
    return Finding(what=f"dead letters of {schema}", found=str(dead), advice=advice)


async def _parked(connection: asyncpg.Connection, schema: str) -> Finding:
    parked = await connection.fetchval(
        f"SELECT count(*) FROM {schema}.parked_events WHERE parked_at < clock_timestamp() - interval '60 s'"
    )
    advice = "an earlier event of the same thing never came: look at its producer's outbox" if parked else None
    return Finding(what=f"events of {schema} that wait for an earlier one", found=str(parked), advice=advice)


async def _streams(settings: PlatformSettings) -> list[Finding]:
    nats = Nats.of(settings, Secrets(settings.home))
    try:
        wanted = await ask_for_consumers()
        client = await asyncio.wait_for(bus.connect(nats.url, nats.password(ADMIN)), 5)
    except TablesUnreadable as error:
        return [Finding(what="listen tables", found=str(error), advice="mend the service that fails")]
    except (NatsError, OSError, TimeoutError) as error:
        return [Finding(what="bus", found=f"refuses us: {error}", advice="read the log of nats")]
    try:
        js = client.jetstream(timeout=3)
        findings = [await _stream(js, stream_of(app)) for app in APPS]
        return findings + [await _consumer(js, spec) for spec in wanted]
    finally:
        await client.close()


async def _stream(js: JetStreamContext, name: str) -> Finding:
    try:
        info = await js.stream_info(name)
    except NotFoundError:
        return Finding(what=f"stream {name}", found="is missing", advice="it is declared again within seconds")
    except (NatsError, TimeoutError) as error:
        return Finding(what=f"stream {name}", found=f"does not answer: {error}", advice="wait for its leader")
    epoch = (info.config.metadata or {}).get("epoch", "none")
    return Finding(what=f"stream {name}", found=f"{info.state.messages} events, epoch {epoch}")


async def _consumer(js: JetStreamContext, spec: ConsumerSpec) -> Finding:
    try:
        info = await js.consumer_info(spec.stream, spec.name)
    except (NatsError, TimeoutError) as error:
        return Finding(what=f"consumer {spec.name}", found=str(error), advice="it is declared again within seconds")
    pending, open_acks = info.num_pending or 0, info.num_ack_pending or 0
    slow = f"its hearer is slower than its producer: read the log of {spec.name.partition('-')[0]}"
    return Finding(
        what=f"consumer {spec.name}",
        found=f"{pending} waiting, {open_acks} in work, {info.num_redelivered or 0} redelivered",
        advice=slow if pending > _BEHIND_EVENTS else None,
    )
