"""The table of commendations."""

from sqlalchemy import Column, Date, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from libs.common.aggregates import aggregate_columns

commendations = Table(
    "commendations",
    MetaData(),
    *aggregate_columns(),
    Column("honour", Text, nullable=False),
    Column("level_ordinal", Integer, nullable=False),
    Column("authority_id", UUID(as_uuid=True), nullable=False),
    Column("decision_number", Text, nullable=False),
    Column("honoured_kind", Text, nullable=False),
    Column("honoured_id", Text, nullable=False),
    Column("honoured_name", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("evidence", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("awarded_on", Date, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("policy_version", Text, nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Column("revoked_by_document", Text, nullable=False),
    Column("revoked_reason", Text, nullable=False),
)
