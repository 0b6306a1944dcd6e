"""The tables of enforcement facts and of the entries that were made of them."""

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from libs.common.aggregates import aggregate_columns

enforcement_facts = Table(
    "enforcement_facts",
    MetaData(),
    *aggregate_columns(),
    Column("authority_id", UUID(as_uuid=True), nullable=False),
    Column("authority_code", Text, nullable=False),
    Column("decision_number", Text, nullable=False),
    Column("number_key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("firm_id", Text),
    Column("firm_name", Text, nullable=False),
    Column("post_id", UUID(as_uuid=True)),
    Column("person_key", Text, nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("law", Text, nullable=False),
    Column("article", Text, nullable=False),
    Column("major_hazard", Boolean, nullable=False),
    Column("amount_fen", BigInteger),
    Column("category", Text, nullable=False),
    Column("object_id", UUID(as_uuid=True)),
    Column("effective_from", Date),
    Column("effective_to", Date),
    Column("words", Text, nullable=False),
    Column("void", Boolean, nullable=False),
)

fact_entries = Table(
    "enforcement_entries",
    MetaData(),
    Column("fact_id", UUID(as_uuid=True), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("act", Text, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("digest", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by_post", UUID(as_uuid=True)),
    Column("entered_at", DateTime(timezone=True), nullable=False),
)
