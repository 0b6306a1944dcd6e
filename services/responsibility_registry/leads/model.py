"""The table of leads."""

from sqlalchemy import Column, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from libs.common.aggregates import aggregate_columns

leads = Table(
    "leads",
    MetaData(),
    *aggregate_columns(),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("grounds", Text, nullable=False),
    Column("attachments", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("case_id", UUID(as_uuid=True)),
    Column("from_organization_id", UUID(as_uuid=True), nullable=False),
    Column("to_organization_id", UUID(as_uuid=True), nullable=False),
    Column("hops", JSONB, nullable=False),
    Column("sent_at", DateTime(timezone=True), nullable=False),
    Column("receipt_due_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("received_at", DateTime(timezone=True)),
    Column("received_by", UUID(as_uuid=True)),
    Column("document", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("outcome", Text),
    Column("outcome_words", Text, nullable=False),
    Column("outcome_attachments", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("concluded_at", DateTime(timezone=True)),
    Column("missed_told_at", DateTime(timezone=True)),
    Column("policy_version", Text, nullable=False),
)
