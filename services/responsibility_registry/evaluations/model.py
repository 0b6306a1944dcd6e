"""The tables of evaluations: packs, evaluations, publications, appeals, facts, and how far the timeline was read."""

from sqlalchemy import Boolean, Column, Date, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from libs.common.aggregates import OF_NO_SECTOR, aggregate_columns

packs = Table(
    "evaluation_packs",
    MetaData(),
    *aggregate_columns(),
    Column("code", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("indicators", JSONB, nullable=False),
    Column("vetoes", JSONB, nullable=False),
    Column("ties", Text, nullable=False),
    Column("missing", Text, nullable=False),
    Column("minimum_sample", Integer, nullable=False),
    Column("appeal_days", Integer, nullable=False),
    Column("source", Text, nullable=False),
)

evaluations = Table(
    "evaluations",
    MetaData(),
    *aggregate_columns(),
    Column("name", Text, nullable=False),
    Column("pack_code", Text, nullable=False),
    Column("body_kind", Text, nullable=False),
    Column("among", Text, nullable=False),
    Column("bodies", JSONB, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("hands", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("hand_subjects", ARRAY(Text), nullable=False),
    Column("pack", JSONB),
    Column("as_of", DateTime(timezone=True)),
    Column("submission", Integer, nullable=False),
    Column("submitted_at", DateTime(timezone=True)),
    Column("returned_reason", Text, nullable=False),
    Column("published_at", DateTime(timezone=True)),
    Column("published_by", UUID(as_uuid=True)),
    Column("publication", Integer, nullable=False),
    Column("excluded", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("withdrawn_reason", Text, nullable=False),
    info=OF_NO_SECTOR,
)

publications = Table(
    "evaluation_publications",
    MetaData(),
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("evaluation_id", UUID(as_uuid=True), nullable=False),
    Column("number", Integer, nullable=False),
    Column("area_code", Text(collation="C"), nullable=False),
    Column("area_to", Text(collation="C"), nullable=False),
    Column("correlation_id", UUID(as_uuid=True), nullable=False),
    Column("name", Text, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("as_of", DateTime(timezone=True), nullable=False),
    Column("pack", JSONB, nullable=False),
    Column("results", JSONB, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("published_by", UUID(as_uuid=True), nullable=False),
    Column("appeal_until", DateTime(timezone=True), nullable=False),
    Column("excluded", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("appeal_id", UUID(as_uuid=True)),
    Column("why", Text, nullable=False),
)

appeals = Table(
    "evaluation_appeals",
    MetaData(),
    *aggregate_columns(),
    Column("evaluation_id", UUID(as_uuid=True), nullable=False),
    Column("publication_id", UUID(as_uuid=True), nullable=False),
    Column("number", Integer, nullable=False),
    Column("body_key", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("evidence", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("state", Text, nullable=False),
    Column("lodged_at", DateTime(timezone=True), nullable=False),
    Column("lodged_by", UUID(as_uuid=True), nullable=False),
    Column("lodged_subject", Text, nullable=False),
    Column("excluded", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("decision", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", UUID(as_uuid=True)),
    info=OF_NO_SECTOR,
)


def _fact_columns() -> list[Column]:  # type: ignore[type-arg]
    return [
        Column("kind", Text, primary_key=True),
        Column("id", UUID(as_uuid=True), primary_key=True),
        Column("version", Integer, nullable=False),
        Column("area_code", Text(collation="C"), nullable=False),
        Column("sectors", ARRAY(Text), nullable=False),
        Column("post_id", UUID(as_uuid=True)),
        Column("tag", Text, nullable=False),
        Column("ordinal", Integer),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("due_at", DateTime(timezone=True)),
        Column("done_at", DateTime(timezone=True)),
        Column("first_done_at", DateTime(timezone=True)),
        Column("reopened_at", DateTime(timezone=True)),
        Column("void", Boolean, nullable=False),
        Column("event_id", UUID(as_uuid=True), nullable=False),
    ]


cursors = Table(
    "evaluation_cursors",
    MetaData(),
    Column("name", Text, primary_key=True),
    Column("cluster_epoch", Integer, nullable=False),
    Column("changed_in", Text, nullable=False),
    Column("id", UUID(as_uuid=True), nullable=False),
)

facts = Table("evaluation_facts", MetaData(), *_fact_columns())

frozen_facts = Table(
    "evaluation_frozen_facts",
    MetaData(),
    Column("evaluation_id", UUID(as_uuid=True), primary_key=True),
    Column("submission", Integer, primary_key=True),
    *_fact_columns(),
)
