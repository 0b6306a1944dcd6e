"""The tables of clients and of the hashes of their secrets."""

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, LargeBinary, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PGUUID

from libs.common.aggregates import AGGREGATE_DDL, aggregate_columns, aggregate_indexes
from libs.common.ddl.policies import platform_policy, system_policy
from libs.common.keeping import kept_by

_metadata = MetaData()

KEEPERS = ("system_administrator", "security_administrator", "audit_administrator")
"""Who sees the clients: whoever looks after the platform."""

clients = Table(
    "clients",
    _metadata,
    *aggregate_columns(),
    Column("client_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("agency_id", PGUUID(as_uuid=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_reason", Text),
    Column("public", Boolean, nullable=False),
    Column("redirect_uris", ARRAY(Text), nullable=False),
    info=kept_by(*KEEPERS),
)

client_secrets = Table(
    "client_secrets",
    _metadata,
    Column("id", PGUUID(as_uuid=True), primary_key=True),
    Column("client", PGUUID(as_uuid=True), ForeignKey("clients.id"), nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
)

client_keys = Table(
    "client_keys",
    _metadata,
    Column("id", PGUUID(as_uuid=True), primary_key=True),
    Column("client", PGUUID(as_uuid=True), ForeignKey("clients.id"), nullable=False),
    Column("kid", Text, nullable=False),
    Column("algorithm", Text, nullable=False),
    Column("members", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
)

used_assertions = Table(
    "used_assertions",
    _metadata,
    Column("client", PGUUID(as_uuid=True), primary_key=True),
    Column("jti", Text, primary_key=True),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)


def identity_ddl(schema: str) -> list[str]:
    """Both tables; the hashes are seen under a system scope only, whoever may see the client."""
    return [
        f"""CREATE TABLE {schema}.clients ({AGGREGATE_DDL}, client_id text NOT NULL UNIQUE,
          name text NOT NULL, subject text NOT NULL UNIQUE,
          ended_at timestamptz, ended_reason text,
          CHECK ((ended_at IS NULL) = (ended_reason IS NULL)),
          CHECK (subject NOT LIKE 'system:%'))""",
        *aggregate_indexes(schema, "clients"),
        *platform_policy(schema, "clients", keepers=KEEPERS),
        f"""CREATE TABLE {schema}.client_secrets (id uuid PRIMARY KEY,
          client uuid NOT NULL REFERENCES {schema}.clients (id), hash bytea NOT NULL CHECK (length(hash) = 32),
          created_at timestamptz NOT NULL, expires_at timestamptz)""",
        f"CREATE INDEX ON {schema}.client_secrets (client)",
        *system_policy(schema, "client_secrets", grants="SELECT, INSERT, UPDATE"),
    ]


def public_clients_ddl(schema: str) -> list[str]:
    """Clients that can keep no secret: they have no rights of their own."""
    return [f"ALTER TABLE {schema}.clients ADD COLUMN public boolean NOT NULL DEFAULT false"]


def redirects_ddl(schema: str) -> list[str]:
    """Where people who sign in by a client are led back to."""
    return [f"ALTER TABLE {schema}.clients ADD COLUMN redirect_uris text[] NOT NULL DEFAULT '{{}}'"]


def client_keys_ddl(schema: str) -> list[str]:
    """Public keys of clients and the assertions that were used; both are seen under a system scope only."""
    return [
        f"""CREATE TABLE {schema}.client_keys (id uuid PRIMARY KEY,
          client uuid NOT NULL REFERENCES {schema}.clients (id), kid text NOT NULL, algorithm text NOT NULL,
          members jsonb NOT NULL, created_at timestamptz NOT NULL, expires_at timestamptz, UNIQUE (client, kid),
          CHECK (algorithm IN ('ES256', 'EdDSA', 'RS256')), CHECK (NOT members ?| ARRAY['d', 'p', 'q', 'k']))""",
        *system_policy(schema, "client_keys", grants="SELECT, INSERT, UPDATE"),
        f"""CREATE TABLE {schema}.used_assertions (client uuid NOT NULL REFERENCES {schema}.clients (id),
          jti text NOT NULL, expires_at timestamptz NOT NULL, PRIMARY KEY (client, jti))""",
        f"CREATE INDEX ON {schema}.used_assertions (expires_at)",
        *system_policy(schema, "used_assertions", grants="SELECT, INSERT, DELETE"),
    ]
