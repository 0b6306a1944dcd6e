"""The tables of sessions and of what apps got by them; hashes only, and for system scopes only."""

from sqlalchemy import Column, DateTime, ForeignKey, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PGUUID

from libs.common.ddl.policies import system_policy

_metadata = MetaData()

sessions = Table(
    "sessions",
    _metadata,
    Column("id", PGUUID(as_uuid=True), primary_key=True),
    Column("hash", LargeBinary, nullable=False),
    Column("person", PGUUID(as_uuid=True), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("factors", ARRAY(Text), nullable=False),
    Column("proved_at", DateTime(timezone=True), nullable=False),
    Column("begun_at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("confirmed", ARRAY(Text), nullable=False),
)

authorizations = Table(
    "authorizations",
    _metadata,
    Column("id", PGUUID(as_uuid=True), primary_key=True),
    Column("client", PGUUID(as_uuid=True), nullable=False),
    Column("client_id", Text, nullable=False),
    Column("person", PGUUID(as_uuid=True), nullable=False),
    Column("subject", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("session", PGUUID(as_uuid=True), ForeignKey("sessions.id"), nullable=False),
    Column("scope", Text, nullable=False),
    Column("nonce", Text),
    Column("factors", ARRAY(Text), nullable=False),
    Column("proved_at", DateTime(timezone=True), nullable=False),
    Column("given_at", DateTime(timezone=True), nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_why", Text),
)

authorization_codes = Table(
    "authorization_codes",
    _metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("authorization", PGUUID(as_uuid=True), ForeignKey("authorizations.id"), nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("challenge", Text, nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
)

refresh_tokens = Table(
    "refresh_tokens",
    _metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("authorization", PGUUID(as_uuid=True), ForeignKey("authorizations.id"), nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
    Column("token", PGUUID(as_uuid=True), nullable=False),
    Column("token_until", DateTime(timezone=True), nullable=False),
)


def sessions_ddl(schema: str) -> list[str]:
    """All tables. A row is deleted when nothing can come of it any more; the timeline keeps what was done."""
    hashed = "bytea PRIMARY KEY CHECK (length(hash) = 32)"
    return [
        f"""CREATE TABLE {schema}.sessions (id uuid PRIMARY KEY,
          hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
          person uuid NOT NULL REFERENCES {schema}.people (id), epoch integer NOT NULL, factors text[] NOT NULL,
          proved_at timestamptz NOT NULL, begun_at timestamptz NOT NULL, seen_at timestamptz NOT NULL,
          ended_at timestamptz)""",
        f"CREATE INDEX ON {schema}.sessions (begun_at)",
        *system_policy(schema, "sessions"),
        f"""CREATE TABLE {schema}.authorizations (id uuid PRIMARY KEY,
          client uuid NOT NULL REFERENCES {schema}.clients (id), client_id text NOT NULL,
          person uuid NOT NULL REFERENCES {schema}.people (id), subject text NOT NULL, epoch integer NOT NULL,
          session uuid NOT NULL REFERENCES {schema}.sessions (id), scope text NOT NULL, nonce text,
          factors text[] NOT NULL, proved_at timestamptz NOT NULL, given_at timestamptz NOT NULL,
          until timestamptz NOT NULL, ended_at timestamptz, ended_why text,
          CHECK ((ended_at IS NULL) = (ended_why IS NULL)))""",
        f"CREATE INDEX ON {schema}.authorizations (session)",
        f"CREATE INDEX ON {schema}.authorizations (until)",
        *system_policy(schema, "authorizations"),
        f"""CREATE TABLE {schema}.authorization_codes (hash {hashed},
          "authorization" uuid NOT NULL REFERENCES {schema}.authorizations (id) ON DELETE CASCADE,
          redirect_uri text NOT NULL, challenge text NOT NULL, until timestamptz NOT NULL, used_at timestamptz)""",
        f'CREATE INDEX ON {schema}.authorization_codes ("authorization")',
        *system_policy(schema, "authorization_codes"),
        f"""CREATE TABLE {schema}.refresh_tokens (hash {hashed},
          "authorization" uuid NOT NULL REFERENCES {schema}.authorizations (id) ON DELETE CASCADE,
          until timestamptz NOT NULL, used_at timestamptz, token uuid NOT NULL, token_until timestamptz NOT NULL)""",
        f'CREATE INDEX ON {schema}.refresh_tokens ("authorization", token_until)',
        *system_policy(schema, "refresh_tokens"),
    ]
