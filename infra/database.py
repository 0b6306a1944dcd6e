"""Schemas, roles and grants: what a database must have before the first migration runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from infra.settings import APPS

DATABASE = "shoutu"
EXTENSIONS_SCHEMA = "extensions"
_EXTENSIONS = ("btree_gist",)
_MAINTENANCE = ("postgres", "template1")

_TIMEOUTS = {
    # A migration may rewrite a table, yet must never queue for long behind a reader.
    "owner": {"lock_timeout": "5s", "statement_timeout": "10min", "transaction_timeout": "15min"},
    "app": {
        "lock_timeout": "5s",
        "statement_timeout": "30s",
        "transaction_timeout": "2min",
        "idle_in_transaction_session_timeout": "30s",
    },
    "sealer": {
        "lock_timeout": "5s",
        "statement_timeout": "30s",
        "transaction_timeout": "1min",
        "idle_in_transaction_session_timeout": "30s",
    },
}
"""[DEF] By kind of role. Seals wait for the oldest open transaction of the whole cluster."""


@dataclass(frozen=True, slots=True)
class Roles:
    """The three roles of one schema; only `owner` owns anything."""

    schema: str

    @property
    def owner(self) -> str:
        """Runs migrations and owns the schema."""
        return f"{self.schema}_owner"

    @property
    def app(self) -> str:
        """Serves requests; owns nothing and stands under row-level security."""
        return f"{self.schema}_app"

    @property
    def sealer(self) -> str:
        """Writes seals and nothing else."""
        return f"{self.schema}_sealer"

    def all(self) -> tuple[str, str, str]:
        """Every role of this schema."""
        return self.owner, self.app, self.sealer


def password_name(role: str) -> str:
    """The name under which a database role's password is kept."""
    return f"database/{role}"


def at(url: str, *, database: str | None = None, user: str | None = None, password: str | None = None) -> str:
    """The same server's address for another database or role. Passwords are URL-safe by construction."""
    parts = urlsplit(url)
    place = f"{parts.hostname}:{parts.port}"
    who = f"{user}:{password}" if user is not None else parts.netloc.rpartition("@")[0]
    path = parts.path if database is None else f"/{database}"
    return urlunsplit((parts.scheme, f"{who}@{place}", path, parts.query, parts.fragment))


async def bootstrap(
    superuser_url: str,
    password_of: Callable[[str], str],
    *,
    database: str = DATABASE,
    schemas: Sequence[str] = APPS,
) -> None:
    """Make roles, database, schemas and grants; safe to run on every start.

    `password_of` gives the password of a role. Nothing that a migration made is touched.
    """
    await prepare_roles(superuser_url, password_of, schemas)
    connection = await asyncpg.connect(superuser_url)
    try:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", database):
            await connection.execute(f'CREATE DATABASE "{database}"')
        await grant_database(connection, database, schemas)
    finally:
        await connection.close()
    await prepare_schemas(at(superuser_url, database=database), schemas)


async def prepare_roles(superuser_url: str, password_of: Callable[[str], str], schemas: Sequence[str] = APPS) -> None:
    """Make the cluster's roles, with their passwords, timeouts and search paths."""
    connection = await asyncpg.connect(superuser_url)
    try:
        # A failing statement is logged as it was sent, and these carry passwords.
        await connection.execute("SET log_min_error_statement = panic")
        known = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        async with connection.transaction():
            for schema in schemas:
                for role in Roles(schema).all():
                    verb = "ALTER" if role in known else "CREATE"
                    await connection.execute(_role(verb, role, schema, password_of(role)))
        for name in _MAINTENANCE:
            await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    finally:
        await connection.close()


def _role(verb: str, role: str, schema: str, password: str) -> str:
    kind = role.removeprefix(f"{schema}_")
    timeouts = {"idle_in_transaction_session_timeout": "60s", **_TIMEOUTS[kind]}
    options = [f"ALTER ROLE {role} SET search_path = {schema}, {EXTENSIONS_SCHEMA}"]
    options += [f"ALTER ROLE {role} SET {name} = '{value}'" for name, value in timeouts.items()]
    attributes = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT"
    return ";\n".join([f"{verb} ROLE {role} {attributes} PASSWORD '{password}'", *options])


async def grant_database(connection: asyncpg.Connection, database: str, schemas: Sequence[str] = APPS) -> None:
    """Let the roles, and nobody else, connect to a database. A copy of a template needs this anew."""
    roles = ", ".join(role for schema in schemas for role in Roles(schema).all())
    await connection.execute(f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC')
    await connection.execute(f'GRANT CONNECT ON DATABASE "{database}" TO {roles}')


async def prepare_schemas(url: str, schemas: Sequence[str] = APPS) -> None:
    """Make the schemas inside one database: closed to everyone but their own roles."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
            await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {EXTENSIONS_SCHEMA}")
            for extension in _EXTENSIONS:
                await connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension} SCHEMA {EXTENSIONS_SCHEMA}")
            for schema in schemas:
                await connection.execute(_schema(Roles(schema)))
    finally:
        await connection.close()


def _schema(roles: Roles) -> str:
    """Migrations grant each table themselves: a forgotten grant fails loudly, a forgotten revoke does not."""
    return ";\n".join(
        [
            f"CREATE SCHEMA IF NOT EXISTS {roles.schema} AUTHORIZATION {roles.owner}",
            f"REVOKE ALL ON SCHEMA {roles.schema} FROM PUBLIC",
            f"GRANT USAGE ON SCHEMA {roles.schema} TO {roles.app}, {roles.sealer}",
            f"GRANT USAGE ON SCHEMA {EXTENSIONS_SCHEMA} TO {', '.join(roles.all())}",
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {roles.owner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {roles.owner} REVOKE USAGE ON TYPES FROM PUBLIC",
        ]
    )
