"""What a schema's migrations said when they ran, kept with the schema: one that was edited since is noticed.

A migration that was released is never edited. Until the first release some were: data that an older text made stands
at the newest revision and lacks what the text makes today, and every query for it would fail one by one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from io import StringIO
from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import text

from libs.common.alembic.heads import Asked, config_of, current_of

# The note is the comment on alembic's own table: it is copied, dumped and restored with it, and needs no grant.
_NOTED = text("SELECT obj_description(to_regclass(:table), 'pg_class')")


class MigrationsEdited(Exception):
    """The data of a schema was made by another text of its migrations than this code's."""

    def __init__(self, schema: str, revisions: tuple[str, ...]) -> None:
        super().__init__(
            f"{schema}: migration {', '.join(revisions)} was edited since this data was made, so the data lacks what"
            " the code expects. It is of a commit before the first release. Go on with the commit that made it, or"
            " begin anew, without its data: `make clean` (with containers `docker compose down --volumes`)."
        )
        self.schema, self.revisions = schema, revisions


class _Recorder:
    """Stands for the connection where a migration speaks to it directly."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def exec_driver_sql(self, statement: str) -> None:
        """Remember a statement and do nothing."""
        self.said.append(statement)


@cache
def digests_of(schema: str, versions: Path | None = None) -> Mapping[str, str]:
    """The digest of the SQL of each migration in the code, the oldest first. Layout and comments do not count."""
    return {one.revision: _digest(one) for one in _scripts(schema, versions)}


def edited(schema: str, noted: str | None, reached: str | None, versions: Path | None = None) -> tuple[str, ...]:
    """The migrations that ran with another text than the code's; all of them where nothing was noted.

    Those that this code does not know were made by a newer release, beside which this one still runs.
    """
    before, now = _parsed(noted), digests_of(schema, versions)
    return tuple(one for one in _applied(now, reached) if before.get(one) != now[one])


async def noted_of(connection: Asked, schema: str) -> str | None:
    """What was noted when the migrations ran. The app role may ask."""
    found: str | None = await connection.scalar(_NOTED, {"table": f"{schema}.alembic_version"})
    return found


async def edited_since(connection: Asked, schema: str, versions: Path | None = None) -> tuple[str, ...]:
    """The migrations of this database that were edited since they ran; empty where all is well."""
    reached = await current_of(connection, schema)
    return edited(schema, await noted_of(connection, schema), reached, versions)


def note_ddl(schema: str, noted: str | None, reached: str | None, versions: Path | None = None) -> str:
    """The statement that notes what ran, for the owner; what a newer release noted stays."""
    now = digests_of(schema, versions)
    others = {one: digest for one, digest in _parsed(noted).items() if one not in now}
    said = json.dumps(others | {one: now[one] for one in _applied(now, reached)}, sort_keys=True)
    return f"COMMENT ON TABLE {schema}.alembic_version IS '{said}'"


def _scripts(schema: str, versions: Path | None) -> Iterator[Script]:
    newest_first = ScriptDirectory.from_config(config_of(schema, versions)).walk_revisions()
    return reversed(list(newest_first))


def _digest(script: Script) -> str:
    said, recorder = StringIO(), _Recorder()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": said})
    context.impl.connection = recorder  # type: ignore[assignment]  # it does what a migration asks of one
    with Operations.context(context):
        script.module.upgrade()
    words = " ".join([said.getvalue(), *recorder.said]).replace(";", " ").split()
    return sha256(" ".join(words).encode()).hexdigest()[:16]


def _applied(known: Mapping[str, str], reached: str | None) -> list[str]:
    """Those that ran: all up to the one that the database is at, or all where it is at a newer release's."""
    if reached is None:
        return []
    revisions = list(known)
    return revisions[: revisions.index(reached) + 1] if reached in known else revisions


def _parsed(noted: str | None) -> dict[str, str]:
    return {} if noted is None else dict(json.loads(noted))
