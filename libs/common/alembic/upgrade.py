"""Brings one schema to its newest migration, as its owner: `python -m libs.common.alembic.upgrade <schema>`.

The module needs nothing but `libs/` and the service's own folder, so a service's image migrates itself.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from libs.common.alembic.digests import MigrationsEdited, edited_since, note_ddl, noted_of
from libs.common.alembic.heads import config_of, current_of
from libs.common.clocks import system_now
from libs.common.ddl.plumbing import partition_ddl

_TURN = text("SELECT pg_advisory_lock(hashtextextended('migrate ' || :schema, 0))")


async def upgrade(owner_url: str, schema: str, *, versions: Path | None = None, to: str = "head") -> str | None:
    """Run the migrations that are missing, one runner at a time; returns the migration it ends at.

    A second runner waits for the first (at most ten minutes) and then finds nothing to do. A migration
    that waits for a table longer than the owner's lock_timeout fails rather than block those behind it.
    Raises MigrationsEdited, before anything is done, where the data was made by another text of them.
    In one process, migrate one schema after the other: alembic's `op` is a global.
    """
    return await _move(owner_url, schema, versions, lambda config: command.upgrade(config, to), forward=True)


async def downgrade(owner_url: str, schema: str, *, versions: Path | None = None, to: str) -> str | None:
    """Take migrations back, down to and without those after `to` (`base` for all); as `upgrade` otherwise."""
    return await _move(owner_url, schema, versions, lambda config: command.downgrade(config, to), forward=False)


async def _move(
    owner_url: str, schema: str, versions: Path | None, step: Callable[[Config], None], *, forward: bool
) -> str | None:
    engine = create_async_engine(owner_url.replace("postgresql://", "postgresql+asyncpg://"), poolclass=NullPool)
    config = config_of(schema, versions)
    try:
        async with engine.connect() as turn, engine.connect() as connection:
            await turn.execution_options(isolation_level="AUTOCOMMIT")
            await _wait_for_turn(turn, schema)
            changed = await edited_since(turn, schema, versions) if forward else ()
            if changed:
                raise MigrationsEdited(schema, changed)
            await connection.run_sync(_run, config, step)
            await _add_partitions(turn, schema)
            reached = await current_of(turn, schema)
            if reached is not None:
                await turn.execute(text(f"GRANT SELECT ON {schema}.alembic_version TO {schema}_app"))
                noted = await noted_of(turn, schema)
                await turn.exec_driver_sql(note_ddl(schema, noted, reached, versions))
            return reached
    finally:
        await engine.dispose()


async def _wait_for_turn(connection: AsyncConnection, schema: str) -> None:
    # The role's lock_timeout is for tables; waiting for a fellow runner may take as long as a migration.
    await connection.execute(text("SET lock_timeout = 0"))
    await connection.execute(_TURN, {"schema": schema})


async def _add_partitions(connection: AsyncConnection, schema: str) -> None:
    """Keep two years of partitions ahead of the outbox and the inbox."""
    if await connection.scalar(text("SELECT to_regclass(:table)"), {"table": f"{schema}.outbox"}) is not None:
        for statement in partition_ddl(schema, system_now()):
            await connection.execute(text(statement))


def _run(connection: Connection, config: Config, step: Callable[[Config], None]) -> None:
    config.attributes["connection"] = connection
    step(config)


if __name__ == "__main__":
    asyncio.run(upgrade(os.environ["SHOUTU_OWNER_DATABASE_URL"], sys.argv[1]))
