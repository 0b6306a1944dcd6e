"""The table of assessments: rows are only ever added."""

from sqlalchemy import Column, DateTime, Integer, MetaData, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from libs.common.aggregates import aggregate_columns

assessments = Table(
    "assessments",
    MetaData(),
    *aggregate_columns(),
    Column("object_id", UUID(as_uuid=True), nullable=False),
    Column("reason", Text, nullable=False),
    Column("caused_by", UUID(as_uuid=True)),
    Column("by_post", UUID(as_uuid=True)),
    Column("assessed_at", DateTime(timezone=True), nullable=False),
    Column("evidence", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("pack", Text, nullable=False),
    Column("pack_version", Text, nullable=False),
    Column("pack_digest", Text, nullable=False),
    Column("inputs", JSONB, nullable=False),
    Column("product", Numeric, nullable=False),
    Column("band", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("colour", Text, nullable=False),
    Column("scale", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("previous_id", UUID(as_uuid=True)),
    Column("course", Text, nullable=False),
)
