"""The table of listings."""

from sqlalchemy import Column, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from libs.common.aggregates import aggregate_columns

listings = Table(
    "listings",
    MetaData(),
    *aggregate_columns(),
    Column("order_id", UUID(as_uuid=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("policy_version", Text, nullable=False),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    Column("proposed_by", UUID(as_uuid=True)),
    Column("limit_at", DateTime(timezone=True)),
    Column("assignee_post_id", UUID(as_uuid=True)),
    Column("unit", Text, nullable=False),
    Column("unit_kind", Text),
    Column("content", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("supervisor_post_id", UUID(as_uuid=True)),
    Column("listed_at", DateTime(timezone=True)),
    Column("listed_by", UUID(as_uuid=True)),
    Column("public_number", Text),
    Column("publications", JSONB, nullable=False),
    Column("plan", JSONB),
    Column("visits", JSONB, nullable=False),
    Column("inspections", JSONB, nullable=False),
    Column("consequences", JSONB, nullable=False),
    Column("promises", JSONB, nullable=False),
    Column("overdue_for", DateTime(timezone=True)),
    Column("delisted_at", DateTime(timezone=True)),
    Column("delisting", Text, nullable=False),
    Column("looked_back_at", DateTime(timezone=True)),
    Column("looked_back_by", UUID(as_uuid=True)),
    Column("looked_back", Text, nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("reason", Text, nullable=False),
    # For the sweep alone: when it looks at the listing next; None once nothing is to come.
    Column("look_at", DateTime(timezone=True)),
)
