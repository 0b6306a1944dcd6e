"""Work on the data of a running platform: migrating, comparing copies, replaying dead letters."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from infra.database import DATABASE, Roles, at, password_name
from infra.database import bootstrap as bootstrap_database
from infra.embedded.postgres import Postgres
from infra.migrate import migrate as migrate_schemas
from infra.secrets import Secrets
from infra.settings import APPS, PlatformSettings, app_module
from libs.common.announcing import tell_digest
from libs.common.bus_names import ConsumerKind, consumer_name
from libs.common.db import Database
from libs.common.dead_letters import DeadLetter, list_dead
from libs.common.dead_letters import replay as replay_letter
from libs.common.gate import Handlers
from libs.common.hearing import handlers_of
from libs.common.scope import Scope
from libs.common.service import Service


class UpkeepFailed(Exception):
    """The platform's database is not there to be worked on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one dead letter."""

    service: str
    event_id: UUID
    event_type: str
    said: str
    failed: bool


async def migrate(settings: PlatformSettings) -> dict[str, str | None]:
    """Bring every schema to its newest migration; returns where each is. Raises UpkeepFailed."""
    secrets = Secrets(settings.home)
    url = Postgres.of(settings, secrets).url
    await _require_database(url, settings)

    def password_of(role: str) -> str:
        return secrets.of(password_name(role))

    await bootstrap_database(url, password_of)
    return await migrate_schemas(at(url, database=DATABASE), password_of)


async def compare_copies(settings: PlatformSettings) -> list[str]:
    """Tell every copy now what a true one looks like; one that differs asks to be rebuilt. Returns the nouns.

    The services do the same by themselves at every start and once a day. Raises UpkeepFailed.
    """
    told: list[str] = []
    for app in APPS:
        announced = service_of(app).announces
        async with database_of(settings, app, Roles(app).app) as database:
            for noun in announced:
                async with database.unit_of_work(Scope.of_system("upkeep")) as tx:
                    await tell_digest(tx, noun)
                told.append(f"{app}.{noun.noun}")
    return told


async def replay(settings: PlatformSettings, only: str | None, *, do_it: bool) -> list[Outcome]:
    """List the dead letters of one service or all, or replay them. Raises UpkeepFailed."""
    if only is not None and only not in APPS:
        raise UpkeepFailed(f"there is no service {only}; there are {', '.join(APPS)}")
    outcomes: list[Outcome] = []
    for app in APPS if only is None else (only,):
        async with database_of(settings, app, Roles(app).app) as database:
            letters = await list_dead(database)
            handlers = service_handlers(app) if do_it and letters else {}
            outcomes += [await _outcome(database, app, letter, handlers, do_it) for letter in letters]
    return outcomes


def service_handlers(app: str) -> dict[str, Handlers]:
    """The handlers behind each consumer of an app."""
    service = service_of(app)
    return {
        consumer_name(app, kind, producer): handlers_of(listeners)
        for kind in ConsumerKind
        for producer, listeners in service.by_producer(kind).items()
    }


def service_of(app: str) -> Service:
    """The table of contents of an app."""
    found: Service = importlib.import_module(app_module(app)).SERVICE
    return found


async def _outcome(
    database: Database, app: str, letter: DeadLetter, handlers: Mapping[str, Handlers], do_it: bool
) -> Outcome:
    said, failed = f"waits since {letter.died_at:%Y-%m-%d %H:%M:%S}Z; {letter.error}", False
    if do_it:
        # A handler may fail in any way; its letter stays dead and the other letters have their turn.
        [result] = await asyncio.gather(replay_letter(database, letter, handlers), return_exceptions=True)
        failed = isinstance(result, BaseException)
        if isinstance(result, BaseException):
            said = f"fails again and stays dead: {type(result).__name__}: {result}"
        else:
            said = f"replayed: {result.value}" if result else "somebody else replayed it"
    return Outcome(service=app, event_id=letter.event_id, event_type=letter.event_type, said=said, failed=failed)


@asynccontextmanager
async def database_of(settings: PlatformSettings, app: str, role: str) -> AsyncIterator[Database]:
    """An app's database as one of its roles, while the block runs. Raises UpkeepFailed."""
    secrets = Secrets(settings.home)
    url = Postgres.of(settings, secrets).url_of(DATABASE, user=role, password=secrets.of(password_name(role)))
    await _require_database(url, settings)
    database = Database(url, service=app, pool_size=2)
    try:
        yield database
    finally:
        await database.close()


async def _require_database(url: str, settings: PlatformSettings) -> None:
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        raise UpkeepFailed(
            f"PostgreSQL does not answer on port {settings.postgres_port} ({error}); start the platform first"
        ) from error
    await connection.close()
