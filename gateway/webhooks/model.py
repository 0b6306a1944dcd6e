"""The tables of webhooks, their sealed secrets, the lanes of messages, and the messages with their tries."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PGUUID

from libs.common.aggregates import AGGREGATE_DDL, OF_AN_OWNER, aggregate_columns, aggregate_indexes
from libs.common.ddl.policies import child_policy, owned_policy, system_policy

_metadata = MetaData()
_Uuid = PGUUID(as_uuid=True)
_Time = DateTime(timezone=True)

webhooks = Table(
    "webhooks",
    _metadata,
    *aggregate_columns(),
    Column("owner", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("types", ARRAY(Text), nullable=False),
    Column("areas", ARRAY(Text), nullable=False),
    Column("wanted_sectors", ARRAY(Text), nullable=False),
    Column("with_exercises", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("disabled_because", Text),
    info=OF_AN_OWNER,
)

webhook_secrets = Table(
    "webhook_secrets",
    _metadata,
    Column("id", _Uuid, primary_key=True),
    Column("webhook", _Uuid, ForeignKey("webhooks.id"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", _Time, nullable=False),
    Column("expires_at", _Time),
)

webhook_lanes = Table(
    "webhook_lanes",
    _metadata,
    Column("webhook", _Uuid, ForeignKey("webhooks.id"), primary_key=True),
    Column("going", Boolean, nullable=False),
    Column("after", Text),
    Column("replay_after", Text),
    Column("replay_until", Text),
    Column("paused_until", _Time),
    Column("failing_since", _Time),
    Column("slow", Boolean, nullable=False),
    Column("looked_at", _Time, nullable=False),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    _metadata,
    Column("id", _Uuid, primary_key=True),
    Column("webhook", _Uuid, ForeignKey("webhooks.id"), nullable=False),
    Column("event_id", _Uuid, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("position", BigInteger),
    Column("body", Text),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", _Time, nullable=False),
    Column("claimed_until", _Time),
    Column("created_at", _Time, nullable=False),
    Column("done_at", _Time),
    Column("last_status", Integer),
    Column("last_error", Text),
)

webhook_attempts = Table(
    "webhook_attempts",
    _metadata,
    Column("delivery", _Uuid, ForeignKey("webhook_deliveries.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", _Time, nullable=False),
    Column("status", Integer),
    Column("error", Text),
    Column("seconds", Double, nullable=False),
)


def webhooks_ddl(schema: str) -> list[str]:
    """All five tables. Owners see theirs and the log of their messages; secrets and lanes are seen by the system."""
    return [
        f"""CREATE TABLE {schema}.webhooks ({AGGREGATE_DDL}, owner text NOT NULL, client_id text NOT NULL,
          url text NOT NULL, description text NOT NULL, format text NOT NULL, types text[] NOT NULL,
          areas text[] NOT NULL, wanted_sectors text[] NOT NULL, with_exercises boolean NOT NULL,
          state text NOT NULL CHECK (state IN ('active', 'disabled', 'ended')), disabled_because text,
          CHECK ((state = 'disabled') = (disabled_because IS NOT NULL)))""",
        *aggregate_indexes(schema, "webhooks"),
        f"CREATE INDEX ON {schema}.webhooks (owner, id)",
        *owned_policy(schema, "webhooks"),
        f"""CREATE TABLE {schema}.webhook_secrets (id uuid PRIMARY KEY,
          webhook uuid NOT NULL REFERENCES {schema}.webhooks (id), sealed bytea NOT NULL,
          created_at timestamptz NOT NULL, expires_at timestamptz)""",
        f"CREATE INDEX ON {schema}.webhook_secrets (webhook)",
        *system_policy(schema, "webhook_secrets"),
        f"""CREATE TABLE {schema}.webhook_lanes (webhook uuid PRIMARY KEY REFERENCES {schema}.webhooks (id),
          going boolean NOT NULL, after text, replay_after text, replay_until text, paused_until timestamptz,
          failing_since timestamptz, slow boolean NOT NULL DEFAULT false, looked_at timestamptz NOT NULL)""",
        f"CREATE INDEX ON {schema}.webhook_lanes (looked_at) WHERE going",
        *system_policy(schema, "webhook_lanes"),
        *_deliveries(schema),
    ]


def _deliveries(schema: str) -> list[str]:
    return [
        f"""CREATE TABLE {schema}.webhook_deliveries (id uuid PRIMARY KEY,
          webhook uuid NOT NULL REFERENCES {schema}.webhooks (id), event_id uuid NOT NULL, event_type text NOT NULL,
          position bigint, body text,
          state text NOT NULL CHECK (state IN ('pending', 'delivered', 'failed', 'dropped')),
          attempts integer NOT NULL, next_at timestamptz NOT NULL, claimed_until timestamptz,
          created_at timestamptz NOT NULL, done_at timestamptz, last_status integer, last_error text,
          UNIQUE (webhook, event_id), CHECK ((position IS NULL) <> (body IS NULL)))""",
        f"CREATE INDEX ON {schema}.webhook_deliveries (webhook, next_at) WHERE state = 'pending'",
        f"CREATE INDEX ON {schema}.webhook_deliveries (webhook, id)",
        f"CREATE INDEX ON {schema}.webhook_deliveries (done_at) WHERE state <> 'pending'",
        *child_policy(
            schema, "webhook_deliveries", parent="webhooks", key="webhook", grants="SELECT, INSERT, UPDATE, DELETE"
        ),
        f"""CREATE POLICY ended ON {schema}.webhook_deliveries FOR DELETE
          USING (coalesce(current_setting('shoutu.system', true), '') <> '')""",
        f"""CREATE TABLE {schema}.webhook_attempts (
          delivery uuid NOT NULL REFERENCES {schema}.webhook_deliveries (id) ON DELETE CASCADE,
          number integer NOT NULL,
          at timestamptz NOT NULL, status integer, error text, seconds double precision NOT NULL,
          PRIMARY KEY (delivery, number))""",
        *child_policy(
            schema, "webhook_attempts", parent="webhook_deliveries", key="delivery", grants="SELECT, INSERT, DELETE"
        ),
    ]
