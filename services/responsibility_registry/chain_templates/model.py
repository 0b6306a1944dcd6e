"""The tables of chains: editions of templates, none of which is ever changed, and who is in which link."""

from sqlalchemy import Boolean, Column, Date, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from libs.common.aggregates import aggregate_columns

_METADATA = MetaData()

chain_templates = Table(
    "chain_templates",
    _METADATA,
    *aggregate_columns(),
    Column("code", Text, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("category", Text),
    Column("hangs_on", Text, nullable=False),
    Column("of", Text, nullable=False),
    Column("links", JSONB, nullable=False),
    Column("counts", JSONB, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("repealed", Boolean, nullable=False),
    Column("source", Text, nullable=False),
)

chain_assignments = Table(
    "chain_assignments",
    _METADATA,
    *aggregate_columns(),
    Column("template", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("unit_id", UUID(as_uuid=True)),
    Column("post_id", UUID(as_uuid=True), nullable=False),
    Column("superior_post_id", UUID(as_uuid=True)),
    Column("households", Integer),
    Column("document", Text, nullable=False),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True)),
    Column("ended_reason", Text, nullable=False),
)
