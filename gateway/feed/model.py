"""The log of the feed, where it stands, and the tickets of browsers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PGUUID

from libs.common.ddl.policies import reference_policy, scope_condition, system_policy

feed_events = Table(
    "feed_events",
    MetaData(),
    Column("position", BigInteger, primary_key=True),
    # Under this name the scope filter of every store finds the aggregate whose participants may see the row.
    Column("aggregate_id", PGUUID(as_uuid=True), key="id", nullable=False),
    Column("type", Text(collation="C"), nullable=False),
    Column("area_code", Text(collation="C"), nullable=False),
    Column("sectors", ARRAY(Text), nullable=False),
    Column("exercise", Boolean, nullable=False),
    Column("of_reference", Boolean, nullable=False),
    Column("event", Text, nullable=False),
)


def feed_ddl(schema: str) -> list[str]:
    """The log, the one row that says where it stands, and tickets by the hash of their secret.

    `event` is the whole CloudEvent as it is handed out. The table is not partitioned: roles that serve own nothing
    and can drop nothing, and a log whose oldest rows go is one whose pages are used again.
    """
    seen = scope_condition(schema, "feed_events", id="aggregate_id")
    said = "coalesce(current_setting('shoutu.subject', true), '') <> ''"
    system = "(SELECT coalesce(current_setting('shoutu.system', true), '') <> '')"
    return [
        f"""CREATE TABLE {schema}.feed_events (position bigint PRIMARY KEY, aggregate_id uuid NOT NULL,
          type text COLLATE "C" NOT NULL, area_code text COLLATE "C" NOT NULL, sectors text[] NOT NULL,
          exercise boolean NOT NULL, of_reference boolean NOT NULL, event text NOT NULL)
          WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02)""",
        f"ALTER TABLE {schema}.feed_events ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {schema}.feed_events FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY seen ON {schema}.feed_events FOR SELECT USING"
        f" ({seen} OR feed_events.of_reference AND (SELECT {said}))",
        f"CREATE POLICY added ON {schema}.feed_events FOR INSERT WITH CHECK ({system})",
        f"CREATE POLICY ended ON {schema}.feed_events FOR DELETE USING ({system})",
        f"GRANT SELECT, INSERT, DELETE ON {schema}.feed_events TO {schema}_app",
        f"""CREATE TABLE {schema}.feed_state (one boolean PRIMARY KEY DEFAULT true CHECK (one),
          begun bigint NOT NULL, head bigint NOT NULL, kept_from bigint NOT NULL)""",
        f"INSERT INTO {schema}.feed_state (begun, head, kept_from) SELECT now_is, now_is, now_is + 1"
        " FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now_is) AS clock",
        *reference_policy(schema, "feed_state", grants="SELECT, UPDATE"),
        f"""CREATE TABLE {schema}.feed_tickets (id uuid PRIMARY KEY, hash bytea NOT NULL UNIQUE,
          subject text NOT NULL, client_id text NOT NULL, token_expires_at timestamptz NOT NULL,
          expires_at timestamptz NOT NULL, used_at timestamptz)""",
        f"CREATE INDEX ON {schema}.feed_tickets (expires_at)",
        *system_policy(schema, "feed_tickets"),
    ]
