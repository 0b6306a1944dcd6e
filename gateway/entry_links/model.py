"""The table of one-time links."""

from sqlalchemy import Column, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from libs.common.aggregates import AGGREGATE_DDL, aggregate_columns, aggregate_indexes
from libs.common.ddl.policies import scope_policy

entry_links = Table(
    "entry_links",
    MetaData(),
    *aggregate_columns(),
    Column("subject", Text, nullable=False),
    Column("order_id", UUID(as_uuid=True), nullable=False),
    Column("party_id", UUID(as_uuid=True), nullable=False),
    Column("code_hash", Text, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Column("revoked_reason", Text),
    Column("gone_at", DateTime(timezone=True)),
)


def entry_links_ddl(schema: str) -> list[str]:
    """The table: seen where the order is seen by area and sector; a code's hash is there once."""
    return [
        f"""CREATE TABLE {schema}.entry_links ({AGGREGATE_DDL}, subject text NOT NULL UNIQUE, order_id uuid NOT NULL,
          party_id uuid NOT NULL, code_hash text NOT NULL UNIQUE, issued_by text NOT NULL,
          expires_at timestamptz NOT NULL, used_at timestamptz, revoked_at timestamptz, revoked_reason text,
          gone_at timestamptz)""",
        *aggregate_indexes(schema, "entry_links"),
        f"CREATE INDEX ON {schema}.entry_links (order_id)",
        f"CREATE INDEX ON {schema}.entry_links (expires_at) WHERE gone_at IS NULL",
        *scope_policy(schema, "entry_links"),
    ]
