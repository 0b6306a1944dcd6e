"""The table of corrections."""

from sqlalchemy import Column, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import UUID as PGUUID

from libs.common.aggregates import AGGREGATE_DDL, OF_NO_SECTOR, aggregate_columns, aggregate_indexes
from libs.common.ddl.policies import OF_NO_SECTOR as SEEN_BY_EVERY_SECTOR
from libs.common.ddl.policies import scope_policy

corrections = Table(
    "corrections",
    MetaData(),
    *aggregate_columns(),
    Column("timeline_id", PGUUID(as_uuid=True), nullable=False),
    Column("service", Text, nullable=False),
    Column("wrong", Text, nullable=False),
    Column("right", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("by_subject", Text, nullable=False),
    Column("by_post", PGUUID(as_uuid=True)),
    Column("corrected_at", DateTime(timezone=True), nullable=False),
    info=OF_NO_SECTOR,
)


def corrections_ddl(schema: str) -> list[str]:
    """The table; a correction is seen where the row that it corrects is, and nobody changes one."""
    return [
        f"""CREATE TABLE {schema}.corrections ({AGGREGATE_DDL}, timeline_id uuid NOT NULL, service text NOT NULL,
          wrong text NOT NULL, "right" text NOT NULL, ground text NOT NULL, by_subject text NOT NULL, by_post uuid,
          corrected_at timestamptz NOT NULL)""",
        *aggregate_indexes(schema, "corrections"),
        f"CREATE INDEX ON {schema}.corrections (timeline_id, id)",
        *scope_policy(schema, "corrections", sectorless=SEEN_BY_EVERY_SECTOR, grants="SELECT, INSERT"),
    ]
