"""The table of erasures."""

from sqlalchemy import Column, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import UUID as PGUUID

from libs.common.aggregates import AGGREGATE_DDL, OF_NO_SECTOR, aggregate_columns, aggregate_indexes
from libs.common.ddl.policies import OF_NO_SECTOR as SEEN_BY_EVERY_SECTOR
from libs.common.ddl.policies import scope_policy

erasures = Table(
    "erasures",
    MetaData(),
    *aggregate_columns(),
    Column("timeline_id", PGUUID(as_uuid=True), nullable=False),
    Column("service", Text, nullable=False),
    Column("article", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("decided_by", Text),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_reason", Text),
    info=OF_NO_SECTOR,
)


def erasures_ddl(schema: str) -> list[str]:
    """The table. One erasure of a row is open or ordered at a time; one that was refused may be asked for anew."""
    return [
        f"""CREATE TABLE {schema}.erasures ({AGGREGATE_DDL}, timeline_id uuid NOT NULL, service text NOT NULL,
          article text NOT NULL, ground text NOT NULL, state text NOT NULL, requested_by text NOT NULL,
          requested_at timestamptz NOT NULL, decided_by text, decided_at timestamptz, decided_reason text,
          CHECK ((state = 'requested') = (decided_at IS NULL)), CHECK (decided_by <> requested_by))""",
        *aggregate_indexes(schema, "erasures"),
        f"CREATE UNIQUE INDEX one_erasure_a_row ON {schema}.erasures (timeline_id) WHERE state <> 'refused'",
        *scope_policy(schema, "erasures", sectorless=SEEN_BY_EVERY_SECTOR),
    ]
