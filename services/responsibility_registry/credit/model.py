"""The tables of credit: firms' files, facts, what is heard and waits for its firm, kept standings, packs."""

from sqlalchemy import Boolean, Column, Date, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from libs.common.aggregates import aggregate_columns

firms = Table(
    "credit_firms",
    MetaData(),
    *aggregate_columns(),
    Column("credit_code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("party_ids", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("grade", Text, nullable=False),
    Column("score", Integer, nullable=False),
    Column("listed", Boolean, nullable=False),
    Column("grounds", ARRAY(Text), nullable=False),
    Column("graded_at", DateTime(timezone=True), nullable=False),
    Column("pack_number", Integer, nullable=False),
    Column("period_until", Date, nullable=False),
    # For the sweep alone: when it is graded next, because a fact came in or time changes what counts.
    Column("regrade_at", DateTime(timezone=True)),
)

credit_facts = Table(
    "credit_facts",
    MetaData(),
    *aggregate_columns(),
    Column("firm_id", UUID(as_uuid=True), nullable=False),
    Column("kind", Text, nullable=False),
    Column("tag", Text, nullable=False),
    Column("ordinal", Integer),
    Column("source_id", UUID(as_uuid=True), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True)),
    Column("authority", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("evidence", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("entered_by", UUID(as_uuid=True)),
    Column("counted_at", DateTime(timezone=True), nullable=False),
    Column("voided_at", DateTime(timezone=True)),
    Column("void_reason", Text, nullable=False),
)

notes = Table(
    "credit_notes",
    MetaData(),
    Column("kind", Text, primary_key=True),
    Column("source_id", UUID(as_uuid=True), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("void", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("told", JSONB),
    Column("party_id", UUID(as_uuid=True)),
    Column("pending", Boolean, nullable=False),
    Column("try_at", DateTime(timezone=True), nullable=False),
)

standings = Table(
    "credit_standings",
    MetaData(),
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("firm_id", UUID(as_uuid=True), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("period", Text, nullable=False),
    Column("kept_at", DateTime(timezone=True), nullable=False),
    Column("standing", JSONB, nullable=False),
    Column("facts", JSONB, nullable=False),
)

packs = Table(
    "credit_packs",
    MetaData(),
    *aggregate_columns(),
    Column("number", Integer, nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("base", Integer, nullable=False),
    Column("bands", JSONB, nullable=False),
    Column("rules", JSONB, nullable=False),
    Column("caps", JSONB, nullable=False),
    Column("period", Text, nullable=False),
    Column("public_grades", ARRAY(Text), nullable=False),
    Column("consequences", JSONB, nullable=False),
    Column("listing", JSONB, nullable=False),
    Column("source", Text, nullable=False),
)
